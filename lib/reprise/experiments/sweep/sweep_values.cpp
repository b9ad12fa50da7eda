#include "reprise/experiments/sweep/sweep_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/phase/boundary.hpp"

namespace reprise {

namespace {

/// Whether more than half of the repeats are above their noise.
std::optional<bool> most_say(const std::vector<Measurement>& repeats) {
  std::size_t n_above = 0;
  for (const Measurement& m : repeats) {
    if (!m.is_above_noise) return {};
    n_above += *m.is_above_noise ? 1 : 0;
  }
  return 2 * n_above > repeats.size();
}

Measurement over_repeats(const Observable& observable, const std::vector<Measurement>& repeats) {
  if (repeats.size() == 1) return repeats.front();
  std::vector<double> numbers;
  double last = 0;
  for (const Measurement& m : repeats) {
    if (m.outcome == Outcome::missing) return {};
    if (m.outcome == Outcome::censored) last = std::max(last, m.value);
    numbers.push_back(m.outcome == Outcome::censored ? std::numeric_limits<double>::infinity()
                                                     : m.value);
  }
  if (observable.kind == Observable::Kind::passage) return median_passage(numbers, last);
  const auto n = static_cast<double>(numbers.size());
  double mean = 0, squares = 0;
  for (const double number : numbers) mean += number / n;
  for (const double number : numbers) squares += (number - mean) * (number - mean);
  return {Outcome::measured, mean, std::sqrt(squares / (n * (n - 1))), most_say(repeats)};
}

std::size_t curve_index(const Sweep& sweep, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(sweep.curves, name) - sweep.curves.begin());
}

// The sites of each line along an axis, under its other coordinates (0 on the axis).
std::map<Sites, std::vector<Sites>> lines_along(std::size_t axis,
                                                const std::map<Sites, PointValues>& values) {
  std::map<Sites, std::vector<Sites>> lines;
  for (const auto& [sites, point] : values) {
    Sites rest = sites;
    rest[axis] = 0;
    lines[rest].push_back(sites);  // in increasing order, as the map is
  }
  return lines;
}

}  // namespace

std::map<Sites, PointValues> values_of(const Sweep& sweep, const SweepRecords& records) {
  std::map<Sites, PointValues> values;
  for (auto first = records.begin(); first != records.end();) {
    const Sites& sites = first->first.sites;
    std::vector<const SweepRecord*> repeats;
    for (; first != records.end() && first->first.sites == sites; ++first) {
      repeats.push_back(&first->second);
    }
    if (static_cast<std::int64_t>(repeats.size()) < sweep.seeds) continue;
    PointValues& point = values[sites];
    point.assign(sweep.curves.size(), std::vector<Measurement>(sweep.observables.size()));
    for (std::size_t c = 0; c < sweep.curves.size(); ++c) {
      for (std::size_t o = 0; o < sweep.observables.size(); ++o) {
        std::vector<Measurement> all;
        for (const SweepRecord* record : repeats) {
          all.push_back(record->measured.empty() ? Measurement{} : record->measured[c][o]);
        }
        point[c][o] = over_repeats(sweep.observables[o], all);
      }
    }
  }
  return values;
}

bool has_missing(const std::map<Sites, PointValues>& values) {
  for (const auto& [sites, point] : values) {
    for (const auto& curve : point) {
      for (const Measurement& m : curve) {
        if (m.outcome == Outcome::missing) return true;
      }
    }
  }
  return false;
}

std::optional<Side> side_of(const Sweep& sweep, const PointValues& values) {
  if (!sweep.refine) return {};
  const RefineRule& rule = *sweep.refine;
  return side_of(values[curve_index(sweep, rule.curve)][rule.observable], rule.level);
}

