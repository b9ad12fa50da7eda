#include "reprise/gaussian/point_moments.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/gaussian/label_spread.hpp"
#include "reprise/gaussian/normal_source.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t moment_chunk = 512;

class PointMoments final : public GaussianMoments {
 public:
  PointMoments(const Problem& problem, const SampleUse& use, const MomentOptions& options)
      : GaussianMoments(problem, options),
        problem_(problem),
        p_(problem.n_neurons()),
        k_(problem.n_directions()),
        n_points_(std::bit_ceil(static_cast<std::size_t>(options.points))),
        gram_inverse_(inverse(problem.target.gram)),
        gradient_(problem, use, moment_chunk),
        labels_(n_points_),
        density_(n_points_),
        map_(RowMajor::Zero(k_ + p_, p_)),
        products_(RowMajor::Zero(k_ + 2 * p_, p_)) {
    draw(options);
    for (Index c = 0; c < 2 * p_; ++c) scratch_.emplace_back(moment_chunk);
    for (Index j = 0; j < p_; ++j) {
      weights_.emplace_back(moment_chunk);
      fields_.push_back(scratch_[static_cast<std::size_t>(j)].data());
      moved_.emplace_back(moment_chunk);
      weighted_.emplace_back(moment_chunk);
      gradients_.push_back(scratch_[static_cast<std::size_t>(p_ + j)].data());
      weight_columns_.push_back(weights_.back().data());
      moved_columns_.push_back(moved_.back().data());
    }
    columns_.resize(inputs_.size());
    left_.resize(static_cast<std::size_t>(k_ + 2 * p_));
    for (const AlignedArray& column : weighted_) readable_.push_back(column.data());
  }

  std::string_view route() const override { return "points"; }

  void evaluate(const Overlaps& overlaps, const VectorXd& weights, Moments& moments) override {
    set(overlaps, weights);
    moments.output.setZero(p_);
    products_.setZero();
    for (std::size_t first = 0; first < n_points_; first += moment_chunk) {
      const std::size_t n = std::min(moment_chunk, n_points_ - first);
      const double* density = density_.data() + first;
      form_fields(first, n);
      for (Index r = 0; r < k_; ++r)
        left_[static_cast<std::size_t>(r)] = columns_[static_cast<std::size_t>(r)];
      for (Index j = 0; j < p_; ++j) {
        const auto c = static_cast<std::size_t>(j);
        std::copy_n(fields_[c], n, moved_columns_[c]);
        left_[static_cast<std::size_t>(k_) + c] = fields_[c];
        left_[static_cast<std::size_t>(k_ + p_) + c] = gradients_[c];
      }
      gradient_.total(moved_columns_, weight_columns_, labels_.data() + first, nullptr, n,
                      gradients_);
      for (std::size_t c = 0; c < weighted_.size(); ++c) {
        for (std::size_t i = 0; i < n; ++i) weighted_[c].data()[i] = density[i] * gradients_[c][i];
      }
      add_inner_products(left_, readable_, n, products_.data());
      for (Index j = 0; j < p_; ++j) {
        const double* part = gradient_.output_gradient(static_cast<std::size_t>(j));
        for (std::size_t i = 0; i < n; ++i) moments.output[j] += density[i] * part[i];
      }
    }
    const double scale = 1 / static_cast<double>(n_points_);
    moments.g_target = scale * products_.topRows(k_).transpose();
    moments.g_field = scale * products_.middleRows(k_, p_).transpose();
    moments.g_g = 0.5 * scale * (products_.bottomRows(p_) + products_.bottomRows(p_).transpose());
    moments.output *= scale;
  }

