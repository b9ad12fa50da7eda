// Gradient flow while its error falls by twelve orders of magnitude, and from starts of any size.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "reprise/one_pass/population_flow.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using test::close;

// Two ReLU neurons learn one: the error falls as t^-3.
Problem two_on_one() {
  Problem problem = test::make_problem("relu", Eigen::VectorXd::Ones(2), "relu(z1)", 1);
  problem.initial.M << 0.05, -0.02;
  problem.initial.Q << 0.01, 0.001, 0.001, 0.01;
  return problem;
}

bool mentions(const Solution& solution, const std::string& text) {
  for (const std::string& warning : solution.warnings) {
    if (warning.find(text) != std::string::npos) return true;
  }
  return false;
}

}  // namespace

// The errors are those of a program of its own: quadruple precision, Dormand and Prince's method,
// an error of a step below 1e-15 of the generalisation error.
TEST_CASE("gradient flow: an error that falls as t^-3 is right to 1e-12, by every integrator") {
  const std::vector<double> times = {0, 1, 10, 100, 1000, 3000, 10000};
  const std::vector<double> exact = {4.3001278740e-02, 7.7462014480e-05, 9.8518797750e-07,
                                     1.5090471225e-09, 5.7827609894e-11, 1.5802164090e-12};
  for (const Integrator integrator :
       {Integrator::dormand_prince_5_4, Integrator::rosenbrock_4_3, Integrator::rodas_4_3}) {
    INFO(name(integrator));
    const Solution solution =
        solve(two_on_one(), PopulationFlow{}, OdeOptions{.times = times, .integrator = integrator});
    REQUIRE(solution.ending.is_completed());
    CHECK(solution.warnings.empty());
    for (std::size_t t = 1; t < times.size(); ++t) {
      INFO("t = " << times[t]);
      // A few rtol.
      CHECK(close(solution.value("generalisation_error", t)(0, 0), exact[t - 1], {.rtol = 5e-8}));
    }
  }
}

TEST_CASE("gradient flow: a curve that reaches the error of its integration says so") {
  // An erf student learns its teacher exponentially, to the rounding of its overlaps.
  Problem erf = test::make_problem("erf", Eigen::VectorXd::Ones(1), "erf(z1/sqrt(2))", 1);
  erf.initial.M(0, 0) = 0.5;
  const std::vector<double> times = {0, 20, 200};
  const Solution absolute = solve(erf, PopulationFlow{}, OdeOptions{.times = times, .atol = 1e-10});
  REQUIRE(absolute.warnings.size() == 1);
  CHECK(mentions(absolute, "From t = 2e+02 on"));
  CHECK(mentions(absolute, "without atol"));
  const Solution rounded = solve(erf, PopulationFlow{}, OdeOptions{.times = times});
  CHECK(std::abs(rounded.value("generalisation_error", 2)(0, 0)) < 1e-12);
  CHECK(mentions(rounded, "From t = 2e+02 on"));
  CHECK(mentions(rounded, "rounding"));
  // Label noise is no part of the error; a start at the target has none and needs no warning.
  erf.initial.M(0, 0) = 1;
  CHECK(solve(erf, PopulationFlow{}, OdeOptions{.times = {0, 1}}).warnings.empty());
}

// With M_i = m sqrt(Q_ii) small, relu'(h) does not know the norm: the flow from Q = s^2 Q_0 follows
// the one from Q = 0, in which the neuron grows along E[relu'(h) z y] from the first moment on.
TEST_CASE("gradient flow: ReLU from Q of 1e-300 to 1e-12 has one limit") {
  const auto at = [](double s) {
    Problem problem = two_on_one();
    problem.initial.M *= s;
    problem.initial.Q *= s * s;
    const Solution solution = solve(problem, PopulationFlow{}, OdeOptions{.times = {0, 0.1, 20}});
    REQUIRE(solution.ending.is_completed());
    return solution;
  };
  const Solution smallest = at(1e-149), small = at(1e-5);
  for (const std::size_t t : {1, 2}) {
    const Eigen::MatrixXd gap = smallest.value("Q", t) - small.value("Q", t);
    CHECK(gap.cwiseAbs().maxCoeff() < 1e-4);  // of order s
    CHECK(smallest.value("Q", t).minCoeff() > 1e-4);
  }
}
