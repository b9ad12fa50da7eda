#include "reprise/experiments/document/document.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <tuple>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"

namespace reprise {

namespace {

using Kind = DocumentValue::Kind;

std::string origin_of(std::string_view source, const toml::source_region& region) {
  return std::string(source) + ":" + std::to_string(region.begin.line);
}

DocumentValue converted(const toml::node& node, std::string_view source);

void convert_members(const toml::table& table, std::string_view source, DocumentValue& value) {
  // toml++ sorts keys by name; people expect them in the order of the file.
  using Entry = std::tuple<toml::source_position, const toml::key*, const toml::node*>;
  std::vector<Entry> entries;
  for (auto&& [key, node] : table) entries.emplace_back(key.source().begin, &key, &node);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return std::get<0>(a) < std::get<0>(b); });
  for (const auto& [position, key, node] : entries) {
    DocumentValue member = converted(*node, source);
    if (position.line > 0)
      member.origin = std::string(source) + ":" + std::to_string(position.line);
    value.members.push_back({std::string(key->str()), std::move(member)});
  }
}

DocumentValue converted(const toml::node& node, std::string_view source) {
  DocumentValue value;
  value.origin = origin_of(source, node.source());
  if (const auto* boolean = node.as_boolean()) {
    value.kind = Kind::boolean;
    value.boolean = boolean->get();
  } else if (const auto* integer = node.as_integer()) {
    value.kind = Kind::integer;
    value.integer = integer->get();
  } else if (const auto* real = node.as_floating_point()) {
    value.kind = Kind::real;
    value.real = real->get();
  } else if (const auto* text = node.as_string()) {
    value.kind = Kind::text;
    value.text = text->get();
  } else if (const auto* array = node.as_array()) {
    value.kind = Kind::array;
    for (const toml::node& item : *array) value.items.push_back(converted(item, source));
  } else if (const auto* table = node.as_table()) {
    value.kind = Kind::table;
    convert_members(*table, source, value);
  } else {
    value.kind = Kind::date;
    value.text = "a date";
  }
  return value;
}

using Json = nlohmann::ordered_json;

DocumentValue converted(const Json& json, const std::string& source) {
  DocumentValue value;
  if (json.is_boolean()) {
    value = Value::of(json.get<bool>());
  } else if (json.is_number_integer()) {
    value = Value::of(json.get<std::int64_t>());
  } else if (json.is_number()) {
    value = Value::of(json.get<double>());
  } else if (json.is_string()) {
    value = Value::of(json.get<std::string>());
  } else if (json.is_array()) {
    value.kind = Kind::array;
    for (const Json& item : json) value.items.push_back(converted(item, source));
  } else if (json.is_object()) {
    for (const auto& [key, member] : json.items()) {
      if (!member.is_null()) value.put(key, converted(member, source));
    }
  }
  value.origin = source;
  return value;
}

Json json_of(const DocumentValue& value) {
  switch (value.kind) {
    case Kind::boolean:
      return value.boolean;
    case Kind::integer:
      return value.integer;
    case Kind::real:
      return value.real;
    case Kind::text:
    case Kind::date:
      return value.text;
    case Kind::array: {
      Json items = Json::array();
      for (const DocumentValue& item : value.items) items.push_back(json_of(item));
      return items;
    }
    case Kind::table: {
      Json members = Json::object();
      for (const DocumentMember& member : value.members) {
        members[member.key] = json_of(member.value);
      }
      return members;
    }
  }
  return nullptr;
}

bool is_list_of_tables(const DocumentValue& value) {
  return value.kind == Kind::array && !value.items.empty() &&
         value.items.front().kind == Kind::table;
}

