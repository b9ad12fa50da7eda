#include "reprise/experiments/key_table.hpp"

#include <algorithm>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/experiments/sweep/sweep_keys.hpp"
#include "reprise/one_pass/finite_batch.hpp"

namespace reprise {

namespace {

void add_group(std::vector<KeyGroup>& groups, std::string section, std::string applies_to,
               const Schema& schema, const void* object,
               std::vector<std::string_view> without = {}) {
  KeyGroup group{std::move(section), std::move(applies_to), &schema, std::move(without)};
  for (auto& [key, value] : write_fields(schema, object, "")) {
    group.defaults.emplace_back(key, value.written_whole());
  }
  groups.push_back(std::move(group));
}

template <class S>
void add_section(std::vector<KeyGroup>& groups, std::string applies_to = "") {
  const S defaults{};
  add_group(groups, std::string(schema<S>().section()), std::move(applies_to), schema<S>(),
            &defaults);
}

std::string type_of(const Field& field) {
  if (field.type == "number") return field.facts.range.text();
  if (field.is_whole) return field.facts.range.integer_text();
  if (field.type == "number or list of numbers") {
    return field.type + ", each " + field.facts.range.text();
  }
  return field.type;
}

std::string default_of(const KeyGroup& group, const Field& field) {
  if (field.facts.is_required) return "required";
  if (!field.facts.otherwise.empty()) return std::string(field.facts.otherwise);
  for (const auto& [key, value] : group.defaults) {
    if (key == field.facts.key) return value;
  }
  return "left out";
}

std::vector<const Field*> fields_of(const KeyGroup& group) {
  std::vector<const Field*> fields;
  for (const Field& field : group.schema->fields()) {
    if (std::ranges::find(group.without, field.facts.key) == group.without.end()) {
      fields.push_back(&field);
    }
  }
  return fields;
}

std::string heading(const KeyGroup& group) {
  const bool is_list = group.section == "curve" || group.section == "sweep.claim";
  const std::string section = is_list ? "[[" + group.section + "]]" : "[" + group.section + "]";
  return group.applies_to.empty() ? section : section + " with " + group.applies_to;
}

std::string meaning_of(const Field& field) {
  std::string text(field.facts.meaning);
  if (!field.facts.symbol.empty()) text = std::string(field.facts.symbol) + ": " + text;
  if (!field.facts.unit.empty()) text += ", in " + std::string(field.facts.unit);
  return text;
}

std::string in_markdown(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += c == '|' || c == '<' ? std::string("\\") + c : std::string(1, c);
  return result;
}

}  // namespace

std::vector<KeyGroup> key_groups() {
  std::vector<KeyGroup> groups;
  const std::string_view first = system_rows().front().name;
  const auto of_system = [&](std::string_view system) -> std::string {
    return system == first ? "" : "system = \"" + std::string(system) + "\"";
  };
  const auto with = [](const std::string& text) { return text.empty() ? "" : text + ", "; };
  for (const SystemRow& row : system_rows()) {
    for (const Settings& section : row.sections) {
      const Schema& keys = *section.schema();
      add_group(groups, std::string(keys.section()), of_system(row.name), keys, section.address());
    }
  }
  add_section<TrainingKeys>(groups);
  for (const AlgorithmRow& row : algorithm_rows()) {
    const std::string applies =
        with(of_system(row.system)) + "algorithm = \"" + std::string(row.name) + "\"";
    add_group(groups, "training", applies, row.keys(), row.defaults.address());
    if (!row.has_steps) add_section<DurationKey>(groups, applies);
  }
  add_section<CurveKeys>(groups);
  std::vector<std::string> seen;
  for (const MethodRow& row : method_rows()) {
    std::string applies =
        with(of_system(row.system)) + "method = \"" + std::string(row.method) + "\"";
    if (!row.engine.empty()) applies += ", engine = \"" + std::string(row.engine) + "\"";
    const auto is_shared = [&](const MethodRow& other) {
      return other.system == row.system && other.method == row.method &&
             other.engine == row.engine && &other.keys() != &row.keys();
    };
    if (std::ranges::any_of(method_rows(), is_shared)) {
      applies += ", algorithm = \"" + std::string(row.algorithm) + "\"";
    }
    if (std::ranges::find(seen, applies) != seen.end()) continue;
    seen.push_back(applies);
    add_group(groups, "curve", applies, row.keys(), row.defaults.address(), row.without);
  }
  add_section<AdaptiveLoss>(groups);
  add_section<OutputKeys>(groups);
  add_section<FigureKeys>(groups);
  add_section<FigureAxisKeys>(groups);
  add_section<SweepKeys>(groups);
  add_section<RangeKeys>(groups);
  add_section<BoundaryKeys>(groups);
  add_section<RefineKeys>(groups);
  add_section<FitKeys>(groups);
  add_section<ClaimKeys>(groups);
  return groups;
}

std::string key_text(std::string_view section) {
  std::ostringstream text;
  std::vector<std::string> sections;
  bool is_found = section.empty();
  for (const KeyGroup& group : key_groups()) {
    sections.push_back(group.section);
    const bool is_inside = group.section.starts_with(std::string(section) + ".");
    if (!section.empty() && group.section != section && !is_inside) continue;
    is_found = true;
    text << heading(group) << ": " << group.schema->summary() << "\n";
    for (const Field* field : fields_of(group)) {
      text << "  " << field->facts.key << "  " << meaning_of(*field) << "\n      "
           << type_of(*field) << "; default: " << default_of(group, *field) << "\n";
    }
    text << "\n";
  }
  if (is_found) return text.str();
  const std::vector<std::string_view> known(sections.begin(), sections.end());
  throw InputError("keys: there is no section \"" + std::string(section) + "\"" +
                   did_you_mean(section, known));
}

std::string key_page() {
  std::ostringstream page;
  page
      << "# Keys of an experiment file\n\n"
         "Written by `reprise keys --markdown` from the statements that the reader, the checks and "
         "the results use.\nAt the top of a file stand `format = 1`, `title` and `seed`.\n";
  for (const KeyGroup& group : key_groups()) {
    page << "\n## " << in_markdown(heading(group)) << "\n\n"
         << in_markdown(group.schema->summary())
         << "\n\n| key | meaning | values | default |\n|---|---|---|---|\n";
    for (const Field* field : fields_of(group)) {
      page << "| `" << field->facts.key << "` | " << in_markdown(meaning_of(*field)) << " | "
           << in_markdown(type_of(*field)) << " | " << in_markdown(default_of(group, *field))
           << " |\n";
    }
  }
  return page.str();
}

}  // namespace reprise
