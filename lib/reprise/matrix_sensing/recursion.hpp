// Mini-batched prox-linear steps as d -> infinity: a deterministic map of overlaps and norms.
#pragma once

#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/matrix_sensing/matrix_sensing.hpp"

namespace reprise {

struct SensingRecursionOptions {
  /// Of the trapezoidal grid in each variable u, B = w sinh u; an eighth leaves errors of 1e-13.
  double spacing = 0.125;
  int max_rounds = 100'000;  ///< of the fixed point of one step
  Progress progress = {};
};
template <>
const Schema& schema<SensingRecursionOptions>();

/// overlap, norm, error and overlap_product (sensing_quantities) at steps 0..T; deterministic.
/// A step without a solution (not_converged, diverged) ends the curve before it.
Solution solve(const MatrixSensing& problem, const ProxLinear& algorithm,
               const SensingRecursionOptions& options);

/// Throws InputError for what `solve` would refuse.
void check(const MatrixSensing& problem, const ProxLinear& algorithm,
           const SensingRecursionOptions& options);

}  // namespace reprise
