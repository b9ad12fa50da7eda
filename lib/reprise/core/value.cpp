#include "reprise/core/value.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

#include "reprise/core/number_text.hpp"

namespace reprise {

namespace {

// Nothing in it reaches a terminal as a command.
std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "\"";
}

// A dotted path stands as it is.
std::string written_key(const std::string& key) {
  const auto is_of_path = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '.';
  };
  return !key.empty() && std::ranges::all_of(key, is_of_path) ? key : in_quotes(key);
}

}  // namespace

Value::Value() = default;
Value::Value(const Value&) = default;
Value::Value(Value&&) noexcept = default;
Value& Value::operator=(const Value&) = default;
Value& Value::operator=(Value&&) noexcept = default;
Value::~Value() = default;

Value Value::of(bool boolean) {
  Value value;
  value.kind = Kind::boolean;
  value.boolean = boolean;
  return value;
}

Value Value::of(std::int64_t integer) {
  Value value;
  value.kind = Kind::integer;
  value.integer = integer;
  return value;
}

Value Value::of(double real) {
  Value value;
  value.kind = Kind::real;
  value.real = real;
  return value;
}

Value Value::of(std::string_view text) {
  Value value;
  value.kind = Kind::text;
  value.text = std::string(text);
  return value;
}

Value Value::of(std::vector<Value> items) {
  Value value;
  value.kind = Kind::array;
  value.items = std::move(items);
  return value;
}

const Value* Value::find(std::string_view key) const {
  for (const ValueMember& member : members) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

Value* Value::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

void Value::put(std::string_view key, Value value) {
  if (Value* existing = find(key)) {
    *existing = std::move(value);
  } else {
    members.push_back({std::string(key), std::move(value)});
  }
}

void Value::put_path(std::string_view path, Value value) {
  const std::size_t dot = path.find('.');
  if (dot == path.npos) return put(path, std::move(value));
  const std::string_view section = path.substr(0, dot);
  if (find(section) == nullptr) put(section, Value{});
  find(section)->put_path(path.substr(dot + 1), std::move(value));
}

std::string Value::written() const {
  std::string whole = written_whole();
  std::size_t end = 60;
  if (whole.size() <= end) return whole;
  while ((static_cast<unsigned char>(whole[end]) & 0xC0U) == 0x80U) --end;  // inside a UTF-8 letter
  return whole.substr(0, end) + "...";
}

std::string Value::written_whole() const {
  std::string inside;
  switch (kind) {
    case Kind::boolean:
      return boolean ? "true" : "false";
    case Kind::integer:
      return std::to_string(integer);
    case Kind::real:
      return shortest(real);
    case Kind::text:
      return in_quotes(text);
    case Kind::date:
      return text;
    case Kind::array:
      for (const Value& item : items) {
        if (!inside.empty()) inside += ", ";
        inside += item.written_whole();
      }
      return "[" + inside + "]";
    case Kind::table:
      for (const ValueMember& member : members) {
        inside += inside.empty() ? " " : ", ";
        inside += written_key(member.key) + " = " + member.value.written_whole();
      }
      return "{" + inside + " }";
  }
  return "";
}

void set_origin(Value& value, const std::string& origin) {
  value.origin = origin;
  for (Value& item : value.items) set_origin(item, origin);
  for (ValueMember& member : value.members) set_origin(member.value, origin);
}

}  // namespace reprise
