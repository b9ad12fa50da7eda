#include "reprise/experiments/document/section.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"

namespace reprise {

namespace {

using Kind = DocumentValue::Kind;

std::string shape_text(Eigen::Index rows, Eigen::Index cols) {
  return "(" + std::to_string(rows) + ", " + std::to_string(cols) + ")";
}

/// Whether `value` is what `only` spells: the same text, or the same number however written.
bool is_same(const DocumentValue& value, std::string_view only) {
  if (value.written() == only) return true;
  return value.is_number() && parse_toml("v = " + std::string(only), "").find("v")->is_number() &&
         parse_toml("v = " + std::string(only), "").find("v")->number() == value.number();
}

}  // namespace

const DocumentValue Section::empty_{};

namespace {

std::vector<Key> as_keys(const std::vector<std::string_view>& names) {
  std::vector<Key> keys;
  for (const std::string_view name : names) keys.push_back({name});
  return keys;
}

}  // namespace

Section::Section(const DocumentValue& table, std::string name,
                 const std::vector<std::string_view>& keys)
    : Section(table, std::move(name), std::span<const Key>(as_keys(keys))) {}

Section::Section(const DocumentValue& table, std::string name, std::span<const Key> keys)
    : table_(&table), name_(std::move(name)), origin_(table.origin) {
  if (table.kind != Kind::table) {
    reprise::reject(table.origin, name_, "a section (table)", table.written());
  }
  refuse_unknown(keys);
}

void Section::refuse_unknown(std::span<const Key> keys) const {
  for (const auto& [name, value] : table_->members) {
    bool is_known = false;
    std::vector<std::string_view> names;
    for (const Key& key : keys) {
      names.push_back(key.name);
      if (key.name != name) continue;
      is_known = true;
      refuse_unavailable(key, value);
    }
    if (!is_known) {
      throw InputError(value.origin + ": unknown key \"" + path(name) + "\"" +
                       did_you_mean(name, names));
    }
  }
}

void Section::refuse_unavailable(const Key& key, const DocumentValue& value) const {
  if (key.only.empty() || is_same(value, key.only)) return;
  throw InputError(value.origin + ": " + path(key.name) + " = " + value.written() +
                   " is not available in this version, only " + std::string(key.only) + " is");
}

void Section::refuse(std::string_view key, std::string_view kind, std::string_view name) const {
  throw InputError(origin(key) + ": " + path(key) + " does not apply to " + std::string(kind) +
                   " \"" + std::string(name) + "\"");
}

const DocumentValue* Section::find(std::string_view key) const { return table_->find(key); }

const DocumentValue& Section::require(std::string_view key) const {
  const DocumentValue* value = find(key);
  if (value == nullptr) throw InputError(origin_ + ": " + path(key) + " is missing");
  return *value;
}

std::string Section::path(std::string_view key) const {
  return name_.empty() ? std::string(key) : name_ + "." + std::string(key);
}

const std::string& Section::origin(std::string_view key) const {
  const DocumentValue* value = find(key);
  return value == nullptr ? origin_ : value->origin;
}

std::string Section::text(std::string_view key, std::optional<std::string> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return read_text(require(key), path(key));
}

std::string Section::choice(std::string_view key, const std::vector<std::string_view>& names,
                            std::optional<std::string> fallback) const {
  if (fallback && !has(key)) return *fallback;
  std::string value = text(key);
  check_name(require(key), path(key), value, names);
  return value;
}

bool Section::flag(std::string_view key, bool fallback) const {
  return has(key) ? read_flag(require(key), path(key)) : fallback;
}

double Section::number(std::string_view key, const Range& range,
                       std::optional<double> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return read_number(require(key), path(key), range);
}

std::int64_t Section::integer(std::string_view key, const Range& range,
                              std::optional<std::int64_t> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return read_integer(require(key), path(key), range);
}

std::vector<double> Section::numbers(std::string_view key, const Range& range) const {
  return read_numbers(require(key), path(key), range);
}

std::vector<std::int64_t> Section::integers(std::string_view key, const Range& range) const {
  return read_integers(require(key), path(key), range);
}

std::vector<std::string> Section::texts(std::string_view key) const {
  return read_texts(require(key), path(key));
}

std::pair<Eigen::Index, Eigen::Index> Section::shape(std::string_view key) const {
  const DocumentValue* value = find(key);
  if (value == nullptr || value->items.empty()) return {0, 0};
  return {static_cast<Eigen::Index>(value->items.size()),
          static_cast<Eigen::Index>(value->items.front().items.size())};
}

Eigen::MatrixXd Section::matrix(std::string_view key, Eigen::Index rows, Eigen::Index cols) const {
  Eigen::MatrixXd result = read_matrix(require(key), path(key));
  if (result.rows() != rows || result.cols() != cols) {
    reject(key, "of shape " + shape_text(rows, cols), shape_text(result.rows(), result.cols()));
  }
  return result;
}

void Section::reject(std::string_view key, std::string_view rule) const {
  reject(key, rule, require(key).written());
}

void Section::reject(std::string_view key, std::string_view rule, std::string_view got) const {
  reprise::reject(origin(key), path(key), rule, got);
}

}  // namespace reprise
