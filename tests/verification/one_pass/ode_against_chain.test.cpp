#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/ode.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using test::close;
using test::make_problem;

struct Point {
  double mean, error;
};

Point chain_q(const Problem& problem, const OnePassSgd& sgd, double dimension, double time,
              int runs) {
  ExactChain options{.dimension = dimension, .times = {time}, .runs = runs, .seed = 5};
  options.test_points = 16;
  const Solution solution = solve(problem, sgd, options);
  return {solution.value("Q", 0)(0, 0), solution.standard_error("Q", 0)(0, 0)};
}

}  // namespace

TEST_CASE("ode against chain: the gap falls as 1 / d") {
  Problem problem = make_problem("erf", Eigen::VectorXd::Ones(1), "erf(z1/sqrt(2))", 1);
  problem.initial.M(0, 0) = 0.2;
  const OnePassSgd sgd{.learning_rate = 1.5};
  const double limit = solve(problem, sgd, OdeOptions{.times = {2}}).value("Q", 0)(0, 0);
  std::vector<double> x, y;
  for (const double d : {8.0, 16.0, 32.0, 64.0}) {
    const Point point = chain_q(problem, sgd, d, 2, 200000);
    x.push_back(std::log(d));
    y.push_back(std::log(std::abs(point.mean - limit)));
    INFO("d = " << d << ": gap " << point.mean - limit << " +- " << point.error);
    CHECK(std::abs(point.mean - limit) > 5 * point.error);
  }
  CHECK(close(test::slope(x, y), -1, {.atol = 0.25}));
}

TEST_CASE("ode against chain: repetition, displacement and spheres have the ODE as their limit") {
  Problem problem = make_problem("erf", Eigen::VectorXd::Ones(2), "erf(z1) + z1*z2", 2);
  problem.initial.M << 0.2, 0.1, -0.1, 0.3;
  for (const OnePassSgd& sgd : {OnePassSgd{.learning_rate = 0.5, .repeats = 2},
                                OnePassSgd{.learning_rate = 0.3, .displacement = 0.5},
                                OnePassSgd{.learning_rate = 0.8, .normalise = Normalise::spherical},
                                OnePassSgd{.learning_rate = 0.5, .second_layer_learning_rate = 0.3},
                                OnePassSgd{.learning_rate = 0.4, .batch_size = 8, .repeats = 2}}) {
    OdeOptions options{.times = {1, 4}, .rtol = 1e-6, .atol = 1e-8};
    options.moments.points = 1 << 14;
    const Solution ode = solve(problem, sgd, options);
    ExactChain simulation{.dimension = 4000, .times = {1, 4}, .runs = 64, .seed = 3};
    const Solution chain = solve(problem, sgd, simulation);
    for (std::size_t t = 0; t < 2; ++t) {
      for (const char* quantity : {"M", "Q"}) {
        const Eigen::MatrixXd gap = ode.value(quantity, t) - chain.value(quantity, t);
        const Eigen::MatrixXd error =
            chain.standard_error(quantity, t) + ode.standard_error(quantity, t);
        for (Eigen::Index i = 0; i < 4; ++i) {
          // 4.5 standard errors and a bias of O(1 / d)
          CHECK(std::abs(gap(i)) < 4.5 * error(i) + 3e-3);
        }
      }
    }
  }
}

TEST_CASE("ode: its noise term vanishes as gamma at fixed gamma t, and alone it leaves M frozen") {
  // Veiga2022: kappa + delta > 0 is gradient flow, the gap being of the order of the step.
  Problem problem =
      make_problem("erf", Eigen::VectorXd::Ones(2), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))", 2);
  problem.initial.M << 0.2, 0.1, -0.1, 0.3;
  problem.target.noise_variance = 0.1;
  std::vector<double> x, y;
  for (const double gamma : {0.2, 0.1, 0.05, 0.025, 0.0125}) {
    OdeOptions options{.times = {3 / gamma}};
    const auto full = solve(problem, {.learning_rate = gamma}, options).value("Q", 0);
    options.terms = OdeTerms::drift_only;
    const auto flow = solve(problem, {.learning_rate = gamma}, options).value("Q", 0);
    x.push_back(std::log(gamma));
    y.push_back(std::log((full - flow).cwiseAbs().maxCoeff()));
  }
  CHECK(close(test::slope(x, y), 1, {.atol = 0.05}));
  OdeOptions noise{.times = {5}, .terms = OdeTerms::noise_only};
  const Solution solution = solve(problem, {.learning_rate = 1}, noise);
  CHECK(solution.value("M", 0) == problem.initial.M);
  CHECK(solution.value("Q", 0)(0, 0) > problem.initial.Q(0, 0));
}
