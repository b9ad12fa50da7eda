// Mini-batched prox-linear steps themselves: vectors in R^d, samples drawn, least squares solved.
#pragma once

#include <cstdint>

#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/matrix_sensing/matrix_sensing.hpp"

namespace reprise {

struct SensingSimulation {
  std::int64_t dimension = 0;  ///< d >= 2; each thread stores 2 m d numbers
  int runs = 32;               ///< independent ones; standard errors need >= 2
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
  Progress progress = {};
};
template <>
const Schema& schema<SensingSimulation>();

/// The quantities of the recursion: means over the runs with standard errors (none for one run). A
/// step takes m = round(samples_per_dimension d) >= 1 samples; its least squares are solved by
/// conjugate gradients to 1e-12 of the gradient, O(m d) an iteration.
Solution solve(const MatrixSensing& problem, const ProxLinear& algorithm,
               const SensingSimulation& options);

/// Throws InputError for what `solve` would refuse.
void check(const MatrixSensing& problem, const ProxLinear& algorithm,
           const SensingSimulation& options);

}  // namespace reprise
