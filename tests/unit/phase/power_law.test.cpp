#include "reprise/phase/power_law.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <random>

#include "reprise/core/error.hpp"
#include "support/close.hpp"

using namespace reprise;
using namespace reprise::test;

TEST_CASE("fit_power_law: an exact law comes out exactly") {
  std::vector<FitPoint> points;
  for (const double x : {1.0, 3.0, 10.0, 100.0}) points.push_back({x, 2.5 * std::pow(x, -1.5), 0});
  const PowerLaw law = fit_power_law(points);
  CHECK(close(law.exponent, -1.5, {.rtol = 1e-13, .atol = 0}));
  CHECK(close(law.prefactor, 2.5, {.rtol = 1e-12, .atol = 0}));
  CHECK(law.error < 1e-12);
}

TEST_CASE("fit_power_law: errors of two points give that of the exponent") {
  // log y has errors 0.1 and 0.2, log x is 0 and log 10.
  const PowerLaw law = fit_power_law({{1, 2, 0.2}, {10, 5, 1}});
  CHECK(close(law.error, std::hypot(0.1, 0.2) / std::log(10.0), {.rtol = 1e-12, .atol = 0}));
  CHECK(std::isnan(fit_power_law({{1, 2, 0}, {10, 5, 0}}).error));
}

TEST_CASE("fit_power_law: the stated errors cover the truth as often as they should") {
  std::mt19937_64 random(7);
  std::normal_distribution<double> normal;
  int n_inside = 0, n_low_p = 0;
  constexpr int trials = 2000;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<FitPoint> points;
    for (const double x : {2.0, 4.0, 8.0, 16.0, 32.0}) {
      const double y = 3 * x * x;
      const double relative = 0.01 * x / 2;
      points.push_back({x, y * std::exp(relative * normal(random)), y * relative});
    }
    const PowerLaw law = fit_power_law(points);
    n_inside += std::abs(law.exponent - 2) < law.error ? 1 : 0;
    n_low_p += law.p_value < 0.05 ? 1 : 0;
  }
  // The scale factor only widens: at least 68 % within four binomial deviations, below 85 %.
  CHECK(n_inside > trials * 0.683 - 4 * std::sqrt(trials * 0.683 * 0.317));
  CHECK(n_inside < trials * 0.85);
  CHECK(std::abs(n_low_p - 0.05 * trials) < 4 * std::sqrt(trials * 0.05 * 0.95));
}

TEST_CASE("fit_power_law: points that scatter too much widen the error") {
  const std::vector<FitPoint> tight{{1, 1, 0.001}, {2, 2.4, 0.001}, {4, 3.5, 0.001}};
  const PowerLaw law = fit_power_law(tight);
  CHECK(law.chi_squared > 1000);
  CHECK(law.p_value < 1e-10);
  CHECK(law.error > 0.1);
}

TEST_CASE("fit_power_law: what has no logarithm is refused") {
  CHECK_THROWS_AS(fit_power_law({{1, 1, 0}}), InputError);
  CHECK_THROWS_AS(fit_power_law({{1, 1, 0}, {2, 0, 0}}), InputError);
  CHECK_THROWS_AS(fit_power_law({{0, 1, 0}, {2, 1, 0}}), InputError);
  CHECK_THROWS_AS(fit_power_law({{2, 1, 0}, {2, 3, 0}}), InputError);
}
