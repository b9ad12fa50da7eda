#include "reprise/phase/point_sweep.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "reprise/core/check.hpp"
#include "reprise/core/hash.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/random.hpp"

namespace reprise {

namespace {

constexpr const char* in_sweep = "sweep";

void check_axes(const std::vector<Axis>& axes) {
  check_at_least(in_sweep, "axes", static_cast<std::int64_t>(axes.size()), 1);
  for (const Axis& axis : axes) {
    check_at_least(in_sweep, "keys of an axis", static_cast<std::int64_t>(axis.keys.size()), 1);
    check_at_least(in_sweep, "values on \"" + axis.name() + "\"", axis.n_values(), 1);
    for (const AxisKey& key : axis.keys) {
      const auto n = static_cast<std::int64_t>(key.numbers.size());
      if (n != axis.n_values()) {
        reject(in_sweep, "values of \"" + key.key + "\"",
               "as many as of \"" + axis.name() + "\", which it varies with",
               static_cast<double>(n));
      }
      for (const double number : key.numbers) {
        check_finite(in_sweep, "value of \"" + key.key + "\"", number);
      }
    }
    const std::vector<double>& numbers = axis.first().numbers;
    if (axis.depth == 0 || std::ranges::is_sorted(numbers, std::less_equal<>()) ||
        std::ranges::is_sorted(numbers, std::greater_equal<>())) {
      continue;
    }
    reject(in_sweep, "\"" + axis.name() + "\"",
           "in increasing or decreasing order, for its refinement", std::string_view("another"));
  }
}

std::vector<double> values_at(const std::vector<Axis>& axes, const Sites& sites) {
  std::vector<double> values;
  for (std::size_t a = 0; a < axes.size(); ++a) values.push_back(axes[a].position(sites[a]));
  return values;
}

using Measured = std::map<Sites, std::vector<Measurement>>;

std::vector<Sites> missing(const std::vector<Axis>& axes, const Measured& measured,
                           const PhaseOptions& options) {
  std::map<Sites, std::optional<Side>> known;
  for (const auto& [sites, numbers] : measured) {
    known[sites] = options.refine
                       ? side_of(numbers[options.refine->observable], options.refine->level)
                       : std::nullopt;
  }
  return missing_points(axes, known);
}

}  // namespace

std::string describe(const std::vector<Axis>& axes, const Sites& sites) {
  std::string text;
  for (std::size_t a = 0; a < axes.size(); ++a) {
    for (const AxisKey& key : axes[a].keys) {
      if (!text.empty()) text += ", ";
      text += key.key + " = " + axes[a].label(key, sites[a]);
    }
  }
  return text;
}

// A hash alone would give neighbouring points related seeds.
std::uint64_t point_seed(std::uint64_t seed, std::string_view point) {
  constexpr std::uint64_t sweep_purpose = 1'000;
  const std::uint64_t word = threefry({fnv1a(point), sweep_purpose}, {seed, 0})[0];
  return word >> 11U;  // 53 bits: TOML, JSON and people read it back
}

PhaseTable sweep_over(const std::vector<Axis>& axes, const PointFunction& measure_at,
                      const PhaseOptions& options) {
  check_axes(axes);
  if (!measure_at) reject(in_sweep, "function", "callable", std::string_view("an empty one"));
  const int threads = resolve_threads(options.threads);
  Measured measured;
  std::optional<std::size_t> n_observables;
  while (true) {
    const std::vector<Sites> points = missing(axes, measured, options);
    if (points.empty()) break;
    const int workers =
        std::min<int>(threads, static_cast<int>(std::min<std::size_t>(points.size(), 1024)));
    std::vector<std::vector<Measurement>> results(points.size());
    parallel_for(points.size(), workers, [&](std::size_t, std::size_t index) {
      const Sites& sites = points[index];
      results[index] = measure_at({.values = values_at(axes, sites),
                                   .seed = point_seed(options.seed, describe(axes, sites) + "#0"),
                                   .threads = std::max(1, threads / workers)});
    });
    for (std::size_t i = 0; i < points.size(); ++i) {
      const std::size_t n = results[i].size();
      if (!n_observables) n_observables = n;
      if (n != *n_observables) {
        reject(in_sweep, "measurements at " + describe(axes, points[i]),
               "as many as elsewhere, " + std::to_string(*n_observables), static_cast<double>(n));
      }
      if (options.refine && options.refine->observable >= n) {
        reject(in_sweep, "observable of the refinement", "one of " + std::to_string(n) + ", from 0",
               static_cast<double>(options.refine->observable));
      }
      measured.emplace(points[i], std::move(results[i]));
    }
  }
  PhaseTable table{.axes = axes, .rows = {}};
  for (auto& [sites, numbers] : measured) {
    table.rows.push_back({sites, values_at(axes, sites), std::move(numbers)});
  }
  return table;
}

SiteValues site_values(const PhaseTable& table, std::size_t observable,
                       const std::function<bool(const std::vector<double>& values)>& is_meant) {
  SiteValues result;
  for (const PhaseRow& row : table.rows) {
    if (observable >= row.measured.size()) {
      reject(in_sweep, "observable", "one of the table's, from 0", static_cast<double>(observable));
    }
    if (!is_meant || is_meant(row.values)) result.emplace(row.sites, row.measured[observable]);
  }
  return result;
}

std::vector<BoundaryPoint> boundary(const PhaseTable& table, std::size_t axis,
                                    std::size_t observable, double level) {
  std::vector<BoundaryPoint> result;
  for (const auto& [sites, crossing] :
       boundary(table.axes, site_values(table, observable), axis, level)) {
    BoundaryPoint point{values_at(table.axes, sites), crossing};
    point.values[axis] = std::numeric_limits<double>::quiet_NaN();
    result.push_back(std::move(point));
  }
  return result;
}

}  // namespace reprise
