#include "reprise/io/section.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"

namespace reprise {

namespace {

using Kind = DocumentValue::Kind;

std::string element(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index + 1) + "]";
}

double read_number(const DocumentValue& value, const std::string& path, NumberRule rule) {
  if (!value.is_number()) reject(value.origin, path, "a number", value.written());
  const double number = value.number();
  if (!std::isfinite(number) || !rule.holds(number)) {
    reject(value.origin, path, rule.text, value.written());
  }
  return number;
}

std::int64_t read_integer(const DocumentValue& value, const std::string& path, IntegerRange range) {
  constexpr double exact = 9007199254740992.0;  // 2^53: every integer up to here is a double
  const double number = value.is_number() ? value.number() : std::nan("");
  const bool is_whole =
      value.kind == Kind::integer || (std::abs(number) <= exact && number == std::floor(number));
  const std::int64_t integer = value.kind == Kind::integer ? value.integer
                               : is_whole                  ? static_cast<std::int64_t>(number)
                                                           : 0;
  if (!is_whole || integer < range.least || integer > range.most) {
    std::ostringstream rule;
    rule << "an integer of at least " << range.least;
    if (range.most != std::numeric_limits<std::int64_t>::max()) {
      rule << " and at most " << range.most;
    }
    reject(value.origin, path, rule.str(), value.written());
  }
  return integer;
}

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
  std::string text = value.origin + ": " + path(key.name);
  if (key.only != absent) text += " = " + value.written();
  text += " is not available in this version";
  if (key.only != absent) text += ", only " + std::string(key.only) + " is";
  throw InputError(text);
}

