#include "reprise/experiments/experiment/key_groups.hpp"

#include <algorithm>

#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/experiments/figure/figure_keys.hpp"
#include "reprise/one_pass/finite_batch.hpp"

namespace reprise {

std::string KeyGroup::applies_to() const {
  std::string text;
  const auto add = [&](const char* key, std::string_view value) {
    if (value.empty()) return;
    text += (text.empty() ? "" : ", ") + std::string(key) + " = \"" + std::string(value) + "\"";
  };
  if (system != system_rows().front().name) add("system", system);
  add("method", method);
  add("engine", engine);
  add("algorithm", algorithm);
  return text;
}

std::vector<const Field*> KeyGroup::fields() const {
  std::vector<const Field*> result;
  for (const Field& field : schema->fields()) {
    if (std::ranges::find(without, field.facts.key) == without.end()) result.push_back(&field);
  }
  return result;
}

const Value* KeyGroup::default_of(std::string_view key) const {
  for (const auto& [name, value] : defaults) {
    if (name == key) return &value;
  }
  return nullptr;
}

bool KeyGroup::is_list() const { return section == "curve" || section == "sweep.claim"; }

KeyGroup key_group(std::string section, const Schema& schema, const void* defaults) {
  return {.section = std::move(section),
          .schema = &schema,
          .defaults = write_fields(schema, defaults, "")};
}

std::string meaning_of(const Field& field) {
  std::string text(field.facts.meaning);
  if (!field.facts.symbol.empty()) text = std::string(field.facts.symbol) + ": " + text;
  if (!field.facts.unit.empty()) text += ", in " + std::string(field.facts.unit);
  return text;
}

std::string values_of(const Field& field) {
  if (field.type == "number") return field.facts.range.text();
  if (field.is_whole) return field.facts.range.integer_text();
  if (field.type == "number or list of numbers") {
    return field.type + ", each " + field.facts.range.text();
  }
  return field.type;
}

namespace {

/// Where methods of several algorithms have other keys, the group says of which it is.
bool depends_on_algorithm(const MethodRow& row) {
  return std::ranges::any_of(method_rows(), [&](const MethodRow& other) {
    return other.system == row.system && other.method == row.method && other.engine == row.engine &&
           &other.keys() != &row.keys();
  });
}

}  // namespace

std::vector<KeyGroup> experiment_keys() {
  std::vector<KeyGroup> groups;
  for (const SystemRow& row : system_rows()) {
    for (const Settings& section : row.sections) {
      const Schema& keys = *section.schema();
      groups.push_back(key_group(std::string(keys.section()), keys, section.address()));
      groups.back().system = row.name;
    }
  }
  groups.push_back(key_group<TrainingKeys>());
  for (const AlgorithmRow& row : algorithm_rows()) {
    const std::size_t first = groups.size();
    groups.push_back(key_group("training", row.keys(), row.defaults.address()));
    if (!row.has_steps) groups.push_back(key_group<DurationKey>());
    for (std::size_t g = first; g < groups.size(); ++g) {
      groups[g].system = row.system;
      groups[g].algorithm = row.name;
    }
  }
  groups.push_back(key_group<CurveKeys>());
  for (const MethodRow& row : method_rows()) {
    KeyGroup group = key_group("curve", row.keys(), row.defaults.address());
    group.system = row.system;
    group.method = row.method;
    group.engine = row.engine;
    if (depends_on_algorithm(row)) group.algorithm = row.algorithm;
    group.without = row.without;
    const bool is_there = std::ranges::any_of(groups, [&](const KeyGroup& other) {
      return other.section == group.section && other.applies_to() == group.applies_to();
    });
    if (!is_there) groups.push_back(std::move(group));
  }
  groups.push_back(key_group<AdaptiveLoss>());
  groups.push_back(key_group<OutputKeys>());
  groups.push_back(key_group<FigureKeys>());
  groups.push_back(key_group<FigureAxisKeys>());
  return groups;
}

}  // namespace reprise
