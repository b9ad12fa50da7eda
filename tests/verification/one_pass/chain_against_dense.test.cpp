#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/dense/dense_sgd.hpp"
#include "reprise/one_pass/chain.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::Index;
using test::make_problem;

// The chain has the law of dense SGD: means, deviations and whole distributions of every entry of M
// and Q at two times. Bounds: 4.5 standard errors and p > 1e-4, for some 200 comparisons a case.
void compare(const Problem& problem, const OnePassSgd& algorithm, int dimension, int runs,
             std::vector<double> times) {
  ExactChain chain{.dimension = double(dimension), .times = times, .runs = runs, .seed = 11};
  chain.test_points = 16;
  DenseSgdSimulation dense{.dimension = dimension, .times = times, .runs = runs, .seed = 12};
  dense.test_points = 16;
  const auto left = trajectories(problem, algorithm, chain);
  const auto right = trajectories(problem, algorithm, dense);
  const Index p = problem.n_neurons(), k = problem.n_directions();
  const Index n_weights = algorithm.trains_second_layer() ? p : 0;
  for (Index t = 0; t < static_cast<Index>(times.size()); ++t) {
    for (Index e = 0; e < p * k + p * p + n_weights; ++e) {
      std::vector<double> a, b;
      for (const Trajectory& run : left) a.push_back(run.values(t, e));
      for (const Trajectory& run : right) b.push_back(run.values(t, e));
      const test::SampleMoments ma = test::moments(a), mb = test::moments(b);
      INFO("time " << times[size_t(t)] << ", entry " << e << ": mean " << ma.mean << " and "
                   << mb.mean << ", deviation " << ma.deviation << " and " << mb.deviation);
      CHECK(std::abs(ma.mean - mb.mean) <= 4.5 * std::hypot(ma.mean_error, mb.mean_error) + 1e-12);
      CHECK(std::abs(ma.deviation - mb.deviation) <=
            4.5 * std::hypot(ma.deviation_error, mb.deviation_error) + 1e-12);
      if (ma.deviation > 1e-9) CHECK(test::kolmogorov_smirnov_p(a, b) > 1e-4);
    }
  }
}

Problem two_neurons(std::string_view activation, std::string_view target) {
  Problem problem =
      make_problem(activation, (Eigen::VectorXd(2) << 0.8, -0.6).finished(), target, 2);
  problem.target.noise_variance = 0.1;
  problem.initial.M << 0.3, -0.2, 0.1, 0.4;
  problem.initial.Q << 1.0, 0.2, 0.2, 0.9;
  return problem;
}

}  // namespace

TEST_CASE("OverlapChain: single samples have the law of dense SGD") {
  compare(two_neurons("erf", "erf(z1) + z1*z2"), {.learning_rate = 1.2}, 12, 3000, {1, 4});
  Problem relu = two_neurons("relu", "tanh(z1 + He3(z2))");
  relu.target.gram << 1.2, 0.3, 0.3, 0.8;
  relu.input_covariance << 2.0, -0.2, -0.2, 0.7;
  compare(relu, {.learning_rate = 0.5}, 6, 3000, {1, 4});
}

TEST_CASE("OverlapChain: mini-batches have the law of dense SGD, also where n_b > d") {
  compare(two_neurons("erf", "erf(z1) + z1*z2"), {.learning_rate = 0.8, .batch_size = 3}, 12, 3000,
          {1, 4});
  compare(two_neurons("tanh", "z1*z2"), {.learning_rate = 0.3, .batch_size = 11}, 5, 3000,
          {2.2, 11});
}

TEST_CASE(
    "OverlapChain: samples and batches used twice and three times have the law of dense SGD") {
  compare(two_neurons("erf", "erf(z1) + z1*z2"), {.learning_rate = 0.9, .repeats = 2}, 12, 3000,
          {1, 4});
  compare(two_neurons("relu", "abs(z1) + z2"), {.learning_rate = 0.3, .repeats = 3}, 12, 3000,
          {1, 4});
  compare(two_neurons("erf", "z1*z2"), {.learning_rate = 0.5, .batch_size = 4, .repeats = 3}, 12,
          2000, {1, 4});
  compare(two_neurons("erf", "z1*z2"), {.learning_rate = 0.3, .batch_size = 9, .repeats = 2}, 6,
          2000, {1.5, 6});
}

