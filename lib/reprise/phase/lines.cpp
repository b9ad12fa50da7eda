#include "reprise/phase/lines.hpp"

#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/phase/boundary.hpp"

namespace reprise {

namespace {

using Line = std::vector<SiteValues::const_iterator>;  // in increasing order of the sites

// The lines along an axis, under their other coordinates.
std::map<Sites, Line> lines_along(const std::vector<Axis>& axes, const SiteValues& values,
                                  std::size_t axis) {
  if (axis >= axes.size()) {
    reject("sweep", "axis", "one of the table's, from 0", static_cast<double>(axis));
  }
  std::map<Sites, Line> lines;
  for (auto point = values.begin(); point != values.end(); ++point) {
    Sites rest = point->first;
    rest[axis] = 0;
    lines[rest].push_back(point);
  }
  return lines;
}

}  // namespace

Maxima maxima(const std::vector<Axis>& axes, const SiteValues& values, std::size_t axis) {
  Maxima result;
  for (const auto& [rest, line] : lines_along(axes, values, axis)) {
    Measurement& largest = result.largest[rest];
    Measurement& position = result.positions[rest];
    for (const auto& point : line) {
      const Measurement& m = point->second;
      if (m.outcome != Outcome::measured || m.value <= largest.value) continue;  // NaN: none yet
      largest = m;
      position = {Outcome::measured, axes[axis].position(point->first[axis])};
    }
  }
  return result;
}

SiteValues boundary(const std::vector<Axis>& axes, const SiteValues& values, std::size_t axis,
                    double level) {
  SiteValues result;
  for (const auto& [rest, line] : lines_along(axes, values, axis)) {
    if (line.size() < 2 && axes[axis].n_values() > 1) continue;
    std::vector<LinePoint> measured;
    for (const auto& point : line) {
      measured.push_back({axes[axis].position(point->first[axis]), point->second});
    }
    result.emplace(rest, crossing(measured, level, axes[axis].first().scale));
  }
  return result;
}

std::map<Sites, LineFit> fits(const std::vector<Axis>& axes, const SiteValues& values,
                              std::size_t axis, const std::function<double(double x)>& divide_by) {
  SiteValues listed = values;
  if (axis < axes.size()) {
    std::erase_if(listed,
                  [&](const auto& point) { return !axes[axis].is_listed(point.first[axis]); });
  }
  std::map<Sites, LineFit> result;
  for (const auto& [rest, line] : lines_along(axes, listed, axis)) {
    LineFit& fit = result[rest];
    std::vector<FitPoint> points;
    for (const auto& point : line) {
      const Measurement& m = point->second;
      if (m.outcome != Outcome::measured || !(m.value > 0)) {
        ++fit.n_left_out;
        continue;
      }
      const double x = axes[axis].position(point->first[axis]);
      const double unit = divide_by ? divide_by(x) : 1;
      points.push_back({x, m.value / unit, std::isfinite(m.error) ? m.error / unit : 0});
    }
    if (points.size() >= 2) fit.law = fit_power_law(points);
  }
  return result;
}

}  // namespace reprise
