// The overlap ODE against problems that are solved in closed form: its order with fixed steps, and
// errors that are proportional to the tolerance.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "reprise/integration/integrate.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/ode_state.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using test::close;

constexpr Integrator all[] = {Integrator::dormand_prince_5_4, Integrator::cash_karp_5_4,
                              Integrator::fehlberg_7_8, Integrator::rosenbrock_4_3,
                              Integrator::rodas_4_3};

struct ClosedProblem {
  std::string name;
  Problem problem;
  OnePassSgd sgd;
  OdeTerms terms;
  double end;
  std::function<Eigen::Vector2d(double t)> solution;  // (M, Q)
};

// Linear regression with noise: M' = gamma (1 - M), and E = Q - 2 M + 1 has
// E' = -(2 gamma - gamma^2) E + gamma^2 Delta.
ClosedProblem regression() {
  constexpr double gamma = 0.7, delta = 0.3, m = 0.2;
  Problem problem = test::make_problem("linear", Eigen::VectorXd::Ones(1), "z1", 1);
  problem.target.noise_variance = delta;
  problem.initial.M(0, 0) = m;
  const auto solution = [](double t) {
    const double here = 1 - (1 - m) * std::exp(-gamma * t);
    const double last = gamma * delta / (2 - gamma);
    const double excess = last + (2 - 2 * m - last) * std::exp(-(2 * gamma - gamma * gamma) * t);
    return Eigen::Vector2d(here, excess + 2 * here - 1);
  };
  return {"regression", problem, {.learning_rate = gamma}, OdeTerms::all, 4, solution};
}

// He2 on the sphere, correlation loss, drift alone: m' = 4 gamma m (1 - m^2).
ClosedProblem escape() {
  constexpr double gamma = 0.5, m = 0.05;
  Problem problem = test::make_problem("He2", Eigen::VectorXd::Ones(1), "He2(z1)", 1);
  problem.loss = Loss::correlation();
  problem.initial.M(0, 0) = m;
  const auto solution = [](double t) {
    return Eigen::Vector2d(1 / std::sqrt(1 + (1 / (m * m) - 1) * std::exp(-8 * gamma * t)), 1);
  };
  return {"escape",
          problem,
          {.learning_rate = gamma, .normalise = Normalise::spherical},
          OdeTerms::drift_only,
          2,
          solution};
}

std::unique_ptr<OdeStepper> stepper_of(OverlapOde& system, Integrator integrator, double rtol) {
  const auto derivative = [&](const OdeVector& y, OdeVector& dydt) { system.derivative(y, dydt); };
  return make_stepper(integrator, derivative, system.layout().size(), rtol, 0.01 * rtol);
}

int order_of(Integrator integrator) { return make_stepper(integrator, {}, 2, 1, 1)->order(); }

double error_at(const ClosedProblem& closed, double t, const OdeVector& y) {
  return (Eigen::Vector2d(y[0], y[1]) - closed.solution(t)).norm();
}

// The largest error over the quarters of the time: one that happens to change sign at one of them
// does not look small.
double error_with_steps(const ClosedProblem& closed, Integrator integrator, int n_steps) {
  OverlapOde system(closed.problem, closed.sgd, {.times = {1}, .terms = closed.terms}, 0);
  const auto stepper = stepper_of(system, integrator, 1);
  OdeVector y = system.layout().pack(closed.problem.initial, Eigen::VectorXd::Ones(1));
  const double h = closed.end / n_steps;
  double largest = 0;
  for (int i = 1; i <= n_steps; ++i) {
    stepper->fixed_step(y, 0, h);
    if (4 * i % n_steps == 0) largest = std::max(largest, error_at(closed, i * h, y));
  }
  return largest;
}

// The largest error over the accepted steps.
double error_with_tolerance(const ClosedProblem& closed, Integrator integrator, double rtol) {
  const OdeOptions options{.times = {closed.end},
                           .rtol = rtol,
                           .atol = 0.01 * rtol,
                           .integrator = integrator,
                           .terms = closed.terms};
  OverlapOde system(closed.problem, closed.sgd, options, 0);
  OdeVector y = system.layout().pack(closed.problem.initial, Eigen::VectorXd::Ones(1));
  const OdeFunction derivative = [&](const OdeVector& x, OdeVector& dxdt) {
    system.derivative(x, dxdt);
  };
  double largest = 0;
  integrate(
      *stepper_of(system, integrator, rtol), derivative, y, 0, options.times, {},
      [&](double, const OdeVector&, double t, const OdeVector& here) {
        largest = std::max(largest, error_at(closed, t, here));
      },
      [](std::size_t, const OdeVector&) {});
  // The same steps as those of everyone's ODE.
  const Solution solution = solve(closed.problem, closed.sgd, options);
  CHECK(solution.value("M", 0)(0, 0) == y[0]);
  CHECK(solution.value("Q", 0)(0, 0) == y[1]);
  return largest;
}

}  // namespace

TEST_CASE("ode: with fixed steps every method has its order on overlaps known in closed form") {
  for (const ClosedProblem& closed : {regression(), escape()}) {
    for (const Integrator integrator : all) {
      const int order = order_of(integrator);
      std::vector<double> x, errors;
      for (const int n : {12, 16, 20, 24, 28}) {  // order 8 has little room above rounding
        // RODAS, of six stages, is late in its asymptotic regime.
        const int n_steps = order == 8 ? n : (integrator == Integrator::rodas_4_3 ? 8 : 4) * n;
        x.push_back(-std::log(n_steps));
        errors.push_back(std::log(error_with_steps(closed, integrator, n_steps)));
      }
      INFO(closed.name << ", " << std::string(name(integrator)));
      CHECK(close(test::slope(x, errors), order, {.atol = order == 8 ? 0.4 : 0.15}));
    }
  }
}

TEST_CASE("ode: errors are proportional to the tolerance over seven decades") {
  for (const ClosedProblem& closed : {regression(), escape()}) {
    for (const Integrator integrator : all) {
      INFO(closed.name << ", " << std::string(name(integrator)));
      std::vector<double> x, errors;
      for (double rtol = 1e-4; rtol > 5e-12; rtol /= 10) {
        const double error = error_with_tolerance(closed, integrator, rtol);
        CHECK(error < rtol);  // between 0.03 and 0.8 of it
        x.push_back(std::log(rtol));
        errors.push_back(std::log(error));
      }
      // Without local extrapolation it would be 0.8, with control per unit of time 1.25. Cash and
      // Karp's error rises slowly, from 0.03 to 0.37 of the tolerance on the linear problem.
      const bool is_slow = integrator == Integrator::cash_karp_5_4 && closed.name == "regression";
      CHECK(close(test::slope(x, errors), is_slow ? 0.85 : 1, {.atol = is_slow ? 0.05 : 0.1}));
    }
  }
}
