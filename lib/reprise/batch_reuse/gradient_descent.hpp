// Batch gradient descent as data: what the limit, the exact and the dense simulation all follow.
#pragma once

#include <vector>

#include "reprise/batch_reuse/schedule.hpp"

namespace reprise {

/// W <- W - eta [ sum_{mu in batch} G_mu x_mu^T / sqrt(d) + lambda W ] + beta (W - W_previous),
/// the batch of step t being block schedule.block(t) with n_b = alpha_b d samples. The sum is not
/// divided by n_b.
struct GradientDescent {
  Schedule schedule;
  std::vector<double> learning_rate;          ///< eta >= 0: one, or one per step
  std::vector<double> samples_per_dimension;  ///< alpha_b > 0: one, or one per block
  double weight_decay = 0;                    ///< lambda >= 0
  double momentum = 0;                        ///< beta, 0 <= beta < 1

  double learning_rate_at(int step) const {
    return learning_rate[learning_rate.size() == 1 ? 0 : static_cast<std::size_t>(step)];
  }
  /// A block after the last given one has the alpha of the last.
  double samples_per_dimension_of(int block) const {
    const auto last = samples_per_dimension.size() - 1;
    return samples_per_dimension[std::min(last, static_cast<std::size_t>(block))];
  }
};

/// Throws InputError naming the first value out of range or list of the wrong length.
void check(const GradientDescent& algorithm);

}  // namespace reprise
