#include "reprise/exponents/zero_test.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "reprise/core/random.hpp"

namespace {

using namespace reprise;

// Correlated noise of S replicates, plus a mean in the first entry.
Eigen::MatrixXd estimates(int entries, int replicates, double mean, StreamEngine& engine) {
  std::normal_distribution<double> normal;
  Eigen::MatrixXd values(entries, replicates);
  for (int s = 0; s < replicates; ++s) {
    const double shared = normal(engine);
    for (int i = 0; i < entries; ++i) values(i, s) = (normal(engine) + shared) * (1 + i % 3);
  }
  values.row(0).array() += mean;
  return values;
}

}  // namespace

TEST_CASE("test_zero: p-values of zero means are as small as they claim, not smaller") {
  StreamEngine engine(Stream(3, Purpose::samples));
  for (const int entries : {1, 5, 60}) {
    int n_small = 0;
    double mean_square = 0;
    constexpr int n_trials = 2000;
    for (int trial = 0; trial < n_trials; ++trial) {
      const ZeroTest test = test_zero(estimates(entries, 32, 0, engine), 0);
      n_small += test.p_value < 0.01 ? 1 : 0;
      mean_square += test.square / test.noise / n_trials;
    }
    CAPTURE(entries);
    CHECK(n_small < 0.01 * n_trials + 4 * std::sqrt(0.01 * n_trials));
    CHECK(std::abs(mean_square) < 4 / std::sqrt(n_trials));  // unbiased: zero on average
  }
}

TEST_CASE("test_zero: sees a mean in one of many entries, and its bound holds") {
  StreamEngine engine(Stream(4, Purpose::samples));
  const double mean = 20 / std::sqrt(32.0);  // some 14 standard errors of its entry
  for (int trial = 0; trial < 50; ++trial) {
    const ZeroTest test = test_zero(estimates(60, 32, mean, engine), 0);
    CHECK(test.p_value < 1e-7);
    CHECK(test.bound() > mean);
  }
}

TEST_CASE("test_zero: without noise everything above the floor is nonzero, the rest is zero") {
  Eigen::MatrixXd exact = Eigen::MatrixXd::Constant(3, 2, 1e-5);
  CHECK(test_zero(exact, 1e-6).p_value < 1e-50);
  CHECK(test_zero(exact, 1e-3).p_value == 1);
  CHECK(test_zero(Eigen::MatrixXd::Zero(3, 2), 0).p_value == 1);
}
