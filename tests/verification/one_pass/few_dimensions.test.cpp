#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/one_pass/chain.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::Index;
using test::make_problem;

// d = 3 with k = 2 leaves one direction for ten neurons; some start equal, one at 0, and one rests.
Problem ten_neurons() {
  Problem problem =
      make_problem("erf", Eigen::VectorXd::Ones(10), "(erf(z1/sqrt(2)) + erf(z2/sqrt(2))) / 2", 2);
  problem.student.second_layer[0] = 0;  // rests inside the span of the targets
  problem.initial.M << 1, 0, 0, 1, 1, 1, 0.5, 0.5, 0, 0, 1, 0, 0, 1, 1, 1, 0.5, 0.5, -1, 0;
  problem.initial.Q = problem.initial.M * problem.initial.M.transpose();
  return problem;
}

Problem three_neurons(std::string_view activation) {
  Problem problem =
      make_problem(activation, (Eigen::VectorXd(3) << 0, -0.6, 0.5).finished(), "z1*z2 + z1", 2);
  problem.initial.M << 0.3, -0.2, 0.1, 0.4, 0.1, 0.4;
  const Eigen::Vector3d along(0, 0.9, 0.9);  // the last two start equal, the first rests
  problem.initial.Q = problem.initial.M * problem.initial.M.transpose() + along * along.transpose();
  return problem;
}

// Means and deviations over runs of M and Q at the last time, within 5 standard errors.
void check_agree(const Solution& left, const Solution& right) {
  REQUIRE(left.ending.is_completed());
  REQUIRE(right.ending.is_completed());
  const auto last = [](const Solution& solution, Index entry) {
    std::vector<double> values;
    for (const Eigen::MatrixXd& run : solution.replicas) {
      values.push_back(run(static_cast<Index>(solution.step.size()) - 1, entry));
    }
    return test::moments(values);
  };
  const Index p = left.at("M").rows, k = left.at("M").cols;
  for (Index e = 0; e < p * k + p * p; ++e) {
    const test::SampleMoments a = last(left, e), b = last(right, e);
    INFO("entry " << e << ": mean " << a.mean << " and " << b.mean << ", deviation " << a.deviation
                  << " and " << b.deviation);
    CHECK(std::abs(a.mean - b.mean) <= 5 * std::hypot(a.mean_error, b.mean_error) + 1e-12);
    CHECK(std::abs(a.deviation - b.deviation) <=
          5 * std::hypot(a.deviation_error, b.deviation_error) + 1e-9);
  }
}

struct Sizes {
  int dimension, steps, batch, runs;
};

// One pass with batches is gradient descent with fresh blocks: four engines, two of them dense.
// Half of the runs for the two that measure the error on thousands of points.
void compare(const Problem& problem, double eta, Sizes sizes) {
  const OnePassSgd sgd{.learning_rate = eta, .batch_size = sizes.batch};
  const double d = sizes.dimension;
  const std::vector<double> times = {sizes.steps * sizes.batch / d};
  const Solution dense = solve(problem, sgd,
                               DenseSgdSimulation{.dimension = sizes.dimension,
                                                  .times = times,
                                                  .runs = sizes.runs,
                                                  .seed = 4,
                                                  .test_points = 32});
  check_agree(
      solve(problem, sgd,
            ExactChain{
                .dimension = d, .times = times, .runs = sizes.runs, .seed = 3, .test_points = 32}),
      dense);
  const GradientDescent descent{.schedule = Schedule::fresh(sizes.steps),
                                .learning_rate = {eta},
                                .samples_per_dimension = {sizes.batch / d}};
  check_agree(
      solve(problem, descent,
            ExactSimulation{.dimension = sizes.dimension, .runs = sizes.runs / 2, .seed = 5}),
      dense);
  check_agree(
      solve(problem, descent,
            DenseSimulation{.dimension = sizes.dimension, .runs = sizes.runs / 2, .seed = 6}),
      dense);
}

}  // namespace

TEST_CASE("d below p + k: four engines agree from duplicated and vanishing neurons") {
  compare(ten_neurons(), 0.3, {.dimension = 3, .steps = 3, .batch = 1, .runs = 200});
  compare(ten_neurons(), 0.1, {.dimension = 3, .steps = 2, .batch = 4, .runs = 200});
  compare(three_neurons("tanh"), 0.5, {.dimension = 3, .steps = 2, .batch = 2, .runs = 300});
}

TEST_CASE("d below p + k: random starts have the law of Gaussian weights") {
  Problem problem = three_neurons("erf");
  problem.initial = {Eigen::MatrixXd::Zero(3, 2), Eigen::MatrixXd::Identity(3, 3)};
  problem.has_random_start = true;
  compare(problem, 0.5, {.dimension = 3, .steps = 3, .batch = 2, .runs = 800});
}
