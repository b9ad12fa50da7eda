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

/// The rule of GradientDescent as it stands there, on vectors of length d. Shares no step of
/// revealed descent. Problem and algorithm must have passed check() and outlive it.
class DenseRun final : public BatchRun {
 public:
  /// dimension >= least_dimension. Cost of a step O(n d p); memory 8 n d bytes a live block.
  DenseRun(const Problem& problem, const GradientDescent& algorithm, std::int64_t dimension,
           std::uint64_t seed, std::uint64_t run);

  Overlaps overlaps() const override;
  Eigen::VectorXd second_layer() const override { return second_layer_; }
  double step() override;
  std::optional<double> final_loss() override;

 private:
  struct Block {
    std::size_t n = 0;
    std::vector<AlignedArray> inputs;  // X by columns: d of n numbers
    AlignedArray labels;
  };
  Block& block_of_step(int step);
  struct Gradient {
    Eigen::MatrixXd weights = {};       // sum_mu x_mu G_mu^T / sqrt(d), (d, p)
    Eigen::VectorXd second_layer = {};  // sum_mu dl/df scale sigma(h) / d, (p)
    double loss = 0;                    // mean over the block
  };
  void start(std::uint64_t seed, std::uint64_t run);
  Block draw(int block) const;
  void colour(std::vector<AlignedArray>& inputs) const;
  Gradient gradient(const Block& block, const Eigen::MatrixXd& at) const;
  void normalise();

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
  Eigen::VectorXd second_layer_;
  std::map<int, Block> live_blocks_;
};

}  // namespace reprise
