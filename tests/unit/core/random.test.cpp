#include "reprise/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/close.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Words = std::array<std::uint64_t, 2>;

std::vector<double> normals(const Stream& stream, std::uint64_t column, std::size_t n,
                            std::uint64_t first = 0) {
  std::vector<double> result(n);
  fill_normals(stream, column, first, n, result.data());
  return result;
}

std::vector<double> squares(std::vector<double> x) {
  for (double& value : x) value *= value;
  return x;
}

std::vector<double> part(const std::vector<double>& x, std::size_t first, std::size_t n) {
  return {x.begin() + static_cast<std::ptrdiff_t>(first),
          x.begin() + static_cast<std::ptrdiff_t>(first + n)};
}

double normal_cdf(double x) { return boost::math::cdf(boost::math::normal(), x); }

}  // namespace

TEST_CASE("threefry: known answers of Random123 for threefry2x64 with 13 rounds") {
  const std::uint64_t ones = ~std::uint64_t{0};
  CHECK(threefry({0, 0}, {0, 0}) == Words{0xf167b032c3b480bd, 0xe91f9fee4b7a6fb5});
  CHECK(threefry({ones, ones}, {ones, ones}) == Words{0xccdec5c917a874b1, 0x4df53abca26ceb01});
  CHECK(threefry({0x243f6a8885a308d3, 0x13198a2e03707344},  // digits of pi
                 {0xa4093822299f31d0, 0x082efa98ec4e6c89}) ==
        Words{0xc3aac71561042993, 0x3fe7ae8801aff316});
}

TEST_CASE("fill_normals: moments up to order 8 within 4 standard errors, cosines and sines apart") {
  const std::size_t n = 1 << 21;
  const auto z = normals(Stream(1, Purpose::samples), 0, 2 * n);
  const auto double_factorial = [](int odd) {
    double result = 1;
    for (; odd > 1; odd -= 2) result *= odd;
    return result;
  };
  std::array<std::array<double, 9>, 2> sums{};
  for (std::size_t i = 0; i < z.size(); ++i) {
    double power = 1;
    for (double& sum : sums[i / 8 % 2]) {
      sum += power;
      power *= z[i];
    }
  }
  for (std::size_t is_sine = 0; is_sine < 2; ++is_sine) {
    for (int order = 1; order <= 8; ++order) {
      CAPTURE(is_sine);
      CAPTURE(order);
      const double mean = sums[is_sine][static_cast<std::size_t>(order)] / static_cast<double>(n);
      const double expected = order % 2 == 0 ? double_factorial(order - 1) : 0;
      const double variance = double_factorial(2 * order - 1) - expected * expected;
      CHECK(close(mean, expected, {.atol = 4 * std::sqrt(variance / static_cast<double>(n))}));
    }
  }
}

TEST_CASE("fill_normals: Kolmogorov-Smirnov against the normal law, as a whole and by lane") {
  const auto z = normals(Stream(2, Purpose::samples), 3, 1 << 17);
  CHECK(kolmogorov_smirnov_p(z, normal_cdf) > 1e-3);
  for (std::size_t lane = 0; lane < 16; lane += 5) {  // 0, 5: cosines; 10, 15: sines
    std::vector<double> of_lane;
    for (std::size_t i = lane; i < z.size(); i += 16) of_lane.push_back(z[i]);
    CAPTURE(lane);
    CHECK(kolmogorov_smirnov_p(of_lane, normal_cdf) > 1e-3);
  }
}

