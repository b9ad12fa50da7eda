// Lists of output times.
#pragma once

#include <string_view>
#include <vector>

namespace reprise {

/// 0, then `count` equal steps up to `duration` > 0.
std::vector<double> linear_times(double duration, int count);

/// 0, then `per_decade` times a decade from `first` up to `duration`, both of them included;
/// 0 < first <= duration.
std::vector<double> log_times(double first, double duration, int per_decade);

/// Throws InputError unless times are finite, >= 0 and increasing, and there is one at least.
void check_times(std::string_view where, const std::vector<double>& times);

}  // namespace reprise
