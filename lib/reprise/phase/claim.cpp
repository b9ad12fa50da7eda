#include "reprise/phase/claim.hpp"

#include <algorithm>
#include <cmath>

namespace reprise {

bool holds(ClaimKind kind, double bound, const SiteValues& points) {
  const bool wants_above = kind == ClaimKind::all_above || kind == ClaimKind::some_above;
  const bool wants_one = kind == ClaimKind::some_above || kind == ClaimKind::some_below;
  const auto is_right = [&](const SiteValues::value_type& point) {
    const Measurement& m = point.second;
    if (m.outcome == Outcome::missing) return false;
    const bool is_censored = m.outcome == Outcome::censored;
    if (kind == ClaimKind::none_reached) return is_censored;
    return wants_above ? is_censored || m.value > bound : !is_censored && m.value < bound;
  };
  if (wants_one) return std::ranges::any_of(points, is_right);
  return !points.empty() && std::ranges::all_of(points, is_right);
}

bool is_met(const ExpectedNumber& expected, const Measurement& found) {
  return found.outcome == Outcome::measured &&
         std::abs(found.value - expected.value) <= expected.within;
}

bool is_met(const ExpectedNumber& expected, const LineFit& found) {
  return !found.law || std::abs(found.law->exponent - expected.value) <= expected.within;
}

}  // namespace reprise
