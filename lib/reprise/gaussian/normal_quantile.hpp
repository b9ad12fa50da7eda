// The inverse of the standard normal distribution function, on arrays.
#pragma once

#include <cstddef>

namespace reprise {

/// out[i] = z with P(Z <= z) = u[i], for 0 < u[i] < 1 (Wichura1988, algorithm AS 241, PPND16:
/// relative error about 1e-16). u and out may be the same array.
void normal_quantile(const double* u, std::size_t n, double* out);

}  // namespace reprise
