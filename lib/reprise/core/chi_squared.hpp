// Chi-squared numbers of any number of degrees of freedom, many at a time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "reprise/core/random.hpp"

namespace reprise {

/// Fills out with chi-squared numbers: those of `column` with indices first .. first + n - 1, both
/// multiples of 16, by the rejection method of Marsaglia2000; exact in law for every degrees >= 0,
/// which need not be whole, and for whole ones up to 2^53. A column takes the columns 2 c and
/// 2 c + 1 of the stream.
void fill_chi_squared(const Stream& stream, std::uint64_t column, std::uint64_t first,
                      std::size_t n, double degrees, double* out);

}  // namespace reprise
