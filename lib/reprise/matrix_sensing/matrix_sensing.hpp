// Rank-one matrix sensing by mini-batched prox-linear steps, as data: what the recursion of the
// limit and the simulation both follow.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/ensemble.hpp"

namespace reprise {

/// y = <x, mu*><z, nu*> + sqrt(noise_variance) xi with x, z standard normal in R^d and
/// |mu*| = |nu*| = 1 (Lou2024). Index 1 is mu, index 2 is nu.
struct MatrixSensing {
  double noise_variance = 0;         ///< >= 0
  std::vector<double> overlap = {};  ///< (2) at the start: <mu, mu*>, <nu, nu*>
  std::vector<double> norm = {};     ///< (2) at the start: |mu|, |nu| > 0, at least |overlap|
};
template <>
const Schema& schema<MatrixSensing>();

/// A step with m = samples_per_dimension d fresh samples: with b = <z, nu>, c = <x, mu>,
///
///   (mu, nu) += argmin sum (y - b c - b <x, dmu> - c <z, dnu>)^2 + penalty m (|dmu|^2 + |dnu|^2)
struct ProxLinear {
  double penalty = 0;                ///< lambda > 0
  double samples_per_dimension = 0;  ///< m / d > 0, 1 / kappa
  int steps = 0;                     ///< >= 0
};
template <>
const Schema& schema<ProxLinear>();

/// <mu, mu*>, |mu| and <nu, nu*>, |nu|.
struct SensingState {
  std::array<double, 2> overlap;
  std::array<double, 2> norm;

  /// |mu nu^T - mu* nu*^T|_F^2. NOTE: a difference of numbers of order 1, so within some 1e-15.
  double error() const;
};

/// The start of a problem that has passed check().
SensingState start_of(const MatrixSensing& problem);

/// overlap (2), norm (2), error () and overlap_product () = <mu, mu*><nu, nu*>: the signs of mu and
/// nu may both be wrong, which leaves the last two alone.
std::vector<Quantity> sensing_quantities();
Eigen::RowVectorXd sensing_row(const SensingState& state);

/// Throws InputError naming the first value out of range.
void check(const MatrixSensing& problem);
void check(const MatrixSensing& problem, const ProxLinear& algorithm);

}  // namespace reprise
