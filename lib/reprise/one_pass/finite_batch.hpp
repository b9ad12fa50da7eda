// The recursion of the overlaps under one-pass SGD with batches of any size (Arnaboldi2024a).
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/core/solution.hpp"
#include "reprise/gaussian/moments.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// Which of the terms of the recursion are kept, for the asymptotic regimes of the source.
struct RecursionTerms {
  bool linear = true;  ///< those of order eta'
  bool noise = true;   ///< eta'^2 (d / n_b) E[G G^T]: the one correlation loss tames
  bool batch = true;   ///< eta'^2 (A P^-1 A^T + B Q_perp^-1 B^T): matters for n_b >~ d
};

/// Correlation loss until the generalisation error is below `threshold` of the first, then the full
/// loss with gamma multiplied by `drop` once and by `decay` at every step.
struct AdaptiveLoss {
  bool is_on = false;
  double threshold = 0.6;
  double drop = 0.1;
  double decay = 0.995;
};

struct FiniteBatchOptions {
  double dimension = 0;             ///< d > 0
  std::vector<std::int64_t> steps;  ///< output steps, increasing; time is step n_b / d
  RecursionTerms terms = {};
  AdaptiveLoss adaptive = {};
  MomentOptions moments = {};
  int scrambles = 8;  ///< independent point sets, where points are used
  int starts = 64;    ///< runs, each from a start of its own, where the problem has random ones
  std::uint64_t start_seed = 1;
  std::uint64_t seed = 1;
  int threads = 0;
  Progress progress = {};
};

/// With eta' = gamma n_b / d, A = E[G h*^T], B = E[G h^T] - A P^-1 M^T, Q_perp = Q - M P^-1 M^T:
///
///   M <- M - eta' A
///   Q <- Q - eta' (E[G h^T] + E[h G^T])
///          + eta'^2 [ (d / n_b) E[G G^T] + (1 - 1/n_b) (A P^-1 A^T + B Q_perp^+ B^T) ]
///
/// in expectation to leading order, from n_b = 1 to n_b >> d. A neuron's change that keeps its norm
/// is applied to the whole step: spherical projects the gradient first, projected only rescales.
/// Directions in which Q_perp vanishes carry no B and are left out (its pseudo-inverse). The factor
/// 1 - 1/n_b keeps a single sample from being counted twice; the source writes 1.
///
/// M, Q, a where it is trained, generalisation_error, max_overlap at the output steps.
Solution solve(const Problem& problem, const OnePassSgd& algorithm,
               const FiniteBatchOptions& options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const OnePassSgd& algorithm, const FiniteBatchOptions& options);

}  // namespace reprise