std::string toml_string(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    constexpr std::string_view special = "\"\\\n\t\r", letters = "\"\\ntr";
    const std::size_t found = special.find(c);
    if (found != special.npos) {
      result += {'\\', letters[found]};
    } else if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') {
      constexpr char digits[] = "0123456789abcdef";
      const auto code = static_cast<unsigned char>(c);
      result += std::string("\\u00") + digits[code / 16] + digits[code % 16];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

std::string toml_key(std::string_view key) {
  const bool is_bare = !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '-';
  });
  return is_bare ? std::string(key) : toml_string(key);
}

std::string toml_value(const DocumentValue& value) {
  std::string inside;
  switch (value.kind) {
    case Kind::text:
      return toml_string(value.text);
    case Kind::real: {
      const std::string text = shortest(value.real);
      return text.find_first_of(".en") == text.npos ? text + ".0" : text;
    }
    case Kind::array:
      for (const DocumentValue& item : value.items) {
        if (!inside.empty()) inside += ", ";
        inside += toml_value(item);
      }
      return "[" + inside + "]";
    case Kind::table:
      for (const DocumentMember& member : value.members) {
        if (!inside.empty()) inside += ", ";
        inside += toml_key(member.key) + " = " + toml_value(member.value);
      }
      return "{ " + inside + " }";
    default:
      return value.written_whole();
  }
}

/// Long dotted keys end the stack of the parser, which makes a table of each part.
void check_key_lengths(std::string_view text, std::string_view source) {
  constexpr int most_parts = 256;
  int line = 1, n_dots = 0;
  for (const char c : text) {
    if (c == '\n') ++line;
    if (c == '.') ++n_dots;
    if (std::string_view("\n=,#[]{}").find(c) != std::string_view::npos) n_dots = 0;
    if (n_dots < most_parts) continue;
    throw InputError(std::string(source) + ":" + std::to_string(line) + ": a key has more than " +
                     std::to_string(most_parts) + " parts");
  }
}

void add_toml(const DocumentValue& table, std::string& text) {
  for (const DocumentMember& member : table.members) {
    if (member.value.kind == Kind::table || is_list_of_tables(member.value)) continue;
    text += toml_key(member.key) + " = " + toml_value(member.value) + "\n";
  }
}

}  // namespace

DocumentValue parse_toml(std::string_view text, std::string_view source) {
  check_key_lengths(text, source);
  try {
    return converted(toml::parse(text, source), source);
  } catch (const toml::parse_error& error) {
    throw InputError(origin_of(source, error.source()) +
                     ": not valid TOML: " + std::string(error.description()) + ", column " +
                     std::to_string(error.source().begin.column));
  }
}

DocumentValue parse_json(std::string_view text, std::string_view source) {
  try {
    return converted(Json::parse(text), std::string(source));
  } catch (const Json::exception& error) {
    throw InputError(std::string(source) + ": not valid JSON: " + error.what());
  }
}

std::string json_text(const DocumentValue& value) { return json_of(value).dump(2); }

std::string toml_text(const DocumentValue& table) {
  std::string text;
  add_toml(table, text);
  for (const DocumentMember& member : table.members) {
    if (member.value.kind == Kind::table) {
      text += "\n[" + toml_key(member.key) + "]\n";
      for (const DocumentMember& inner : member.value.members) {
        text += toml_key(inner.key) + " = " + toml_value(inner.value) + "\n";
      }
    } else if (is_list_of_tables(member.value)) {
      for (const DocumentValue& item : member.value.items) {
        text += "\n[[" + toml_key(member.key) + "]]\n";
        for (const DocumentMember& inner : item.members) {
          text += toml_key(inner.key) + " = " + toml_value(inner.value) + "\n";
        }
      }
    }
  }
  return text;
}

std::string read_text_file(const std::filesystem::path& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    throw InputError(path.string() + ": there is no such file");
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!std::filesystem::is_directory(path, ignored)) text << file.rdbuf();
  if (!file || std::filesystem::is_directory(path, ignored)) {
    throw InputError(path.string() + ": cannot be read as a file");
  }
  return text.str();
}

}  // namespace reprise
