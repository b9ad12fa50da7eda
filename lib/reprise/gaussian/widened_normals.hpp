// Integration points wider than the standard normals that they stand for.
#pragma once

#include <cstddef>
#include <span>

namespace reprise {

/// The spread s of points for n normals. Labels such as He_4 live in the tails: points N(0, s^2 I)
/// with weights see them, and cost next to nothing in the bulk (the squares of the weights have a
/// mean below 1.5 for every n).
double spread_for_tails(std::size_t n);

/// The spread s at which the squares of the weights of n >= 1 normals have the mean c >= 1:
/// (s^2 / sqrt(2 s^2 - 1))^n = c.
double spread_of_mean_square(double c, std::size_t n);

/// Multiplies the columns of standard normals by a spread and fills weights with the density of
/// N(0, I) over that of the points: means of weight * f over the points are expectations of f.
void widen(std::span<double* const> normals, double spread, std::size_t n_points, double* weights);

}  // namespace reprise
