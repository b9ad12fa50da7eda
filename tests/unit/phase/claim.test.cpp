#include "reprise/phase/claim.hpp"

#include <doctest/doctest.h>

using namespace reprise;

namespace {

SiteValues points(const std::vector<Measurement>& measured) {
  SiteValues result;
  for (std::size_t i = 0; i < measured.size(); ++i) {
    result[{static_cast<std::int64_t>(i)}] = measured[i];
  }
  return result;
}

const Measurement one{Outcome::measured, 1}, two{Outcome::measured, 2}, late{Outcome::censored, 1};

}  // namespace

TEST_CASE("holds: at all points or at one, a passage that did not arrive above every bound") {
  using enum ClaimKind;
  CHECK(holds(all_above, 0.5, points({one, two, late})));
  CHECK_FALSE(holds(all_above, 1, points({one, two})));
  CHECK(holds(all_below, 3, points({one, two})));
  CHECK_FALSE(holds(all_below, 3, points({one, late})));
  CHECK(holds(some_above, 1, points({one, two})));
  CHECK(holds(some_above, 1e9, points({one, late})));
  CHECK_FALSE(holds(some_above, 2, points({one, two})));
  CHECK(holds(some_below, 2, points({one, two})));
  CHECK_FALSE(holds(some_below, 1, points({one, late})));
  CHECK(holds(none_reached, 0, points({late, late})));
  CHECK_FALSE(holds(none_reached, 0, points({late, one})));
}

TEST_CASE("holds: no points show nothing, and what is missing is never right") {
  for (const auto& kind : Names<ClaimKind>::all) {
    CAPTURE(kind.second);
    CHECK_FALSE(holds(kind.first, 0, {}));
    CHECK_FALSE(holds(kind.first, 0, points({Measurement{}})));
  }
  CHECK_FALSE(holds(ClaimKind::all_above, 0, points({one, {}})));
  CHECK(holds(ClaimKind::some_above, 0, points({one, {}})));
}

TEST_CASE(
    "is_met: a number that is measured lies within its tolerance, an exponent that is known") {
  CHECK(is_met({.value = 1.1, .within = 0.2}, one));
  CHECK_FALSE(is_met({.value = 1.3, .within = 0.2}, one));
  CHECK_FALSE(is_met({.value = 1, .within = 0.2}, late));
  CHECK_FALSE(is_met({.value = 1, .within = 0.2}, Measurement{}));
  LineFit fit;
  CHECK(is_met({.value = 1, .within = 0.2}, fit));
  fit.law = PowerLaw{.exponent = -1};
  CHECK(is_met({.value = -1.1, .within = 0.2}, fit));
  CHECK_FALSE(is_met({.value = 1, .within = 0.2}, fit));
}