 private:
  // h*, xi and the label of every point.
  void draw(const MomentOptions& options) {
    const int log2_points = static_cast<int>(std::bit_width(n_points_ - 1));
    const auto n_normals = static_cast<std::size_t>(k_ + p_ + 1);
    const ScrambledSobolNormals normals(Stream(options.seed, Purpose::scrambling, options.scramble),
                                        log2_points, n_normals);
    const MatrixXd factor = semidefinite_cholesky(problem_.input_covariance);
    for (Index c = 0; c < k_ + p_; ++c) inputs_.emplace_back(n_points_);
    for (Index j = 0; j < p_; ++j) {
      normals.fill(static_cast<std::uint64_t>(k_ + j), 0, n_points_,
                   inputs_[static_cast<std::size_t>(k_ + j)].data());
    }
    std::vector<AlignedArray> normal;
    std::vector<double*> inside, outside;
    std::vector<const double*> h_star;
    for (Index r = 0; r < k_; ++r) {
      normal.emplace_back(n_points_);
      inside.push_back(normal.back().data());
      normals.fill(static_cast<std::uint64_t>(r), 0, n_points_, inside.back());
      double* column = inputs_[static_cast<std::size_t>(r)].data();
      std::fill_n(column, n_points_, 0.0);
      h_star.push_back(column);
    }
    for (Index j = 0; j < p_; ++j) {
      outside.push_back(inputs_[static_cast<std::size_t>(k_ + j)].data());
    }
    widen_for_moments(problem_, inside, outside, n_points_, density_.data());
    for (Index c = 0; c < k_; ++c) {
      for (Index r = c; r < k_; ++r) {
        double* column = inputs_[static_cast<std::size_t>(r)].data();
        const double* source = normal[static_cast<std::size_t>(c)].data();
        for (std::size_t i = 0; i < n_points_; ++i) column[i] += factor(r, c) * source[i];
      }
    }
    ExpressionWorkspace workspace;
    AlignedArray target(n_points_);
    problem_.target.g.evaluate(h_star, n_points_, target.data(), workspace);
    normals.fill(n_normals - 1, 0, n_points_, labels_.data());
    const double deviation = std::sqrt(problem_.target.noise_variance);
    for (std::size_t i = 0; i < n_points_; ++i) {
      labels_.data()[i] = target.data()[i] + (deviation > 0 ? deviation * labels_.data()[i] : 0.0);
    }
  }

  // h = M P^-1 h* + L xi, L by Cholesky so that it is a smooth function of the overlaps.
  void set(const Overlaps& overlaps, const VectorXd& weights) {
    coefficients_ = overlaps.M * gram_inverse_;
    rest_ = overlaps.Q;
    rest_.noalias() -= coefficients_ * overlaps.M.transpose();
    semidefinite_cholesky(rest_, factor_);
    map_.topRows(k_) = coefficients_.transpose();
    map_.bottomRows(p_) = factor_.transpose();
    for (Index j = 0; j < p_; ++j) {
      std::fill_n(weights_[static_cast<std::size_t>(j)].data(), moment_chunk, weights[j]);
    }
  }

  void form_fields(std::size_t first, std::size_t n) {
    for (std::size_t c = 0; c < columns_.size(); ++c) columns_[c] = inputs_[c].data() + first;
    set_combination(columns_, map_.data(), fields_, n);
  }

  const Problem& problem_;
  Index p_, k_;
  std::size_t n_points_;
  MatrixXd gram_inverse_;
  SampleGradient gradient_;
  std::vector<AlignedArray> inputs_;  // h* (k), xi (p)
  AlignedArray labels_;
  AlignedArray density_;  // of the normals over that of the points
  std::vector<AlignedArray> scratch_, weights_, moved_, weighted_;
  std::vector<double*> fields_, gradients_, moved_columns_;
  std::vector<const double*> weight_columns_, columns_, left_, readable_;
  MatrixXd coefficients_, rest_, factor_;
  RowMajor map_, products_;
};

}  // namespace

std::unique_ptr<GaussianMoments> point_moments(const Problem& problem, const SampleUse& use,
                                               const MomentOptions& options) {
  return std::make_unique<PointMoments>(problem, use, options);
}

}  // namespace reprise
