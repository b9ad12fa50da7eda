// Checks of what callers pass in. They always run, also in Release, and throw InputError with the
// text "<where>: <name> must be <rule>, got <value>".
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string_view>

namespace reprise {

/// Throws the InputError "<where>: <name> must be <rule>, got <value>".
[[noreturn]] void reject(std::string_view where, std::string_view name, std::string_view rule,
                         std::string_view value);
[[noreturn]] void reject(std::string_view where, std::string_view name, std::string_view rule,
                         double value);

void check_finite(std::string_view where, std::string_view name, double value);
void check_positive(std::string_view where, std::string_view name, double value);
void check_nonnegative(std::string_view where, std::string_view name, double value);
void check_at_least(std::string_view where, std::string_view name, std::int64_t value,
                    std::int64_t least);

/// Every entry finite; the message carries the index (from 1) of the first that is not.
void check_finite(std::string_view where, std::string_view name,
                  const Eigen::Ref<const Eigen::MatrixXd>& value);
void check_shape(std::string_view where, std::string_view name,
                 const Eigen::Ref<const Eigen::MatrixXd>& value, Eigen::Index rows,
                 Eigen::Index cols);
/// Square and symmetric within 1e-12 of its largest entry.
void check_symmetric(std::string_view where, std::string_view name,
                     const Eigen::Ref<const Eigen::MatrixXd>& value);

}  // namespace reprise
