// Integration points wider than the standard normals that they stand for.
#pragma once

#include <cstddef>
#include <span>

namespace reprise {

/// The spread s of points for n normals. Labels such as He_4 live in the tails: points N(0, s^2 I)
/// with weights see them, and cost next to nothing in the bulk (the squares of the weights have a
/// mean below 1.5 for every n).
double spread_for_tails(std::size_t n);

/// Multiplies the columns of standard normals by spread_for_tails and fills weights with the
/// density of N(0, I) over that of the points: means of weight * f over the points are expectations
/// of f.
void widen(std::span<double* const> normals, std::size_t n_points, double* weights);

}  // namespace reprise
