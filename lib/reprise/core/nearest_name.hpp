// The nearest known name to a misspelt one, for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace reprise {

/// The entry of `known` that the fewest insertions, deletions, replacements and swaps of neighbours
/// turn into `name`; swaps and wrong cases count half. The first of equals; empty only if `known`
/// is.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

/// ", did you mean tanh?", or nothing if not even half of the name is right.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known);

}  // namespace reprise
