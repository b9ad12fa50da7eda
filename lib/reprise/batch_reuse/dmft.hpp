// Dynamical mean-field theory of batch gradient descent: the limit d, n -> infinity at fixed n/d.
#pragma once

#include <cstdint>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// How the expectations of the limit are integrated.
struct DmftOptions {
  std::int64_t points = 65536;  ///< of the scrambled Sobol' set, rounded up to a power of two
  int scrambles = 8;            ///< independent ones; their spread is the standard error; >= 2
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
  Progress progress;
};

/// M, Q, generalisation_error, training_loss and max_overlap at steps 0..T with standard errors.
Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DmftOptions& options);

}  // namespace reprise
