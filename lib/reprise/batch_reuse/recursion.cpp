#include "reprise/batch_reuse/recursion.hpp"

#include <Eigen/LU>
#include <cmath>
#include <utility>

namespace reprise {

using Eigen::Index;
using Eigen::MatrixXd;

BatchReuseRecursion::BatchReuseRecursion(const Problem& problem, const GradientDescent& algorithm,
                                         Reading& reading, int threads)
    : problem_(problem),
      algorithm_(algorithm),
      reading_(reading),
      threads_(threads),
      gram_inverse_(problem.target.gram.inverse()),
      M_(problem.initial.M),
      M_previous_(M_) {
  L_ = orthogonal_factor(problem.initial, gram_inverse_);
  L_previous_ = L_;
}

MatrixXd BatchReuseRecursion::Q() const {
  return M_ * gram_inverse_ * M_.transpose() + L_ * L_.transpose();
}

double BatchReuseRecursion::step() {
  forget();
  const int b = algorithm_.schedule.block(step_);
  const std::optional<int> next = algorithm_.schedule.next_use(step_);
  SampleBlock& block = block_of_step(step_);
  const Averages mean = block.use({.target_weights = M_ * gram_inverse_,
                                   .field_weights = L_,
                                   .n_noise = problem_.n_neurons() * (next.value_or(step_) - step_),
                                   .is_last = !next},
                                  threads_);
  if (!mean.all_finite()) {
    M_.setConstant(std::nan(""));
    ++step_;
    return std::nan("");
  }
  const MatrixXd K = block.orthonormalise(mean);
  const MatrixXd R = reading_.triangular_factor(problem_.n_directions() + L_.cols(), K.cols());
  block.set_created_directions(R);
  update(mean, block, -algorithm_.learning_rate_at(step_) * std::sqrt(block.ratio()) * K *
                          R.transpose());
  if (!next) live_blocks_.erase(b);
  ++step_;
  return mean.loss;
}

// L_s <- (1 - eta lambda + beta) L_s - beta L_s^previous - eta alpha <G F_s^T>, M likewise with h*,
// and the new direction beside the old ones.
void BatchReuseRecursion::update(const Averages& mean, const SampleBlock& block,
                                 const MatrixXd& created) {
  const double eta = algorithm_.learning_rate_at(step_);
  const double beta = algorithm_.momentum;
  const double keep = 1 - eta * algorithm_.weight_decay + beta;
  const double rate = eta * block.ratio();

  MatrixXd M_next = keep * M_ - beta * M_previous_ - rate * mean.target.transpose();
  MatrixXd L_next(L_.rows(), L_.cols() + created.cols());
  L_next.leftCols(L_.cols()) = keep * L_ - beta * L_previous_ - rate * mean.field.transpose();
  L_next.rightCols(created.cols()) = created;

  M_previous_ = std::exchange(M_, std::move(M_next));
  L_previous_ = MatrixXd::Zero(L_.rows(), L_next.cols());
  L_previous_.leftCols(L_.cols()) = L_;
  L_ = std::move(L_next);
}

std::optional<double> BatchReuseRecursion::final_loss() {
  if (!algorithm_.schedule.has_step_after_last()) return std::nullopt;
  forget();
  return block_of_step(step_)
      .use({.target_weights = M_ * gram_inverse_,
            .field_weights = L_,
            .is_last = true,
            .needs_gradient = false},
           threads_)
      .loss;
}

SampleBlock& BatchReuseRecursion::block_of_step(int step) {
  const int b = algorithm_.schedule.block(step);
  if (const auto found = live_blocks_.find(b); found != live_blocks_.end()) return found->second;

  const double alpha = algorithm_.samples_per_dimension_of(b);
  const int steps_left = algorithm_.schedule.lives()[static_cast<std::size_t>(b)].last_use - step;
  const auto n_columns =
      SampleBlock::n_target_columns(problem_) +
      static_cast<std::uint64_t>(L_.cols() + problem_.n_neurons() * steps_left);
  return live_blocks_
      .try_emplace(b, problem_, reading_.normals(b, n_columns), reading_.n_samples(alpha),
                   reading_.ratio(alpha), reading_.projects_noise())
      .first->second;
}

// When no live block has seen the basis, its directions outside the span of the live weights say
// nothing about any data to come: the span itself becomes the basis, at most p (with momentum 2 p)
// directions, and a step costs the same for ever.
void BatchReuseRecursion::forget() {
  const bool has_momentum = algorithm_.momentum != 0;
  const Index p = problem_.n_neurons();
  if (!live_blocks_.empty() || L_.cols() <= (has_momentum ? 2 : 1) * p) return;
  MatrixXd live(has_momentum ? 2 * p : p, L_.cols());
  live.topRows(p) = L_;
  if (has_momentum) live.bottomRows(p) = L_previous_;
  const MatrixXd factor =
      semidefinite_factor("basis", "Gram matrix of the weights", live * live.transpose());
  L_ = factor.topRows(p);
  L_previous_ = has_momentum ? factor.bottomRows(p).eval() : L_;
}

}  // namespace reprise
