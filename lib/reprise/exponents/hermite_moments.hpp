// Tables of Hermite moments E[f(z) h_alpha(z)], z ~ N(0, I_k), and what a rotation does to them.
#pragma once

#include <Eigen/Core>
#include <utility>
#include <vector>

#include "reprise/exponents/multi_index.hpp"

namespace reprise {

/// E[f_j h_alpha], h_alpha = prod_v He_{alpha_v}(z_v) / sqrt(alpha_v!) orthonormal, for several
/// functions f_j and several independent estimates ("replicates") of each. The degree-n part of one
/// function is the symmetric tensor E[f He_n(z)] / sqrt(n!) in coordinates: the sum of its squares
/// does not depend on the basis.
class HermiteMoments {
 public:
  using Table = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  /// All zero.
  HermiteMoments(MultiIndices indices, int n_functions, int n_replicates);

  const MultiIndices& indices() const { return indices_; }
  int n_functions() const { return n_functions_; }
  int n_replicates() const { return n_replicates_; }
  /// (indices, functions * replicates), column function * n_replicates + replicate.
  Table& values() { return values_; }
  const Table& values() const { return values_; }
  /// The replicates of one moment.
  auto replicates(int index, int function) const {
    return values_.row(index).segment(function * n_replicates_, n_replicates_);
  }
  double mean(int index, int function) const { return replicates(index, function).mean(); }

  /// (indices, functions), for a table without integration error: a moment that is not above its
  /// entry here is zero as far as rounding errors tell. Empty where replicates tell the error.
  const Table& rounding() const { return rounding_; }
  void set_rounding(Table rounding) { rounding_ = std::move(rounding); }
  bool is_exact() const { return rounding_.size() != 0; }

  /// Turns to coordinates z' = rotation z. rotation (k, k), orthogonal; reflections are allowed.
  /// Cost O(k^2 L) operations a number, L the highest degree.
  void rotate(const Eigen::Ref<const Eigen::MatrixXd>& rotation);

  /// Adds to replicate s the first-order change of the mean over replicates when the coordinates
  /// i < n_first turn by tilt(i, j) towards the coordinates n_first + j:
  ///
  ///   z'_i = z_i + tilt_ij z_j,  z'_j = z_j - tilt_ij z_i.
  ///
  /// tilt[s] (n_first, k - n_first). This carries the uncertainty of an estimated subspace,
  /// replicate by replicate, to everything that is computed from it later.
  void add_tilts(int n_first, const std::vector<Eigen::MatrixXd>& tilts);

  /// Adds to the rounding errors of an exact table what an error of this angle of the coordinates
  /// i < n_first against the others changes.
  void add_angle(int n_first, double angle);

 private:
  void rotate_plane(int first, int second, double cosine, double sine);
  Table means() const;

  MultiIndices indices_;
  int n_functions_;
  int n_replicates_;
  Table values_;
  Table rounding_ = {};
};

}  // namespace reprise