std::vector<Reduced> maxima(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::vector<Reduced> result;
  if (!sweep.maximum_over) return result;
  const std::size_t axis = *sweep.maximum_over;
  for (const auto& [rest, line] : lines_along(axis, values)) {
    for (std::size_t c = 0; c < sweep.curves.size(); ++c) {
      for (std::size_t o = 0; o < sweep.observables.size(); ++o) {
        Reduced largest{.sites = rest, .curve = c, .observable = o, .value = {}};
        for (const Sites& sites : line) {
          const Measurement& m = values.at(sites)[c][o];
          if (m.outcome != Outcome::measured || m.value <= largest.value.value)
            continue;  // NaN: none yet
          largest.value = m;
          largest.where = sweep.axes[axis].position(sites[axis]);
        }
        result.push_back(largest);
      }
    }
  }
  return result;
}

std::vector<Reduced> boundary(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::vector<Reduced> result;
  if (!sweep.boundary) return result;
  const BoundaryRule& rule = *sweep.boundary;
  const std::size_t curve = curve_index(sweep, rule.curve);
  for (const auto& [rest, line] : lines_along(rule.axis, values)) {
    // Points that a refinement of other axes has put beside the listed lines are no lines.
    if (line.size() < 2 && sweep.axes[rule.axis].n_values() > 1) continue;
    std::vector<LinePoint> measured;
    for (const Sites& sites : line) {
      measured.push_back({sweep.axes[rule.axis].position(sites[rule.axis]),
                          values.at(sites)[curve][rule.observable]});
    }
    result.push_back(
        {.sites = rest,
         .curve = curve,
         .observable = rule.observable,
         .value = crossing(measured, rule.level, sweep.axes[rule.axis].first().scale)});
  }
  return result;
}

std::vector<std::size_t> used_up_by_fit(const Sweep& sweep) {
  std::vector<std::size_t> axes{sweep.fit->axis};
  if (sweep.boundary) axes.push_back(sweep.boundary->axis);
  if (sweep.maximum_over) axes.push_back(*sweep.maximum_over);
  return axes;
}

std::vector<SweepFit> fits(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::vector<SweepFit> result;
  if (!sweep.fit) return result;
  const FitRule& rule = *sweep.fit;
  std::vector<Reduced> all;
  if (sweep.boundary) {
    all = boundary(sweep, values);
  } else if (sweep.maximum_over) {
    all = maxima(sweep, values);
  } else {
    for (const auto& [sites, point] : values) {
      for (std::size_t c = 0; c < point.size(); ++c) {
        for (std::size_t o = 0; o < point[c].size(); ++o) {
          all.push_back({.sites = sites, .curve = c, .observable = o, .value = point[c][o]});
        }
      }
    }
  }
  const Axis& axis = sweep.axes[rule.axis];
  std::map<std::tuple<Sites, std::size_t, std::size_t>, std::vector<const Reduced*>> groups;
  for (const Reduced& number : all) {
    if (!axis.is_listed(number.sites[rule.axis])) continue;
    Sites rest = number.sites;
    rest[rule.axis] = 0;
    groups[{rest, number.curve, number.observable}].push_back(&number);
  }
  for (const auto& [key, numbers] : groups) {
    const auto& [rest, curve, observable] = key;
    SweepFit fit{.sites = rest, .curve = curve, .observable = observable, .law = {}};
    std::vector<FitPoint> points;
    for (const Reduced* number : numbers) {
      const Measurement& m = number->value;
      if (m.outcome != Outcome::measured || !(m.value > 0)) {
        ++fit.n_left_out;
        continue;
      }
      const double x = axis.position(number->sites[rule.axis]);
      const double unit = rule.divide_by.empty() ? 1 : evaluate_formula(rule.divide_by, {{"x", x}});
      points.push_back({x, m.value / unit, std::isfinite(m.error) ? m.error / unit : 0});
    }
    if (points.size() >= 2) fit.law = fit_power_law(points);
    fit.expected = expected_at(sweep, rule.expectation, rest, used_up_by_fit(sweep));
    fit.is_as_expected = !fit.expected || !fit.law ||
                         std::abs(fit.law->exponent - *fit.expected) <= rule.expectation->within;
    result.push_back(fit);
  }
  return result;
}

