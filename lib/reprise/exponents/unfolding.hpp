// Unfolded moment tensors of one stage and the directions that they span. Not installed.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "reprise/exponents/hermite_moments.hpp"

namespace reprise {

/// Tensors E[f_j h_a(z_U) (x) h_l(z_perp)] of some functions j and one degree a.
struct TensorGroup {
  int first = 0;  ///< functions first .. first + count - 1
  int count = 0;
  int inner = 0;  ///< a
  int order = 0;  ///< l
  double scale = 1;
};

/// Every entry in the orthonormal basis h_alpha: (entries, replicates).
Eigen::MatrixXd entries(const HermiteMoments& moments, const TensorGroup& group, int n_learned);

/// The rounding errors of these entries in an exact table, without replicates: (entries).
Eigen::VectorXd entry_rounding(const HermiteMoments& moments, const TensorGroup& group,
                               int n_learned);

/// The unfoldings k' x k'^(l-1), k' = k - n_learned, divided by the scale, with repeated columns
/// merged: column c, replicate s is block[c].col(s), and Gamma = sum over c of block block^T.
std::vector<Eigen::MatrixXd> unfold(const HermiteMoments& moments, const TensorGroup& group,
                                    int n_learned);

/// The rounding errors of the columns of an exact table, a column each: (k', columns).
Eigen::MatrixXd column_rounding(const HermiteMoments& moments, const TensorGroup& group,
                                int n_learned);

/// The Gram matrix of the columns' means.
Eigen::MatrixXd plain_gram_matrix(const std::vector<Eigen::MatrixXd>& columns);

/// The Gram matrix Gamma of all columns, less the noise that the plain one contains.
Eigen::MatrixXd gram_matrix(const std::vector<Eigen::MatrixXd>& columns);

/// Largest eigenvalue of A -> sum of G A G over tensors G = E[f_j h_a(z_U) (z_perp z_perp^T - I)]
/// of the groups, which have order 2, less the noise it contains. Finitely many orthonormal
/// functions of (y, z_U) see a part of the conditional mean: a lower bound of the eigenvalue that 1
/// / alpha_c is.
double second_order_eigenvalue(const HermiteMoments& moments,
                               const std::vector<TensorGroup>& groups, int n_learned);

}  // namespace reprise
