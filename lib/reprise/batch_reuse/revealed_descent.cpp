#include "reprise/batch_reuse/revealed_descent.hpp"

#include <cmath>
#include <utility>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// The coordinates in a basis that has grown: 0 along the new directions.
void extend(MatrixXd& coordinates, Index cols) {
  const Index old = coordinates.cols();
  coordinates.conservativeResize(Eigen::NoChange, cols);
  coordinates.rightCols(cols - old).setZero();
}

}  // namespace

RevealedDescent::RevealedDescent(const Problem& problem, const GradientDescent& algorithm,
                                 Reading& reading, int threads)
    : problem_(problem),
      algorithm_(algorithm),
      reading_(reading),
      threads_(threads),
      n_evaluations_(algorithm.displacement != 0 ? 2 : 1),
      gram_inverse_(inverse(problem.target.gram)),
      second_layer_(problem.student.second_layer) {
  start();
}

void RevealedDescent::start() {
  const Index p = problem_.n_neurons();
  const Index k = problem_.n_directions();
  MatrixXd M = problem_.initial.M;
  MatrixXd L;
  if (problem_.has_random_start) {
    auto random = reading_.random_start(p, problem_.target.gram);
    M = std::move(random.M);
    L = std::move(random.L);
  } else {
    L = orthogonal_factor(problem_.initial, gram_inverse_);
  }
  weights_.resize(p, k + L.cols());
  weights_.leftCols(k) = M;
  weights_.rightCols(L.cols()) = L;
  if (algorithm_.normalise != Normalise::none) normalise_rows(weights_, Q());
  weights_previous_ = weights_;
}

// A B^T / d of two sets of weights or gradients in coordinates, (p, p).
MatrixXd RevealedDescent::inner(const MatrixXd& a, const MatrixXd& b) const {
  const Index k = problem_.n_directions();
  const Index m = a.cols() - k;
  return a.leftCols(k) * gram_inverse_ * b.leftCols(k).transpose() +
         a.rightCols(m) * b.rightCols(m).transpose();
}

double RevealedDescent::step() {
  forget();
  if (keeps_path_ && step_ == 0) path_.weights.push_back(weights_);
  Gradient g = gradient(weights_, 0);
  const double loss = g.loss;
  if (n_evaluations_ == 2 && g.is_finite) {
    MatrixXd displaced = weights_;
    extend(displaced, g.weights.cols());
    displaced -= algorithm_.displacement * g.weights;
    g = gradient(displaced, 1);
  }
  if (!g.is_finite) {
    weights_.setConstant(std::nan(""));
    return std::nan("");
  }
  if (!algorithm_.schedule.next_use(step_)) live_blocks_.erase(algorithm_.schedule.block(step_));
  update(std::move(g));
  if (keeps_path_) path_.weights.push_back(weights_);
  ++step_;
  return loss;
}

// What the data say at weights W = M P^-1 W* + sum_s L_s V_s sqrt(d) (THEORY.md, "Revealed
// descent"): the coordinates of sum_mu G_mu x_mu^T / sqrt(d), one direction more for each that G
// reveals.
RevealedDescent::Gradient RevealedDescent::gradient(const MatrixXd& at, int evaluation) {
  SampleBlock& block = block_of_step();
  const double alpha = block.ratio();
  // 1. F = B - sum_r eps_r <eps_r B^T> + eps R^T / sqrt(alpha), of the directions not met before;
  // 2. h = M P^-1 h* + sum_s L_s F_s and G = G(h, y): their means over the samples, <.>.
  const Averages mean = block.use(use_of_step(at, evaluation), threads_);
  if (!mean.all_finite()) return {.loss = std::nan(""), .is_finite = false};
  // 3. G = sum_r <G eps_r^T> eps_r + K eps_new.
  SampleBlock::Split split = block.orthonormalise(mean, threads_);
  const MatrixXd& K = split.K;
  // 4. R, the triangular factor of a Gaussian matrix, R = I in the limit.
  const MatrixXd R = reading_.triangular_factor(at.cols(), K.cols(), alpha);
  block.set_created_directions(R);
  // 5. The gradient: alpha <G h*^T>, alpha <G F_s^T>, and sqrt(alpha) K R^T.
  Gradient g;
  g.weights.resize(p(), at.cols() + R.rows());
  g.weights << alpha * mean.target.transpose(), alpha * mean.field.transpose(),
      std::sqrt(alpha) * K * R.transpose();
  g.second_layer = alpha * mean.second_layer;
  g.loss = mean.loss;
  if (keeps_path_ && is_last_of_step(evaluation)) {
    path_.steps.push_back({.block = algorithm_.schedule.block(step_),
                           .ratio = alpha,
                           .coefficients = std::move(split.coefficients),
                           .K = std::move(split.K),
                           .R = R,
                           .first_direction = at.cols()});
  }
  return g;
}

