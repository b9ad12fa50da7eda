#include <algorithm>
#include <cmath>
#include <set>

#include "reprise/core/check.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/sweep/sweep_parts.hpp"

namespace reprise {

namespace {

using DocumentKind = DocumentValue::Kind;

bool is_range(const DocumentValue& value) {
  return value.kind == DocumentKind::table && (value.find("from") || value.find("count"));
}

bool is_sweep_key(std::string_view key) {
  return std::ranges::any_of(vocabulary::sweep, [&](const Key& k) { return k.name == key; });
}

AxisKey range_of_key(const std::string& key, const DocumentValue& value) {
  const Section range(value, "sweep.\"" + key + "\"", vocabulary::range);
  const bool is_log = range.choice("scale", {"linear", "log"}, "linear") == "log";
  AxisKey result{.key = key, .scale = is_log ? Scale::log : Scale::linear, .numbers = {}};
  result.is_whole = range.flag("whole", is_whole_number_key(key));
  const std::int64_t count = range.integer("count", {.least = 2, .most = 100'000});
  try {
    result.numbers =
        range_values(range.number("from", is_log ? above(0) : Range{}),
                     range.number("to", is_log ? above(0) : Range{}), count, result.scale);
  } catch (const InputError& error) {
    throw InputError(value.origin + ": sweep.\"" + key + "\": " + error.what());
  }
  if (result.is_whole) {
    for (double& number : result.numbers) number = std::round(number);
  }
  return result;
}

AxisKey list_of_key(const std::string& key, const DocumentValue& value) {
  const std::string path = "sweep.\"" + key + "\"";
  if (value.kind != DocumentKind::array || value.items.empty()) {
    reject(value.origin, path,
           "a list of values, or a range { from = 0.01, to = 1, count = 40, scale = \"log\" }",
           value.written());
  }
  AxisKey result{.key = key, .numbers = {}};
  result.is_whole = is_whole_number_key(key);
  const bool are_numbers =
      std::ranges::all_of(value.items, [](const DocumentValue& item) { return item.is_number(); });
  for (const DocumentValue& item : value.items) {
    if (are_numbers) {
      if (!std::isfinite(item.number())) reject(item.origin, path, "finite", item.written());
      result.numbers.push_back(item.number());
    } else {
      result.numbers.push_back(static_cast<double>(result.names.size()));
      result.names.push_back(override_text(item));
    }
  }
  if (!are_numbers) result.scale = Scale::names;
  return result;
}

void refuse_repeated_values(const Axis& axis) {
  std::set<std::string> seen;
  for (std::int64_t i = 0; i < axis.n_values(); ++i) {
    std::string labels;
    for (const AxisKey& key : axis.keys) labels += axis.label(key, i) + '\n';
    if (seen.insert(labels).second) continue;
    reject(axis.first().origin, "sweep.\"" + axis.name() + "\"", "values that differ",
           axis.label(i) + " twice");
  }
}

// Numbers that grow by a common ratio, however they were written down, lie on a log scale.
void find_scale(AxisKey& key) {
  if (!key.names.empty() || key.scale == Scale::log || key.numbers.size() < 3) return;
  const double ratio = key.numbers[1] / key.numbers[0];
  for (std::size_t i = 0; i < key.numbers.size(); ++i) {
    if (!(key.numbers[i] > 0)) return;
    if (i > 0 && std::abs(key.numbers[i] / key.numbers[i - 1] / ratio - 1) > 1e-6) return;
  }
  if (ratio > 1.01 || ratio < 1 / 1.01) key.scale = Scale::log;
}

}  // namespace

// "training.learning_rate" = ..., or the same as nested tables: where a range or a list begins is
// where the key ends.
void collect_leaves(const std::string& prefix, const DocumentValue& table,
                    std::vector<DocumentMember>& leaves) {
  for (const auto& [key, value] : table.members) {
    const std::string path = prefix + key;
    if (value.kind == DocumentKind::table && !is_range(value)) {
      collect_leaves(path + ".", value, leaves);
    } else {
      leaves.push_back({path, value});
    }
  }
}

SweepTable split_sweep(const DocumentValue& sweep) {
  if (sweep.kind != DocumentKind::table) {
    reject(sweep.origin, "sweep", "a section (table)", sweep.written());
  }
  SweepTable result;
  result.options.origin = sweep.origin;
  for (const DocumentMember& member : sweep.members) {
    const auto& [key, value] = member;
    const bool is_section = std::ranges::any_of(
        vocabulary::root,
        [&, first = key.substr(0, key.find('.'))](const Key& k) { return k.name == first; });
    if (is_sweep_key(key) || !is_section) {
      result.options.members.push_back(member);  // where Section refuses what it does not know
    } else if (value.kind == DocumentKind::table && !is_range(value)) {
      collect_leaves(key + ".", value, result.axes);
    } else if (key.find('.') == std::string::npos && key != "seed") {
      reject(value.origin, "sweep." + key,
             "a key of that section, \"" + key + ".<key>\", or a variable in [sweep.variables]",
             value.written());
    } else {
      result.axes.push_back(member);
    }
  }
  if (const DocumentValue* variables = sweep.find("variables")) {
    if (variables->kind != DocumentKind::table) {
      reject(variables->origin, "sweep.variables", "a section (table)", variables->written());
    }
    for (const DocumentMember& member : variables->members) result.axes.push_back(member);
  }
  return result;
}

std::vector<Axis> read_axes(const SweepTable& table, const Section& options) {
  std::vector<std::vector<std::string>> groups;
  if (const DocumentValue* zip = options.find("zip")) {
    const bool is_nested = zip->kind == DocumentKind::array && !zip->items.empty() &&
                           zip->items.front().kind == DocumentKind::array;
    for (const DocumentValue& group : is_nested ? zip->items : std::vector<DocumentValue>{*zip}) {
      groups.emplace_back();
      for (const DocumentValue& key : group.items) groups.back().push_back(key.text);
      if (groups.back().size() < 2) options.reject("zip", "a list of two or more of its keys");
    }
  }
  std::vector<Axis> axes;
  std::vector<std::string_view> names;
  for (const auto& [key, value] : table.axes) {
    if (std::ranges::find(names, key) != names.end()) {
      reject(value.origin, "sweep.\"" + key + "\"", "given once", "twice");
    }
    names.push_back(key);
  }
  for (const auto& group : groups) {
    for (const std::string& key : group) {
      if (std::ranges::find(names, key) == names.end()) {
        options.reject("zip", "made of keys of [sweep]" + did_you_mean(key, names), key);
      }
    }
  }
  for (const auto& [key, value] : table.axes) {
    AxisKey axis_key = is_range(value) ? range_of_key(key, value) : list_of_key(key, value);
    axis_key.origin = value.origin;
    find_scale(axis_key);
    const auto group = std::ranges::find_if(
        groups, [&k = key](const auto& g) { return std::ranges::find(g, k) != g.end(); });
    Axis* partner = nullptr;
    for (Axis& axis : axes) {
      if (group != groups.end() && std::ranges::find(*group, axis.name()) != group->end()) {
        partner = &axis;
      }
    }
    if (partner == nullptr) {
      axes.push_back({.keys = {std::move(axis_key)}});
      continue;
    }
    if (axis_key.numbers.size() != partner->first().numbers.size()) {
      reject(value.origin, "sweep.\"" + key + "\"",
             "as many values as \"" + partner->name() + "\", with which it is zipped (" +
                 std::to_string(partner->n_values()) + ")",
             std::to_string(axis_key.numbers.size()));
    }
    partner->keys.push_back(std::move(axis_key));
  }
  for (const Axis& axis : axes) refuse_repeated_values(axis);
  if (axes.empty() || axes.size() > 3) {
    throw InputError(options.origin("sweep") + ": [sweep] must have one, two or three axes, got " +
                     std::to_string(axes.size()) +
                     ", for example \"training.learning_rate\" = [0.1, 0.2, 0.4]");
  }
  return axes;
}

}  // namespace reprise
