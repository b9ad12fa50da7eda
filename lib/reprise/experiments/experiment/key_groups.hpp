// The keys of an experiment file as they stand together, with what they depend on.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/schema.hpp"

namespace reprise {

/// Keys that stand together in a section, and what must be chosen for them to apply: each of the
/// four names is empty where any will do.
struct KeyGroup {
  std::string section;  ///< "training"
  const Schema* schema = nullptr;
  std::string_view system = {};
  std::string_view method = {};
  std::string_view engine = {};
  std::string_view algorithm = {};
  std::vector<std::string_view> without = {};  ///< keys of the schema that do not apply
  std::vector<std::pair<std::string, Value>> defaults = {};

  /// "method = \"dmft\", algorithm = \"sgd\""; empty where they always apply, or with the first
  /// system, which files need not name.
  std::string applies_to() const;
  /// The fields that apply.
  std::vector<const Field*> fields() const;
  /// nullptr where it is left out.
  const Value* default_of(std::string_view key) const;
  bool is_list() const;  ///< [[curve]]
};

/// The group of a described struct.
KeyGroup key_group(std::string section, const Schema& schema, const void* defaults);

template <class S>
KeyGroup key_group() {
  const S defaults{};
  return key_group(std::string(schema<S>().section()), schema<S>(), &defaults);
}

/// What a field is, with its letter and unit; and the values that it takes.
std::string meaning_of(const Field& field);
std::string values_of(const Field& field);

/// Those of an experiment, in the order of a file.
std::vector<KeyGroup> experiment_keys();

}  // namespace reprise
