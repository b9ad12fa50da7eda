#include "reprise/phase/point_sweep.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <set>
#include <string>

#include "reprise/experiments/sweep/sweep.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

Measurement measured(double value) { return {.outcome = Outcome::measured, .value = value}; }

// A circle of radius 1.
std::vector<Measurement> radius(const PhasePoint& point) {
  return {measured(std::hypot(point.values[0], point.values[1]))};
}

std::vector<Axis> plane(double resolution) {
  return {numeric_axis("x", {0, 0.5, 1, 1.5}, Scale::linear, resolution),
          numeric_axis("y", {0, 0.5, 1, 1.5}, Scale::linear, resolution)};
}

}  // namespace

TEST_CASE("sweep_over: every point of the grid, the last axis fastest, on any number of threads") {
  const std::vector<Axis> axes{numeric_axis("a", {1, 10, 100}, Scale::log),
                               numeric_axis("b", {3, 2})};
  const auto both = [](const PhasePoint& point) -> std::vector<Measurement> {
    return {measured(point.values[0] + point.values[1]), measured(double(point.seed))};
  };
  const PhaseTable table = sweep_over(axes, both, {.threads = 1});
  REQUIRE(table.rows.size() == 6);
  CHECK(table.rows[1].values == std::vector<double>{1, 2});
  CHECK(table.rows[5].measured[0].value == 102);
  const PhaseTable parallel = sweep_over(axes, both, {.threads = 5});
  std::set<double> seeds;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    CHECK(parallel.rows[i].sites == table.rows[i].sites);
    for (std::size_t o = 0; o < 2; ++o) {
      CHECK(parallel.rows[i].measured[o].value == table.rows[i].measured[o].value);
    }
    seeds.insert(table.rows[i].measured[1].value);
  }
  CHECK(seeds.size() == 6);
  CHECK(sweep_over(axes, both, {.seed = 2}).rows[0].measured[1].value !=
        table.rows[0].measured[1].value);
}

TEST_CASE("sweep_over: a point has the seed that a file's sweep gives it") {
  const std::string file = R"(format = 1
title = "x"
seed = 7
[target]
expression = "z1"
[student]
activation = "tanh"
second_layer = [1.0]
[training]
learning_rate = 0.1
samples_per_dimension = 1.0
steps = 1
[[curve]]
name = "theory"
method = "dmft"
[sweep]
"training.learning_rate" = [0.1, 0.25]
observable = "max_overlap"
)";
  const Sweep sweep = parse_sweep(file, "test.toml");
  const auto seed = [](const PhasePoint& point) -> std::vector<Measurement> {
    return {measured(double(point.seed))};
  };
  const PhaseTable table = sweep_over(sweep.axes, seed, {.seed = 7});
  REQUIRE(table.rows.size() == 2);
  for (const PhaseRow& row : table.rows) {
    CHECK(row.measured[0].value == double(experiment_at(sweep, {row.sites}).seed));
  }
}

TEST_CASE("sweep_over: refinement closes in on a circle, and boundary interpolates it") {
  const double resolution = 0.05;
  const PhaseTable table = sweep_over(plane(resolution), radius, {.refine = PhaseRefinement{0, 1}});
  CHECK(table.rows.size() > 100);
  CHECK(table.rows.size() < 500);  // 25^2 without the refinement
  const auto circle = boundary(table, 0, 0, 1);
  std::size_t n_fine = 0;
  for (const BoundaryPoint& point : circle) {
    CHECK(std::isnan(point.values[0]));
    const double y = point.values[1];
    if (point.crossing.outcome == Outcome::censored) {
      CHECK(y > 1 - resolution);
      continue;
    }
    REQUIRE(point.crossing.outcome == Outcome::measured);
    const double x = std::sqrt(1 - y * y);
    CHECK(std::abs(point.crossing.value - x) <= 2 * point.crossing.error);
    n_fine += point.crossing.error <= resolution / 2 ? 1 : 0;
  }
  CHECK(n_fine > 15);
  CHECK(sweep_over(plane(resolution), radius).rows.size() == 16);
}

TEST_CASE("crossing: missing is passed over, passages that did not arrive lie beyond every level") {
  const Measurement late{.outcome = Outcome::censored, .value = 9};
  CHECK(close(crossing({{1, measured(0)}, {100, measured(1)}}, 0.5, Scale::log).value, 10,
              {.rtol = 1e-14}));  // a few roundings of exp and log
  const Measurement half = crossing({{0, measured(1)}, {1, {}}, {2, late}}, 3, Scale::linear);
  CHECK(half.value == 1);
  CHECK(half.error == 1);
  CHECK(crossing({{0, measured(1)}, {1, measured(2)}}, 3, Scale::linear).outcome ==
        Outcome::censored);
  CHECK(crossing({{0, {}}}, 3, Scale::linear).outcome == Outcome::missing);
  CHECK(side_of(late, 1e9) == Side::above);
  CHECK(side_of(measured(1), 1) == Side::above);
  CHECK(side_of(measured(0.9), 1) == Side::below);
  CHECK(!side_of({}, 1));
}

TEST_CASE("sweep_over: what the function throws comes out unchanged, from any thread") {
  struct Mine {
    int number;
  };
  const auto fails = [](const PhasePoint& point) -> std::vector<Measurement> {
    if (point.values[0] == 1.5) throw Mine{7};
    return radius(point);
  };
  for (const int threads : {1, 4}) {
    int number = 0;
    try {
      sweep_over(plane(0), fails, {.threads = threads});
    } catch (const Mine& mine) {
      number = mine.number;
    }
    CHECK(number == 7);
  }
}

TEST_CASE("sweep_over: wrong axes, tables and rules are refused") {
  CHECK(message_of([] { sweep_over({}, radius); }) == "sweep: axes must be at least 1, got 0");
  CHECK(message_of([] { sweep_over({numeric_axis("x", {})}, radius); }) ==
        "sweep: values on \"x\" must be at least 1, got 0");
  CHECK(message_of([] {
          sweep_over({numeric_axis("x", {0, 2, 1}, Scale::linear, 0.1)}, radius);
        }) ==
        "sweep: \"x\" must be in increasing or decreasing order, for its refinement, got another");
  CHECK(message_of([] {
          numeric_axis("x", {0, 1}, Scale::log);
        }) == "axis: x must be finite and > 0, got 0");
  CHECK(message_of([] { sweep_over(plane(0), {}); }) ==
        "sweep: function must be callable, got an empty one");
  CHECK(message_of([] {
          sweep_over(plane(0), radius, {.refine = PhaseRefinement{1, 0}});
        }) == "sweep: observable of the refinement must be one of 1, from 0, got 1");
  const auto ragged = [](const PhasePoint& point) {
    return std::vector<Measurement>(point.values[0] > 0 ? 2 : 1);
  };
  CHECK(message_of([&] { sweep_over(plane(0), ragged); }) ==
        "sweep: measurements at x = 0.5, y = 0 must be as many as elsewhere, 1, got 2");
  const PhaseTable table = sweep_over(plane(0), radius);
  CHECK(message_of([&] { boundary(table, 2, 0, 1); }) ==
        "sweep: axis must be one of the table's, from 0, got 2");
  CHECK(message_of([&] { boundary(table, 0, 1, 1); }) ==
        "sweep: observable must be one of the table's, from 0, got 1");
}
