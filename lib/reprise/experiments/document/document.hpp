// A TOML document as plain values, each of which remembers where it was written.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "reprise/core/value.hpp"

namespace reprise {

using DocumentValue = Value;
using DocumentMember = ValueMember;

/// Parses a whole document. `source` is the name that origins and errors carry.
/// Throws InputError "<source>:<line>: <what is wrong>, column <n>" for a syntax error.
DocumentValue parse_toml(std::string_view text, std::string_view source);

/// The same from JSON, which has no lines: every origin is the source. `null` is no value.
DocumentValue parse_json(std::string_view text, std::string_view source);

/// The value as JSON, indented; numbers read back to the same doubles.
std::string json_text(const DocumentValue& value);
/// A table as a TOML document: sections, then what is in them, lists of tables as [[..]].
std::string toml_text(const DocumentValue& table);

/// The text of a file. Throws InputError if it cannot be read.
std::string read_text_file(const std::filesystem::path& path);

}  // namespace reprise
