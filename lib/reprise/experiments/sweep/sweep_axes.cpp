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

AxisKey axis_of_range(const std::string& key, const RangeKeys& range) {
  AxisKey result{.key = key,
                 .scale = range.scale,
                 .is_whole = range.whole.value_or(is_whole_number_key(key)),
                 .numbers = range_values(range.from, range.to, range.count, range.scale)};
  if (result.is_whole) {
    for (double& number : result.numbers) number = std::round(number);
  }
  return result;
}

AxisKey axis_of_list(const std::string& key, const std::vector<DocumentValue>& list) {
  AxisKey result{.key = key, .is_whole = is_whole_number_key(key), .numbers = {}};
  const bool are_numbers = std::ranges::all_of(list, &DocumentValue::is_number);
  if (!are_numbers) result.scale = Scale::names;
  for (const DocumentValue& item : list) {
    if (are_numbers) {
      result.numbers.push_back(item.number());
    } else {
      result.numbers.push_back(static_cast<double>(result.names.size()));
      result.names.push_back(override_text(item));
    }
  }
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

// A key of another section begins an axis; the same may be spelt as nested tables.
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
    if (schema<SweepKeys>().find(key) != nullptr || !is_section) {
      result.options.members.push_back(member);  // where Section refuses what it does not know
      continue;
    }
    std::vector<DocumentMember> leaves;
    DocumentValue alone;
    alone.members.push_back(member);
    collect_leaves("", alone, leaves);
    if (leaves.front().key == key && key.find('.') == std::string::npos && key != "seed") {
      reject(value.origin, "sweep." + key,
             "a key of that section, \"" + key + ".<key>\", or a variable in [sweep.variables]",
             value.written());
    }
    result.axes.insert(result.axes.end(), leaves.begin(), leaves.end());
  }
  return result;
}

std::vector<Axis> read_axes(const SweepTable& table, const SweepKeys& keys,
                            const Section& options) {
  const std::vector<std::vector<std::string>>& groups = keys.zip;
  std::vector<DocumentMember> members = table.axes;
  members.insert(members.end(), keys.variables.members.begin(), keys.variables.members.end());
  std::vector<Axis> axes;
  std::vector<std::string_view> names;
  for (const auto& [key, value] : members) {
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
  for (const auto& [key, value] : members) {
    const AxisValues values = read_axis_values(value, "sweep.\"" + key + "\"");
    AxisKey axis_key =
        values.range ? axis_of_range(key, *values.range) : axis_of_list(key, values.list);
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
