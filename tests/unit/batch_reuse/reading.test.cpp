#include "reprise/batch_reuse/reading.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <algorithm>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/core/error.hpp"
#include "support/benchmark_a.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Eigen::Index;

// Entries (i, j) of R^T R and of R R^T times d over many draws.
struct Products {
  std::vector<std::vector<double>> gram;   // [i q + j] of R^T R
  std::vector<std::vector<double>> outer;  // [i] of the diagonal of R R^T
  std::vector<double> trace;
};

Products draw(std::int64_t dimension, std::int64_t n_known, Index q, int n_draws) {
  FiniteReading reading(dimension, 1, 0);
  const Index rows = std::min<Index>(q, dimension - n_known);
  Products products;
  products.gram.resize(static_cast<std::size_t>(q * q));
  products.outer.resize(static_cast<std::size_t>(rows));
  for (int draw = 0; draw < n_draws; ++draw) {
    const Eigen::MatrixXd factor = reading.triangular_factor(n_known, q, 1);
    REQUIRE(factor.rows() == rows);
    REQUIRE(factor.cols() == q);
    REQUIRE(factor.isUpperTriangular(0));
    const auto d = static_cast<double>(dimension);
    const Eigen::MatrixXd gram = d * factor.transpose() * factor;
    for (Index i = 0; i < q * q; ++i) {
      products.gram[static_cast<std::size_t>(i)].push_back(gram(i / q, i % q));
    }
    for (Index i = 0; i < rows; ++i) {
      products.outer[static_cast<std::size_t>(i)].push_back(d * factor.row(i).squaredNorm());
    }
    products.trace.push_back(gram.trace());
  }
  return products;
}

// Against the Wishart law of n degrees of freedom: mean n I, variances 2 n on and n off the
// diagonal.
void check_wishart(std::int64_t dimension, std::int64_t n_known, Index q) {
  const auto n = static_cast<double>(dimension - n_known);
  const Products products = draw(dimension, n_known, q, 20000);
  for (Index i = 0; i < q; ++i) {
    for (Index j = 0; j < q; ++j) {
      const SampleMoments entry = moments(products.gram[static_cast<std::size_t>(i * q + j)]);
      CAPTURE(i);
      CAPTURE(j);
      CHECK(close(entry.mean, i == j ? n : 0, {.atol = 4 * entry.mean_error}));
      CHECK(close(entry.deviation, std::sqrt(i == j ? 2 * n : n),
                  {.atol = 4 * entry.deviation_error}));
    }
  }
  const boost::math::chi_squared_distribution<> chi_squared(n * static_cast<double>(q));
  CHECK(kolmogorov_smirnov_p(products.trace,
                             [&](double x) { return boost::math::cdf(chi_squared, x); }) > 1e-3);
}

}  // namespace

TEST_CASE("FiniteReading: R^T R is Wishart over d, with many or just enough dimensions left") {
  check_wishart(40, 10, 3);
  check_wishart(13, 10, 3);
}

TEST_CASE(
    "FiniteReading: with fewer dimensions left than columns R is wide and R^T R singular Wishart") {
  check_wishart(12, 10, 4);
  check_wishart(11, 10, 3);
}

TEST_CASE("FiniteReading: the diagonal of R R^T has the mean of its chi-squared variables") {
  // Row i: chi^2 of n - i degrees of freedom, and q - 1 - i squared normals.
  const Products products = draw(30, 10, 4, 20000);
  for (std::size_t i = 0; i < products.outer.size(); ++i) {
    const auto degrees = static_cast<double>(20 - i + (3 - i));
    const SampleMoments row = moments(products.outer[i]);
    CAPTURE(i);
    CHECK(close(row.mean, degrees, {.atol = 4 * row.mean_error}));
    CHECK(close(row.deviation, std::sqrt(2 * degrees), {.atol = 4 * row.deviation_error}));
  }
}

TEST_CASE("FiniteReading: no dimension left, no column asked for") {
  FiniteReading reading(10, 1, 0);
  CHECK(reading.triangular_factor(10, 3, 1).rows() == 0);
  CHECK(reading.triangular_factor(10, 3, 1).cols() == 3);
  CHECK(reading.triangular_factor(11, 3, 1).rows() == 0);
  CHECK(reading.triangular_factor(4, 0, 1).size() == 0);
}

TEST_CASE("FiniteReading: a run is a function of seed and run") {
  FiniteReading reading(20, 1, 2);
  FiniteReading again(20, 1, 2);
  FiniteReading other_run(20, 1, 3);
  FiniteReading other_seed(20, 2, 2);
  const Eigen::MatrixXd factor = reading.triangular_factor(3, 2, 1);
  CHECK(again.triangular_factor(3, 2, 1) == factor);
  CHECK(other_run.triangular_factor(3, 2, 1) != factor);
  CHECK(other_seed.triangular_factor(3, 2, 1) != factor);
  CHECK(reading.triangular_factor(3, 2, 1) != factor);
}

TEST_CASE("FiniteReading: n is alpha d rounded, at least 1, and the ratio is that of n") {
  const FiniteReading reading(10, 1, 0);
  CHECK(reading.n_samples(2.5) == 25);
  CHECK(reading.n_samples(0.34) == 3);
  CHECK(reading.ratio(0.34) == 0.3);
  CHECK(reading.n_samples(1e-6) == 1);
  CHECK(reading.ratio(1e-6) == 0.1);
  CHECK(message_of([] { FiniteReading(0, 1, 0); }) ==
        "simulation: dimension must be at least 1, got 0");
}

