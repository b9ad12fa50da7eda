#include "reprise/phase/refinement.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

using namespace reprise;

namespace {

Axis numeric_axis(std::int64_t n, int depth) {
  Axis axis{.keys = {{.key = "x", .numbers = {}}}, .depth = depth};
  for (std::int64_t i = 0; i < n; ++i) axis.keys[0].numbers.push_back(static_cast<double>(i));
  return axis;
}

using Known = std::map<Sites, std::optional<Side>>;
using Rule = std::function<std::optional<Side>(const Sites&)>;

// Computes what is missing until nothing is, `batch` points at a time in an order of its own.
Known complete(const std::vector<Axis>& axes, const Rule& side, std::size_t batch,
               unsigned seed = 1) {
  Known known;
  std::mt19937 random(seed);
  while (true) {
    std::vector<Sites> missing = missing_points(axes, known);
    if (missing.empty()) return known;
    std::shuffle(missing.begin(), missing.end(), random);
    missing.resize(std::min(missing.size(), batch));
    for (const Sites& sites : missing) {
      REQUIRE_FALSE(known.contains(sites));
      known[sites] = side(sites);
    }
  }
}

Side side_if(bool is_above) { return is_above ? Side::above : Side::below; }

}  // namespace

TEST_CASE("missing_points: without refinement the grid, last axis fastest") {
  const std::vector<Axis> axes{numeric_axis(2, 0), numeric_axis(3, 0)};
  const std::vector<Sites> points = missing_points(axes, {});
  REQUIRE(points.size() == 6);
  CHECK(points[1] == Sites{0, 1});
  CHECK(points[3] == Sites{1, 0});
  CHECK(missing_points(axes, {{{0, 0}, Side::below}}).size() == 5);
}

TEST_CASE("missing_points: along one axis refinement is bisection") {
  const std::vector<Axis> axes{numeric_axis(5, 6)};
  const Known known = complete(
      axes, [](const Sites& s) { return side_if(s[0] >= 150); }, 1'000);
  CHECK(known.size() == 5 + 6);  // one point a halving
  CHECK(known.contains({149}));
  CHECK(known.contains({150}));
}

TEST_CASE("missing_points: each line of an axis that is not refined has its own boundary") {
  const std::vector<Axis> axes{numeric_axis(5, 4), numeric_axis(3, 0)};
  const Known known = complete(
      axes, [](const Sites& s) { return side_if(s[0] >= 10 + 20 * s[1]); }, 1'000);
  CHECK(known.size() == 3 * (5 + 4));
  for (const std::int64_t y : {0, 1, 2}) {
    CHECK(known.contains({9 + 20 * y, y}));
    CHECK(known.contains({10 + 20 * y, y}));
  }
}

TEST_CASE("missing_points: a curve in the plane is closed in on along all of its length") {
  const int depth = 4;
  const std::vector<Axis> axes{numeric_axis(7, depth), numeric_axis(7, depth)};
  const double centre = 3.1 * 16, radius = 2.2 * 16;
  const Rule circle = [&](const Sites& s) {
    return side_if(std::hypot(static_cast<double>(s[0]) - centre,
                              static_cast<double>(s[1]) - centre) >= radius);
  };
  const Known known = complete(axes, circle, 10'000);
  // Each ray from the centre meets the circle within one smallest cell of a pair of known points.
  for (int ray = 0; ray < 64; ++ray) {
    const double angle = 2 * M_PI * ray / 64;
    const double x = centre + radius * std::cos(angle), y = centre + radius * std::sin(angle);
    bool has_below = false, has_above = false;
    for (const auto& [sites, side] : known) {
      const double distance = std::max(std::abs(static_cast<double>(sites[0]) - x),
                                       std::abs(static_cast<double>(sites[1]) - y));
      if (distance > 1.01) continue;
      has_below |= side == Side::below;
      has_above |= side == Side::above;
    }
    CHECK(has_below);
    CHECK(has_above);
  }
  // And not everywhere: the length of the boundary, not the area, is paid for.
  const auto all = (axes[0].last_site() + 1) * (axes[1].last_site() + 1);
  CHECK(static_cast<std::int64_t>(known.size()) < all / 4);
}

TEST_CASE("missing_points: the points of a complete diagram do not depend on the order") {
  const std::vector<Axis> axes{numeric_axis(5, 3), numeric_axis(4, 2)};
  const Rule wave = [](const Sites& s) -> std::optional<Side> {
    if (s[0] == 16 && s[1] == 8) return {};  // a point that failed
    return side_if(std::sin(0.3 * static_cast<double>(s[0])) * 6 + 8 > static_cast<double>(s[1]));
  };
  const Known reference = complete(axes, wave, 10'000);
  for (unsigned seed = 1; seed <= 20; ++seed) {
    CHECK(complete(axes, wave, 1 + seed % 5, seed) == reference);
  }
}
