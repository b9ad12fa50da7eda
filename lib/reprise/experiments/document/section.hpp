// A table of an experiment file whose keys are known: every access is checked, every error says
// "<file>:<line>: <section>.<key> must be <rule>, got <value>".
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/schema.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/document/vocabulary.hpp"

namespace reprise {

/// A checked view of a table. The document must outlive it.
class Section {
 public:
  /// Throws InputError for a key that `keys` does not have (naming the nearest that it has) and for
  /// a value that waits for a later version. `name` is "" for the whole file.
  Section(const DocumentValue& table, std::string name, std::span<const Key> keys);
  Section(const DocumentValue& table, std::string name, const std::vector<std::string_view>& keys);

  bool has(std::string_view key) const { return find(key) != nullptr; }
  const DocumentValue* find(std::string_view key) const;
  /// Throws InputError "<file>:<line of the section>: <section>.<key> is missing".
  const DocumentValue& require(std::string_view key) const;
  /// Throws InputError for a key that does not apply to `kind` ("method") of this name.
  [[noreturn]] void refuse(std::string_view key, std::string_view kind,
                           std::string_view name) const;
  /// "section.key"
  std::string path(std::string_view key) const;
  /// Where the key is, or where the section is if it has no such key.
  const std::string& origin(std::string_view key) const;
  /// The table `key`, empty if it is left out.
  template <class Keys>
  Section subsection(std::string_view key, const Keys& keys) const {
    const DocumentValue* value = find(key);
    Section section(value == nullptr ? empty_ : *value, path(key), keys);
    if (value == nullptr) section.origin_ = origin_;
    return section;
  }
  /// A described struct, with its defaults where the table has no key.
  template <class S>
  S read(const Section& root) const {
    S keys{};
    read_fields(schema<S>(), fields(root), &keys);
    return keys;
  }
  /// The table as described structs are read from it.
  FieldSource fields(const Section& root) const {
    return {.document = *root.table_, .table = *table_, .section = name_};
  }

  /// Each of these reads a value of one type; without a fallback the key is required.
  std::string text(std::string_view key, std::optional<std::string> fallback = {}) const;
  std::string choice(std::string_view key, const std::vector<std::string_view>& names,
                     std::optional<std::string> fallback = {}) const;
  bool flag(std::string_view key, bool fallback) const;
  double number(std::string_view key, const Range& range,
                std::optional<double> fallback = {}) const;
  /// Also accepts 1e6 and 2.0.
  std::int64_t integer(std::string_view key, const Range& range,
                       std::optional<std::int64_t> fallback = {}) const;
  /// One number or a list of them.
  std::vector<double> numbers(std::string_view key, const Range& range) const;
  std::vector<std::int64_t> integers(std::string_view key, const Range& range) const;
  /// One text or a list of them.
  std::vector<std::string> texts(std::string_view key) const;
  /// A list of rows of the given shape. Throws InputError with both shapes if it has another.
  Eigen::MatrixXd matrix(std::string_view key, Eigen::Index rows, Eigen::Index cols) const;
  /// The shape a matrix key has in the file, from its first row; (0, 0) if it is no matrix.
  std::pair<Eigen::Index, Eigen::Index> shape(std::string_view key) const;

  /// Throws the InputError "<origin>: <section>.<key> must be <rule>, got <its value>".
  [[noreturn]] void reject(std::string_view key, std::string_view rule) const;
  [[noreturn]] void reject(std::string_view key, std::string_view rule, std::string_view got) const;

 private:
  void refuse_unknown(std::span<const Key> keys) const;
  void refuse_unavailable(const Key& key, const DocumentValue& value) const;

  static const DocumentValue empty_;
  const DocumentValue* table_;
  std::string name_;
  std::string origin_;
};

}  // namespace reprise
