#include "reprise/gaussian/normal_source.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

Stream scramble(std::uint64_t index, std::uint64_t seed = 1) {
  return Stream(seed, Purpose::scrambling, index);
}

std::vector<double> column_of(const NormalSource& source, std::uint64_t column, std::size_t n) {
  std::vector<double> z(n);
  source.fill(column, 0, n, z.data());
  return z;
}

double uniform(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// The cell of width 2^-bits that the normal's uniform lies in.
std::size_t cell(double z, int bits) {
  return static_cast<std::size_t>(std::ldexp(uniform(z), bits));
}

// E exp(a.z - |a|^2/2) = 1 for the mean over the points: smooth, not a sum over columns.
double mean_of_smooth_function(const NormalSource& source, std::size_t n) {
  const std::vector<double> weights{0.5, -0.4, 0.3};
  std::vector<double> exponent(n, -0.25);  // |a|^2 / 2
  for (std::size_t c = 0; c < weights.size(); ++c) {
    const auto z = column_of(source, c, n);
    for (std::size_t i = 0; i < n; ++i) exponent[i] += weights[c] * z[i];
  }
  double sum = 0;
  for (const double x : exponent) sum += std::exp(x);
  return sum / static_cast<double>(n);
}

}  // namespace

TEST_CASE("ScrambledSobolNormals: in every dimension one point in each of the 2^m cells") {
  const int m = 9;
  const std::size_t n = std::size_t{1} << m;
  const ScrambledSobolNormals source(scramble(0), m, 3667);
  for (std::uint64_t column = 0; column < 3667; column += column < 500 ? 1 : 97) {
    std::set<std::size_t> cells;
    for (const double z : column_of(source, column, n)) cells.insert(cell(z, m));
    CAPTURE(column);
    CHECK(cells.size() == n);
    CHECK(*cells.rbegin() == n - 1);
  }
}

TEST_CASE("ScrambledSobolNormals: so it stays for every aligned stretch of 2^j points") {
  const ScrambledSobolNormals source(scramble(1), 10, 20);
  for (std::uint64_t column = 0; column < 20; ++column) {
    const auto z = column_of(source, column, 1024);
    for (int j = 4; j < 10; ++j) {
      const std::size_t stretch = std::size_t{1} << j;
      for (std::size_t first = 0; first < z.size(); first += stretch) {
        std::set<std::size_t> cells;
        for (std::size_t i = 0; i < stretch; ++i) cells.insert(cell(z[first + i], j));
        CHECK(cells.size() == stretch);
      }
    }
  }
}

TEST_CASE("ScrambledSobolNormals: the first two dimensions are a (0, m, 2)-net") {
  for (std::uint64_t index = 0; index < 4; ++index) {
    for (const int m : {4, 7, 10}) {
      const std::size_t n = std::size_t{1} << m;
      const ScrambledSobolNormals source(scramble(index), m, 2);
      const auto x = column_of(source, 0, n);
      const auto y = column_of(source, 1, n);
      for (int split = 0; split <= m; ++split) {  // boxes of width 2^-split, height 2^-(m - split)
        std::set<std::size_t> boxes;
        for (std::size_t i = 0; i < n; ++i) {
          boxes.insert((cell(x[i], split) << (m - split)) | cell(y[i], m - split));
        }
        CAPTURE(m);
        CAPTURE(split);
        CHECK(boxes.size() == n);
      }
    }
  }
}

TEST_CASE("ScrambledSobolNormals: the same bits whatever the split into calls") {
  const ScrambledSobolNormals source(scramble(2), 12, 4000);
  for (const std::uint64_t column : {0, 1, 17, 3999}) {
    const auto whole = column_of(source, column, 4096);
    for (const std::size_t piece : {16, 48, 1024, 1040}) {
      std::vector<double> pieces(whole.size());
      for (std::size_t first = 0; first < whole.size(); first += piece) {
        source.fill(column, first, std::min(piece, whole.size() - first), pieces.data() + first);
      }
      CAPTURE(column);
      CAPTURE(piece);
      CHECK(pieces == whole);
    }
  }
}

TEST_CASE("ScrambledSobolNormals: a column does not depend on how many columns there are") {
  const ScrambledSobolNormals few(scramble(3), 8, 3);
  const ScrambledSobolNormals many(scramble(3), 8, 300);
  CHECK(column_of(few, 2, 256) == column_of(many, 2, 256));
}

TEST_CASE("ScrambledSobolNormals: a single point is a standard normal over scrambles") {
  const std::size_t n_scrambles = 2000;
  std::vector<double> first;
  std::vector<double> second;
  std::vector<double> last;
  std::vector<double> other_column;
  for (std::size_t s = 0; s < n_scrambles; ++s) {
    const ScrambledSobolNormals source(scramble(s, 7), 4, 2);
    const auto z = column_of(source, 1, 16);
    first.push_back(z[0]);
    second.push_back(z[1]);
    last.push_back(z[15]);
    other_column.push_back(column_of(source, 0, 16)[0]);
  }
  CHECK(kolmogorov_smirnov_p(first, uniform) > 1e-3);
  CHECK(kolmogorov_smirnov_p(last, uniform) > 1e-3);
  const double error = 1 / std::sqrt(static_cast<double>(n_scrambles));
  CHECK(close(correlation(first, other_column), 0, {.atol = 4 * error}));
  // Two points of one scramble lie in different halves: the product of their signs is -1.
  CHECK(correlation(first, second) < -0.5);
}

