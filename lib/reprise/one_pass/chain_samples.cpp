#include "reprise/one_pass/chain_samples.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/chi_squared.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/one_pass/lane_kernels.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// As many of `wanted` directions as are left after `taken` of d.
std::size_t room(double dimension, std::size_t taken, std::size_t wanted) {
  const double left = std::max(0.0, dimension - static_cast<double>(taken));
  return left < static_cast<double>(wanted) ? static_cast<std::size_t>(left) : wanted;
}

}  // namespace

ChainSamples::ChainSamples(const Problem& problem, double dimension, std::uint64_t seed,
                           std::uint64_t group, std::size_t first, std::size_t n,
                           std::size_t n_more)
    : problem_(problem),
      first_(first),
      n_(n),
      p_(static_cast<std::size_t>(problem.n_neurons())),
      k_(static_cast<std::size_t>(problem.n_directions())),
      n_normals_(k_ + p_ + 1 + n_more),
      n_outside_(room(dimension, k_, p_)),
      n_more_(room(dimension, k_ + n_outside_, n_more)),
      rest_degrees_(dimension - static_cast<double>(k_ + n_outside_ + n_more_)),
      samples_(seed, Purpose::chain, group),
      norms_(seed, Purpose::chain_norms, group),
      gram_factor_(cholesky(problem.target.gram)),
      normals_(n_normals_ * block * n),
      coordinates_(k_ * block * n),
      h_star_(k_ * block * n),
      labels_(block * n),
      rest_(block * n) {
  const auto identity = MatrixXd::Identity(problem.n_directions(), problem.n_directions());
  is_orthonormal_ = problem.target.gram == identity && problem.input_covariance == identity;
  inverse_gram_factor_ = solve_lower(gram_factor_, identity);
  mixing_ = inverse_gram_factor_ * semidefinite_cholesky(problem.input_covariance);

  std::fill_n(normals_.data(), normals_.size(), 0.0);  // those that are not drawn stay 0
  const double* along = is_orthonormal_ ? normals_.data() : coordinates_.data();
  const double* h_star = is_orthonormal_ ? normals_.data() : h_star_.data();
  for (std::size_t r = 0; r < k_; ++r) h_star_block_.push_back(h_star + r * block * n);
  for (std::size_t s = 0; s < block; ++s) {
    for (std::size_t c = 0; c < n_normals_; ++c) {
      if (c == k_ + p_) continue;  // the label's noise
      coordinate_columns_.push_back((c < k_ ? along : normals_.data()) + (c * block + s) * n);
    }
    for (std::size_t r = 0; r < k_; ++r) h_star_columns_.push_back(h_star_block_[r] + s * n);
  }
}

// Calls function(start, length, out) so that it covers `count` samples of the lanes.
template <class Fill>
void ChainSamples::fill(std::int64_t first_sample, std::size_t count, double* out,
                        Fill function) const {
  const auto start = static_cast<std::uint64_t>(first_sample) * group_size + first_;
  if (n_ == group_size) return function(start, count * n_, out);
  for (std::size_t s = 0; s < count; ++s) function(start + s * group_size, n_, out + s * n_);
}

// Coordinates along the targets and h* from normals, each `length` numbers long.
void ChainSamples::mix(std::size_t length) {
  const auto multiply = [&](const MatrixXd& lower, const double* from, double* to) {
    std::fill_n(to, k_ * block * n_, 0.0);
    for (std::size_t r = 0; r < k_; ++r) {
      for (std::size_t c = 0; c <= r; ++c) {
        lanes::add_scaled(length, lower(Index(r), Index(c)), from + c * block * n_,
                          to + r * block * n_);
      }
    }
  };
  multiply(mixing_, normals_.data(), coordinates_.data());
  multiply(gram_factor_, coordinates_.data(), h_star_.data());
}

void ChainSamples::draw(std::int64_t first_sample, std::size_t count, bool has_norms) {
  const double noise = problem_.target.noise_variance;
  for (std::size_t c = 0; c < n_normals_; ++c) {
    const bool is_along = c < k_ + n_outside_;
    const bool is_noise = c == k_ + p_ && noise > 0;
    const bool is_more = c > k_ + p_ && c <= k_ + p_ + n_more_;
    if (!is_along && !is_noise && !is_more) continue;
    fill(first_sample, count, normals_.data() + c * block * n_,
         [&](std::uint64_t start, std::size_t length, double* out) {
           fill_normals(samples_, c, start, length, out);
         });
  }
  if (has_norms) {
    fill(first_sample, count, rest_.data(),
         [&](std::uint64_t start, std::size_t length, double* out) {
           fill_chi_squared(norms_, 0, start, length, rest_degrees_, out);
         });
  }
  const std::size_t length = count * n_;
  if (!is_orthonormal_) mix(length);
  problem_.target.g.evaluate(h_star_block_, length, labels_.data(), workspace_);
  if (noise > 0) {
    const double* normal = normals_.data() + (k_ + p_) * block * n_;
    lanes::add_scaled(length, std::sqrt(noise), normal, labels_.data());
  }
}

ChainSamples::Sample ChainSamples::operator[](std::size_t in_block) const {
  return {coordinate_columns_.data() + in_block * (n_normals_ - 1),
          h_star_columns_.data() + in_block * k_, labels_.data() + in_block * n_,
          rest_.data() + in_block * n_};
}

}  // namespace reprise
