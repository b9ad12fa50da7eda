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
  /// The problem must outlive this.
  ChainSamples(const Problem& problem, double dimension, std::uint64_t seed, std::uint64_t group,
               std::size_t first, std::size_t n);

  /// Draws samples first_sample .. + count <= block; if has_norms, their norms too.
  void draw(std::int64_t first_sample, std::size_t count, bool has_norms);

  /// One sample of the block: arrays over the lanes.
  struct Sample {
    const double* const* coordinates;  ///< k along the targets, then p normals
    const double* const* h_star;       ///< k
    const double* labels;
    const double* rest;  ///< squared norm outside the k + p known directions
  };
  Sample operator[](std::size_t in_block) const;

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
  double rest_degrees_;  // d - k - p
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
