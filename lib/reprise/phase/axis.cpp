#include "reprise/phase/axis.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/number_text.hpp"

namespace reprise {

namespace {

// 14 digits: 0.3, not 0.30000000000000004, and the same on every machine's exp and log.
double readable(double value) { return parse_finite(rounded(value, 14)).value_or(value); }

}  // namespace

double between(double a, double b, double fraction, Scale scale) {
  if (scale == Scale::log) return std::exp(std::log(a) + fraction * (std::log(b) - std::log(a)));
  return a + fraction * (b - a);
}

std::string_view name(Scale scale) {
  switch (scale) {
    case Scale::linear:
      return "linear";
    case Scale::log:
      return "log";
    case Scale::names:
      break;
  }
  return "names";
}

std::vector<double> range_values(double from, double to, std::int64_t count, Scale scale) {
  check_finite("range", "from", from);
  check_finite("range", "to", to);
  check_at_least("range", "count", count, 2);
  if (from == to) reject("range", "to", "other than from", to);
  if (scale == Scale::log) {
    check_positive("range", "from", from);
    check_positive("range", "to", to);
  }
  std::vector<double> values;
  for (std::int64_t i = 0; i < count; ++i) {
    const double fraction = static_cast<double>(i) / static_cast<double>(count - 1);
    values.push_back(readable(between(from, to, fraction, scale)));
  }
  values.front() = from;
  values.back() = to;
  return values;
}

double Axis::number(const AxisKey& key, std::int64_t site) const {
  const auto index = static_cast<std::size_t>(site / spacing());
  if (is_listed(site)) return key.numbers[index];
  const double fraction = static_cast<double>(site % spacing()) / static_cast<double>(spacing());
  const double value =
      readable(between(key.numbers[index], key.numbers[index + 1], fraction, key.scale));
  return key.is_whole ? std::round(value) : value;
}

std::string Axis::label(const AxisKey& key, std::int64_t site) const {
  if (!key.names.empty()) return key.names[static_cast<std::size_t>(site / spacing())];
  return shortest(number(key, site));
}

Axis numeric_axis(std::string name, std::vector<double> numbers, Scale scale, double resolution) {
  if (scale == Scale::log) {
    for (const double number : numbers) check_positive("axis", name, number);
  }
  Axis axis{.keys = {{.key = std::move(name), .scale = scale, .numbers = std::move(numbers)}}};
  if (resolution != 0) axis.depth = depth_for(axis.first(), resolution);
  return axis;
}

int depth_for(const AxisKey& key, double resolution) {
  check_positive("refine", "resolution", resolution);
  double widest = 0;
  for (std::size_t i = 1; i < key.numbers.size(); ++i) {
    const double a = key.numbers[i - 1], b = key.numbers[i];
    widest = std::max(widest, std::abs(key.scale == Scale::log ? std::log(b / a) : b - a));
  }
  const double smallest = key.scale == Scale::log ? std::log1p(resolution) : resolution;
  if (widest == 0) return 0;
  // Widths that agree up to rounding count as reached.
  const double halvings = std::ceil(std::log2(widest / smallest) - 1e-9);
  if (halvings > 40) {
    reject("refine", "resolution", "such that a gap is halved at most 40 times", resolution);
  }
  return std::max(0, static_cast<int>(halvings));
}

}  // namespace reprise
