#include "reprise/integration/integrate.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "support/close.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using test::close;

constexpr Integrator all[] = {Integrator::dormand_prince_5_4, Integrator::cash_karp_5_4,
                              Integrator::fehlberg_7_8, Integrator::rosenbrock_4_3,
                              Integrator::rodas_4_3};

// The pendulum: smooth, nonlinear, autonomous.
void nonlinear(const OdeVector& y, OdeVector& dydt) {
  dydt[0] = y[1];
  dydt[1] = -std::sin(y[0]);
}

OdeVector fixed(Integrator integrator, int n_steps) {
  const auto stepper = make_stepper(integrator, nonlinear, 2, 1e-6, 1e-6);
  OdeVector y = {1.3, 0.4};
  for (int i = 0; i < n_steps; ++i) stepper->fixed_step(y, 0, 6.0 / n_steps);
  return y;
}

Integration run(Integrator integrator, const OdeFunction& function, OdeVector& y, double rtol,
                double end, std::int64_t max_steps = 100000) {
  const auto stepper = make_stepper(integrator, function, y.size(), rtol, rtol);
  return integrate(
      *stepper, function, y, 0, {end}, {.max_steps = max_steps},
      [](double, const OdeVector&, double, const OdeVector&) {},
      [](std::size_t, const OdeVector&) {});
}

}  // namespace

TEST_CASE("make_stepper: every method converges with its order on a nonlinear problem") {
  for (const Integrator integrator : all) {
    const auto stepper = make_stepper(integrator, nonlinear, 2, 1e-6, 1e-6);
    const OdeVector exact = fixed(Integrator::fehlberg_7_8, 2000);
    std::vector<double> x, y;
    const int coarsest =
        stepper->order() == 8 ? 12 : 60;  // above rounding, below the asymptotic regime
    for (int i = 0; i < 5; ++i) {
      const int n = static_cast<int>(std::lround(coarsest * std::pow(1.5, i)));
      const OdeVector end = fixed(integrator, n);
      x.push_back(std::log(1.0 / n));
      y.push_back(std::log(std::hypot(end[0] - exact[0], end[1] - exact[1])));
    }
    INFO("method " << static_cast<int>(integrator));
    CHECK(close(test::slope(x, y), stepper->order(), {.atol = stepper->order() == 8 ? 0.5 : 0.25}));
  }
}

TEST_CASE("integrate: the error follows the tolerance for every method") {
  for (const Integrator integrator : all) {
    const OdeVector exact = fixed(Integrator::fehlberg_7_8, 2000);
    std::vector<double> x, errors;
    for (const double rtol : {1e-5, 1e-6, 1e-7, 1e-8, 1e-9}) {
      OdeVector y = {1.3, 0.4};
      const Integration result = run(integrator, nonlinear, y, rtol, 6);
      CHECK(result.termination == Termination::completed);
      x.push_back(std::log(rtol));
      errors.push_back(std::log(std::hypot(y[0] - exact[0], y[1] - exact[1])));
      CHECK(std::exp(errors.back()) < 20 * rtol);
    }
    INFO("method " << static_cast<int>(integrator));
    CHECK(close(test::slope(x, errors), 1, {.atol = 0.3}));
  }
}

TEST_CASE("integrate: the stiff methods take large steps where the explicit ones cannot") {
  const OdeFunction stiff = [](const OdeVector& y, OdeVector& dydt) {
    dydt[0] = -1e6 * (y[0] - y[1]);
    dydt[1] = -y[1];
  };
  OdeVector y = {1, 1};
  for (const Integrator integrator : {Integrator::rosenbrock_4_3, Integrator::rodas_4_3}) {
    y = {1, 1};
    const Integration implicit = run(integrator, stiff, y, 1e-6, 5);
    CHECK(implicit.termination == Termination::completed);
    CHECK(implicit.n_steps < 300);
    CHECK(close(y[0], std::exp(-5) / (1 - 1e-6), {.rtol = 1e-4}));
  }
  y = {1, 1};
  const Integration explicit_method =
      run(Integrator::dormand_prince_5_4, stiff, y, 1e-6, 5, 100000);
  CHECK(explicit_method.termination == Termination::max_steps);
}

TEST_CASE("make_stepper: a Jacobian that is given stands in for differences") {
  for (const Integrator integrator : {Integrator::rosenbrock_4_3, Integrator::rodas_4_3}) {
    int n_given = 0, n_evaluations = 0;
    const OdeFunction counted = [&](const OdeVector& y, OdeVector& dydt) {
      ++n_evaluations;
      nonlinear(y, dydt);
    };
    const OdeJacobian given = [&](const OdeVector& y, Eigen::MatrixXd& jacobian) {
      ++n_given;
      jacobian = Eigen::MatrixXd{{0, 1}, {-std::cos(y[0]), 0}};
    };
    const StepScaleFunction scale = [](const OdeVector& y, StepScale& at) {
      at.tolerance.assign(y.size(), 1e-6);
      at.size.assign(y.size(), 1);
    };
    const auto with = make_stepper(integrator, counted, 2, scale, given);
    OdeVector y = {1.3, 0.4}, z = y;
    with->fixed_step(y, 0, 0.1);
    CHECK(n_given == 1);
    CHECK(n_evaluations <= 6);
    make_stepper(integrator, nonlinear, 2, scale)->fixed_step(z, 0, 0.1);
    CHECK(close(y[0], z[0], {.rtol = 1e-10}));
  }
}

TEST_CASE("integrate: blow-up, NaN and a spent budget end the run and say where") {
  const OdeFunction blow_up = [](const OdeVector& y, OdeVector& dydt) { dydt[0] = y[0] * y[0]; };
  const OdeFunction poisoned = [](const OdeVector& y, OdeVector& dydt) {
    dydt[0] = y[0] <= 2 ? 1.0 : std::nan("");
  };
  for (const Integrator integrator : all) {
    INFO("method " << static_cast<int>(integrator));
    OdeVector y = {1};
    const Integration blown = run(integrator, blow_up, y, 1e-8, 2);
    CHECK(blown.termination == Termination::diverged);
    CHECK(close(blown.last_time, 1, {.atol = 1e-5}));
    CHECK(blown.detail.find("at t = 1") != std::string::npos);
    CHECK(std::isfinite(y[0]));
    y = {1};
    const Integration nan = run(integrator, poisoned, y, 1e-8, 2);
    CHECK(nan.termination == Termination::diverged);
    CHECK(close(nan.last_time, 1, {.atol = 1e-2}));
    CHECK(std::isfinite(y[0]));
    CHECK(run(integrator, nonlinear, (y = {1.3, 0.4}), 1e-8, 2, 3).termination ==
          Termination::max_steps);
  }
}
