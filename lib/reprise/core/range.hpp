// What a number of an experiment or of an option must satisfy: one statement for the reader of
// files, the library's checks and the documentation.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace reprise {

/// Bounds of a number, which must be finite besides. Integers have bounds of their own, which a
/// double could not hold.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
  bool is_low_allowed = true;
  bool is_high_allowed = true;
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  /// Where bounds do not say it: the rule in words, and whether a value within the bounds meets it.
  std::string_view rule = {};
  bool (*holds)(double value) = nullptr;

  bool contains(double value) const;
  bool contains(std::int64_t value) const { return value >= least && value <= most; }
  /// "finite and > 0", "at least 0 and below 1".
  std::string text() const;
  /// "an integer of at least 2 and at most 4096".
  std::string integer_text() const;
};

constexpr Range above(double low) { return {.low = low, .is_low_allowed = false}; }
constexpr Range at_least(double low) { return {.low = low}; }
constexpr Range from_to_below(double low, double high) {
  return {.low = low, .high = high, .is_high_allowed = false};
}
constexpr Range integers_from(std::int64_t least,
                              std::int64_t most = std::numeric_limits<std::int64_t>::max()) {
  return {.least = least, .most = most};
}

}  // namespace reprise
