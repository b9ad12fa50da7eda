#include "reprise/experiments/document/override.hpp"

#include <optional>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/number_text.hpp"

namespace reprise {

namespace {

using Kind = DocumentValue::Kind;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

DocumentValue parse_value(std::string_view text) {
  DocumentValue value;
  try {
    const DocumentValue parsed = parse_toml("value = " + std::string(text), "");
    // Text with line breaks could spell further keys; a formula like "z1 = ..." cannot.
    if (parsed.members.size() == 1) return parsed.members.front().value;
  } catch (const InputError&) {
    if (const std::optional<double> number = parse_finite(text)) {
      value.kind = Kind::real;
      value.real = *number;
      return value;
    }
  }
  value.kind = Kind::text;
  value.text = std::string(text);
  return value;
}

void put(DocumentValue& table, std::string_view key, DocumentValue value) {
  if (DocumentValue* existing = table.find(key)) {
    *existing = std::move(value);
  } else {
    table.members.push_back({std::string(key), std::move(value)});
  }
}

std::string name_of(const DocumentValue& curve, std::size_t index) {
  const DocumentValue* name = curve.find("name");
  return name != nullptr && name->kind == Kind::text ? name->text : std::to_string(index + 1);
}

struct Place {
  DocumentValue* table = nullptr;
  std::string_view key;    // inside the table
  std::string_view value;  // right of the "="
  std::string path;        // as an error names it
};

/// "set.<key>" of a curve is a key of its `set`.
Place in_own_settings(Place place) {
  constexpr std::string_view prefix = "set.";
  if (!place.key.starts_with(prefix)) return place;
  if (place.table->find("set") == nullptr) {
    DocumentValue table;
    table.origin = place.path;
    put(*place.table, "set", std::move(table));
  }
  place.table = place.table->find("set");
  place.key.remove_prefix(prefix.size());
  return place;
}

/// `rest` is "<curve>.<key>=<value>"; curve names may themselves contain "." and "=".
Place find_curve(DocumentValue& document, std::string_view rest, const std::string& by) {
  DocumentValue* curves = document.find("curve");
  std::vector<std::string> names;
  Place place;
  std::size_t longest = 0;
  for (std::size_t i = 0; curves != nullptr && i < curves->items.size(); ++i) {
    names.push_back(name_of(curves->items[i], i));
    for (const std::string& name : {names.back(), std::to_string(i + 1)}) {
      if (!rest.starts_with(name + ".") || name.size() < longest) continue;
      const std::string_view key = rest.substr(name.size() + 1);
      const std::size_t equals = key.find('=');
      if (equals == std::string_view::npos || name.size() == longest) continue;
      longest = name.size();
      place = {&curves->items[i], trimmed(key.substr(0, equals)), trimmed(key.substr(equals + 1)),
               by + "curve." + name + "." + std::string(trimmed(key.substr(0, equals)))};
    }
  }
  if (place.table != nullptr) return in_own_settings(place);
  std::string text =
      by + "curve." + std::string(rest) + ": must be curve.<name>.<key>=<value>, the names being";
  for (const std::string& name : names) text += " \"" + name + "\"";
  throw InputError(text);
}

Place find_place(DocumentValue& document, std::string_view assignment, const std::string& by) {
  if (assignment.starts_with("curve.")) return find_curve(document, assignment.substr(6), by);
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || trimmed(assignment.substr(0, equals)).empty()) {
    throw InputError(by + std::string(assignment) + ": must be key=value");
  }
  const std::string_view path = trimmed(assignment.substr(0, equals));
  Place place{&document, path, trimmed(assignment.substr(equals + 1)), by + std::string(path)};
  const std::size_t dot = path.find('.');
  if (dot == std::string_view::npos) return place;
  const std::string_view section = path.substr(0, dot);
  place.key = path.substr(dot + 1);
  if (document.find(section) == nullptr) {
    DocumentValue table;
    table.origin = place.path;
    put(document, section, std::move(table));
  }
  place.table = document.find(section);
  if (place.table->kind != Kind::table) {
    throw InputError(place.path + ": \"" + std::string(section) + "\" is not a section");
  }
  return place;
}

}  // namespace

DocumentValue parse_override_value(std::string_view text, const std::string& origin) {
  DocumentValue value = parse_value(text);
  set_origin(value, origin);
  return value;
}

void apply_override(DocumentValue& document, std::string_view assignment) {
  const Place place = find_place(document, assignment, "--set ");
  put(*place.table, place.key, parse_override_value(place.value, place.path));
}

std::string override_text(const DocumentValue& value) {
  if (value.kind == Kind::text) return value.text;
  if (value.kind == Kind::table) {
    throw InputError(value.origin + ": must be a number, a text or a list of them, got a table");
  }
  if (value.kind != Kind::array) return value.written();
  std::string text = "[";
  for (const DocumentValue& item : value.items) {
    if (text.size() > 1) text += ", ";
    text += item.kind == Kind::text ? "'" + item.text + "'" : override_text(item);
  }
  return text + "]";
}

void set_value(DocumentValue& document, std::string_view path, DocumentValue value) {
  const std::string assignment = std::string(path) + "=";  // which the place points into
  const Place place = find_place(document, assignment, value.origin + ": ");
  put(*place.table, place.key, std::move(value));
}

}  // namespace reprise
