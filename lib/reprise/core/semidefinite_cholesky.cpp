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

RankFactor rank_factor(const Eigen::Ref<const Eigen::MatrixXd>& matrix, double null, double large) {
  const Eigen::Index n = matrix.rows();
  assert(matrix.cols() == n && null > 0 && null <= large);
  RankFactor factor{Eigen::MatrixXd::Zero(n, n), Eigen::MatrixXd::Zero(n, n)};
  Eigen::MatrixXd rest = matrix;
  Eigen::Index rank = 0;
  for (const double threshold : {large, null}) {
    for (Eigen::Index j = 0; j < n; ++j) {
      if (!(rest(j, j) > threshold)) continue;
      const double root = std::sqrt(rest(j, j));
      factor.T.col(rank) = -factor.T * factor.L.row(j).transpose();
      factor.T(j, rank) += 1;
      factor.T.col(rank) /= root;
      factor.L.col(rank) = rest.col(j) / root;
      rest -= factor.L.col(rank) * factor.L.col(rank).transpose();
      rest.row(j).setZero();
      rest.col(j).setZero();
      ++rank;
    }
  }
  factor.L.conservativeResize(Eigen::NoChange, rank);
  factor.T.conservativeResize(Eigen::NoChange, rank);
  return factor;
}

}  // namespace reprise