TEST_CASE("OverlapChain: displaced gradients have the law of dense SGD") {
  compare(two_neurons("erf", "He3(z1)"), {.learning_rate = 0.1, .displacement = 0.4}, 12, 3000,
          {1, 4});
  compare(two_neurons("tanh", "z1*z2"),
          {.learning_rate = 0.5, .batch_size = 3, .displacement = -0.3}, 12, 2000, {1, 4});
  compare(two_neurons("tanh", "z1*z2"), {.learning_rate = 0.5, .repeats = 2, .displacement = 0.5},
          12, 2000, {1, 4});
}

TEST_CASE("OverlapChain: displaced batches of any size have the law of dense SGD") {
  const auto displaced = [](double rate, int batch, double rho) {
    return OnePassSgd{.learning_rate = rate, .batch_size = batch, .displacement = rho};
  };
  Problem three =
      make_problem("tanh", (Eigen::VectorXd(3) << 0.8, -0.6, 0.5).finished(), "z1*z2 + 2", 2);
  three.initial.M << 0.3, -0.2, 0.1, 0.4, 0.1, 0.4;
  three.initial.Q << 1.0, 0.2, 0.2, 0.2, 0.9, 0.9, 0.2, 0.9, 0.9;  // the last two are one
  compare(three, displaced(2.0, 24, 0.6), 12, 2000, {2, 8});       // d - k - p > p
  compare(three, displaced(2.0, 6, 0.6), 7, 2000, {6. / 7, 6});    // 0 < d - k - p < p
  compare(three, displaced(0.8, 6, -0.6), 4, 2000, {1.5, 6});      // d < k + p
  three.student.second_layer << 0, 0.7, 0.7;  // a neuron at rest, and two that stay equal
  compare(three, displaced(2.0, 18, 0.6), 6, 2000, {3, 9});  // d - k - p = 1
  Problem one = make_problem("relu", Eigen::VectorXd::Ones(1), "He3(z1)", 1);
  compare(one, displaced(0.02, 200, 0.3), 50, 600, {4, 12});
}

TEST_CASE("OverlapChain: where d < k + p it has the law of dense SGD, whichever neurons rest") {
  Problem problem =
      make_problem("tanh", (Eigen::VectorXd(3) << 0, -0.6, 0.5).finished(), "z1*z2 + z1", 2);
  problem.initial.M << 0.3, -0.2, 0.1, 0.4, 0.1, 0.4;
  const Eigen::Vector3d along(0, 0.9, 0.9);
  problem.initial.Q = problem.initial.M * problem.initial.M.transpose() + along * along.transpose();
  compare(problem, {.learning_rate = 0.5}, 3, 3000, {1, 3});
  compare(problem, {.learning_rate = 0.4, .batch_size = 2}, 3, 3000, {2. / 3, 2});
  compare(problem, {.learning_rate = 0.4, .batch_size = 2, .repeats = 2}, 3, 2000, {2. / 3, 2});
}

TEST_CASE("OverlapChain: spherical and projected steps have the law of dense SGD") {
  for (const Normalise normalise : {Normalise::spherical, Normalise::projected}) {
    compare(two_neurons("erf", "erf(z1) + z1*z2"), {.learning_rate = 1.5, .normalise = normalise},
            12, 3000, {1, 4});
    compare(two_neurons("erf", "z1*z2"),
            {.learning_rate = 0.8, .batch_size = 4, .normalise = normalise}, 12, 2000, {1, 4});
  }
}

TEST_CASE("OverlapChain: correlation loss and a trained second layer have the law of dense SGD") {
  Problem problem = two_neurons("erf", "erf(z1) + z1*z2");
  compare(problem, {.learning_rate = 0.6, .second_layer_learning_rate = 0.5}, 12, 3000, {1, 4});
  problem.loss = Loss::correlation();
  compare(problem, {.learning_rate = 0.6, .batch_size = 2, .second_layer_learning_rate = 0.3}, 12,
          2000, {1, 4});
}
