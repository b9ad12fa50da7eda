#include "reprise/core/value_reading.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/nearest_name.hpp"

namespace reprise {

namespace {

using Kind = Value::Kind;

std::string element(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index + 1) + "]";
}

// A list that is not empty, each item read by `read(item, path)`.
template <class Read>
auto read_list(const Value& value, const std::string& path, const Read& read) {
  std::vector<decltype(read(value, path))> result;
  for (const Value& item : value.items) result.push_back(read(item, element(path, result.size())));
  return result;
}

}  // namespace

void reject(const Value& value, const std::string& path, std::string_view rule) {
  reject(value.origin, path, rule, std::string_view(value.written()));
}

void reject(const Value& value, const std::string& path, std::string_view rule,
            std::string_view got) {
  reject(std::string_view(value.origin), path, rule, got);
}

bool read_flag(const Value& value, const std::string& path) {
  if (value.kind != Kind::boolean) reject(value, path, "true or false");
  return value.boolean;
}

const std::string& read_text(const Value& value, const std::string& path) {
  if (value.kind != Kind::text) reject(value, path, "a text in quotes");
  return value.text;
}

double read_number(const Value& value, const std::string& path, const Range& range) {
  if (!value.is_number()) reject(value, path, "a number");
  const double number = value.number();
  if (!range.contains(number)) reject(value, path, range.text());
  return number;
}

std::int64_t read_integer(const Value& value, const std::string& path, const Range& range) {
  constexpr double exact = 9007199254740992.0;  // 2^53: every integer up to here is a double
  const double number = value.is_number() ? value.number() : std::nan("");
  const bool is_whole =
      value.kind == Kind::integer || (std::abs(number) <= exact && number == std::floor(number));
  const std::int64_t integer = value.kind == Kind::integer ? value.integer
                               : is_whole                  ? static_cast<std::int64_t>(number)
                                                           : 0;
  if (!is_whole || !range.contains(integer)) reject(value, path, range.integer_text());
  return integer;
}

std::vector<double> read_numbers(const Value& value, const std::string& path, const Range& range) {
  if (value.is_number()) return {read_number(value, path, range)};
  if (value.kind != Kind::array || value.items.empty()) {
    reject(value, path, "a number or a list of numbers");
  }
  return read_list(value, path, [&](const Value& item, const std::string& at) {
    return read_number(item, at, range);
  });
}

std::vector<std::int64_t> read_integers(const Value& value, const std::string& path,
                                        const Range& range) {
  if (value.kind != Kind::array || value.items.empty()) reject(value, path, "a list of integers");
  return read_list(value, path, [&](const Value& item, const std::string& at) {
    return read_integer(item, at, range);
  });
}

std::vector<std::string> read_texts(const Value& value, const std::string& path) {
  if (value.kind == Kind::text) return {value.text};
  if (value.kind != Kind::array) reject(value, path, "a text in quotes or a list of texts");
  return read_list(value, path,
                   [](const Value& item, const std::string& at) { return read_text(item, at); });
}

Eigen::MatrixXd read_matrix(const Value& value, const std::string& path) {
  if (value.kind != Kind::array || value.items.empty()) reject(value, path, "a list of rows");
  const std::size_t cols = value.items.front().items.size();
  for (const Value& row : value.items) {
    if (row.kind != Kind::array) reject(value, path, "a list of rows, as in [[1, 0], [0, 1]]");
    if (row.items.size() != cols) reject(value, path, "a matrix, all rows of one length");
  }
  Eigen::MatrixXd result(value.items.size(), cols);
  for (std::size_t i = 0; i < value.items.size(); ++i) {
    for (std::size_t j = 0; j < cols; ++j) {
      const std::string at =
          path + "[" + std::to_string(i + 1) + ", " + std::to_string(j + 1) + "]";
      result(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) =
          read_number(value.items[i].items[j], at, {});
    }
  }
  return result;
}

void check_name(const Value& value, const std::string& path, std::string_view name,
                const std::vector<std::string_view>& names) {
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  std::string rule = "one of";
  for (const std::string_view known : names) {
    rule.append(rule == "one of" ? " \"" : ", \"").append(known).append("\"");
  }
  reject(value, path, rule, "\"" + std::string(name) + "\"" + did_you_mean(name, names));
}

Value value_of(const std::vector<double>& numbers) {
  if (numbers.size() == 1) return Value::of(numbers.front());
  std::vector<Value> items;
  for (const double number : numbers) items.push_back(Value::of(number));
  return Value::of(std::move(items));
}

Value value_of(const Eigen::MatrixXd& matrix) {
  std::vector<Value> rows;
  for (Eigen::Index i = 0; i < matrix.rows(); ++i) {
    std::vector<Value> row;
    for (Eigen::Index j = 0; j < matrix.cols(); ++j) row.push_back(Value::of(matrix(i, j)));
    rows.push_back(Value::of(std::move(row)));
  }
  return Value::of(std::move(rows));
}

}  // namespace reprise
