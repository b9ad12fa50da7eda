// The core: one recursion for the overlaps that is exact simulation at finite (n, d) and dynamical
// mean-field theory in the limit.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/batch_reuse/reading.hpp"
#include "reprise/batch_reuse/sample_block.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// Batch gradient descent seen through the directions that it has revealed (THEORY.md, "The
/// recursion"):
///
///   W_t = M_t P^-1 W* + sum_s L_{t,s} V_s sqrt(d),
///
/// V_s orthonormal, orthogonal to W* and to each other. Problem and algorithm must have passed
/// check() and outlive it.
class BatchReuseRecursion {
 public:
  BatchReuseRecursion(const Problem& problem, const GradientDescent& algorithm, Reading& reading,
                      int threads);

  int n_steps_done() const { return step_; }
  const Eigen::MatrixXd& M() const { return M_; }
  /// Q_t = M_t P^-1 M_t^T + sum_s L_{t,s} L_{t,s}^T, (p, p)
  Eigen::MatrixXd Q() const;

  /// Goes from W_t to W_{t+1}; returns the training loss of the batch that the step used, before
  /// the step. Not finite, or M and Q not finite, when the dynamics have diverged.
  double step();

  /// The mean loss on the batch that a further step would use, after the last step; none where the
  /// schedule does not say which.
  std::optional<double> final_loss();

 private:
  SampleBlock& block_of_step(int step);
  void forget();
  void update(const Averages& mean, const SampleBlock& block, const Eigen::MatrixXd& created);

  const Problem& problem_;
  const GradientDescent& algorithm_;
  Reading& reading_;
  int threads_;
  int step_ = 0;
  Eigen::MatrixXd gram_inverse_;  // P^-1
  Eigen::MatrixXd M_;             // (p, k)
  Eigen::MatrixXd M_previous_;
  Eigen::MatrixXd L_;  // all L_{t,s} side by side, (p, m)
  Eigen::MatrixXd L_previous_;
  std::map<int, SampleBlock> live_blocks_;
};

}  // namespace reprise
