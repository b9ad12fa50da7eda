// The limit against routes that share no code with it: a textbook two-process Monte Carlo DMFT, and
// the exact simulation as d grows.
#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/revealed_descent.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/parallel.hpp"
#include "support/benchmark_a.hpp"
#include "support/statistics.hpp"
#include "support/textbook_dmft.hpp"

namespace {

using namespace reprise;

// d^2/dx^2 tanh x.
double tanh_curvature(double x) {
  const double t = std::tanh(x);
  return -2 * t * (1 - t * t);
}

}  // namespace

TEST_CASE("dmft: agrees with the two-process form with response from second derivatives") {
  Problem problem = test::uninformed_problem("z1 + z1*z2", 2, "tanh", 2);
  problem.initial.M << 0.2, 0.0, 0.1, -0.3;
  GradientDescent algorithm{.schedule = Schedule::reuse(5),
                            .learning_rate = {0.4},
                            .samples_per_dimension = {1.5},
                            .weight_decay = 0.2};
  const Solution limit =
      solve(problem, algorithm, DmftOptions{.points = 65536, .scrambles = 8, .seed = 3});
  constexpr std::uint64_t n_replicas = 8;
  std::vector<test::TextbookDmft> replicas(n_replicas);
  parallel_for(n_replicas, resolve_threads(0), [&](std::size_t, std::size_t r) {
    replicas[r] = test::textbook_dmft(problem, algorithm, tanh_curvature, 40000, 100 + r);
  });
  for (std::size_t t = 1; t <= 5; ++t) {
    for (int i = 0; i < 2; ++i) {
      for (int j = 0; j < 2; ++j) {
        std::vector<double> M;
        std::vector<double> Q;
        for (const auto& replica : replicas) {
          M.push_back(replica.M[t](i, j));
          Q.push_back(replica.Q[t](i, j));
        }
        const auto check = [&](const char* quantity, const test::SampleMoments& textbook) {
          const double value = limit.value(quantity, t)(i, j);
          const double error =
              std::hypot(limit.standard_error(quantity, t)(i, j), textbook.mean_error);
          INFO(quantity << "[" << i + 1 << ", " << j + 1 << "] at step " << t << ": " << value
                        << " against " << textbook.mean << " +- " << error);
          // 8 replicas: 6 estimated errors are a two-sided tail of 5e-4 of Student's t.
          CHECK(std::abs(value - textbook.mean) <= 6 * error);
          CHECK(error < 3e-3);
        };
        check("M", test::moments(M));
        check("Q", test::moments(Q));
      }
    }
  }
}

TEST_CASE("dmft: its kernels are those of the two-process form") {
  Problem problem = test::uninformed_problem("z1 + z1*z2", 2, "tanh", 2);
  GradientDescent algorithm{.schedule = Schedule::reuse(4),
                            .learning_rate = {0.5},
                            .samples_per_dimension = {1},
                            .weight_decay = 0.3};
  const Solution limit = solve(
      problem, algorithm, DmftOptions{.points = 32768, .scrambles = 8, .seed = 4, .kernels = true});
  REQUIRE(limit.kernels.size() == 3);
  std::vector<Eigen::MatrixXd> values[3];
  std::vector<test::TextbookDmft> replicas(8);
  parallel_for(replicas.size(), resolve_threads(0), [&](std::size_t, std::size_t r) {
    replicas[r] = test::textbook_dmft(problem, algorithm, tanh_curvature, 40000, 300 + r);
  });
  for (const auto& replica : replicas) {
    values[0].push_back(replica.correlation);
    values[1].push_back(replica.gradient_correlation);
    values[2].push_back(replica.response);
  }
  for (std::size_t kind = 0; kind < 3; ++kind) {
    const Kernel& kernel = limit.kernels[kind];
    const auto [mean, error] = mean_and_error(values[kind]);
    REQUIRE(kernel.value.rows() == mean.rows());
    REQUIRE(kernel.value.cols() == mean.cols());
    for (Eigen::Index i = 0; i < mean.rows(); ++i) {
      for (Eigen::Index j = 0; j < mean.cols(); ++j) {
        const double combined = std::hypot(error(i, j), kernel.standard_error(i, j));
        const double expected = mean(i, j);
        INFO(kernel.name << " row " << i << " column " << j << ": " << kernel.value(i, j)
                         << " against " << expected << " +- " << combined);
        // 8 replicas a side, some 250 values: Student's t allows 7 estimated errors.
        CHECK(std::abs(kernel.value(i, j) - expected) <= 7 * combined + 1e-12);
        CHECK(combined < 0.01);
      }
    }
  }
}

TEST_CASE("exact simulation: its mean approaches the limit as 1/d and its spread falls as d^-1/2") {
  const Problem problem = test::uninformed_problem("tanh(2*z1) + cos(z1)", 1, "tanh", 1);
  GradientDescent algorithm{
      .schedule = Schedule::reuse(3), .learning_rate = {0.5}, .samples_per_dimension = {1}};
  const Solution limit =
      solve(problem, algorithm, DmftOptions{.points = 1 << 18, .scrambles = 16, .seed = 2});
  const double Q_limit = limit.value("Q", 3)(0, 0);
  const double Q_limit_error = limit.standard_error("Q", 3)(0, 0);

  std::vector<double> log_d;
  std::vector<double> log_deviation;
  std::vector<double> scaled_gap;
  std::vector<double> scaled_gap_error;
  for (const std::int64_t d : {8, 16, 32, 64, 128}) {
    std::vector<double> Q(static_cast<std::size_t>(1600000 / d));
    parallel_for(Q.size(), resolve_threads(0), [&](std::size_t, std::size_t run) {
      FiniteReading reading(d, 21, run);
      RevealedDescent descent(problem, algorithm, reading, 1);
      for (int t = 0; t < 3; ++t) descent.step();
      Q[run] = descent.Q()(0, 0);
    });
    const test::SampleMoments sample = test::moments(Q);
    const double dimension = static_cast<double>(d);
    log_d.push_back(std::log(dimension));
    log_deviation.push_back(std::log(sample.deviation));
    scaled_gap.push_back(dimension * (sample.mean - Q_limit));
    scaled_gap_error.push_back(dimension * std::hypot(sample.mean_error, Q_limit_error));
    MESSAGE("d = " << d << ": d (mean - limit) = " << scaled_gap.back() << " +- "
                   << scaled_gap_error.back() << ", deviation " << sample.deviation);
  }
  CHECK(std::abs(test::slope(log_d, log_deviation) + 0.5) < 0.05);
  // A gap c/d + O(1/d^2): d times the gap is a constant, not zero, up to corrections of relative
  // order 1/d.
  CHECK(std::abs(scaled_gap[2]) > 5 * scaled_gap_error[2]);
  for (std::size_t i = 3; i < scaled_gap.size(); ++i) {
    const double error = std::hypot(scaled_gap_error[i], scaled_gap_error[i - 1]);
    CHECK(std::abs(scaled_gap[i] - scaled_gap[i - 1]) <
          4 * error + std::abs(scaled_gap[i]) * 8 / std::exp(log_d[i]));
  }
}
