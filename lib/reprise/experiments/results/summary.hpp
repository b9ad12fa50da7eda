// summary.json: what was run, what it cost, how each curve ended, and the comparisons.
#pragma once

#include <string>
#include <string_view>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

/// The whole of `results` but the curves' numbers, as JSON.
std::string summary_json(const Results& results);

/// Reads a summary back; the curves have no series yet, see read_results.
/// Throws InputError if it is not such a summary; `source` is the name that errors carry.
Results parse_summary(std::string_view text, std::string_view source);

}  // namespace reprise