TEST_CASE("LimitReading: the ratio is kept, R is diagonal and tends to the identity") {
  LimitReading reading(10, 1, 0);
  CHECK(reading.ratio(0.34) == 0.34);
  CHECK(reading.n_samples(0.34) == 1024);
  // 1024 points at alpha = 2 stand for d = 512.
  const Eigen::MatrixXd factor = reading.triangular_factor(3, 2, 2);
  CHECK(close(factor(0, 0), std::sqrt(509.0 / 512), {.rtol = 1e-15}));
  CHECK(close(factor(1, 1), std::sqrt(508.0 / 512), {.rtol = 1e-15}));
  CHECK(factor(0, 1) == 0);
  CHECK(reading.triangular_factor(511, 2, 2).rows() == 1);
  CHECK(reading.triangular_factor(600, 2, 2).rows() == 0);
  const Eigen::MatrixXd fine = LimitReading(40, 1, 0).triangular_factor(3, 2, 2);
  CHECK(close((fine - Eigen::MatrixXd::Identity(2, 2)).norm(), 0, {.atol = 1e-11}));
}

TEST_CASE("random start: of the limit M = 0 and Q = I exactly, of d dimensions N(0, P / d)") {
  Eigen::MatrixXd gram(2, 2);
  gram << 1, 0.3, 0.3, 2;
  const auto limit = LimitReading(5, 1, 0).random_start(3, gram);
  CHECK(limit.M == Eigen::MatrixXd::Zero(3, 2));
  CHECK(limit.L == Eigen::MatrixXd::Identity(3, 3));
  std::vector<double> overlap, norm;
  for (std::uint64_t run = 0; run < 4000; ++run) {
    const auto start = FiniteReading(50, 1, run).random_start(3, gram);
    overlap.push_back(start.M(2, 0) * start.M(2, 1));
    norm.push_back((start.M * gram.inverse() * start.M.transpose())(2, 2) +
                   start.L.row(2).squaredNorm());
  }
  const SampleMoments products = moments(overlap), norms = moments(norm);
  CHECK(close(products.mean, 0.3 / 50, {.atol = 4 * products.mean_error}));
  CHECK(close(norms.mean, 1, {.atol = 4 * norms.mean_error}));
  CHECK(close(norms.deviation, std::sqrt(2.0 / 50), {.atol = 4 * norms.deviation_error}));
}

// Regression: the start was read at the d = N / alpha of the points, here 10.24.
TEST_CASE("dmft: a random start has Q = I without an error, whatever the number of points") {
  Problem problem = uninformed_problem("z1 + He2(z2)/2", 2, "tanh", 3);
  problem.has_random_start = true;
  const GradientDescent algorithm{
      .schedule = Schedule::reuse(2), .learning_rate = {0.01}, .samples_per_dimension = {100}};
  const Solution limit =
      solve(problem, algorithm, DmftOptions{.points = 1024, .scrambles = 2, .kernels = true});
  CHECK(limit.value("Q", 0) == Eigen::MatrixXd::Identity(3, 3));
  CHECK(limit.standard_error("Q", 0) == Eigen::MatrixXd::Zero(3, 3));
  CHECK(limit.value("M", 0) == Eigen::MatrixXd::Zero(3, 2));
  CHECK(limit.kernels[0].value.topLeftCorner(3, 3) == Eigen::MatrixXd::Identity(3, 3));
  problem.has_random_start = false;  // what the file's `initial` holds then
  const Solution given = solve(problem, algorithm, DmftOptions{.points = 1024, .scrambles = 2});
  CHECK(limit.at("Q").value == given.at("Q").value);
}

TEST_CASE("FiniteReading: normals of blocks and runs are uncorrelated, of a block reproducible") {
  const std::size_t n = 4096;
  const auto column = [&](std::uint64_t run, int block) {
    std::vector<double> z(n);
    FiniteReading(20, 1, run).normals(block, 3)->fill(1, 0, n, z.data());
    return z;
  };
  const double error = 1 / std::sqrt(static_cast<double>(n));
  const auto base = column(0, 0);
  CHECK(column(0, 0) == base);
  CHECK(close(correlation(base, column(0, 1)), 0, {.atol = 4 * error}));
  CHECK(close(correlation(base, column(1, 0)), 0, {.atol = 4 * error}));
}

TEST_CASE(
    "LimitReading: a point of a block is uncorrelated with that of other blocks and scrambles") {
  // Over scrambles. Within one scramble two blocks share the structure of Sobol's points.
  const auto first_number = [](std::uint64_t scramble, int block) {
    std::vector<double> z(16);
    LimitReading(4, 1, scramble).normals(block, 1)->fill(0, 0, 16, z.data());
    return z[0];
  };
  std::vector<double> base;
  std::vector<double> next_block;
  std::vector<double> next_scramble;
  for (std::uint64_t scramble = 0; scramble < 1000; ++scramble) {
    base.push_back(first_number(scramble, 0));
    next_block.push_back(first_number(scramble, 1));
    next_scramble.push_back(first_number(scramble + 1, 0));
  }
  CHECK(first_number(0, 0) == base[0]);
  const double error = 1 / std::sqrt(1000.0);
  CHECK(close(correlation(base, next_block), 0, {.atol = 4 * error}));
  CHECK(close(correlation(base, next_scramble), 0, {.atol = 4 * error}));
}
