#include "reprise/gaussian/normal_quantile.hpp"

#include <doctest/doctest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <vector>

#include "support/close.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

double quantile(double u) {
  double result = 0;
  normal_quantile(&u, 1, &result);
  return result;
}

// In extended precision, from the tail that is known exactly.
double reference(double u) {
  const boost::math::normal_distribution<long double> normal;
  const long double tail = u < 0.5 ? u : 1 - static_cast<long double>(u);
  const long double z = boost::math::quantile(normal, tail);
  return static_cast<double>(u < 0.5 ? z : -z);
}

// A degree-7 rational function in double precision, after a logarithm within 4 ulp: a dozen
// roundings, of which half a dozen add up.
constexpr Tolerance six_roundings{.rtol = 6 * 2.3e-16};

}  // namespace

TEST_CASE(
    "normal_quantile: agrees with Boost.Math around the seams of its regions and at the ends") {
  const double far = std::exp(-25.0);  // where the far tail begins
  for (const double u :
       {0x1p-53,       1e-300,        1e-100,    1e-15,    1e-12,    far * 0.999,   far,
        far * 1.001,   1e-9,          1e-3,      0.02,     0.0749,   0.0749999,     0.075 - 1e-15,
        0.075,         0.075 + 1e-15, 0.0750001, 0.1,      0.25,     0.4,           0.499,
        0.5 - 1e-9,    0.5 + 1e-9,    0.6,       0.75,     0.9,      0.925 - 1e-15, 0.925,
        0.925 + 1e-15, 0.95,          0.99,      0.999999, 1 - 1e-9, 1 - far,       1 - 1e-12,
        1 - 0x1p-52,   1 - 0x1p-53}) {
    CAPTURE(u);
    CHECK(close(quantile(u), reference(u), six_roundings));
  }
  CHECK(quantile(0.5) == 0);
}

TEST_CASE("normal_quantile: agrees with Boost.Math on a grid, in one call over several blocks") {
  std::vector<double> u;
  for (int i = 0; i < 2003; ++i) u.push_back((i + 0.5) / 2003);
  std::vector<double> z(u.size());
  normal_quantile(u.data(), u.size(), z.data());
  for (std::size_t i = 0; i < u.size(); ++i) {
    CAPTURE(u[i]);
    CHECK(close(z[i], reference(u[i]), six_roundings));
    CHECK(z[i] == quantile(u[i]));
  }
}

TEST_CASE("normal_quantile: odd about 1/2, to the last bit") {
  for (int i = 1; i < 52; ++i) {
    const double tail = std::ldexp(1.0, -i);  // 1 - tail and 1 - 0.75 tail are exact
    CHECK(quantile(tail) == -quantile(1 - tail));
    CHECK(quantile(0.75 * tail) == -quantile(1 - 0.75 * tail));
  }
}

TEST_CASE("normal_quantile: increasing across the seams") {
  for (const double seam : {0.075, 0.5, 0.925, std::exp(-25.0)}) {
    double previous = quantile(seam * (1 - 1e-9));
    for (int i = -9; i <= 9; ++i) {
      const double next = quantile(seam * (1 + i * 1e-10));
      CAPTURE(seam);
      CHECK(next > previous);
      previous = next;
    }
  }
}

TEST_CASE("normal_quantile: works in place") {
  std::vector<double> u;
  for (int i = 1; i < 700; ++i) u.push_back(i / 700.0);
  std::vector<double> z(u.size());
  normal_quantile(u.data(), u.size(), z.data());
  normal_quantile(u.data(), u.size(), u.data());
  CHECK(u == z);
}
