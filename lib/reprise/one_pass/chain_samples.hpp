// The fresh samples of the overlap chain: all of them that does not depend on the student.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/random.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// Draws samples a block at a time, for many runs ("lanes") side by side. A number depends on its
/// sample and its lane in the group alone.
class ChainSamples {
 public:
  /// Runs come in groups of 64 with a stream of their own.
  static constexpr std::size_t group_size = 64;
  static constexpr std::size_t block = 8;  ///< samples drawn at a time

  /// first, n   lanes of the group, multiples of 16
  /// n_more     normals that a sample has along directions beyond the k + p known ones
  /// The problem must outlive this.
  ChainSamples(const Problem& problem, double dimension, std::uint64_t seed, std::uint64_t group,
               std::size_t first, std::size_t n, std::size_t n_more = 0);

  /// Draws samples first_sample .. + count <= block; if has_norms, their norms too.
  void draw(std::int64_t first_sample, std::size_t count, bool has_norms);

  /// One sample of the block: arrays over the lanes.
  struct Sample {
    /// k along the targets, then p + n_more normals; 0 where d has no room for so many
    const double* const* coordinates;
    const double* const* h_star;  ///< k
    const double* labels;
    const double* rest;  ///< squared norm outside the directions of the coordinates
  };
  Sample operator[](std::size_t in_block) const;

  /// The room of the p normals and of the n_more: min(p, d - k), and what is left up to n_more.
  std::size_t n_outside() const { return n_outside_; }
  std::size_t n_more() const { return n_more_; }
  /// P = S = I: h*, coordinates along the targets and normals are the same numbers.
  bool is_orthonormal() const { return is_orthonormal_; }
  /// L_P^-1, with P = L_P L_P^T.
  const Eigen::MatrixXd& inverse_gram_factor() const { return inverse_gram_factor_; }
  /// Of the norms and whatever else concerns the directions that are not known.
  const Stream& norms() const { return norms_; }

 private:
  template <class Fill>
  void fill(std::int64_t first_sample, std::size_t count, double* out, Fill function) const;
  void mix(std::size_t length);

  const Problem& problem_;
  std::size_t first_, n_, p_, k_;
  std::size_t n_normals_;  // k + p + 1 + n_more, the one for the label's noise
  std::size_t n_outside_, n_more_;
  double rest_degrees_;  // d - k - n_outside - n_more
  Stream samples_, norms_;
  bool is_orthonormal_;
  Eigen::MatrixXd gram_factor_;          // L_P
  Eigen::MatrixXd inverse_gram_factor_;  // L_P^-1
  Eigen::MatrixXd mixing_;               // T = L_P^-1 L_S: coordinates c* = T z* along the targets
  AlignedArray normals_, coordinates_, h_star_, labels_, rest_;     // (quantity, sample, lane)
  std::vector<const double*> coordinate_columns_, h_star_columns_;  // (sample, quantity)
  std::vector<const double*> h_star_block_;
  ExpressionWorkspace workspace_;
};

}  // namespace reprise