std::optional<double> expected_boundary(const Sweep& sweep, const Sites& sites) {
  return expected_at(sweep, sweep.boundary->expectation, sites, {sweep.boundary->axis});
}

std::optional<double> expected_at(const Sweep& sweep, const std::optional<Expectation>& expectation,
                                  const Sites& sites, const std::vector<std::size_t>& used_up) {
  if (!expectation) return {};
  std::map<std::string, double> variables = variables_at(sweep, sites);
  std::optional<std::size_t> only_other;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    if (std::ranges::find(used_up, a) == used_up.end()) only_other = a;
  }
  for (const std::size_t a : used_up) {
    for (const AxisKey& key : sweep.axes[a].keys) variables.erase(key.key);
  }
  if (!expectation->value.formula.empty())
    return evaluate_formula(expectation->value.formula, variables);
  if (!only_other || !sweep.axes[*only_other].is_listed(sites[*only_other])) return {};
  return expectation->value.values.at(
      static_cast<std::size_t>(sites[*only_other] / sweep.axes[*only_other].spacing()));
}

bool is_part_of(const Sweep& sweep, const Claim& claim, const Sites& sites) {
  return std::ranges::all_of(claim.where, [&](const auto& condition) {
    const auto& [a, member] = condition;
    const Axis& axis = sweep.axes[a];
    const auto key = std::ranges::find(axis.keys, member.key, &AxisKey::key);
    if (!key->names.empty()) return axis.label(*key, sites[a]) == override_text(member.value);
    const double wanted = member.value.number();
    return std::abs(axis.number(*key, sites[a]) - wanted) <= 1e-9 * std::abs(wanted);
  });
}

bool holds(const Sweep& sweep, const Claim& claim, const std::map<Sites, PointValues>& values) {
  using Kind = Claim::Kind;
  const std::size_t curve = curve_index(sweep, claim.curve);
  const bool wants_all = claim.kind != Kind::some_above && claim.kind != Kind::some_below;
  const bool wants_above = claim.kind == Kind::all_above || claim.kind == Kind::some_above;
  std::size_t n_points = 0, n_right = 0;
  for (const auto& [sites, point] : values) {
    if (!is_part_of(sweep, claim, sites)) continue;
    const Measurement& m = point[curve][claim.observable];
    const bool is_censored = m.outcome == Outcome::censored;
    ++n_points;
    if (m.outcome == Outcome::missing) continue;
    const bool is_right = claim.kind == Kind::none_reached ? is_censored
                          : wants_above                    ? is_censored || m.value > claim.bound
                                                           : !is_censored && m.value < claim.bound;
    n_right += is_right ? 1 : 0;
  }
  return wants_all ? n_points > 0 && n_right == n_points : n_right > 0;
}

bool is_as_expected(const Sweep& sweep, const Reduced& crossing) {
  const std::optional<double> expected = expected_boundary(sweep, crossing.sites);
  return !expected ||
         (crossing.value.outcome == Outcome::measured &&
          std::abs(crossing.value.value - *expected) <= sweep.boundary->expectation->within);
}

bool is_as_expected(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  for (const Claim& claim : sweep.claims) {
    if (!holds(sweep, claim, values)) return false;
  }
  for (const SweepFit& fit : fits(sweep, values)) {
    if (!fit.is_as_expected) return false;
  }
  for (const Reduced& crossing : boundary(sweep, values)) {
    if (!is_as_expected(sweep, crossing)) return false;
  }
  return true;
}

std::string describe_rest(const Sweep& sweep, const Sites& sites,
                          const std::vector<std::size_t>& used_up) {
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    if (std::ranges::find(used_up, a) != used_up.end()) continue;
    const Axis& axis = sweep.axes[a];
    if (!text.empty()) text += ", ";
    text += axis.name() + " = " +
            (axis.is_numeric() ? rounded(axis.position(sites[a]), 6) : axis.label(sites[a]));
  }
  return text;
}

}  // namespace reprise
