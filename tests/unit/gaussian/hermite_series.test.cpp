#include "reprise/gaussian/hermite_series.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>

#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using test::close;
using test::contains;

const double sqrt_2_pi = std::sqrt(2 * std::numbers::pi);

}  // namespace

TEST_CASE("hermite_series: polynomials have their coefficients, normalised") {
  const HermiteSeries series = hermite_series(Expression::parse("0.3 + z1 + 0.5*He3(z1)"), 50);
  REQUIRE(series.degree() == 3);
  CHECK(close(series.coefficients[0], 0.3, {.rtol = 1e-15}));
  CHECK(close(series.coefficients[1], 1, {.rtol = 1e-15}));
  CHECK(series.coefficients[2] == 0);
  CHECK(close(series.coefficients[3], 0.5 * std::sqrt(6), {.rtol = 1e-15}));
  CHECK(series.tail == 0);
  const HermiteSeries cubic = hermite_series(Activation::parse("He3"), 50);
  REQUIRE(cubic.degree() == 3);
  CHECK(close(cubic.coefficients[3], std::sqrt(6), {.rtol = 1e-15}));
  CHECK(hermite_series(Expression::parse("2"), 5).degree() == 0);
}

TEST_CASE("hermite_series: a polynomial above max_degree keeps its lower part and says the rest") {
  const HermiteSeries series = hermite_series(Expression::parse("He2(z1) + He5(z1)"), 3);
  CHECK(close(series.coefficients[2], std::sqrt(2), {.rtol = 1e-12}));
  CHECK(close(series.tail, 120, {.rtol = 1e-12}));
  CHECK(close(series.squared_norm, 122, {.rtol = 1e-12}));
}

TEST_CASE("hermite_series: ReLU, the sign with its jump, exp, against their closed forms") {
  const HermiteSeries relu = hermite_series(Activation::parse("relu"), 60);
  CHECK(close(relu.coefficients[0], 1 / sqrt_2_pi, {.rtol = 1e-13}));
  CHECK(close(relu.coefficients[1], 0.5, {.rtol = 1e-13}));
  double expected = 1 / (std::sqrt(2) * sqrt_2_pi);  // of degree 2
  for (int k = 2; k <= 58; k += 2) {
    CHECK(close(relu.coefficients[k], expected, {.atol = 1e-14}));
    CHECK(relu.coefficients[k + 1] == 0);
    expected *= -(k - 1) / std::sqrt((k + 1.0) * (k + 2.0));
  }
  CHECK(close(relu.squared_norm, 0.5, {.rtol = 1e-13}));
  CHECK(close(relu.tail, 0.5 - relu.coefficients.squaredNorm(), {.atol = 1e-14}));
  // E sign(x - t) h_k = 2 phi(t) He_{k-1}(t) / sqrt(k!), at a place that is no panel's end.
  const double t = 0.123456789;
  const HermiteSeries sign = hermite_series(Expression::parse("sign(z1 - 0.123456789)"), 4);
  const double density = std::exp(-0.5 * t * t) / sqrt_2_pi;
  CHECK(close(sign.coefficients[0], std::erf(-t / std::sqrt(2)), {.atol = 1e-13}));
  CHECK(close(sign.coefficients[1], 2 * density, {.atol = 1e-13}));
  CHECK(close(sign.coefficients[3], 2 * density * (t * t - 1) / std::sqrt(6), {.atol = 1e-13}));
  const HermiteSeries exponential = hermite_series(Expression::parse("exp(z1)"), 40);
  CHECK(exponential.degree() < 30);
  for (int k = 0, f = 1; k < 8; ++k, f *= k) {
    CHECK(close(exponential.coefficients[k], std::exp(0.5) / std::sqrt(f), {.rtol = 1e-13}));
  }
}

TEST_CASE("hermite_series: what has no mean square, or two variables, is refused") {
  CHECK(contains(test::message_of([] { hermite_series(Expression::parse("exp(z1^2/4)"), 10); }),
                 "finite, and of finite mean square"));
  CHECK(contains(test::message_of([] { hermite_series(Expression::parse("log(z1)"), 10); }),
                 "finite, and of finite mean square"));
  CHECK(contains(test::message_of([] { hermite_series(Expression::parse("tanh(z1*z2)"), 10); }),
                 "must be a function of z1 alone, got tanh(z1*z2)"));
  CHECK(contains(test::message_of([] { hermite_series(Activation::parse("tanh"), 2001); }),
                 "max_degree must be 0 to 2000"));
}
