// Gradient descent seen through the directions that it reveals, which is exact simulation
// at finite (n, d) and dynamical mean-field theory in the limit.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/batch_reuse/kernels.hpp"
#include "reprise/batch_reuse/reading.hpp"
#include "reprise/batch_reuse/sample_block.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// Divides row j of a set of weights with self-overlaps Q by sqrt(Q_jj); rows of norm 0 stay.
void normalise_rows(Eigen::MatrixXd& weights, const Eigen::MatrixXd& Q);

/// Batch gradient descent in the coordinates of the directions that it has revealed (THEORY.md,
/// "Revealed
/// descent"):
///
///   W_t = M_t P^-1 W* + sum_s L_{t,s} V_s sqrt(d),
///
/// V_s orthonormal, orthogonal to W* and to each other. Weights and gradients are rows of
/// coordinates [M, L_0, L_1, ...], and every rule of the algorithm is linear in them. The five
/// steps of a gradient stand in order in gradient(); the samples are a SampleBlock's.
class RevealedDescent {
 public:
  /// Problem and algorithm must have passed check(); all three references must outlive this.
  RevealedDescent(const Problem& problem, const GradientDescent& algorithm, Reading& reading,
                  int threads);

  Eigen::MatrixXd M() const { return weights_.leftCols(problem_.n_directions()); }
  /// Q_t = M_t P^-1 M_t^T + sum_s L_{t,s} L_{t,s}^T, (p, p)
  Eigen::MatrixXd Q() const { return inner(weights_, weights_); }
  const Eigen::VectorXd& second_layer() const { return second_layer_; }

  /// Goes from W_t to W_{t+1}; returns the training loss of the batch that the step used, before
  /// the step. NaN, with M and Q, when the dynamics have diverged.
  double step();

  /// The mean loss on the batch that a further step would use, after the last step; none where the
  /// schedule does not say which.
  std::optional<double> final_loss();

  /// Keeps the whole path from now on; to be called before the first step.
  void keep_path() { keeps_path_ = true; }
  /// The path up to the last step: steps s < T, weights at times 0..T.
  const RevealedPath& path() const { return path_; }

 private:
  struct Gradient {
    Eigen::MatrixXd weights = {};       // coordinates of sum_mu G_mu x_mu^T / sqrt(d), (p, k + m)
    Eigen::VectorXd second_layer = {};  // alpha <dl/df scale sigma(h)>
    double loss = 0;
    bool is_finite = true;
  };

  Eigen::Index p() const { return problem_.n_neurons(); }
  bool is_last_of_step(int evaluation) const { return evaluation + 1 == n_evaluations_; }
  void start();
  Gradient gradient(const Eigen::MatrixXd& at, int evaluation);
  void update(Gradient g);
  Eigen::MatrixXd inner(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) const;
  Use use_at(const Eigen::MatrixXd& weights) const;
  Use use_of_step(const Eigen::MatrixXd& at, int evaluation) const;
  SampleBlock& block_of_step();
  void forget();

  const Problem& problem_;
  const GradientDescent& algorithm_;
  Reading& reading_;
  int threads_;
  int n_evaluations_;  // of the gradient in a step: 2 with a displacement
  int step_ = 0;
  Eigen::MatrixXd gram_inverse_;      // P^-1
  Eigen::MatrixXd weights_;           // coordinates of W_t, (p, k + m)
  Eigen::MatrixXd weights_previous_;  // of W_{t-1}
  Eigen::VectorXd second_layer_;
  std::map<int, SampleBlock> live_blocks_;
  bool keeps_path_ = false;
  RevealedPath path_;
};

}  // namespace reprise
