#include <algorithm>
#include <boost/numeric/odeint/stepper/controlled_runge_kutta.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_cash_karp54.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_dopri5.hpp>
#include <boost/numeric/odeint/stepper/runge_kutta_fehlberg78.hpp>
#include <cmath>
#include <optional>
#include <utility>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/integration/integrate.hpp"
#include "reprise/integration/rosenbrock.hpp"

namespace reprise {

namespace {

namespace odeint = boost::numeric::odeint;

// The scale at the point from which a step is tried.
class ScaleAtPoint {
 public:
  explicit ScaleAtPoint(StepScaleFunction function) : function_(std::move(function)) {}
  const StepScale& at(const OdeVector& y) {
    if (!is_known_) function_(y, scale_);
    is_known_ = true;
    return scale_;
  }
  void leave() { is_known_ = false; }

 private:
  StepScaleFunction function_;
  StepScale scale_;
  bool is_known_ = false;
};

// The largest error over tolerance; a NaN stays one.
double scaled_error(const double* error, const OdeVector& tolerance) {
  double largest = 0;
  for (std::size_t i = 0; i < tolerance.size(); ++i) {
    if (error[i] == 0) continue;  // exact, whatever is tolerated
    const double ratio = std::abs(error[i]) / tolerance[i];
    if (!(ratio <= largest)) largest = ratio;
  }
  return largest;
}

// Odeint's place for a measure of the error. It copies it, so that the tolerance stays outside.
class ErrorChecker {
 public:
  using value_type = double;
  using algebra_type = odeint::range_algebra;
  using operations_type = odeint::default_operations;

  explicit ErrorChecker(const OdeVector* tolerance = nullptr) : tolerance_(tolerance) {}
  template <class Algebra, class State, class Slope, class Error, class Time>
  double error(Algebra&, const State&, const Slope&, Error& error, Time) const {
    return scaled_error(error.data(), *tolerance_);
  }
  template <class State, class Slope, class Error, class Time>
  double error(const State&, const Slope&, Error& error, Time) const {
    return scaled_error(error.data(), *tolerance_);
  }

 private:
  const OdeVector* tolerance_;
};

template <class Stepper>
class ExplicitStepper final : public OdeStepper {
 public:
  ExplicitStepper(OdeFunction function, StepScaleFunction scale, int order)
      : function_(std::move(function)),
        scale_(std::move(scale)),
        controlled_(ErrorChecker(&tolerance_)),
        order_(order) {}

  bool try_step(OdeVector& y, double& t, double& h) override {
    const auto system = [this](const OdeVector& x, OdeVector& dxdt, double) { function_(x, dxdt); };
    tolerance_ = scale_.at(y).tolerance;
    const bool is_accepted = controlled_.try_step(system, y, t, h) == odeint::success;
    if (is_accepted) scale_.leave();
    return is_accepted;
  }
  void fixed_step(OdeVector& y, double t, double h) override {
    const auto system = [this](const OdeVector& x, OdeVector& dxdt, double) { function_(x, dxdt); };
    Stepper stepper;
    stepper.do_step(system, y, t, h);
  }
  void reset() override {
    scale_.leave();
    if constexpr (requires { controlled_.reset(); }) controlled_.reset();
  }
  int order() const override { return order_; }

 private:
  OdeFunction function_;
  ScaleAtPoint scale_;
  OdeVector tolerance_;
  odeint::controlled_runge_kutta<Stepper, ErrorChecker> controlled_;
  int order_;
};

// The Jacobian of an autonomous system, given or by central differences. Small entries matter down
// to the tolerance (overlaps of 1e-9 that grow as their cube), so the shift follows them.
class Linearisation {
 public:
  Linearisation(const OdeFunction& function, OdeJacobian given)
      : function_(function), given_(std::move(given)) {}

  const Eigen::MatrixXd& at(const OdeVector& y, const OdeVector& size) {
    if (given_) {
      given_(y, jacobian_);
    } else {
      differentiate(y, size);
    }
    return jacobian_;
  }

