#include "reprise/phase/lines.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "reprise/phase/point_sweep.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

// A hill over x whose top lies at x = d and is d^-1.5 high, with errors of a tenth.
PhaseTable hills(double resolution = 0) {
  const auto hill = [](const PhasePoint& point) -> std::vector<Measurement> {
    const double x = point.values[0], d = point.values[1];
    const double height = std::pow(d, -1.5) * std::exp(-std::pow(std::log(x / d), 2));
    return {{.outcome = Outcome::measured, .value = height, .error = height / 10}};
  };
  return sweep_over({numeric_axis("x", {1, 2, 4, 8, 16}, Scale::log),
                     numeric_axis("d", {2, 4, 8}, Scale::log, resolution)},
                    hill, {.refine = PhaseRefinement{.level = 0.1}});
}

}  // namespace

TEST_CASE("maxima: the largest value of each line and where it is, for fits along another axis") {
  const PhaseTable table = hills();
  const Maxima found = maxima(table.axes, site_values(table, 0), 0);
  REQUIRE(found.largest.size() == 3);
  for (std::int64_t i = 0; i < 3; ++i) {
    const double d = table.axes[1].position(i);
    CHECK(close(found.largest.at({0, i}).value, std::pow(d, -1.5), {.rtol = 1e-14}));
    CHECK(found.positions.at({0, i}).value == d);
  }
  const auto heights = fits(table.axes, found.largest, 1);
  REQUIRE(heights.size() == 1);
  CHECK(close(heights.begin()->second.law->exponent, -1.5, {.rtol = 1e-12}));
  CHECK(close(fits(table.axes, found.positions, 1).at({0, 0}).law->exponent, 1, {.rtol = 1e-12}));
}

TEST_CASE("maxima: what is missing or censored is no maximum") {
  const std::vector<Axis> axes{numeric_axis("x", {1, 2, 3})};
  SiteValues values{{{0}, {Outcome::measured, -2}}, {{1}, {Outcome::censored, 9}}, {{2}, {}}};
  CHECK(maxima(axes, values, 0).largest.at({0}).value == -2);
  CHECK(maxima(axes, values, 0).positions.at({0}).value == 1);
  values.erase(Sites{0});
  CHECK(maxima(axes, values, 0).largest.at({0}).outcome == Outcome::missing);
  CHECK(maxima(axes, values, 0).positions.at({0}).outcome == Outcome::missing);
}

TEST_CASE("fits: through listed values that are measured and > 0, divided by a function of x") {
  const PhaseTable table = hills(0.05);  // with points between the values of d
  const SiteValues largest = maxima(table.axes, site_values(table, 0), 0).largest;
  CHECK(largest.size() > 3);
  const LineFit fit = fits(table.axes, largest, 1, [](double x) { return x * x; }).at({0, 0});
  CHECK(close(fit.law->exponent, -3.5, {.rtol = 1e-12}));
  CHECK(fit.law->n_points == 3);
  CHECK(fit.n_left_out == 0);
  // Errors of a tenth at log x = log 2, 2 log 2, 3 log 2.
  CHECK(close(fit.law->error, 0.1 / (std::sqrt(2.0) * std::log(2.0)), {.rtol = 1e-12}));
  const std::vector<Axis> axes{numeric_axis("x", {1, 2, 3})};
  const SiteValues few{
      {{0}, {Outcome::measured, 1}}, {{1}, {Outcome::censored, 1}}, {{2}, {Outcome::measured, 0}}};
  CHECK(!fits(axes, few, 0).at({0}).law);
  CHECK(fits(axes, few, 0).at({0}).n_left_out == 2);
  CHECK(fits(axes, {}, 0).empty());
}

TEST_CASE("site_values: one observable of a table, of the points that are meant") {
  const PhaseTable table = hills();
  const SiteValues tops = site_values(
      table, 0, [](const std::vector<double>& values) { return values[0] == values[1]; });
  REQUIRE(tops.size() == 3);
  CHECK(tops.contains({1, 0}));
  CHECK(site_values(table, 0).size() == 15);
}

TEST_CASE("lines: an axis that there is not is refused") {
  const std::string rule = "sweep: axis must be one of the table's, from 0, got 2";
  const PhaseTable table = hills();
  const SiteValues values = site_values(table, 0);
  CHECK(message_of([&] { maxima(table.axes, values, 2); }) == rule);
  CHECK(message_of([&] { boundary(table.axes, values, 2, 1); }) == rule);
  CHECK(message_of([&] { fits(table.axes, values, 2); }) == rule);
}
