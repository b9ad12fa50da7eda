// How the operations of expressions are written. Not installed.
#pragma once

#include <span>
#include <string_view>
#include <utility>

#include "reprise/model/expression.hpp"

namespace reprise {

inline constexpr int max_variables = 256;
inline constexpr int max_hermite_order = 20;

using Symbol = std::pair<std::string_view, Operation>;

/// Every function by name but He0..He20.
std::span<const Symbol> function_symbols();

/// Comparisons; of two that start alike, the longer first.
std::span<const Symbol> comparison_symbols();

/// What a function, a comparison or an arithmetic operation is written as.
std::string_view symbol(Operation operation);

}  // namespace reprise
