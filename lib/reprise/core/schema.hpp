// The fields of a described struct as a table at run time: key, symbol, unit, range, default,
// meaning, and how the field is read from a value and written to one. Files, --set, checks,
// results, the identity of stored points and the documentation are functions over this table.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/range.hpp"
#include "reprise/core/value.hpp"
#include "reprise/core/value_reading.hpp"

namespace reprise {

/// What is stated of a field. The default is the member's own initialiser.
struct Facts {
  std::string_view key;             ///< "steps"; of another section than the struct's: "student.x"
  std::string_view symbol = {};     ///< the letter of the equations
  std::string_view unit = {};       ///< dimensionless where empty
  Range range = {};                 ///< of a number, or of every number of a list
  bool is_required = false;         ///< in a file
  std::string_view otherwise = {};  ///< the default in words, where other fields decide it
  std::string_view meaning = {};    ///< one line
  std::string_view aliases = {};    ///< what people call it elsewhere, separated by spaces
  std::string_view neutral = {};    ///< added after a release: the value, as written, before it was
};

/// One field of a described struct, behind a pointer to the struct.
struct Field {
  Facts facts;
  std::string type;       ///< "number", "integer", "one of \"a\", \"b\"", ...
  bool is_whole = false;  ///< takes whole numbers only
  /// Sets the field. Throws InputError "<origin>: <path> must be <rule>, got <value>".
  std::function<void(void* object, const Value& value, const std::string& path)> read;
  /// The field as a value; none where it is left out (an empty matrix).
  std::function<std::optional<Value>(const void* object)> write;
  std::vector<Value> examples;  ///< values that it takes
};

/// What a rule over several fields finds wrong; without a rule the key is missing.
struct Complaint {
  std::string rule;
  std::string got;
};

struct FieldSource;

/// A rule over several fields, which blames one key. `reading` is null for a struct that a caller
/// filled.
struct Rule {
  std::string_view key;
  std::function<std::optional<Complaint>(const void* object, const FieldSource* source)> broken;
};

class Schema {
 public:
  Schema(std::string_view name, std::string_view section, std::string_view summary,
         std::vector<Field> fields, std::vector<Rule> rules);

  std::string_view name() const { return name_; }        ///< "gradient_descent"
  std::string_view section() const { return section_; }  ///< "training"
  std::string_view summary() const { return summary_; }
  const std::vector<Field>& fields() const { return fields_; }
  const std::vector<Rule>& rules() const { return rules_; }
  /// The field with that key; nullptr if there is none.
  const Field* find(std::string_view key) const;
  /// The dotted path of a key: "training.steps", "student.second_layer_learning_rate".
  std::string path(std::string_view key) const;

 private:
  std::string_view name_, section_, summary_;
  std::vector<Field> fields_;
  std::vector<Rule> rules_;
};

/// The keys of a described struct that stand in its own section.
std::vector<std::string_view> keys_of(const Schema& schema);
template <class S>
std::vector<std::string_view> keys_of() {
  return keys_of(schema<S>());
}

/// Where fields are read from: a section's table, and the whole document for keys elsewhere.
struct FieldSource {
  const Value& document;
  const Value& table;
  std::string section;  ///< as errors name it: "training", "curve"

