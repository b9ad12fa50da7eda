#include "reprise/io/document.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <fstream>
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

std::string quoted_name(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "\"";
}

std::string written_whole(const DocumentValue& value) {
  std::string inside;
  switch (value.kind) {
    case Kind::boolean:
      return value.boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.integer);
    case Kind::real:
      return shortest(value.real);
    case Kind::text:
      return quoted_name(value.text);
    case Kind::date:
      return value.text;
    case Kind::array:
      for (const auto& item : value.items)
        inside += (inside.empty() ? "" : ", ") + written_whole(item);
      return "[" + inside + "]";
    case Kind::table:
      for (const auto& [key, member] : value.members) {
        inside += (inside.empty() ? " " : ", ") + key + " = " + written_whole(member);
      }
      return "{" + inside + " }";
  }
  return "";
}

}  // namespace

const DocumentValue* DocumentValue::find(std::string_view key) const {
  for (const auto& [name, member] : members) {
    if (name == key) return &member;
  }
  return nullptr;
}

DocumentValue* DocumentValue::find(std::string_view key) {
  return const_cast<DocumentValue*>(std::as_const(*this).find(key));
}

std::string DocumentValue::written() const {
  std::string whole = written_whole(*this);
  std::size_t end = 60;
  if (whole.size() <= end) return whole;
  while ((static_cast<unsigned char>(whole[end]) & 0xC0U) == 0x80U) --end;  // inside a UTF-8 letter
  return whole.substr(0, end) + "...";
}

DocumentValue parse_toml(std::string_view text, std::string_view source) {
  try {
    return converted(toml::parse(text, source), source);
  } catch (const toml::parse_error& error) {
    throw InputError(origin_of(source, error.source()) +
                     ": not valid TOML: " + std::string(error.description()) + ", column " +
                     std::to_string(error.source().begin.column));
  }
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
