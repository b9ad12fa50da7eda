// Batch gradient descent as data: what the limit, the exact and the dense simulation all follow.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "reprise/batch_reuse/schedule.hpp"
#include "reprise/core/described.hpp"
#include "reprise/model/normalise.hpp"

namespace reprise {

/// W <- W - eta [ g(W) + lambda W ] + beta (W - W_previous),  g(W) = sum_{mu in batch} G_mu x_mu^T
/// / sqrt(d),
///
/// the batch of step t being block schedule.block(t) with n_b = alpha_b d samples. The sum is not
/// divided by n_b. With a displacement rho, g(W - rho g(W)) takes the place of g(W), on the same
/// batch: extragradient for rho > 0, SAM for rho < 0. A trained second layer moves with the first,
/// a <- a - eta_a alpha <dl/df scale sigma(h)>, at the same (displaced) weights.
struct GradientDescent {
  Schedule schedule = {};
  std::vector<double> learning_rate = {};          ///< eta >= 0: one, or one per step
  std::vector<double> samples_per_dimension = {};  ///< alpha_b > 0: one, or one per block
  double weight_decay = 0;                         ///< lambda >= 0, of W alone
  double momentum = 0;                             ///< beta, 0 <= beta < 1, of W alone
  Normalise normalise = Normalise::none;
  double displacement = 0;  ///< rho, any sign
  std::vector<double> second_layer_learning_rate =
      {};  ///< eta_a: none (not trained), one, or one per step

  bool trains_second_layer() const { return !second_layer_learning_rate.empty(); }
  double second_layer_learning_rate_at(int step) const {
    return at(second_layer_learning_rate, step);
  }
  double learning_rate_at(int step) const { return at(learning_rate, step); }
  /// A block after the last given one has the alpha of the last.
  double samples_per_dimension_of(int block) const {
    const auto last = samples_per_dimension.size() - 1;
    return samples_per_dimension[std::min(last, static_cast<std::size_t>(block))];
  }

  static double at(const std::vector<double>& values, int step) {
    return values[values.size() == 1 ? 0 : static_cast<std::size_t>(step)];
  }
};
template <>
const Schema& schema<GradientDescent>();

/// Throws InputError naming the first value out of range or list of the wrong length.
void check(const GradientDescent& algorithm);

}  // namespace reprise