  const Value* find(std::string_view key) const;
  std::string path(std::string_view key) const;
  /// Where the key is, or where its section is if it has no such key.
  std::string origin(std::string_view key) const;
};

/// Sets every field that the reading has. Throws InputErrors for all that are missing or wrong,
/// else InputError for the first rule that is broken. `but` are keys that the reading may not set.
void read_fields(const Schema& schema, const FieldSource& source, void* object,
                 const std::vector<std::string_view>& but = {});
/// "path = value" of every field that is not left out, in the order of the statement.
std::vector<std::pair<std::string, Value>> write_fields(const Schema& schema, const void* object,
                                                        std::string_view prefix);
/// The same ranges and rules for a struct that a caller filled: throws InputError
/// "<where>: <key> must be <rule>, got <value>".
void check_fields(const Schema& schema, const void* object, void* scratch, std::string_view where);

template <class S>
void read_fields(const FieldSource& source, S& object,
                 const std::vector<std::string_view>& but = {}) {
  read_fields(schema<S>(), source, &object, but);
}

/// Throws InputError for the first field out of its range, or rule that is broken.
template <class S>
void check_fields(const S& object) {
  S scratch = object;
  const Schema& keys = schema<S>();
  check_fields(keys, &object, &scratch, keys.section() == "curve" ? keys.name() : keys.section());
}

// -- types of fields ------------------------------------------------------------------------------

/// How a type of field is read and written; specialise it for a grammar of its own. A type with
/// parse(text), name(), grammar and examples needs no specialisation.
template <class T>
struct FieldType;

template <class T>
concept Spelt = requires(const T& value) {
  { T::parse(std::string_view{}) } -> std::convertible_to<T>;
  { value.name() } -> std::convertible_to<std::string_view>;
  { T::examples() } -> std::convertible_to<std::vector<std::string_view>>;
};

std::vector<Value> integer_examples(const Range& range);
std::vector<Value> number_examples(const Range& range);

template <>
struct FieldType<bool> {
  static std::string name() { return "true or false"; }
  static bool read(const Value& value, const std::string& path, const Range&) {
    return read_flag(value, path);
  }
  static std::optional<Value> write(bool flag) { return Value::of(flag); }
  static std::vector<Value> examples(const Range&) { return {Value::of(false), Value::of(true)}; }
};

template <class T>
requires(std::integral<T> && !std::same_as<T, bool>) struct FieldType<T> {
  static constexpr bool is_whole = true;
  static std::string name() { return "integer"; }
  static T read(const Value& value, const std::string& path, const Range& range) {
    Range held = range;  // by T as well
    held.least = std::max(held.least, static_cast<std::int64_t>(std::numeric_limits<T>::min()));
    if constexpr (sizeof(T) < sizeof(std::int64_t)) {
      held.most = std::min(held.most, static_cast<std::int64_t>(std::numeric_limits<T>::max()));
    }
    return static_cast<T>(read_integer(value, path, held));
  }
  static std::optional<Value> write(T number) {
    return Value::of(static_cast<std::int64_t>(number));
  }
  static std::vector<Value> examples(const Range& range) { return integer_examples(range); }
};

template <>
struct FieldType<double> {
  static std::string name() { return "number"; }
  static double read(const Value& value, const std::string& path, const Range& range) {
    return read_number(value, path, range);
  }
  static std::optional<Value> write(double number) { return Value::of(number); }
  static std::vector<Value> examples(const Range& range) { return number_examples(range); }
};

/// What may be left out.
template <class T>
struct FieldType<std::optional<T>> : FieldType<T> {
  static std::optional<T> read(const Value& value, const std::string& path, const Range& range) {
    return FieldType<T>::read(value, path, range);
  }
  static std::optional<Value> write(const std::optional<T>& held) {
    return held ? FieldType<T>::write(*held) : std::optional<Value>();
  }
};

template <>
struct FieldType<std::vector<double>> {
  static std::string name() { return "number or list of numbers"; }
  static std::vector<double> read(const Value& value, const std::string& path, const Range& range) {
    return read_numbers(value, path, range);
  }
  static std::optional<Value> write(const std::vector<double>& numbers) {
    return numbers.empty() ? std::optional<Value>() : value_of(numbers);
  }
  static std::vector<Value> examples(const Range& range) { return number_examples(range); }
};

template <>
struct FieldType<std::string> {
  static std::string name() { return "text"; }
  static std::string read(const Value& value, const std::string& path, const Range&) {
    return read_text(value, path);
  }
  static std::optional<Value> write(const std::string& text) { return Value::of(text); }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("a"), Value::of("\"b\" \\ \xC3\xA9")};
  }
};

/// None where the key is left out; a list in a file is not empty.
template <>
struct FieldType<std::vector<std::string>> {
  static std::string name() { return "text or list of texts"; }
  static std::vector<std::string> read(const Value& value, const std::string& path, const Range&) {
    std::vector<std::string> texts = read_texts(value, path);
    if (texts.empty()) reject(value, path, "not empty");
    return texts;
  }
  static std::optional<Value> write(const std::vector<std::string>& texts) {
    if (texts.empty()) return std::nullopt;
    std::vector<Value> items;
    for (const std::string& text : texts) items.push_back(Value::of(text));
    return items.size() == 1 ? items.front() : Value::of(std::move(items));
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("a"), Value::of({Value::of("a"), Value::of("\"b\"")})};
  }
};

template <>
struct FieldType<Eigen::MatrixXd> {
  static std::string name() { return "matrix, a list of rows"; }
  static Eigen::MatrixXd read(const Value& value, const std::string& path, const Range&) {
    return read_matrix(value, path);
  }
  static std::optional<Value> write(const Eigen::MatrixXd& matrix) {
    return matrix.size() == 0 ? std::optional<Value>() : value_of(matrix);
  }
  static std::vector<Value> examples(const Range&) {
    Eigen::MatrixXd third(2, 2);
    third << 1, 1.0 / 3, 1.0 / 3, 1;
    return {value_of(Eigen::MatrixXd(Eigen::MatrixXd::Identity(2, 2))), value_of(third)};
  }
};

