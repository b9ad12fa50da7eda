#include "reprise/phase/boundary.hpp"

#include <cmath>
#include <limits>

namespace reprise {

Measurement crossing(const std::vector<LinePoint>& line, double level, Scale scale) {
  const LinePoint* before = nullptr;
  for (const LinePoint& now : line) {
    if (now.measured.outcome == Outcome::missing) continue;
    if (before != nullptr) {
      // A passage that did not arrive lies beyond every level.
      const auto gap = [&](const Measurement& m) {
        return m.outcome == Outcome::censored ? std::numeric_limits<double>::infinity()
                                              : m.value - level;
      };
      const double a = gap(before->measured), b = gap(now.measured);
      if ((a < 0) != (b < 0)) {
        const double low = before->position, high = now.position;
        const double fraction = std::isfinite(a) && std::isfinite(b) ? a / (a - b) : 0.5;
        return {Outcome::measured, between(low, high, fraction, scale), std::abs(high - low) / 2};
      }
    }
    before = &now;
  }
  if (before == nullptr) return {};
  return {Outcome::censored, before->position};
}

std::optional<Side> side_of(const Measurement& measured, double level) {
  if (measured.outcome == Outcome::missing) return {};
  const bool is_above = measured.outcome == Outcome::censored || measured.value >= level;
  return is_above ? Side::above : Side::below;
}

}  // namespace reprise
