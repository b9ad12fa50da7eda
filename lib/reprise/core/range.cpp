#include "reprise/core/range.hpp"

#include <cmath>

#include "reprise/core/number_text.hpp"

namespace reprise {

bool Range::contains(double value) const {
  const bool is_above = is_low_allowed ? value >= low : value > low;
  const bool is_below = is_high_allowed ? value <= high : value < high;
  return std::isfinite(value) && is_above && is_below && (holds == nullptr || holds(value));
}

std::string Range::text() const {
  if (!rule.empty()) return std::string(rule);
  const bool has_low = std::isfinite(low), has_high = std::isfinite(high);
  if (!has_low && !has_high) return "finite";
  if (!has_high)
    return std::string("finite and ") + (is_low_allowed ? ">= " : "> ") + shortest(low);
  if (!has_low)
    return std::string("finite and ") + (is_high_allowed ? "<= " : "< ") + shortest(high);
  return (is_low_allowed ? "at least " : "above ") + shortest(low) +
         (is_high_allowed ? " and at most " : " and below ") + shortest(high);
}

std::string Range::integer_text() const {
  std::string text = "an integer";
  if (least != std::numeric_limits<std::int64_t>::min()) {
    text += " of at least " + std::to_string(least);
    if (most != std::numeric_limits<std::int64_t>::max()) text += " and";
  }
  if (most != std::numeric_limits<std::int64_t>::max()) text += " at most " + std::to_string(most);
  return text;
}

}  // namespace reprise