// W <- W - eta (g + lambda W) + beta (W - W_previous), then the normalisation.
void RevealedDescent::update(Gradient g) {
  extend(weights_, g.weights.cols());
  extend(weights_previous_, g.weights.cols());
  if (algorithm_.normalise == Normalise::spherical) {
    const Eigen::VectorXd along = inner(g.weights, weights_).diagonal();
    const Eigen::VectorXd norm = Q().diagonal();
    for (Index j = 0; j < along.size(); ++j) {
      if (norm[j] > 0) g.weights.row(j) -= along[j] / norm[j] * weights_.row(j);
    }
  }
  const double eta = algorithm_.learning_rate_at(step_);
  MatrixXd next = weights_ - eta * (g.weights + algorithm_.weight_decay * weights_) +
                  algorithm_.momentum * (weights_ - weights_previous_);
  weights_previous_ = std::exchange(weights_, std::move(next));
  if (algorithm_.normalise != Normalise::none) normalise_rows(weights_, Q());
  if (algorithm_.trains_second_layer()) {
    second_layer_ -= algorithm_.second_layer_learning_rate_at(step_) * g.second_layer;
  }
}

Use RevealedDescent::use_at(const MatrixXd& weights) const {
  const Index k = problem_.n_directions();
  return {.target_weights = weights.leftCols(k) * gram_inverse_,
          .field_weights = weights.rightCols(weights.cols() - k),
          .second_layer = second_layer_,
          .trains_second_layer = algorithm_.trains_second_layer()};
}

// Until the block's next use every evaluation of a gradient creates up to p directions, whose
// fields that use will ask for.
Use RevealedDescent::use_of_step(const MatrixXd& at, int evaluation) const {
  Use use = use_at(at);
  const auto next = algorithm_.schedule.next_use(step_);
  const bool is_last = is_last_of_step(evaluation);
  use.is_last = is_last && !next;
  const int n_evaluations_between =
      is_last ? n_evaluations_ * (next.value_or(step_ + 1) - step_ - 1) : 0;
  use.n_noise = p() * (1 + n_evaluations_between);
  return use;
}

std::optional<double> RevealedDescent::final_loss() {
  if (!algorithm_.schedule.has_step_after_last()) return std::nullopt;
  forget();
  Use use = use_at(weights_);
  use.is_last = true;
  use.needs_gradient = false;
  return block_of_step().use(use, threads_).loss;
}

SampleBlock& RevealedDescent::block_of_step() {
  const int b = algorithm_.schedule.block(step_);
  if (const auto found = live_blocks_.find(b); found != live_blocks_.end()) return found->second;

  const double alpha = algorithm_.samples_per_dimension_of(b);
  const int steps = algorithm_.schedule.lives()[static_cast<std::size_t>(b)].last_use - step_ + 1;
  const auto n_columns =
      SampleBlock::n_target_columns(problem_) +
      static_cast<std::uint64_t>(weights_.cols() + problem_.n_neurons() * n_evaluations_ * steps);
  return live_blocks_
      .try_emplace(b, problem_, reading_.normals(b, n_columns), reading_.n_samples(alpha),
                   reading_.ratio(alpha), reading_.target_spread())
      .first->second;
}

// When no live block has seen the basis, its directions outside the span of the live weights say
// nothing about any data to come: the span itself becomes the basis, at most p (with momentum 2 p)
// directions, and a step costs the same for ever.
void RevealedDescent::forget() {
  const Index k = problem_.n_directions();
  const Index p = problem_.n_neurons();
  const Index m = weights_.cols() - k;
  const Index rows = algorithm_.momentum != 0 ? 2 * p : p;
  if (keeps_path_ || !live_blocks_.empty() || m <= rows) return;
  MatrixXd live(rows, m);
  live.topRows(p) = weights_.rightCols(m);
  live.bottomRows(p) = (rows == p ? weights_ : weights_previous_).rightCols(m);
  const MatrixXd factor =
      semidefinite_factor("basis", "Gram matrix of the weights", live * live.transpose());
  weights_.conservativeResize(Eigen::NoChange, k + factor.cols());
  weights_.rightCols(factor.cols()) = factor.topRows(p);
  weights_previous_.conservativeResize(Eigen::NoChange, k + factor.cols());
  weights_previous_.rightCols(factor.cols()) = factor.bottomRows(p);
}

void normalise_rows(MatrixXd& weights, const MatrixXd& Q) {
  for (Index j = 0; j < weights.rows(); ++j) {
    if (Q(j, j) > 0) weights.row(j) /= std::sqrt(Q(j, j));
  }
}

}  // namespace reprise
