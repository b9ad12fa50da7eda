#include "reprise/exponents/spectrum.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "reprise/exponents/exponents.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using reprise::test::close;

}  // namespace

TEST_CASE("hermite_weights: of a polynomial add up to 1") {
  const auto exponents = find_exponents({.g = Expression::parse("z1 + 2*He3(z2) + z1*z2")});
  double total = 0;
  for (const auto& weight : exponents.label_weights) total += weight.weight;
  CHECK(close(total, 1, {.rtol = 1e-12}));
  CHECK(close(exponents.label_weights[2].weight, 24.0 / 26, {.rtol = 1e-12}));
}

TEST_CASE("conditional_moments: those of y = z1 are the polynomials themselves") {
  const ExponentTarget target{.g = Expression::parse("z1 + 0*z2")};
  const LabelRanks ranks(target);
  const auto moments = conditional_moments(target, ranks, Eigen::Vector2d(1, 0), 200, {});
  for (Eigen::Index b = 1; b + 1 < moments.y.size(); ++b) {
    const double y = moments.y[b];
    CHECK(close(moments.moment(b, 0), y, {.rtol = 1e-9, .atol = 1e-9}));
    // Within a bin of width w, E[y^2] exceeds y^2 by w^2 / 12.
    const double spread = moments.width[b] * moments.width[b];
    CHECK(close(moments.moment(b, 1), (y * y - 1) / std::sqrt(2.0), {.atol = spread}));
  }
}

TEST_CASE("conditional_moments: atoms are bins of width zero with their probability") {
  const ExponentTarget target{.g = Expression::parse("sign(z1)*sign(z2)")};
  const LabelRanks ranks(target);
  const auto moments = conditional_moments(target, ranks, Eigen::Vector2d(1, 0), 40, {});
  REQUIRE(moments.y.size() == 2);
  CHECK(moments.width[0] == 0);
  CHECK(moments.width[1] == 0);
  CHECK(close(moments.probability[1], 0.5, {.atol = 1e-3}));
  CHECK(close(moments.moment(0, 0), 0, {.atol = 1e-2}));
}
