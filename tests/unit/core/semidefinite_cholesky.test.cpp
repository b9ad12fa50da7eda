#include "reprise/core/semidefinite_cholesky.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/close.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Eigen::Index;
using Eigen::MatrixXd;

double largest(const MatrixXd& matrix) { return matrix.size() ? matrix.cwiseAbs().maxCoeff() : 0; }

// Rows of unit norm: generic ones, with row i a combination of earlier ones where weights say so.
MatrixXd unit_rows(Index n, Index cols) {
  MatrixXd rows(n, cols);
  for (Index i = 0; i < rows.size(); ++i) {
    rows.data()[i] = std::sin(1.0 + 2.3 * static_cast<double>(i * i));
  }
  return rows.rowwise().normalized();
}

// Changes every entry by a rounding or two, each in its own direction.
MatrixXd rounded(const MatrixXd& matrix, int seed) {
  MatrixXd result = matrix;
  for (Index i = 0; i < matrix.rows(); ++i) {
    for (Index j = 0; j <= i; ++j) {
      const double rounding = 2e-16 * std::sin(7.0 * static_cast<double>(i + 3 * j) + seed);
      result(i, j) = result(j, i) = matrix(i, j) * (1 + rounding);
    }
  }
  return result;
}

}  // namespace

TEST_CASE("rank_factor: L L^T = A, T^T A T = I and L = A T, of full rank lower triangular") {
  const MatrixXd rows = unit_rows(5, 7);
  const MatrixXd a = rows * rows.transpose();
  const RankFactor factor = rank_factor(a, 1e-13, 1e-6);
  REQUIRE(factor.L.cols() == 5);
  CHECK(factor.L.isLowerTriangular(0));
  CHECK(largest(factor.L * factor.L.transpose() - a) < 1e-15);
  CHECK(largest(factor.T.transpose() * a * factor.T - MatrixXd::Identity(5, 5)) < 1e-13);
  CHECK(largest(a * factor.T - factor.L) < 1e-14);
}

TEST_CASE("rank_factor: rows that are combinations of earlier ones make no column") {
  MatrixXd rows = unit_rows(5, 7);
  rows.row(1) = -rows.row(0);
  rows.row(3) = (0.3 * rows.row(0) + rows.row(2)).normalized();
  const MatrixXd a = rows * rows.transpose();
  const RankFactor factor = rank_factor(a, 1e-13, 1e-6);
  REQUIRE(factor.L.cols() == 3);
  CHECK(largest(factor.L * factor.L.transpose() - a) < 1e-15);
  CHECK(factor.T.row(1).isZero(0));
  CHECK(factor.T.row(3).isZero(0));
  CHECK(rank_factor(MatrixXd::Zero(2, 2), 1e-13, 1e-6).L.cols() == 0);
}

TEST_CASE("rank_factor: what a dropped row shares with later ones is kept") {
  MatrixXd rows = unit_rows(3, 3);
  rows.row(1) = rows.row(0) + 1e-7 * rows.row(2);  // its own rest is below 1e-13
  const MatrixXd a = rows * rows.transpose();
  const RankFactor factor = rank_factor(a, 1e-13, 1e-6);
  REQUIRE(factor.L.cols() == 2);
  CHECK(largest(factor.L * factor.L.transpose() - a) < 1e-15);
}

TEST_CASE("rank_factor: a row with a small rest does not spoil those after it") {
  MatrixXd rows = unit_rows(3, 3);
  rows.row(1) = (rows.row(0) + 1e-5 * rows.row(1)).normalized();
  const RankFactor factor = rank_factor(rows * rows.transpose(), 1e-13, 1e-6);
  REQUIRE(factor.L.cols() == 3);
  const MatrixXd orthonormal = factor.T.transpose() * rows;
  // The small direction is known to 1e-16 / 1e-10 in norm; the others are orthonormal to rounding.
  const MatrixXd gram = orthonormal * orthonormal.transpose();
  CHECK(largest(gram.topLeftCorner(2, 2) - MatrixXd::Identity(2, 2)) < 1e-15);
  CHECK(largest(gram - MatrixXd::Identity(3, 3)) < 1e-4);
}

TEST_CASE("rank_factor: rounding of the matrix moves the factor by rounding, degenerate or not") {
  MatrixXd pair(2, 2), triple = MatrixXd::Identity(3, 3);
  pair << 1, -0.4, -0.4, 1;  // eigenvectors (1, 1) and (1, -1), whose signs rounding decides
  const MatrixXd rows = unit_rows(4, 6);
  for (const MatrixXd& a : {pair, triple, MatrixXd(rows * rows.transpose())}) {
    const RankFactor factor = rank_factor(a, 1e-13, 1e-6);
    for (int seed = 0; seed < 20; ++seed) {
      const RankFactor moved = rank_factor(rounded(a, seed), 1e-13, 1e-6);
      CHECK(largest(moved.L - factor.L) < 2e-15);
      CHECK(largest(moved.T - factor.T) < 1e-14);
    }
  }
}