template <Enumerated T>
struct FieldType<T> {
  static std::vector<std::string_view> names() {
    std::vector<std::string_view> result;
    for (const auto& entry : Names<T>::all) result.push_back(entry.second);
    return result;
  }
  static std::string name() {
    std::string text;
    for (const std::string_view known : names()) {
      text.append(text.empty() ? "\"" : ", \"").append(known).append("\"");
    }
    return text;
  }
  static T read(const Value& value, const std::string& path, const Range&) {
    check_name(value, path, read_text(value, path), names());
    for (const auto& entry : Names<T>::all) {
      if (entry.second == value.text) return entry.first;
    }
    return {};
  }
  static std::optional<Value> write(T chosen) { return Value::of(reprise::name(chosen)); }
  static std::vector<Value> examples(const Range&) {
    std::vector<Value> result;
    for (const std::string_view known : names()) result.push_back(Value::of(known));
    return result;
  }
};

/// Throws the InputError that a text could not be parsed, and why.
[[noreturn]] void reject_text(const Value& value, const std::string& path, std::string_view why);

template <Spelt T>
struct FieldType<T> {
  static std::string name() { return std::string(T::grammar); }
  static T read(const Value& value, const std::string& path, const Range&) {
    const std::string& text = read_text(value, path);
    try {
      return T::parse(text);
    } catch (const InputError& error) {
      reject_text(value, path, error.what());
    }
  }
  static std::optional<Value> write(const T& spelt) { return Value::of(std::string(spelt.name())); }
  static std::vector<Value> examples(const Range&) {
    std::vector<Value> result;
    for (const std::string_view text : T::examples()) result.push_back(Value::of(text));
    return result;
  }
};

// -- statements -----------------------------------------------------------------------------------

/// A member of S, or a field that is computed from some.
template <class S>
struct MemberOf {
  std::vector<Field> fields;  ///< none of a hidden member, several of an inlined one
  bool is_member = true;      ///< counts as one of S's members
};

namespace detail {

template <class T>
Field field_of_type(const Facts& facts) {
  Field field{
      .facts = facts, .type = FieldType<T>::name(), .read = {}, .write = {}, .examples = {}};
  if constexpr (requires { FieldType<T>::is_whole; }) field.is_whole = true;
  field.examples = FieldType<T>::examples(facts.range);
  return field;
}

struct Anything {
  template <class T>
  operator T() const;  // NOLINT: converts to whatever a member is
};

template <class S, std::size_t... i>
consteval bool takes(std::index_sequence<i...>) {
  return requires { S{((void)i, Anything{})...}; };
}

template <class S, std::size_t n = 0>
consteval std::size_t count_members() {
  if constexpr (!takes<S>(std::make_index_sequence<n + 1>{})) {
    return n;
  } else {
    return count_members<S, n + 1>();
  }
}

}  // namespace detail

/// A member that files name.
template <class S, class T>
MemberOf<S> field(T S::*member, const Facts& facts) {
  Field result = detail::field_of_type<T>(facts);
  const Range range = facts.range;
  result.read = [member, range](void* object, const Value& value, const std::string& path) {
    static_cast<S*>(object)->*member = FieldType<T>::read(value, path, range);
  };
  result.write = [member](const void* object) {
    return FieldType<T>::write(static_cast<const S*>(object)->*member);
  };
  return {{std::move(result)}};
}

/// A key without a member of its own; `get` and `set` go through others.
template <class S, class T>
MemberOf<S> property(T (*get)(const S&), void (*set)(S&, const T&), const Facts& facts) {
  Field result = detail::field_of_type<T>(facts);
  const Range range = facts.range;
  result.read = [set, range](void* object, const Value& value, const std::string& path) {
    set(*static_cast<S*>(object), FieldType<T>::read(value, path, range));
  };
  result.write = [get](const void* object) {
    return FieldType<T>::write(get(*static_cast<const S*>(object)));
  };
  return {{std::move(result)}, false};
}

/// A member that no file has: threads, progress, streams.
template <class S, class T>
MemberOf<S> hidden(T S::*) {
  return {};
}

/// A member that is described itself: its fields stand among ours.
template <class S, class T>
MemberOf<S> inlined(T S::*member) {
  MemberOf<S> result;
  for (const Field& inner : schema<T>().fields()) {
    Field outer = inner;
    outer.read = [member, read = inner.read](void* object, const Value& value,
                                             const std::string& path) {
      read(&(static_cast<S*>(object)->*member), value, path);
    };
    outer.write = [member, write = inner.write](const void* object) {
      return write(&(static_cast<const S*>(object)->*member));
    };
    result.fields.push_back(std::move(outer));
  }
  return result;
}