TEST_CASE("fill_normals: columns, streams, substreams and samples are uncorrelated, squares too") {
  const std::size_t n = 1 << 15;
  const Stream stream(3, Purpose::samples);
  const auto longer = normals(stream, 0, n + 1024);
  const std::vector<std::pair<std::string, std::vector<double>>> samples{
      {"base", part(longer, 0, n)},
      {"next sample", part(longer, 1, n)},
      {"sine of the same pair", part(longer, 8, n)},
      {"16 samples on", part(longer, 16, n)},
      {"512 samples on", part(longer, 512, n)},
      {"next column", normals(stream, 1, n)},
      {"far column", normals(stream, std::uint64_t{1} << 40, n)},
      {"far samples", normals(stream, 0, n, std::uint64_t{1} << 41)},
      {"next seed", normals(Stream(4, Purpose::samples), 0, n)},
      {"other purpose", normals(Stream(3, Purpose::basis), 0, n)},
      {"next replica", normals(Stream(3, Purpose::samples, 1), 0, n)},
      {"substream 0", normals(stream.substream(0), 0, n)},
      {"substream 1", normals(stream.substream(1), 0, n)},
      {"substream of replica 1", normals(Stream(3, Purpose::samples, 1).substream(0), 0, n)},
      {"substream of a substream", normals(stream.substream(0).substream(0), 0, n)}};
  const double error = 1 / std::sqrt(static_cast<double>(n));
  for (std::size_t i = 0; i < samples.size(); ++i) {
    for (std::size_t j = i + 1; j < samples.size(); ++j) {
      CAPTURE(samples[i].first);
      CAPTURE(samples[j].first);
      const auto& x = samples[i].second;
      const auto& y = samples[j].second;
      // 210 correlations: beyond 4.5 standard errors by chance in one run of 700.
      CHECK(close(correlation(x, y), 0, {.atol = 4.5 * error}));
      CHECK(close(correlation(squares(x), squares(y)), 0, {.atol = 4.5 * error}));
    }
  }
}

TEST_CASE("fill_normals: the same bits whatever the split into calls") {
  const Stream stream(5, Purpose::samples);
  const std::size_t n = 4096;
  const auto whole = normals(stream, 7, n);
  for (const std::size_t piece : {16, 48, 512, 528, 1040}) {
    CAPTURE(piece);
    std::vector<double> pieces(n);
    for (std::size_t first = 0; first < n; first += piece) {
      fill_normals(stream, 7, first, std::min(piece, n - first), pieces.data() + first);
    }
    CHECK(pieces == whole);
  }
}

TEST_CASE("StreamEngine: feeds Boost's and the standard library's distributions") {
  static_assert(std::uniform_random_bit_generator<StreamEngine>);
  const std::size_t n = 1 << 15;
  StreamEngine engine(Stream(6, Purpose::basis));
  boost::random::normal_distribution<double> normal;
  boost::random::gamma_distribution<double> gamma(0.5);  // half a chi-squared of one degree
  std::uniform_real_distribution<double> uniform;
  std::vector<double> of_normal;
  std::vector<double> of_gamma;
  std::vector<double> of_uniform;
  for (std::size_t i = 0; i < n; ++i) {
    of_normal.push_back(normal(engine));
    of_gamma.push_back(gamma(engine));
    of_uniform.push_back(uniform(engine));
  }
  CHECK(kolmogorov_smirnov_p(of_normal, normal_cdf) > 1e-3);
  CHECK(kolmogorov_smirnov_p(of_gamma, [](double x) {
          return boost::math::cdf(boost::math::gamma_distribution<>(0.5), x);
        }) > 1e-3);
  CHECK(kolmogorov_smirnov_p(of_uniform, [](double x) { return x; }) > 1e-3);
  const double error = 1 / std::sqrt(static_cast<double>(n));
  CHECK(close(correlation(of_normal, of_uniform), 0, {.atol = 4 * error}));
  CHECK(close(correlation(of_gamma, of_uniform), 0, {.atol = 4 * error}));
}

TEST_CASE("StreamEngine: a function of the stream, no word twice") {
  StreamEngine engine(Stream(7, Purpose::basis));
  StreamEngine again(Stream(7, Purpose::basis));
  std::vector<std::uint64_t> words;
  for (int i = 0; i < 10000; ++i) {
    words.push_back(engine());
    REQUIRE(again() == words.back());
  }
  std::sort(words.begin(), words.end());
  // Among 10^4 random words two would agree with probability 3e-12.
  CHECK(std::adjacent_find(words.begin(), words.end()) == words.end());
}
