// The nearest known name to a misspelt one, for messages.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace reprise {

/// The entry of `known` that the fewest insertions, deletions, replacements and swaps of neighbours
/// turn into `name`; swaps and wrong cases count half. The first of equals; empty only if `known`
/// is.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> known);

/// The nearest, empty where more than a third of the letters is wrong: `sgn` is not `sin`.
std::string_view near_name(std::string_view name, std::span<const std::string_view> known);

/// What a thing is called elsewhere, and here.
using UsualName = std::pair<std::string_view, std::string_view>;

/// ", did you mean tanh?", or nothing where no name is near.
///
/// usual  names of other programs, which are answered before a near one is looked for
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known,
                         std::span<const UsualName> usual = {});

}  // namespace reprise
