// Cholesky factors that positive semidefinite matrices have as well. They are continuous in the
// matrix, so that numbers which differ by rounding, as those of two processors do, have factors
// that differ by rounding: signs and bases of eigenvectors do not have that.
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

/// Gram-Schmidt on a Gram matrix: L L^T = matrix, T^T matrix T = I and L = matrix T.
///
/// L  (n, r)  a column for each row that is not a combination of earlier ones, its pivot, positive
///            there and 0 in the rows of earlier pivots
/// T  (n, r)  0 but in the rows of the pivots
struct RankFactor {
  Eigen::MatrixXd L;
  Eigen::MatrixXd T;
};

/// Takes the rows in order, those whose rest is above `large` first, then those above `null`. What
/// is left of the other rows, at most `null` of their diagonal entries, is dropped. A row with a
/// small rest knows its direction badly, and would pass that on to the rows that come after it.
///
/// matrix  (n, n)  symmetric, positive semidefinite up to rounding
/// null, large     0 < null <= large, in the units of matrix
RankFactor rank_factor(const Eigen::Ref<const Eigen::MatrixXd>& matrix, double null, double large);

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
