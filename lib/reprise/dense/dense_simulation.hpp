// The literal simulation: weights in R^d, data drawn and multiplied. Ground truth for the others.
#pragma once

#include <cstdint>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

struct DenseSimulation {
  std::int64_t dimension =
      0;          ///< d >= least_dimension; a block stores round(alpha_b d) * d numbers
  int runs = 32;  ///< independent ones; standard errors need >= 2
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
  Progress progress = {};
};
template <>
const Schema& schema<DenseSimulation>();

/// M, Q, generalisation_error, training_loss and the cosines at steps 0..T: means over the runs
/// with standard errors (none for a single run).
Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DenseSimulation& options);

}  // namespace reprise
