// Exact simulation of batch gradient descent at finite n and d without any vector of length d.
#pragma once

#include <cstdint>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

struct ExactSimulation {
  std::int64_t dimension = 0;  ///< d >= k + 1; a block has round(alpha_b d) >= 1 samples
  int runs = 32;               ///< independent ones; standard errors need >= 2
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
  Progress progress = {};
};
template <>
const Schema& schema<ExactSimulation>();

/// M, Q, generalisation_error, training_loss and the cosines at steps 0..T: means over the runs
/// with standard errors (none for a single run).
Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const ExactSimulation& options);

}  // namespace reprise
