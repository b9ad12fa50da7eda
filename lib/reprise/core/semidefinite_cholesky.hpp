// A Cholesky factor that positive semidefinite matrices have as well.
#pragma once

#include <Eigen/Core>

namespace reprise {

/// Fills factor (n, n), lower triangular, with factor factor^T = matrix. A pivot below 1e-14 of its
/// diagonal entry is rounding: it becomes 0, with its column. Smooth in the matrix wherever that is
/// positive definite. NaN passes through.
///
/// matrix  (n, n)  symmetric, positive semidefinite up to rounding; only its lower half is read
/// No allocation if factor has its shape.
void semidefinite_cholesky(const Eigen::Ref<const Eigen::MatrixXd>& matrix,
                           Eigen::MatrixXd& factor);

/// The same by value.
Eigen::MatrixXd semidefinite_cholesky(const Eigen::Ref<const Eigen::MatrixXd>& matrix);

/// Fills factor (n, rank), lower trapezoidal, with factor factor^T = matrix where that has no
/// higher rank but for rounding. Pivots are taken by falling size, so that rounding never stands in
/// the place of a direction; those below 1e-14 scale are dropped.
///
/// matrix  (n, n)  symmetric, positive semidefinite up to rounding; overwritten
/// scale   the size of the numbers that it was computed from
/// No allocation if factor has its shape.
void low_rank_cholesky(Eigen::MatrixXd& matrix, double scale, Eigen::Index rank,
                       Eigen::MatrixXd& factor);

}  // namespace reprise
