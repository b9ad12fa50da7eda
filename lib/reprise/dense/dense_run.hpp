// One run of dense batch gradient descent: weights in R^d, data drawn and multiplied.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/batch_reuse/record.hpp"
#include "reprise/core/column_kernels.hpp"
#include "reprise/core/random.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// W <- W - eta [ G^T X / sqrt(d) + lambda W ] + beta (W - W_previous) as it stands. Shares no step
/// of the revealed-basis recursion. Problem and algorithm must have passed check() and outlive it.
class DenseRun final : public BatchRun {
 public:
  /// dimension >= k + p. Cost of a step O(n d p); memory 8 n d bytes a live block.
  DenseRun(const Problem& problem, const GradientDescent& algorithm, std::int64_t dimension,
           std::uint64_t seed, std::uint64_t run);

  Overlaps overlaps() const override;
  double step() override;
  std::optional<double> final_loss() override;

 private:
  struct Block {
    std::size_t n = 0;
    std::vector<AlignedArray> inputs;  // X by columns: d of n numbers
    AlignedArray labels;
  };
  Block& block_of_step(int step);
  Block draw(int block) const;
  /// The sum of the loss, and of G x^T / sqrt(d) into `gradient` (d, p) unless that is null.
  double pass(const Block& block, Eigen::MatrixXd* gradient) const;

  const Problem& problem_;
  const GradientDescent& algorithm_;
  Eigen::Index dimension_;
  Stream samples_;
  int step_ = 0;
  Eigen::MatrixXd targets_;           // W*^T, (d, k)
  Eigen::MatrixXd input_map_;         // A: x <- x + V A V^T x, (k, k)
  Eigen::MatrixXd input_directions_;  // V, orthonormal, (d, k)
  Eigen::MatrixXd weights_;           // W^T, (d, p)
  Eigen::MatrixXd weights_previous_;
  std::map<int, Block> live_blocks_;
};

}  // namespace reprise
