#include "reprise/gaussian/widened_normals.hpp"

#include <algorithm>
#include <cmath>

namespace reprise {

double spread_for_tails(std::size_t n) {
  if (n == 0) return 1;
  if (n == 1) return std::sqrt(3.0);
  if (n == 2) return std::sqrt(2.0);
  return std::sqrt(1 + 0.5 * std::sqrt(3.0 / static_cast<double>(n)));
}

double spread_of_mean_square(double c, std::size_t n) {
  const double one = std::pow(c, 1 / static_cast<double>(n));  // of each normal
  return std::sqrt(one * one + one * std::sqrt(one * one - 1));
}

void widen(std::span<double* const> normals, double spread, std::size_t n_points, double* weights) {
  const double rate = 0.5 * (spread * spread - 1);  // of the normals before they are widened
  const double size = std::pow(spread, static_cast<double>(normals.size()));
  std::fill_n(weights, n_points, 0.0);
  for (double* const column : normals) {
    for (std::size_t i = 0; i < n_points; ++i) weights[i] += column[i] * column[i];
    for (std::size_t i = 0; i < n_points; ++i) column[i] *= spread;
  }
  for (std::size_t i = 0; i < n_points; ++i) weights[i] = size * std::exp(-rate * weights[i]);
}

}  // namespace reprise
