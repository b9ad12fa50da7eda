// What measured numbers are expected to show: bounds at all points or at some, and values of
// boundaries and exponents.
#pragma once

#include <string_view>
#include <utility>

#include "reprise/core/described.hpp"
#include "reprise/phase/lines.hpp"

namespace reprise {

enum class ClaimKind {
  all_above,  ///< a passage that did not arrive is above every bound
  all_below,
  some_above,
  some_below,
  none_reached,  ///< no passage arrives; it has no bound
};
template <>
struct Names<ClaimKind> {
  static constexpr std::pair<ClaimKind, std::string_view> all[] = {
      {ClaimKind::all_above, "all_above"},
      {ClaimKind::all_below, "all_below"},
      {ClaimKind::some_above, "some_above"},
      {ClaimKind::some_below, "some_below"},
      {ClaimKind::none_reached, "none_reached"}};
};

/// Whether it holds at all of the points, or at one. No points show nothing, and missing values are
/// never right.
bool holds(ClaimKind kind, double bound, const SiteValues& points);

/// A number that should come out, and how far off it may be.
struct ExpectedNumber {
  double value = 0;
  double within = 0;
};
/// Whether a crossing or a maximum is measured, and there.
bool is_met(const ExpectedNumber& expected, const Measurement& found);
/// Whether the exponent is that; also where too little was measured for one.
bool is_met(const ExpectedNumber& expected, const LineFit& found);

}  // namespace reprise
