// Random rotations for tests of invariance.
#pragma once

#include <Eigen/Dense>
#include <cstdint>
#include <random>

#include "reprise/core/random.hpp"

namespace reprise::test {

/// A uniform random orthogonal (k, k) matrix.
inline Eigen::MatrixXd random_rotation(int k, std::uint64_t seed) {
  StreamEngine engine(Stream(seed, Purpose::initial));
  std::normal_distribution<double> normal;
  Eigen::MatrixXd gaussian(k, k);
  for (int i = 0; i < k; ++i) {
    for (int j = 0; j < k; ++j) gaussian(i, j) = normal(engine);
  }
  const Eigen::HouseholderQR<Eigen::MatrixXd> factors(gaussian);
  const Eigen::VectorXd signs = factors.matrixQR().diagonal().array().sign();
  return Eigen::MatrixXd(factors.householderQ()) * signs.asDiagonal();
}

/// Largest entry of the difference of the projectors on two spans with orthonormal columns.
inline double span_distance(const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
  return (a * a.transpose() - b * b.transpose()).cwiseAbs().maxCoeff();
}

}  // namespace reprise::test
