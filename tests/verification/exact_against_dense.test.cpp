// The exact simulation has the law of dense gradient descent: thousands of small runs of each, with
// d far from any limit, compared in mean, in spread and in distribution.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "reprise/batch_reuse/revealed_descent.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/dense/dense_run.hpp"
#include "support/benchmark_a.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using reprise::test::kolmogorov_smirnov_p;
using reprise::test::moments;
using reprise::test::SampleMoments;

struct Configuration {
  std::string name;
  Problem problem;
  GradientDescent algorithm;
  std::int64_t dimension;
};

// The entries of M and the lower triangle of Q after the last step, one vector per entry, over
// runs.
using Sample = std::vector<std::vector<double>>;

std::vector<double> entries(const Eigen::MatrixXd& M, const Eigen::MatrixXd& Q,
                            const std::vector<double>& losses) {
  std::vector<double> values(M.reshaped().begin(), M.reshaped().end());
  values.insert(values.end(), losses.begin(), losses.end());
  for (Eigen::Index i = 0; i < Q.rows(); ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) values.push_back(Q(i, j));
  }
  return values;
}

template <class Run>
Sample sample(int n_runs, const Run& run) {
  std::vector<std::vector<double>> by_run(static_cast<std::size_t>(n_runs));
  parallel_for(by_run.size(), resolve_threads(0),
               [&](std::size_t, std::size_t index) { by_run[index] = run(index); });
  Sample by_entry(by_run.front().size());
  for (const auto& values : by_run) {
    for (std::size_t e = 0; e < values.size(); ++e) by_entry[e].push_back(values[e]);
  }
  return by_entry;
}

Sample exact_sample(const Configuration& c, int n_runs) {
  return sample(n_runs, [&](std::size_t index) {
    FiniteReading reading(c.dimension, 11, index);
    RevealedDescent run(c.problem, c.algorithm, reading, 1);
    std::vector<double> losses;
    for (int t = 0; t < c.algorithm.schedule.n_steps(); ++t) losses.push_back(run.step());
    return entries(run.M(), run.Q(), losses);
  });
}

Sample dense_sample(const Configuration& c, int n_runs) {
  return sample(n_runs, [&](std::size_t index) {
    DenseRun run(c.problem, c.algorithm, c.dimension, 12, index);
    std::vector<double> losses;
    for (int t = 0; t < c.algorithm.schedule.n_steps(); ++t) losses.push_back(run.step());
    return entries(run.overlaps().M, run.overlaps().Q, losses);
  });
}

// A comparison of 4.5 standard errors or a p-value of 1e-5 has a chance below 1e-3 to fail by
// accident over all entries of all configurations; with the fixed seeds it does so never or always.
void check_same_law(const Configuration& c, int n_runs) {
  INFO(c.name);
  const Sample exact = exact_sample(c, n_runs);
  const Sample dense = dense_sample(c, n_runs);
  for (std::size_t e = 0; e < exact.size(); ++e) {
    const SampleMoments a = moments(exact[e]);
    const SampleMoments b = moments(dense[e]);
    const double z_mean = (a.mean - b.mean) / std::hypot(a.mean_error, b.mean_error);
    const double z_deviation =
        (a.deviation - b.deviation) / std::hypot(a.deviation_error, b.deviation_error);
    const double p = kolmogorov_smirnov_p(exact[e], dense[e]);
    INFO("entry " << e << ": mean " << a.mean << " vs " << b.mean << " (z " << z_mean
                  << "), deviation " << a.deviation << " vs " << b.deviation << " (z "
                  << z_deviation << "), p " << p);
    CHECK(std::abs(z_mean) < 4.5);
    CHECK(std::abs(z_deviation) < 4.5);
    CHECK(p > 1e-5);
  }
}

GradientDescent descent(Schedule schedule, std::vector<double> alpha, double eta) {
  return {.schedule = std::move(schedule),
          .learning_rate = {eta},
          .samples_per_dimension = std::move(alpha)};
}

constexpr int n_runs = 4000;

}  // namespace

TEST_CASE("exact simulation: has the law of dense descent, relu, fewer samples than dimensions") {
  check_same_law({"relu, d = 40, n = 20, reuse", test::benchmark_a_problem(),
                  descent(Schedule::reuse(5), {0.5}, 0.8), 40},
                 n_runs);
}

TEST_CASE("exact simulation: has the law of dense descent, relu, large steps on few samples") {
  check_same_law({"relu, d = 20, n = 10, reuse", test::benchmark_a_problem(),
                  descent(Schedule::reuse(6), {0.5}, 2.0), 20},
                 n_runs);
}

TEST_CASE("exact simulation: has the law of dense descent, relu, n = 3 d, momentum and decay") {
  GradientDescent algorithm = descent(Schedule::reuse(4), {3}, 0.2);
  algorithm.momentum = 0.5;
  algorithm.weight_decay = 0.3;
  check_same_law({"relu, d = 24, n = 72, reuse", test::benchmark_a_problem(), algorithm, 24},
                 n_runs);
}

TEST_CASE("exact simulation: has the law of dense descent, tanh, two blocks out of order") {
  Problem problem = test::uninformed_problem("z1*z2 + He2(z1)", 2, "tanh", 3);
  problem.target.noise_variance = 0.25;
  problem.initial.M << 0.3, 0.0, -0.2, 0.1, 0.0, 0.5;
  problem.initial.Q << 1.0, 0.2, 0.1, 0.2, 0.8, -0.1, 0.1, -0.1, 1.2;
  check_same_law({"tanh, d = 30, n = 24 and 36", problem,
                  descent(Schedule::explicit_blocks({0, 1, 1, 0, 1, 0}), {0.8, 1.2}, 0.4), 30},
                 n_runs);
}

TEST_CASE("exact simulation: has the law of dense descent, each block twice, then forgotten") {
  check_same_law({"erf, d = 36, n = 36, repeat 2", test::uninformed_problem("He3(z1)", 1, "erf", 2),
                  descent(Schedule::repeat(2, 6), {1}, 0.15), 36},
                 n_runs);
}

TEST_CASE("exact simulation: has the law of dense descent where the basis fills the space") {
  // k + p T = 1 + 2 * 8 > d = 12: every direction is known before the end.
  check_same_law({"tanh, d = 12, n = 18, reuse", test::uninformed_problem("He2(z1)", 1, "tanh", 2),
                  descent(Schedule::reuse(8), {1.5}, 0.3), 12},
                 n_runs);
}

TEST_CASE("exact simulation: has the law of dense descent where the gradients fill the samples") {
  // p T = 16 > n = 6: the gradients span all samples before the end.
  check_same_law({"tanh, d = 24, n = 6, reuse", test::uninformed_problem("He2(z1)", 1, "tanh", 2),
                  descent(Schedule::reuse(8), {0.25}, 0.5), 24},
                 n_runs);
}
