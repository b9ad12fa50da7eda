// Every key of an experiment file with its type, range, default and meaning, written from the
// statements of the structs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/schema.hpp"

namespace reprise {

/// Keys that stand together in a section, and when they apply.
struct KeyGroup {
  std::string section;     ///< "training"
  std::string applies_to;  ///< "algorithm = \"sgd\""; empty: always
  const Schema* schema = nullptr;
  std::vector<std::string_view> without = {};  ///< keys of the schema that do not apply
  std::vector<std::pair<std::string, std::string>> defaults = {};  ///< key and default, as written
};

/// All of them, in the order of a file.
std::vector<KeyGroup> key_groups();

/// A table for people, of all sections or of one. Throws InputError for a section that there is
/// not, naming the nearest.
std::string key_text(std::string_view section = {});
/// The page of keys, in Markdown.
std::string key_page();

}  // namespace reprise