void Section::refuse_keys_of_others(std::span<const Topic> topics, std::string_view topic,
                                    std::string_view kind) const {
  const auto has_key = [](const Topic& candidate, std::string_view key) {
    return std::find(candidate.keys.begin(), candidate.keys.end(), key) != candidate.keys.end();
  };
  const auto own = std::find_if(topics.begin(), topics.end(),
                                [&](const Topic& candidate) { return candidate.name == topic; });
  for (const auto& [key, value] : table_->members) {
    const bool is_of_another =
        std::any_of(topics.begin(), topics.end(),
                    [&, &k = key](const Topic& candidate) { return has_key(candidate, k); });
    if (!is_of_another || (own != topics.end() && has_key(*own, key))) continue;
    throw InputError(value.origin + ": " + path(key) + " does not apply to " + std::string(kind) +
                     " \"" + std::string(topic) + "\"");
  }
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

Section Section::subsection(std::string_view key, std::span<const Key> keys) const {
  const DocumentValue* value = find(key);
  Section section(value == nullptr ? empty_ : *value, path(key), keys);
  if (value == nullptr) section.origin_ = origin_;
  return section;
}

std::string Section::text(std::string_view key, std::optional<std::string> fallback) const {
  if (fallback && !has(key)) return *fallback;
  const DocumentValue& value = require(key);
  if (value.kind != Kind::text) reject(key, "a text in quotes");
  return value.text;
}

std::string Section::choice(std::string_view key, std::span<const Choice> choices,
                            std::optional<std::string> fallback) const {
  std::string value = text(key, std::move(fallback));
  check_choice(origin(key), path(key), value, choices);
  return value;
}

bool Section::flag(std::string_view key, bool fallback) const {
  const DocumentValue* value = find(key);
  if (value == nullptr) return fallback;
  if (value->kind != Kind::boolean) reject(key, "true or false");
  return value->boolean;
}

double Section::number(std::string_view key, NumberRule rule,
                       std::optional<double> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return read_number(require(key), path(key), rule);
}

std::int64_t Section::integer(std::string_view key, IntegerRange range,
                              std::optional<std::int64_t> fallback) const {
  if (fallback && !has(key)) return *fallback;
  return read_integer(require(key), path(key), range);
}

std::vector<double> Section::numbers(std::string_view key, NumberRule rule) const {
  const DocumentValue& value = require(key);
  if (value.is_number()) return {read_number(value, path(key), rule)};
  if (value.kind != Kind::array || value.items.empty()) {
    reject(key, "a number or a list of numbers");
  }
  std::vector<double> result;
  for (const DocumentValue& item : value.items) {
    result.push_back(read_number(item, element(path(key), result.size()), rule));
  }
  return result;
}

std::vector<std::int64_t> Section::integers(std::string_view key, IntegerRange range) const {
  const DocumentValue& value = require(key);
  if (value.kind != Kind::array || value.items.empty()) reject(key, "a list of integers");
  std::vector<std::int64_t> result;
  for (const DocumentValue& item : value.items) {
    result.push_back(read_integer(item, element(path(key), result.size()), range));
  }
  return result;
}

std::vector<std::string> Section::texts(std::string_view key) const {
  const DocumentValue& value = require(key);
  if (value.kind == Kind::text) return {value.text};
  if (value.kind != Kind::array) reject(key, "a text in quotes or a list of texts");
  std::vector<std::string> result;
  for (const DocumentValue& item : value.items) {
    if (item.kind != Kind::text) {
      reprise::reject(item.origin, element(path(key), result.size()), "a text in quotes",
                      item.written());
    }
    result.push_back(item.text);
  }
  return result;
}

std::pair<Eigen::Index, Eigen::Index> Section::shape(std::string_view key) const {
  const DocumentValue* value = find(key);
  if (value == nullptr || value->items.empty()) return {0, 0};
  return {static_cast<Eigen::Index>(value->items.size()),
          static_cast<Eigen::Index>(value->items.front().items.size())};
}

Eigen::MatrixXd Section::matrix(std::string_view key, Eigen::Index rows, Eigen::Index cols) const {
  const DocumentValue& value = require(key);
  if (value.kind != Kind::array || value.items.empty()) reject(key, "a list of rows");
  for (const DocumentValue& row : value.items) {
    if (row.kind != Kind::array) reject(key, "a list of rows, as in [[1, 0], [0, 1]]");
    if (row.items.size() != value.items.front().items.size()) {
      reject(key, "a matrix, all rows of one length");
    }
  }
  const auto [given_rows, given_cols] = shape(key);
  if (given_rows != rows || given_cols != cols) {
    reject(key, "of shape " + shape_text(rows, cols), shape_text(given_rows, given_cols));
  }
  Eigen::MatrixXd result(rows, cols);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < cols; ++j) {
      const DocumentValue& entry =
          value.items[static_cast<std::size_t>(i)].items[static_cast<std::size_t>(j)];
      const std::string index = "[" + std::to_string(i + 1) + ", " + std::to_string(j + 1) + "]";
      result(i, j) = read_number(entry, path(key) + index, any_finite);
    }
  }
  return result;
}

void Section::reject(std::string_view key, std::string_view rule) const {
  reject(key, rule, require(key).written());
}

void Section::reject(std::string_view key, std::string_view rule, std::string_view got) const {
  reprise::reject(origin(key), path(key), rule, got);
}

void check_choice(const std::string& origin, const std::string& path, std::string_view value,
                  std::span<const Choice> choices) {
  std::vector<std::string_view> names;
  std::string rule;
  for (const Choice& choice : choices) {
    if (choice.name == value && choice.is_available) return;
    if (choice.name == value) {
      throw InputError(origin + ": " + path + " = \"" + std::string(value) +
                       "\" is not available in this version");
    }
    names.push_back(choice.name);
    if (!choice.is_available) continue;
    if (!rule.empty()) rule += ", ";
    rule.append("\"").append(choice.name).append("\"");
  }
  reject(origin, path, "one of " + rule,
         "\"" + std::string(value) + "\"" + did_you_mean(value, names));
}

}  // namespace reprise
