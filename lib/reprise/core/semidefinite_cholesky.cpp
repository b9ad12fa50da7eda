#include "reprise/core/semidefinite_cholesky.hpp"

#include <algorithm>
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

void low_rank_cholesky(Eigen::MatrixXd& matrix, double scale, Eigen::Index rank,
                       Eigen::MatrixXd& factor) {
  factor.setZero(matrix.rows(), rank);
  for (Eigen::Index c = 0; c < rank; ++c) {
    Eigen::Index pivot = 0;
    const double largest = matrix.diagonal().maxCoeff(&pivot);
    if (!(largest > rounding * scale)) break;
    factor.col(c) = matrix.col(pivot) / std::sqrt(largest);
    matrix.noalias() -= factor.col(c) * factor.col(c).transpose();
  }
  // Rotations and signs of the columns, which leave factor factor^T as it is, make the factor a
  // continuous function of the matrix whatever the order of the pivots was.
  for (Eigen::Index i = 0; i < std::min(rank, factor.rows()); ++i) {
    for (Eigen::Index j = i + 1; j < rank; ++j) {
      if (factor(i, j) == 0) continue;
      const double length = std::hypot(factor(i, i), factor(i, j));
      const double cosine = factor(i, i) / length, sine = factor(i, j) / length;
      for (Eigen::Index r = i; r < factor.rows(); ++r) {
        const double x = factor(r, i), y = factor(r, j);
        factor(r, i) = cosine * x + sine * y;
        factor(r, j) = cosine * y - sine * x;
      }
    }
    if (factor(i, i) < 0) factor.col(i) *= -1;
  }
}

}  // namespace reprise