 private:
  void differentiate(const OdeVector& y, const OdeVector& size) {
    const auto n = static_cast<Eigen::Index>(y.size());
    jacobian_.resize(n, n);
    x_ = above_ = below_ = y;
    for (std::size_t column = 0; column < y.size(); ++column) {
      const double shift = 6e-6 * std::max(std::abs(y[column]), size[column]);
      x_[column] = y[column] + shift;
      function_(x_, above_);
      x_[column] = y[column] - shift;
      function_(x_, below_);
      x_[column] = y[column];
      for (std::size_t row = 0; row < y.size(); ++row) {
        jacobian_(Eigen::Index(row), Eigen::Index(column)) =
            (above_[row] - below_[row]) / (2 * shift);
      }
    }
  }

  const OdeFunction& function_;
  OdeJacobian given_;
  Eigen::MatrixXd jacobian_;
  OdeVector x_, above_, below_;
};

// Kaps and Rentrop's method with Shampine's coefficients, order 4 with an embedded 3
// (Shampine1982). Odeint's rosenbrock4 rests on uBLAS, which does not compile as C++20.
class Rosenbrock final : public OdeStepper {
 public:
  Rosenbrock(OdeFunction function, std::size_t size, StepScaleFunction scale, OdeJacobian jacobian)
      : function_(std::move(function)),
        scale_(std::move(scale)),
        linearisation_(function_, std::move(jacobian)),
        x_(size),
        slope_(size),
        g_(size, 4) {}

  bool try_step(OdeVector& y, double& t, double& h) override {
    const Vector error = stages(y, h);
    const double scaled = scaled_error(error.data(), scale_.at(y).tolerance);
    if (std::isfinite(scaled) && scaled > 1) {
      h *= std::max(0.2, 0.9 * std::pow(scaled, -1.0 / 3));
      return false;
    }
    scale_.leave();
    add_increment(y);  // an infinite or NaN error shows in y, as with the explicit methods
    if (!std::isfinite(scaled)) y.front() = scaled;
    t += h;
    h *= scaled > 0 ? std::min(5.0, 0.9 * std::pow(scaled, -0.25)) : 5.0;
    return true;
  }
  void fixed_step(OdeVector& y, double, double h) override {
    stages(y, h);
    add_increment(y);
    scale_.leave();
  }
  void reset() override { scale_.leave(); }
  int order() const override { return 4; }

 private:
  using Vector = Eigen::VectorXd;

  // g_1..g_4 from (1 / (gamma h) - J) g_i = f(y + sum a_ij g_j) + sum c_ij g_j / h; returns the
  // error.
  Vector stages(const OdeVector& y, double h) {
    constexpr double gamma = 0.5;
    constexpr double c[4][3] = {
        {}, {-8, 0, 0}, {372.0 / 25, 12.0 / 5, 0}, {-112.0 / 125, -54.0 / 125, -2.0 / 5}};
    constexpr double a[4][2] = {{}, {2, 0}, {48.0 / 25, 6.0 / 25}, {48.0 / 25, 6.0 / 25}};
    const Eigen::MatrixXd& jacobian = linearisation_.at(y, scale_.at(y).size);
    const auto n = jacobian.rows();
    const Factorised factorised(Eigen::MatrixXd::Identity(n, n) / (gamma * h) - jacobian);
    for (int stage = 0; stage < 4; ++stage) {
      if (stage < 3) {  // the last two share their point
        x_ = y;
        for (int j = 0; j < std::min(stage, 2); ++j) add(a[stage][j], j, x_);
        function_(x_, slope_);
      }
      Vector right = Eigen::Map<const Vector>(slope_.data(), n);
      for (int j = 0; j < stage; ++j) right += c[stage][j] / h * g_.col(j);
      g_.col(stage) = factorised.solve(right);
    }
    return 17.0 / 54 * g_.col(0) + 7.0 / 36 * g_.col(1) + 125.0 / 108 * g_.col(3);
  }
  void add(double factor, int stage, OdeVector& y) const {
    Eigen::Map<Vector>(y.data(), g_.rows()) += factor * g_.col(stage);
  }
  void add_increment(OdeVector& y) const {
    constexpr double b[4] = {19.0 / 9, 0.5, 25.0 / 108, 125.0 / 108};
    for (int stage = 0; stage < 4; ++stage) add(b[stage], stage, y);
  }

  OdeFunction function_;
  ScaleAtPoint scale_;
  Linearisation linearisation_;
  OdeVector x_, slope_;
  Eigen::MatrixXd g_;  // the stages by columns
};

// Steps of Rodas behind the interface of the others.
class RodasStepper final : public OdeStepper, private StiffSystem {
 public:
  RodasStepper(OdeFunction function, StepScaleFunction scale, OdeJacobian jacobian)
      : function_(std::move(function)),
        scale_(std::move(scale)),
        linearisation_(function_, std::move(jacobian)),
        rodas_(*this) {}

