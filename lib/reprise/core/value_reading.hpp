// Typed numbers, texts and matrices from values; every error says
// "<origin>: <path> must be <rule>, got <value>".
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/range.hpp"
#include "reprise/core/value.hpp"

namespace reprise {

/// Throws the InputError that a value breaks a rule.
[[noreturn]] void reject(const Value& value, const std::string& path, std::string_view rule);
[[noreturn]] void reject(const Value& value, const std::string& path, std::string_view rule,
                         std::string_view got);

bool read_flag(const Value& value, const std::string& path);
const std::string& read_text(const Value& value, const std::string& path);
double read_number(const Value& value, const std::string& path, const Range& range);
/// Also accepts 1e6 and 2.0.
std::int64_t read_integer(const Value& value, const std::string& path, const Range& range);
/// One number or a list of them.
std::vector<double> read_numbers(const Value& value, const std::string& path, const Range& range);
std::vector<std::int64_t> read_integers(const Value& value, const std::string& path,
                                        const Range& range);
/// One text or a list of them.
std::vector<std::string> read_texts(const Value& value, const std::string& path);
/// A list of rows of one length, whatever its shape.
Eigen::MatrixXd read_matrix(const Value& value, const std::string& path);
/// One of `names`, else an error that lists them and names the nearest.
void check_name(const Value& value, const std::string& path, std::string_view name,
                const std::vector<std::string_view>& names);

Value value_of(const std::vector<double>& numbers);  ///< one number where there is one, else a list
Value value_of(const Eigen::MatrixXd& matrix);       ///< a list of rows

}  // namespace reprise
