#include "reprise/core/semidefinite_cholesky.hpp"

#include <cassert>
#include <cmath>

namespace reprise {

namespace {

constexpr double rounding = 1e-14;

}  // namespace

void semidefinite_cholesky(const Eigen::Ref<const Eigen::MatrixXd>& matrix,
                           Eigen::MatrixXd& factor) {
  const Eigen::Index n = matrix.rows();
  assert(matrix.cols() == n);
  factor.setZero(n, n);
  for (Eigen::Index j = 0; j < n; ++j) {
    double pivot = matrix(j, j);
    for (Eigen::Index c = 0; c < j; ++c) pivot -= factor(j, c) * factor(j, c);
    if (pivot <= rounding * matrix(j, j)) continue;
    factor(j, j) = std::sqrt(pivot);
    for (Eigen::Index i = j + 1; i < n; ++i) {
      double rest = matrix(i, j);
      for (Eigen::Index c = 0; c < j; ++c) rest -= factor(i, c) * factor(j, c);
      factor(i, j) = rest / factor(j, j);
    }
  }
}

Eigen::MatrixXd semidefinite_cholesky(const Eigen::Ref<const Eigen::MatrixXd>& matrix) {
  Eigen::MatrixXd factor;
  semidefinite_cholesky(matrix, factor);
  return factor;
}

}  // namespace reprise
