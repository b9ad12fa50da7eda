#include "reprise/integration/rosenbrock.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "reprise/core/linear_algebra.hpp"
#include "support/close.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;

// y' = f(y) with its Jacobian, both given.
class Dense : public StiffSystem {
 public:
  using Right = VectorXd (*)(const VectorXd&);
  using Jacobian = MatrixXd (*)(const VectorXd&);
  Dense(Right right, Jacobian jacobian) : right_(right), jacobian_(jacobian) {}
  void derivative(const VectorXd& y, VectorXd& dydt) override { dydt = right_(y); }
  void linearise(const VectorXd& y) override { at_ = jacobian_(y); }
  void factorise(double shift) override {
    matrix_ = shift * MatrixXd::Identity(at_.rows(), at_.cols()) - at_;
  }
  void solve(VectorXd& right) override { right = reprise::solve(matrix_, right); }

 private:
  Right right_;
  Jacobian jacobian_;
  MatrixXd at_, matrix_;
};

// x' = x^2 - x y, y' = -x y^2: nothing in it is linear.
VectorXd bent(const VectorXd& v) {
  return VectorXd{{v[0] * v[0] - v[0] * v[1], -v[0] * v[1] * v[1]}};
}
MatrixXd bent_jacobian(const VectorXd& v) {
  return MatrixXd{{2 * v[0] - v[1], -v[0]}, {-v[1] * v[1], -2 * v[0] * v[1]}};
}

StiffOptions options_of(Eigen::Index n, double rtol, double atol) {
  return {.tolerance = {.rtol = rtol, .atol = VectorXd::Constant(n, atol)}, .first_step = 1e-4};
}

const auto goes_on = [](const StiffStep&) { return true; };
const auto ignore = [](std::size_t, const VectorXd&) {};

}  // namespace

TEST_CASE("Rodas: one step has an error of order h^5, and its estimate one of order h^4") {
  Dense system(bent, bent_jacobian);
  Rodas rodas(system);
  const VectorXd y{{0.7, 1.2}};
  const auto advance = [&](double h, int n, VectorXd& error) {
    VectorXd at = y, after;
    for (int i = 0; i < n; ++i) {
      rodas.step(at, h / n, false, after, error);
      at = after;
    }
    return at;
  };
  std::vector<double> log_h, log_error, log_estimate;
  for (double h = 0.05; h > 0.002; h /= 2) {
    VectorXd estimate, ignored;
    const VectorXd once = advance(h, 1, estimate);
    log_h.push_back(std::log(h));
    log_error.push_back(std::log((once - advance(h, 50, ignored)).norm()));
    log_estimate.push_back(std::log(estimate.norm()));
  }
  CHECK(close(test::slope(log_h, log_error), 5, {.atol = 0.15}));
  CHECK(close(test::slope(log_h, log_estimate), 4, {.atol = 0.15}));
}

TEST_CASE("Rodas: a mode that has died out stays dead at any step size") {
  Dense system([](const VectorXd& v) { return VectorXd(-1e12 * v); },
               [](const VectorXd&) { return MatrixXd{{-1e12}}; });
  Rodas rodas(system);
  VectorXd after, error;
  rodas.step(VectorXd::Ones(1), 1.0, false, after, error);
  CHECK(std::abs(after[0]) < 1e-10);
}

TEST_CASE("integrate_stiff: the Van der Pol oscillator with epsilon = 1e-6") {
  // Reference: HairerWanner1996, section IV.10, at t = 1 and 2.
  Dense system(
      [](const VectorXd& v) {
        return VectorXd{{v[1], ((1 - v[0] * v[0]) * v[1] - v[0]) / 1e-6}};
      },
      [](const VectorXd& v) {
        return MatrixXd{{0, 1}, {(-2 * v[0] * v[1] - 1) / 1e-6, (1 - v[0] * v[0]) / 1e-6}};
      });
  // The jumps enlarge the errors of the steps before them by some 200.
  double error[2];
  for (const int i : {0, 1}) {
    VectorXd y{{2, -0.66}};
    std::vector<VectorXd> seen;
    const StiffIntegration result =
        integrate_stiff(system, y, {1, 2}, options_of(2, i == 0 ? 1e-6 : 1e-8, 1e-9), goes_on,
                        [&](std::size_t, const VectorXd& at) { seen.push_back(at); });
    REQUIRE(result.termination == Termination::completed);
    REQUIRE(seen.size() == 2);
    CHECK(result.n_steps < (i == 0 ? 3'000 : 10'000));
    error[i] = std::max(
        {std::abs(seen[0][0] + 0.1863646254808130e1), std::abs(seen[0][1] - 0.7535430865435460),
         std::abs(seen[1][0] - 0.1706167732170456e1), std::abs(seen[1][1] + 0.8928097010248257)});
  }
  CHECK(error[0] < 1e-3);
  CHECK(error[1] < 1e-5);
}

TEST_CASE("StiffStep: roots inside a step, and a stop") {
  Dense system([](const VectorXd& v) { return VectorXd(-v); },
               [](const VectorXd&) { return MatrixXd{{-1}}; });
  VectorXd y = VectorXd::Ones(1);
  double root = 0;
  const auto value = [](const VectorXd& v) { return v[0] - 0.3; };
  const StiffIntegration result = integrate_stiff(
      system, y, {5}, options_of(1, 1e-9, 1e-12),
      [&](const StiffStep& step) {
        if (value(step.y1()) > 0) return true;
        root = step.root(value);
        return false;
      },
      ignore);
  CHECK(result.is_stopped);
  CHECK(result.n_times == 0);
  CHECK(close(root, -std::log(0.3), {.rtol = 1e-8}));
}

TEST_CASE("integrate_stiff: a blow-up, a spent budget and a tolerance below rounding are told") {
  Dense square([](const VectorXd& v) { return VectorXd(v.cwiseAbs2()); },
               [](const VectorXd& v) { return MatrixXd(2 * v); });
  VectorXd y = VectorXd::Ones(1);
  StiffOptions options = options_of(1, 1e-8, 1e-10);
  StiffIntegration result = integrate_stiff(square, y, {0.5, 2}, options, goes_on, ignore);
  CHECK(result.termination == Termination::diverged);
  CHECK(result.n_times == 1);
  CHECK(close(result.last_time, 1, {.atol = 1e-6}));
  y = VectorXd::Ones(1);
  options.max_steps = 5;
  result = integrate_stiff(square, y, {0.5}, options, goes_on, ignore);
  CHECK(result.termination == Termination::max_steps);
  CHECK(result.n_steps == 6);
  // A jump that no step resolves.
  Dense jump([](const VectorXd& v) { return VectorXd{{v[0] < 1.5 ? 1.0 : -1.0}}; },
             [](const VectorXd&) { return MatrixXd{{0}}; });
  y = VectorXd::Ones(1);
  result = integrate_stiff(jump, y, {2}, options_of(1, 1e-18, 1e-18), goes_on, ignore);
  CHECK(result.termination == Termination::step_underflow);
}