  bool try_step(OdeVector& y, double& t, double& h) override {
    step(y, h);
    const double scaled = scaled_error(error_.data(), scale_.at(y).tolerance);
    if (std::isfinite(scaled) && scaled > 1) {
      h *= std::max(0.2, 0.9 * std::pow(scaled, -0.25));
      return false;
    }
    reset();
    assign(after_, y);  // an infinite or NaN error shows in y, as with the explicit methods
    if (!std::isfinite(scaled)) y.front() = scaled;
    t += h;
    h *= scaled > 0 ? std::min(6.0, 0.9 * std::pow(scaled, -0.25)) : 6.0;
    return true;
  }
  void fixed_step(OdeVector& y, double, double h) override {
    reset();
    step(y, h);
    assign(after_, y);
    reset();
  }
  void reset() override {
    scale_.leave();
    is_linearised_ = false;
  }
  int order() const override { return 4; }

 private:
  using Vector = Eigen::VectorXd;

  void step(const OdeVector& y, double h) {
    before_ = Eigen::Map<const Vector>(y.data(), static_cast<Eigen::Index>(y.size()));
    rodas_.step(before_, h, is_linearised_, after_, error_);
    is_linearised_ = true;
  }
  static void assign(const Vector& from, OdeVector& to) { to.assign(from.begin(), from.end()); }

  void derivative(const Vector& y, Vector& dydt) override {
    assign(y, x_);
    slope_.resize(x_.size());
    function_(x_, slope_);
    dydt = Eigen::Map<const Vector>(slope_.data(), y.size());
  }
  void linearise(const Vector& y) override {
    assign(y, x_);
    jacobian_ = &linearisation_.at(x_, scale_.at(x_).size);
  }
  void factorise(double shift) override {
    const auto n = jacobian_->rows();
    factorised_.emplace(shift * Eigen::MatrixXd::Identity(n, n) - *jacobian_);
  }
  void solve(Vector& right) override { right = factorised_->solve(right); }

  OdeFunction function_;
  ScaleAtPoint scale_;
  Linearisation linearisation_;
  Rodas rodas_;
  bool is_linearised_ = false;
  const Eigen::MatrixXd* jacobian_ = nullptr;
  std::optional<Factorised> factorised_;
  Vector before_, after_, error_;
  OdeVector x_, slope_;
};

}  // namespace

std::unique_ptr<OdeStepper> make_stepper(Integrator integrator, OdeFunction function,
                                         std::size_t size, StepScaleFunction scale,
                                         OdeJacobian jacobian) {
  switch (integrator) {
    case Integrator::dormand_prince_5_4:
      return std::make_unique<ExplicitStepper<odeint::runge_kutta_dopri5<OdeVector>>>(
          std::move(function), std::move(scale), 5);
    case Integrator::cash_karp_5_4:
      return std::make_unique<ExplicitStepper<odeint::runge_kutta_cash_karp54<OdeVector>>>(
          std::move(function), std::move(scale), 5);
    case Integrator::fehlberg_7_8:
      return std::make_unique<ExplicitStepper<odeint::runge_kutta_fehlberg78<OdeVector>>>(
          std::move(function), std::move(scale), 8);
    case Integrator::rodas_4_3:
      return std::make_unique<RodasStepper>(std::move(function), std::move(scale),
                                            std::move(jacobian));
    case Integrator::rosenbrock_4_3:
      break;
  }
  return std::make_unique<Rosenbrock>(std::move(function), size, std::move(scale),
                                      std::move(jacobian));
}

std::unique_ptr<OdeStepper> make_stepper(Integrator integrator, OdeFunction function,
                                         std::size_t size, double rtol, double atol) {
  return make_stepper(integrator, std::move(function), size,
                      [rtol, atol](const OdeVector& y, StepScale& scale) {
                        scale.tolerance.resize(y.size());
                        scale.size.assign(y.size(), std::sqrt(atol));
                        for (std::size_t i = 0; i < y.size(); ++i) {
                          scale.tolerance[i] = atol + rtol * std::abs(y[i]);
                        }
                      });
}

}  // namespace reprise
