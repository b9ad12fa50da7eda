#include "reprise/phase/axis.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "reprise/core/error.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

using namespace reprise;
using namespace reprise::test;

TEST_CASE("range_values: ends are exact, steps or ratios are equal") {
  const std::vector<double> linear = range_values(-1, 2, 7, Scale::linear);
  REQUIRE(linear.size() == 7);
  CHECK(linear.front() == -1);
  CHECK(linear.back() == 2);
  CHECK(close(linear[2], 0.0, {.rtol = 0, .atol = 1e-15}));
  const std::vector<double> log = range_values(0.01, 1, 5, Scale::log);
  CHECK(log.front() == 0.01);
  CHECK(log.back() == 1);
  for (std::size_t i = 1; i < log.size(); ++i) {
    CHECK(close(log[i] / log[i - 1], std::sqrt(10.0), {.rtol = 1e-14, .atol = 0}));
  }
  CHECK_THROWS_AS(range_values(0, 1, 5, Scale::log), InputError);
  CHECK_THROWS_AS(range_values(1, 1, 5, Scale::linear), InputError);
  CHECK_THROWS_AS(range_values(1, 2, 1, Scale::linear), InputError);
  CHECK_THROWS_AS(range_values(1, NAN, 3, Scale::linear), InputError);
}

TEST_CASE("Axis: sites between listed values are found on the scale of each key") {
  Axis axis{.keys = {{.key = "a.x", .scale = Scale::log, .numbers = {1, 16}},
                     {.key = "n", .scale = Scale::linear, .is_whole = true, .numbers = {10, 13}}},
            .depth = 2};
  CHECK(axis.last_site() == 4);
  CHECK(axis.position(0) == 1);
  CHECK(close(axis.position(1), 2, {.rtol = 1e-15, .atol = 0}));
  CHECK(close(axis.position(2), 4, {.rtol = 1e-15, .atol = 0}));
  CHECK(axis.position(4) == 16);
  CHECK(axis.number(axis.keys[1], 2) == 12);  // 11.5, rounded
  CHECK(axis.label(axis.keys[1], 4) == "13");
  CHECK(axis.is_listed(4));
  CHECK_FALSE(axis.is_listed(2));
  CHECK(axis.keys[1].is_variable());
  CHECK_FALSE(axis.keys[0].is_variable());
}

TEST_CASE("depth_for: the widest gap ends up within the resolution, and not a halving more") {
  const AxisKey linear{.key = "x", .numbers = {0, 1, 3}};
  CHECK(depth_for(linear, 2) == 0);
  CHECK(depth_for(linear, 1) == 1);
  CHECK(depth_for(linear, 0.99) == 2);
  const AxisKey log{.key = "x", .scale = Scale::log, .numbers = {1, 4}};
  CHECK(depth_for(log, 1) == 1);     // a ratio of 2
  CHECK(depth_for(log, 0.42) == 2);  // sqrt 2 is within it
  CHECK(depth_for(log, 0.41) == 3);
  CHECK_THROWS_AS(depth_for(linear, 0), InputError);
  CHECK_THROWS_AS(depth_for(linear, 1e-300), InputError);
}
