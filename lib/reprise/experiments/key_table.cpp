#include "reprise/experiments/key_table.hpp"

#include <algorithm>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/experiments/sweep/sweep_keys.hpp"

namespace reprise {

namespace {

std::string default_of(const KeyGroup& group, const Field& field) {
  if (field.facts.is_required) return "required";
  if (!field.facts.otherwise.empty()) return std::string(field.facts.otherwise);
  const Value* value = group.default_of(field.facts.key);
  return value == nullptr ? "left out" : value->written_whole();
}

std::string heading(const KeyGroup& group) {
  const std::string section =
      group.is_list() ? "[[" + group.section + "]]" : "[" + group.section + "]";
  const std::string applies_to = group.applies_to();
  return applies_to.empty() ? section : section + " with " + applies_to;
}

std::string in_markdown(std::string_view text) {
  std::string result;
  for (const char c : text)
    result += c == '|' || c == '<' ? std::string("\\") + c : std::string(1, c);
  return result;
}

}  // namespace

std::vector<KeyGroup> key_groups() {
  std::vector<KeyGroup> groups = experiment_keys();
  groups.push_back(key_group<SweepKeys>());
  groups.push_back(key_group<RangeKeys>());
  groups.push_back(key_group<BoundaryKeys>());
  groups.push_back(key_group<RefineKeys>());
  groups.push_back(key_group<FitKeys>());
  groups.push_back(key_group<ClaimKeys>());
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
    for (const Field* field : group.fields()) {
      text << "  " << field->facts.key << "  " << meaning_of(*field) << "\n      "
           << values_of(*field) << "; default: " << default_of(group, *field) << "\n";
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
    for (const Field* field : group.fields()) {
      page << "| `" << field->facts.key << "` | " << in_markdown(meaning_of(*field)) << " | "
           << in_markdown(values_of(*field)) << " | " << in_markdown(default_of(group, *field))
           << " |\n";
    }
  }
  return page.str();
}

}  // namespace reprise
