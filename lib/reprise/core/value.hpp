// A value as a file, a command line or a caller gives it, which remembers where it was written.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

struct ValueMember;

/// A boolean, number, text, list or table, with everything inside it.
struct Value {
  enum class Kind { boolean, integer, real, text, array, table, date };

  Kind kind = Kind::table;
  std::string origin;  ///< "experiment.toml:12", or "--set training.steps"
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;                  ///< of a text or a date
  std::vector<Value> items;          ///< of an array
  std::vector<ValueMember> members;  ///< of a table, in file order

  // Here ValueMember is incomplete, and a vector of it can be declared but not made.
  Value();
  Value(const Value&);
  Value(Value&&) noexcept;
  Value& operator=(const Value&);
  Value& operator=(Value&&) noexcept;
  ~Value();

  static Value of(bool boolean);
  static Value of(std::int64_t integer);
  static Value of(double real);
  static Value of(std::string_view text);
  static Value of(const char* text) { return of(std::string_view(text)); }
  static Value of(std::vector<Value> items);

  bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
  double number() const { return kind == Kind::integer ? static_cast<double>(integer) : real; }
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);
  /// Sets a member of a table, in its old place if it was there.
  void put(std::string_view key, Value value);
  /// Sets "section.key", with a table for the section where there is none.
  void put_path(std::string_view path, Value value);
  /// The value as TOML would write it, on one line and cut after about 60 characters.
  std::string written() const;
  /// The same, whole.
  std::string written_whole() const;
};

struct ValueMember {
  std::string key;
  Value value;
};

/// Says of a value and of everything in it where it was written.
void set_origin(Value& value, const std::string& origin);

}  // namespace reprise