TEST_CASE("ScrambledSobolNormals: different scrambles and seeds are independent") {
  // Errors of the means of 300 pairs of scrambles: uncorrelated between neighbours.
  std::vector<double> error;
  std::vector<double> next;
  std::vector<double> next_seed;
  for (std::uint64_t s = 0; s < 300; ++s) {
    const auto mean = [](const Stream& stream) {
      return mean_of_smooth_function(ScrambledSobolNormals(stream, 6, 3), 64);
    };
    error.push_back(mean(scramble(2 * s)));
    next.push_back(mean(scramble(2 * s + 1)));
    next_seed.push_back(mean(scramble(2 * s, 2)));
  }
  const double one = 1 / std::sqrt(300.0);
  CHECK(close(correlation(error, next), 0, {.atol = 4 * one}));
  CHECK(close(correlation(error, next_seed), 0, {.atol = 4 * one}));
}

TEST_CASE("ScrambledSobolNormals: unbiased over 400 scrambles, with an error below Monte Carlo's") {
  std::vector<double> sobol;
  std::vector<double> random;
  for (std::uint64_t s = 0; s < 400; ++s) {
    sobol.push_back(mean_of_smooth_function(ScrambledSobolNormals(scramble(s, 9), 6, 3), 64));
    random.push_back(mean_of_smooth_function(RandomNormals(Stream(s, Purpose::samples)), 64));
  }
  const test::SampleMoments of_sobol = moments(sobol);
  const test::SampleMoments of_random = moments(random);
  CHECK(close(of_sobol.mean, 1, {.atol = 4 * of_sobol.mean_error}));
  CHECK(close(of_random.mean, 1, {.atol = 4 * of_random.mean_error}));
  CHECK(of_sobol.deviation < 0.35 * of_random.deviation);
}

TEST_CASE("ScrambledSobolNormals: the variance of a smooth mean falls much faster than 1/N") {
  std::vector<double> log_n;
  std::vector<double> log_variance;
  for (int m = 4; m <= 11; ++m) {
    std::vector<double> means;
    for (std::uint64_t s = 0; s < 100; ++s) {
      const ScrambledSobolNormals source(scramble(s, 11), m, 3);
      means.push_back(mean_of_smooth_function(source, source.n_points()));
    }
    log_n.push_back(m * std::log(2.0));
    log_variance.push_back(2 * std::log(moments(means).deviation));
  }
  // Each log variance is known to sqrt(2 / 100): the slope to 0.14 / (log 2 sqrt(42)) = 0.03. Monte
  // Carlo has -1; nested scrambling at best -3 up to logarithms, less where normals are unbounded.
  const double order = slope(log_n, log_variance);
  CHECK(order < -1.8);
  CHECK(order > -3.2);
}

TEST_CASE("ScrambledSobolNormals: columns beyond the table of 3667 are served, and independent") {
  const std::size_t n = 1 << 12;
  const ScrambledSobolNormals source(scramble(4), 12, 5000);
  const auto last_of_table = column_of(source, 3666, n);
  const auto beyond = column_of(source, 3667, n);
  const auto next = column_of(source, 3668, n);
  CHECK(kolmogorov_smirnov_p(beyond, uniform) > 1e-3);
  const double error = 1 / std::sqrt(static_cast<double>(n));
  CHECK(close(correlation(last_of_table, beyond), 0, {.atol = 4 * error}));
  CHECK(close(correlation(beyond, next), 0, {.atol = 4 * error}));
  const ScrambledSobolNormals other(scramble(5), 12, 5000);
  CHECK(close(correlation(beyond, column_of(other, 3667, n)), 0, {.atol = 4 * error}));
}

TEST_CASE("ScrambledSobolNormals: the number of points is 2^4 to 2^40") {
  CHECK(ScrambledSobolNormals(scramble(0), 4, 1).n_points() == 16);
  CHECK(ScrambledSobolNormals(scramble(0), 40, 1).n_points() == std::uint64_t{1} << 40);
  CHECK(message_of([] { ScrambledSobolNormals(scramble(0), 3, 1); }) ==
        "Sobol' points: log2_points must be at least 4, got 3");
  CHECK(message_of([] { ScrambledSobolNormals(scramble(0), 41, 1); }) ==
        "Sobol' points: log2_points must be at most 40, got 41");
}

TEST_CASE("RandomNormals: the numbers of its stream") {
  const Stream stream(12, Purpose::samples);
  std::vector<double> expected(64);
  fill_normals(stream, 5, 128, 64, expected.data());
  std::vector<double> z(64);
  RandomNormals(stream).fill(5, 128, 64, z.data());
  CHECK(z == expected);
}
