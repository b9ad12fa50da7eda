#include "reprise/model/hermite.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/allocations.hpp"
#include "support/close.hpp"

using namespace reprise;
using test::close;

namespace {

std::vector<double> arguments(std::size_t n) {
  std::mt19937_64 generator(7);
  std::uniform_real_distribution<double> uniform(-6, 6);
  std::vector<double> x(n);
  for (double& value : x) value = uniform(generator);
  return x;
}

// Scale of the terms that cancel in He_l(x): sum of |coefficient| |x|^m.
double scale(int order, double x) {
  double sum = 0, power = 1;
  for (const double c : hermite_coefficients(order)) {
    sum += std::abs(c) * power;
    power *= std::abs(x);
  }
  return sum;
}

}  // namespace

TEST_CASE("hermite: agrees with std::hermite, He_l(x) = 2^(-l/2) H_l(x / sqrt 2)") {
  for (int order = 0; order <= 40; ++order) {
    for (const double x : {-3.3, -1.0, 0.0, 0.4, 2.0, 5.5}) {
      CAPTURE(order);
      CAPTURE(x);
      const double expected = std::pow(2.0, -0.5 * order) *
                              std::hermite(static_cast<unsigned>(order), x / std::sqrt(2.0));
      // Round-off of either recurrence, relative to the terms that cancel.
      CHECK(close(hermite(order, x), expected, {.atol = 1e-14 * scale(order, x)}));
    }
  }
}

TEST_CASE("hermite: array and scalar agree at every order, length and place") {
  const std::vector<double> x = arguments(100);
  std::vector<double> out(x.size()), slope(x.size()), shifted(x.size());
  for (int order = 0; order <= 30; ++order) {
    hermite(order, x.data(), x.size(), out.data());
    hermite_derivative(order, x.data(), x.size(), slope.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double scale_here = scale(order, x[i]);
      CHECK(close(out[i], hermite(order, x[i]), {.atol = 1e-14 * scale_here}));
      CHECK(close(slope[i], hermite_derivative(order, x[i]), {.atol = 1e-13 * scale_here}));
    }
    hermite(order, x.data() + 5, 50, shifted.data());
    for (std::size_t i = 0; i < 50; ++i) CHECK(shifted[i] == out[i + 5]);
    std::vector<double> in_place = x;
    hermite(order, in_place.data(), x.size(), in_place.data());
    CHECK(in_place == out);
  }
}

TEST_CASE("hermite_derivative: agrees with central differences") {
  const double step = 1e-5;
  for (int order = 0; order <= 12; ++order) {
    for (const double x : {-2.1, -0.3, 0.0, 1.0, 2.7}) {
      const double difference = (hermite(order, x + step) - hermite(order, x - step)) / (2 * step);
      // Truncation: step^2 / 6 times the third derivative, l (l - 1) (l - 2) He_{l-3}.
      const double third =
          order < 3 ? 0.0 : order * (order - 1.0) * (order - 2.0) * scale(order - 3, x);
      CHECK(close(hermite_derivative(order, x), difference,
                  {.atol = 0.2 * step * step * third + 1e-15 * scale(order, x) / step}));
    }
  }
}

TEST_CASE("hermite_table: its rows are the polynomials, up to a last order of 0, 1 and 9") {
  const std::vector<double> x = arguments(21);
  for (const int max_order : {0, 1, 9}) {
    std::vector<double> table(static_cast<std::size_t>(max_order + 1) * x.size());
    hermite_table(max_order, x.data(), x.size(), table.data());
    for (int order = 0; order <= max_order; ++order) {
      for (std::size_t i = 0; i < x.size(); ++i) {
        CHECK(close(table[static_cast<std::size_t>(order) * x.size() + i], hermite(order, x[i]),
                    {.atol = 1e-14 * scale(order, x[i])}));
      }
    }
  }
}

TEST_CASE("hermite_coefficients: the published ones, exactly") {
  // Abramowitz and Stegun, table 22.12 (He_n).
  CHECK(hermite_coefficients(0) == std::vector<double>{1});
  CHECK(hermite_coefficients(1) == std::vector<double>{0, 1});
  CHECK(hermite_coefficients(3) == std::vector<double>{0, -3, 0, 1});
  CHECK(hermite_coefficients(6) == std::vector<double>{-15, 0, 45, 0, -15, 0, 1});
  CHECK(hermite_coefficients(8) == std::vector<double>{105, 0, -420, 0, 210, 0, -28, 0, 1});
}

TEST_CASE(
    "monomial_to_hermite: inverts hermite_to_monomial, and expands x^4 and x^5 as published") {
  // Abramowitz and Stegun, table 22.12: x^4 = 3 + 6 He_2 + He_4, x^5 = 15 He_1 + 10 He_3 + He_5.
  CHECK(monomial_to_hermite(std::vector<double>{0, 0, 0, 0, 1}) ==
        std::vector<double>{3, 0, 6, 0, 1});
  CHECK(monomial_to_hermite(std::vector<double>{0, 0, 0, 0, 0, 1}) ==
        std::vector<double>{0, 15, 0, 10, 0, 1});
  // Small integers: every intermediate is exact.
  const std::vector<double> coefficients = {3, -1, 4, 1, -5, 9, 2, -6};
  CHECK(hermite_to_monomial(monomial_to_hermite(coefficients)) == coefficients);
  CHECK(monomial_to_hermite(hermite_to_monomial(coefficients)) == coefficients);
  CHECK(monomial_to_hermite({}).empty());
  CHECK(hermite_to_monomial({}).empty());
}

TEST_CASE("hermite: rejects a negative order, and NaN passes through") {
  double x = 1;
  CHECK_THROWS_AS(hermite(-1, 1.0), InputError);
  CHECK_THROWS_AS(hermite(-1, &x, 1, &x), InputError);
  CHECK_THROWS_AS(hermite_derivative(-2, 1.0), InputError);
  CHECK_THROWS_AS(hermite_coefficients(-1), InputError);
  CHECK(std::isnan(hermite(3, std::numeric_limits<double>::quiet_NaN())));
}

TEST_CASE("hermite: filling an array does not allocate") {
  const std::vector<double> x = arguments(100);
  std::vector<double> out(x.size());
  CHECK(test::allocations_of([&] {
          for (const int order : {0, 1, 3, 9, 25}) {
            hermite(order, x.data(), x.size(), out.data());
            hermite_derivative(order, x.data(), x.size(), out.data());
          }
        }) == 0);
}
