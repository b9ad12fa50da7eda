// A TOML document as plain values, each of which remembers where it was written.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

struct DocumentMember;

/// A value of a TOML document, with everything inside it.
struct DocumentValue {
  enum class Kind { boolean, integer, real, text, array, table, date };

  Kind kind = Kind::table;
  std::string origin;  ///< "experiment.toml:12", or "--set training.steps"
  bool boolean = false;
  std::int64_t integer = 0;
  double real = 0;
  std::string text;                     ///< of a text or a date
  std::vector<DocumentValue> items;     ///< of an array
  std::vector<DocumentMember> members;  ///< of a table, in file order

  bool is_number() const { return kind == Kind::integer || kind == Kind::real; }
  double number() const { return kind == Kind::integer ? static_cast<double>(integer) : real; }
  const DocumentValue* find(std::string_view key) const;
  DocumentValue* find(std::string_view key);
  /// The value as TOML would write it, on one line and cut after about 60 characters.
  std::string written() const;
};

struct DocumentMember {
  std::string key;
  DocumentValue value;
};

/// Parses a whole document. `source` is the name that origins and errors carry.
/// Throws InputError "<source>:<line>: <what is wrong>, column <n>" for a syntax error.
DocumentValue parse_toml(std::string_view text, std::string_view source);

/// The text of a file. Throws InputError if it cannot be read.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace reprise
