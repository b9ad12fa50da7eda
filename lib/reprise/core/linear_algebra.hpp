// Eigen's products and decompositions of dense matrices, compiled once: every file that
// instantiates a decomposition itself takes some ten seconds longer to compile, and every form of a
// product (of a block, transposed, scaled) that a file spells out some one second. For what is no
// hot loop.
#pragma once

#include <Eigen/Core>

namespace reprise {

/// left right for left (m, n) and right (n, l).
Eigen::MatrixXd matrix_product(const Eigen::Ref<const Eigen::MatrixXd>& left,
                               const Eigen::Ref<const Eigen::MatrixXd>& right);

/// left middle right.
Eigen::MatrixXd matrix_product(const Eigen::Ref<const Eigen::MatrixXd>& left,
                               const Eigen::Ref<const Eigen::MatrixXd>& middle,
                               const Eigen::Ref<const Eigen::MatrixXd>& right);

/// left^T right for left (n, m) and right (n, l); no copy is made of either.
Eigen::MatrixXd inner_products(const Eigen::Ref<const Eigen::MatrixXd>& left,
                               const Eigen::Ref<const Eigen::MatrixXd>& right);

/// Of a symmetric matrix: matrix = vectors diag(values) vectors^T.
///
/// values   (n)     increasing
/// vectors  (n, n)  orthonormal columns
struct SymmetricEigen {
  Eigen::VectorXd values;
  Eigen::MatrixXd vectors;
};

/// Eigenvalues and eigenvectors of the symmetric part (A + A^T) / 2 of matrix (n, n).
SymmetricEigen symmetric_eigen(const Eigen::MatrixXd& matrix);

/// Inverse of matrix (n, n), which must not be singular.
Eigen::MatrixXd inverse(const Eigen::MatrixXd& matrix);

/// Lower triangular L with L L^T = matrix (n, n), symmetric and positive definite;
/// semidefinite_cholesky() is the one for matrices that may be singular.
Eigen::MatrixXd cholesky(const Eigen::MatrixXd& matrix);

/// Whether cholesky() of the symmetric matrix (n, n) exists.
bool is_positive_definite(const Eigen::MatrixXd& matrix);

/// L^-1 right for L (n, n) lower triangular without a zero on its diagonal and right (n, m).
Eigen::MatrixXd solve_lower(const Eigen::MatrixXd& L, const Eigen::MatrixXd& right);

/// matrix^-1 right for matrix (n, n), not singular, and right (n, m).
Eigen::MatrixXd solve(const Eigen::MatrixXd& matrix, const Eigen::MatrixXd& right);

/// Orthonormal columns (n, m) that span those of columns (n, m), n >= m: the Q of Householder's QR.
Eigen::MatrixXd orthonormal_columns(const Eigen::MatrixXd& columns);

/// A matrix (n, n), not singular, factorised once for many right-hand sides.
class Factorised {
 public:
  explicit Factorised(const Eigen::MatrixXd& matrix);
  /// matrix^-1 right, right (n).
  Eigen::VectorXd solve(const Eigen::VectorXd& right) const;

 private:
  Eigen::MatrixXd lu_;
  Eigen::VectorXi rows_;  // of the permuted matrix
};

}  // namespace reprise
