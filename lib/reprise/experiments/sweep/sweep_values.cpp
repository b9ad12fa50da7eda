#include "reprise/experiments/sweep/sweep_values.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/phase/boundary.hpp"
#include "reprise/phase/claim.hpp"
#include "reprise/phase/lines.hpp"

namespace reprise {

namespace {

std::size_t curve_index(const Sweep& sweep, const std::string& name) {
  return static_cast<std::size_t>(std::ranges::find(sweep.curves, name) - sweep.curves.begin());
}

// One observable of one curve.
SiteValues numbers_of(const std::map<Sites, PointValues>& values, std::size_t curve,
                      std::size_t observable) {
  SiteValues numbers;
  for (const auto& [sites, point] : values) numbers.emplace(sites, point[curve][observable]);
  return numbers;
}

// `add(curve, observable)` for all of them; what it adds to `list` comes out in the order of the
// sites.
template <class Item, class Add>
void add_each(const Sweep& sweep, std::vector<Item>& list, const Add& add) {
  for (std::size_t c = 0; c < sweep.curves.size(); ++c) {
    for (std::size_t o = 0; o < sweep.observables.size(); ++o) add(c, o);
  }
  std::ranges::stable_sort(list, {}, &Item::sites);
}

SiteValues boundary_of(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  const BoundaryRule& rule = *sweep.boundary;
  return boundary(sweep.axes, numbers_of(values, curve_index(sweep, rule.curve), rule.observable),
                  rule.axis, rule.level);
}

// What a fit goes through.
SiteValues fitted(const Sweep& sweep, const std::map<Sites, PointValues>& values, std::size_t curve,
                  std::size_t observable) {
  if (const auto& rule = sweep.boundary) {
    const bool is_its_own =
        curve == curve_index(sweep, rule->curve) && observable == rule->observable;
    return is_its_own ? boundary_of(sweep, values) : SiteValues{};
  }
  SiteValues numbers = numbers_of(values, curve, observable);
  if (!sweep.maximum_over) return numbers;
  return maxima(sweep.axes, numbers, *sweep.maximum_over).largest;
}

std::optional<ExpectedNumber> number_expected(const Sweep& sweep,
                                              const std::optional<Expectation>& expectation,
                                              const Sites& sites,
                                              const std::vector<std::size_t>& used_up) {
  const std::optional<double> value = expected_at(sweep, expectation, sites, used_up);
  if (!value) return {};
  return ExpectedNumber{.value = *value, .within = expectation->within};
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
  add_each(sweep, result, [&](std::size_t c, std::size_t o) {
    const Maxima found = maxima(sweep.axes, numbers_of(values, c, o), *sweep.maximum_over);
    for (const auto& [sites, largest] : found.largest) {
      const Measurement& at = found.positions.at(sites);
      result.push_back({.sites = sites,
                        .curve = c,
                        .observable = o,
                        .value = largest,
                        .where = at.outcome == Outcome::measured ? at.value : 0});
    }
  });
  return result;
}

std::vector<Reduced> boundary(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::vector<Reduced> result;
  if (!sweep.boundary) return result;
  for (const auto& [sites, crossing] : boundary_of(sweep, values)) {
    result.push_back({.sites = sites,
                      .curve = curve_index(sweep, sweep.boundary->curve),
                      .observable = sweep.boundary->observable,
                      .value = crossing});
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
  const auto divide_by = [&](double x) {
    return rule.divide_by.empty() ? 1 : evaluate_formula(rule.divide_by, {{"x", x}});
  };
  add_each(sweep, result, [&](std::size_t c, std::size_t o) {
    for (const auto& [sites, line] :
         fits(sweep.axes, fitted(sweep, values, c, o), rule.axis, divide_by)) {
      const auto expected = number_expected(sweep, rule.expectation, sites, used_up_by_fit(sweep));
      SweepFit fit{.sites = sites,
                   .curve = c,
                   .observable = o,
                   .law = line.law,
                   .n_left_out = line.n_left_out};
      if (expected) {
        fit.expected = expected->value;
        fit.is_as_expected = is_met(*expected, line);
      }
      result.push_back(std::move(fit));
    }
  });
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
  SiteValues part = numbers_of(values, curve_index(sweep, claim.curve), claim.observable);
  std::erase_if(part, [&](const auto& point) { return !is_part_of(sweep, claim, point.first); });
  return holds(claim.kind, claim.bound, part);
}

bool is_as_expected(const Sweep& sweep, const Reduced& crossing) {
  const auto expected =
      number_expected(sweep, sweep.boundary->expectation, crossing.sites, {sweep.boundary->axis});
  return !expected || is_met(*expected, crossing.value);
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

std::string axis_label(const Sweep& sweep, const Axis& axis) {
  const auto last_word = [](const Axis& a) { return a.name().substr(a.name().rfind('.') + 1); };
  const std::string word = last_word(axis);
  const auto is_same = [&](const Axis& a) { return last_word(a) == word; };
  std::string label = std::ranges::count_if(sweep.axes, is_same) > 1 ? axis.name() : word;
  std::ranges::replace(label, '_', ' ');
  return label;
}

std::string describe_rest(const Sweep& sweep, const Sites& sites,
                          const std::vector<std::size_t>& used_up, AxisWords words) {
  std::string text;
  for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
    if (std::ranges::find(used_up, a) != used_up.end()) continue;
    const Axis& axis = sweep.axes[a];
    if (!text.empty()) text += ", ";
    text += (words == AxisWords::labels ? axis_label(sweep, axis) : axis.name()) + " = " +
            (axis.is_numeric() ? rounded(axis.position(sites[a]), 6) : axis.label(sites[a]));
  }
  return text;
}

}  // namespace reprise
