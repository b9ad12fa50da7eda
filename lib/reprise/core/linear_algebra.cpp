#include "reprise/core/linear_algebra.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/QR>

namespace reprise {

using Eigen::MatrixXd;
using Eigen::Ref;
using Eigen::VectorXd;

MatrixXd matrix_product(const Ref<const MatrixXd>& left, const Ref<const MatrixXd>& right) {
  return left * right;
}

MatrixXd matrix_product(const Ref<const MatrixXd>& left, const Ref<const MatrixXd>& middle,
                        const Ref<const MatrixXd>& right) {
  return matrix_product(matrix_product(left, middle), right);
}

MatrixXd inner_products(const Ref<const MatrixXd>& left, const Ref<const MatrixXd>& right) {
  return left.transpose() * right;
}

SymmetricEigen symmetric_eigen(const MatrixXd& matrix) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(0.5 * (matrix + matrix.transpose()));
  return {solver.eigenvalues(), solver.eigenvectors()};
}

MatrixXd inverse(const MatrixXd& matrix) { return matrix.inverse(); }

MatrixXd cholesky(const MatrixXd& matrix) { return matrix.llt().matrixL(); }

bool is_positive_definite(const MatrixXd& matrix) { return matrix.llt().info() == Eigen::Success; }

MatrixXd solve_lower(const MatrixXd& L, const MatrixXd& right) {
  return L.triangularView<Eigen::Lower>().solve(right);
}

MatrixXd solve(const MatrixXd& matrix, const MatrixXd& right) {
  return matrix.partialPivLu().solve(right);
}

MatrixXd orthonormal_columns(const MatrixXd& columns) {
  MatrixXd result = MatrixXd::Identity(columns.rows(), columns.cols());
  result.applyOnTheLeft(columns.householderQr().householderQ());
  return result;
}

Factorised::Factorised(const MatrixXd& matrix) {
  const Eigen::PartialPivLU<MatrixXd> factors(matrix);
  lu_ = factors.matrixLU();
  rows_ = factors.permutationP().indices();
}

VectorXd Factorised::solve(const VectorXd& right) const {
  VectorXd x(right.size());
  for (Eigen::Index i = 0; i < right.size(); ++i) x[rows_[i]] = right[i];
  lu_.triangularView<Eigen::UnitLower>().solveInPlace(x);
  lu_.triangularView<Eigen::Upper>().solveInPlace(x);
  return x;
}

}  // namespace reprise
