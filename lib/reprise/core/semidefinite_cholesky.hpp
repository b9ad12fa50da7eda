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

}  // namespace reprise
