// Dynamical mean-field theory of batch gradient descent: the limit d, n -> infinity at fixed n/d.
#pragma once

#include <cstdint>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// How the expectations of the limit are integrated. Where labels have heavy tails the points lie
/// in the tails of h*, with weights (gaussian/label_spread.hpp).
struct DmftOptions {
  std::int64_t points = 65536;  ///< of the scrambled Sobol' set, rounded up to a power of two
  /// Independent ones, >= 2. Their spread gives the standard error of the mean. A finite set has a
  /// bias of order 1/points besides: two scrambles of an eighth of the points for each one, a
  /// quarter of the cost, estimate it, and the standard error counts it in quadrature.
  int scrambles = 8;
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
  /// > 0: the points are doubled, from the number above on, until every standard error of M, Q, a
  /// and both losses, with the bias in it, is below this.
  double target_error = 0;
  std::int64_t max_points = std::int64_t{1} << 22;  ///< where target_error gives up
  bool kernels = false;  ///< also C(t,t'), C_G(t,t') and R(t,s), see kernels.hpp
  Progress progress = {};
};
template <>
const Schema& schema<DmftOptions>();

/// M, Q, a if trained, generalisation_error, training_loss and the cosines at steps 0..T with
/// standard errors. Ends not_converged, with the errors reached, where max_points do not meet
/// target_error.
Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DmftOptions& options);

}  // namespace reprise
