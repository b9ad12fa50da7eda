#include "reprise/batch_reuse/sample_block.hpp"

#include <cmath>
#include <utility>

#include "reprise/batch_reuse/sample_pass.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd block_of(const std::vector<double>& means, std::size_t offset, std::size_t rows,
                  std::size_t cols) {
  return Eigen::Map<const RowMajor>(means.data() + offset, static_cast<Index>(rows),
                                    static_cast<Index>(cols));
}

// Relative variances. A covariance of rests as a difference of averages is good to about 1e-14: a
// rest below `small` is measured itself, and what is then below `rounding` is nothing but that.
constexpr double null_variance = 1e-13;  // of a neuron's rest beyond others, in its own units
constexpr double small_variance = 1e-6;
constexpr double rounding_variance = 1e-20;

}  // namespace

bool Averages::all_finite() const {
  return target.allFinite() && field.allFinite() && history.allFinite() && gradient.allFinite() &&
         second_layer.allFinite() && std::isfinite(loss);
}

std::uint64_t SampleBlock::n_target_columns(const Problem& problem) {
  const auto rank = semidefinite_factor("problem", "inputs.covariance", problem.input_covariance);
  return static_cast<std::uint64_t>(rank.cols()) + (problem.target.noise_variance > 0 ? 1 : 0);
}

SampleBlock::SampleBlock(const Problem& problem, std::unique_ptr<NormalSource> normals,
                         std::int64_t n_samples, double ratio, double target_spread)
    : problem_(problem),
      normals_(std::move(normals)),
      n_samples_(n_samples),
      ratio_(ratio),
      target_spread_(target_spread),
      input_factor_(semidefinite_factor("problem", "inputs.covariance", problem.input_covariance)),
      next_column_(n_target_columns(problem)),
      gradient_map_(problem.n_neurons(), 0),
      history_map_(0, 0) {}

Averages SampleBlock::use(const Use& use, int threads) {
  Pass pass(*this, use);
  std::vector<double> means = pass.run(threads);
  for (double& mean : means) mean /= static_cast<double>(n_samples_);

  const std::size_t m = pass.m_old + pass.m_new;
  const std::size_t e = pass.e_old + pass.e_new;
  Averages averages;
  averages.target = block_of(means, 0, pass.k, pass.p);
  averages.field = block_of(means, pass.k * pass.p, m, pass.p);
  averages.history = block_of(means, (pass.k + m) * pass.p, e, pass.p);
  averages.gradient = block_of(means, (pass.k + m + e) * pass.p, pass.p, pass.p);
  averages.second_layer = block_of(means, pass.second_layer_offset, pass.p, 1);
  averages.loss = means[pass.loss_offset];
  keep(pass, means);
  return averages;
}

// What this use leaves for the next: finished columns, their Gram matrix, products with the noise.
void SampleBlock::keep(const Pass& pass, const std::vector<double>& means) {
  const std::size_t e = pass.e_old + pass.e_new;
  for (std::size_t c = 0; c < pass.e_new; ++c) history_.push_back(std::move(raw_gradient_[c]));
  raw_gradient_ = std::exchange(next_gradient_, {});

  const MatrixXd rows = block_of(means, pass.gram_offset, e, pass.e_new);
  history_gram_.conservativeResize(static_cast<Index>(e), static_cast<Index>(e));
  history_gram_.rightCols(rows.cols()) = rows;
  history_gram_.bottomRows(rows.cols()) = rows.transpose();

  noise_history_ = block_of(means, pass.noise_offset, e, pass.n_noise);
  noise_gradient_ = block_of(means, pass.noise_offset + e * pass.n_noise, pass.p, pass.n_noise);
  next_column_ += (is_new_ ? pass.m_new : 0) + pass.n_noise;
  gradient_map_.resize(problem_.n_neurons(), 0);
  history_map_.resize(static_cast<Index>(e), 0);
  created_.resize(0, 0);
  is_new_ = false;
}

// Coefficients of the projection on eps: E^-1 products with E = I + rounding, so that
// 2 I - E is its inverse to second order; it does what a second Gram-Schmidt sweep would.
MatrixXd SampleBlock::along_history(const MatrixXd& products) const {
  return 2 * products - history_gram_ * products;
}

SampleBlock::Split SampleBlock::orthonormalise(const Averages& averages, int threads) {
  MatrixXd along = averages.history;  // of the columns that are stored: G, or G - c^T eps
  MatrixXd within = averages.gradient;
  MatrixXd coefficients = along_history(along);
  const auto rest = [&](const MatrixXd& c) -> MatrixXd {
    const MatrixXd cross = c.transpose() * along;
    return within - cross - cross.transpose() + c.transpose() * history_gram_ * c;
  };
  MatrixXd residual = rest(coefficients);
  MatrixXd left = coefficients;  // what is still to be subtracted

  const Eigen::VectorXd variance = averages.gradient.diagonal().cwiseMax(0.0);
  const bool is_small = (residual.diagonal().array() < small_variance * variance.array()).any();
  Eigen::VectorXd unit = variance;  // each neuron in units of its own gradient, or of its rest
  if (is_small && !raw_gradient_.empty()) {
    const std::vector<double> means = subtract_history(coefficients, threads);
    const std::size_t e = history_.size(), q = raw_gradient_.size();
    along = block_of(means, 0, e, q);
    within = block_of(means, e * q, q, q);
    noise_gradient_ = block_of(means, (e + q) * q, raw_noise_.size(), q).transpose();
    left = along_history(along);
    coefficients += left;
    residual = rest(left);
    unit = residual.diagonal();
    for (Index j = 0; j < unit.size(); ++j)
      unit[j] = unit[j] > rounding_variance * variance[j] ? unit[j] : 0;
  }
  const Eigen::VectorXd scale = unit.cwiseSqrt();
  const Eigen::VectorXd inverse = scale.unaryExpr([](double s) { return s > 0 ? 1 / s : 0.0; });
  const RankFactor factor = rank_factor(inverse.asDiagonal() * residual * inverse.asDiagonal(),
                                        null_variance, small_variance);
  gradient_map_ = inverse.asDiagonal() * factor.T;
  history_map_ = -left * gradient_map_;
  return {std::move(coefficients), scale.asDiagonal() * factor.L};
}

void SampleBlock::set_created_directions(const MatrixXd& triangular_factor) {
  created_ = triangular_factor / std::sqrt(ratio_);
}

// Coefficients of eps in F = B - eps <eps B^T> + eps R^T / sqrt(alpha) for the first n_new columns.
MatrixXd SampleBlock::noise_correction(Index n_new) const {
  const Index e_old = history_gram_.rows();
  const Index e_new = gradient_map_.cols();
  MatrixXd correction = MatrixXd::Zero(e_old + e_new, n_new);
  if (n_new > 0) {
    const MatrixXd history = noise_history_.leftCols(n_new);
    correction.topRows(e_old) = -along_history(history);
    correction.bottomRows(e_new) = -(gradient_map_.transpose() * noise_gradient_.leftCols(n_new) +
                                     history_map_.transpose() * history);
  }
  const Index created = std::min(created_.rows(), n_new);
  correction.bottomRows(e_new).leftCols(created) += created_.topRows(created).transpose();
  return correction;
}

}  // namespace reprise
