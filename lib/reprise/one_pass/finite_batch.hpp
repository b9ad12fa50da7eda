// The recursion of the overlaps under one-pass SGD with batches of any size (Arnaboldi2024a).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/gaussian/moments.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/batch_map.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// Correlation loss until the generalisation error is below `threshold` of the first, then the full
/// loss with gamma multiplied by `drop` once and by `decay` at every step.
struct AdaptiveLoss {
  double threshold = 0.6;
  double drop = 0.1;
  double decay = 0.995;
};
template <>
const Schema& schema<AdaptiveLoss>();

constexpr std::int64_t most_recursion_steps = std::int64_t{1} << 62;

/// What FiniteBatchOptions::rtol may be.
constexpr std::string_view stride_tolerance_rule = "0 (every step is taken) or 1e-12 to 0.01";
constexpr bool is_stride_tolerance(double rtol) {
  return rtol == 0 || (rtol >= 1e-12 && rtol <= 0.01);
}

struct FiniteBatchOptions {
  double dimension = 0;  ///< d > 0
  std::vector<std::int64_t>
      steps;  ///< output steps, increasing, at most 2^62; time is step n_b / d
  /// 0: every step is taken. Else strides of many steps where the steps are small (Strides), each
  /// with an error of about rtol (|x_i| + 1 / sqrt(d)) in every overlap x_i at most.
  double rtol = 0;
  Integrator integrator = Integrator::rosenbrock_4_3;  ///< of strides
  std::int64_t max_steps = most_recursion_steps;  ///< taken, or evaluated for strides, of one run
  RecursionTerms terms = {};
  std::optional<AdaptiveLoss> adaptive = {};
  MomentOptions moments = {};
  int scrambles = 8;  ///< independent point sets, where points are used
  int starts = 64;    ///< runs, where the problem draws their starts or second layers
  std::uint64_t start_seed = 1;
  std::uint64_t seed = 1;
  int threads = 0;
  Progress progress = {};
};
template <>
const Schema& schema<FiniteBatchOptions>();

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
/// With rtol > 0 the cost grows like the logarithm of the steps where the overlaps drift slowly,
/// and plain steps are taken where they do not. Refused with an adaptive loss, whose map changes
/// from step to step.
///
/// A batch that is used again is refused where it would feel itself (self_coupling).
///
/// NOTE: strides do not know that |M_jr| <= sqrt(Q_jj P_rr): an overlap of 1 may come out as 1 +
/// rtol.
///
/// M, Q, a where it is trained, generalisation_error and the cosines at the output steps. A run
/// that ends early (diverged, max_steps) says where, and the curve ends at its last time.
Solution solve(const Problem& problem, const OnePassSgd& algorithm,
               const FiniteBatchOptions& options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const OnePassSgd& algorithm, const FiniteBatchOptions& options);

}  // namespace reprise