void read_table(const Schema& schema, const Value& value, const std::string& path, void* object);
Value write_table(const Schema& schema, const void* object);
/// With every field that the rules let stand beside those before it: `read` throws InputError for
/// what they refuse.
Value example_table(const Schema& schema, const std::function<void(const Value& table)>& read);

template <class T>
Value example_table() {
  return example_table(schema<T>(), [](const Value& value) {
    T object{};
    read_table(schema<T>(), value, "example", &object);
  });
}

/// An optional member that is described itself: a table of its own, key = { .. }.
template <class S, class T>
MemberOf<S> table(std::optional<T> S::*member, const Facts& facts) {
  Field result{.facts = facts, .type = "table", .read = {}, .write = {}, .examples = {}};
  result.read = [member](void* object, const Value& value, const std::string& path) {
    T inner{};
    read_table(schema<T>(), value, path, &inner);
    static_cast<S*>(object)->*member = inner;
  };
  result.write = [member](const void* object) -> std::optional<Value> {
    const std::optional<T>& inner = static_cast<const S*>(object)->*member;
    if (!inner) return std::nullopt;
    return write_table(schema<T>(), &*inner);
  };
  result.examples = {example_table<T>()};
  return {{std::move(result)}};
}

/// A member that is a list of such tables: [[section.key]].
template <class S, class T>
MemberOf<S> tables(std::vector<T> S::*member, const Facts& facts) {
  Field result{.facts = facts, .type = "tables", .read = {}, .write = {}, .examples = {}};
  result.read = [member](void* object, const Value& value, const std::string& path) {
    if (value.kind != Value::Kind::array) reject(value, path, "tables, [[" + path + "]]");
    std::vector<T> list(value.items.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      read_table(schema<T>(), value.items[i], path, &list[i]);
    }
    static_cast<S*>(object)->*member = std::move(list);
  };
  result.write = [member](const void* object) -> std::optional<Value> {
    std::vector<Value> items;
    for (const T& inner : static_cast<const S*>(object)->*member) {
      items.push_back(write_table(schema<T>(), &inner));
    }
    return items.empty() ? std::optional<Value>() : Value::of(std::move(items));
  };
  const Value example = example_table<T>();
  result.examples = {Value::of({example, example})};
  return {{std::move(result)}};
}

/// A whole number that is held in a double: a dimension of up to 2^53.
template <class S>
MemberOf<S> whole_field(double S::*member, const Facts& facts) {
  using Whole = FieldType<std::int64_t>;
  Field result = detail::field_of_type<std::int64_t>(facts);
  const Range range = facts.range;
  result.read = [member, range](void* object, const Value& value, const std::string& path) {
    static_cast<S*>(object)->*member = static_cast<double>(Whole::read(value, path, range));
  };
  result.write = [member](const void* object) -> std::optional<Value> {
    return Value::of(static_cast<const S*>(object)->*member);
  };
  return {{std::move(result)}};
}

template <class S>
Rule rule(std::string_view key, std::optional<Complaint> (*broken)(const S&)) {
  return {key, [broken](const void* object, const FieldSource*) {
            return broken(*static_cast<const S*>(object));
          }};
}

/// A rule about what a file says, which C++ cannot break.
inline Rule file_rule(std::string_view key,
                      std::optional<Complaint> (*broken)(const FieldSource&)) {
  return {key, [broken](const void*, const FieldSource* source) {
            return source == nullptr ? std::optional<Complaint>() : broken(*source);
          }};
}

struct SchemaFacts {
  std::string_view name, section, summary;
};

/// The schema of S. Every member is stated, as a field or hidden: one left out does not compile.
template <class S, std::size_t n>
Schema describe(const SchemaFacts& facts, const MemberOf<S> (&members)[n],
                const std::vector<MemberOf<S>>& properties = {}, std::vector<Rule> rules = {}) {
  static_assert(n == detail::count_members<S>(), "every member is stated, once");
  std::vector<Field> fields;
  for (const MemberOf<S>& member : members) {
    fields.insert(fields.end(), member.fields.begin(), member.fields.end());
  }
  for (const MemberOf<S>& property : properties) {
    fields.insert(fields.end(), property.fields.begin(), property.fields.end());
  }
  return {facts.name, facts.section, facts.summary, std::move(fields), std::move(rules)};
}

}  // namespace reprise
