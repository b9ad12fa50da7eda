// "--set key=value": one value of an experiment file replaced from outside.
#pragma once

#include <string_view>

#include "reprise/experiments/document/document.hpp"

namespace reprise {

/// Puts the value of "key=value" into the document, whose checks then apply to it as to any other.
/// "section.key" or a key of the whole file; "curve.<name>.<key>" takes a curve by its name, or by
/// its number from 1, "curve.<name>.set.<key>" one of its own settings. The value is TOML; what is
/// not (a bare word, a formula) is a text. Throws InputError if there is no "=", no such curve, or
/// the key is no path.
void apply_override(DocumentValue& document, std::string_view assignment);

/// Puts a value where the same path points to. Its origin is what later errors name.
void set_value(DocumentValue& document, std::string_view path, DocumentValue value);

/// A text read as the value of an assignment is.
DocumentValue parse_override_value(std::string_view text, const std::string& origin);

/// The text of a value as an assignment would have it: a text bare, a list in brackets. Throws
/// InputError for a table.
std::string override_text(const DocumentValue& value);

}  // namespace reprise
