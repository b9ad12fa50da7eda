#include "reprise/gaussian/erf_integrals.hpp"

#include <cmath>
#include <numbers>

namespace reprise::erf_integrals {

namespace {

constexpr double two_over_pi = 2 * std::numbers::inv_pi;

}  // namespace

double value_value(double c11, double c12, double c22) {
  return two_over_pi * std::asin(c12 / std::sqrt((1 + c11) * (1 + c22)));
}

double slope_slope(double c11, double c12, double c22) {
  return two_over_pi / std::sqrt((1 + c11) * (1 + c22) - c12 * c12);
}

double curvature_value(double c11, double c12, double c22) {
  return -c12 / (1 + c11) * slope_slope(c11, c12, c22);
}

double three_point(const Eigen::Ref<const Eigen::MatrixXd>& c) {
  return c(0, 1) * curvature_value(c(0, 0), c(0, 2), c(2, 2)) +
         c(1, 2) * slope_slope(c(0, 0), c(0, 2), c(2, 2));
}

double four_point(const Eigen::Ref<const Eigen::MatrixXd>& c) {
  Eigen::MatrixXd tilted;
  tilted_covariance(c, 0, 1, tilted);
  return slope_slope(c(0, 0), c(0, 1), c(1, 1)) *
         value_value(tilted(2, 2), tilted(2, 3), tilted(3, 3));
}

void tilted_covariance(const Eigen::MatrixXd& c, Eigen::Index i, Eigen::Index j,
                       Eigen::MatrixXd& tilted) {
  // The inverse of the 2 x 2 matrix 1 + C_{ij,ij}; for i = j too, sigma' being squared.
  const double determinant = (1 + c(i, i)) * (1 + c(j, j)) - c(i, j) * c(j, i);
  const double ii = (1 + c(j, j)) / determinant;
  const double jj = (1 + c(i, i)) / determinant;
  const double ij = -c(i, j) / determinant;
  tilted.resize(c.rows(), c.cols());
  for (Eigen::Index b = 0; b < c.cols(); ++b) {
    const double along_i = ii * c(i, b) + ij * c(j, b);
    const double along_j = ij * c(i, b) + jj * c(j, b);
    for (Eigen::Index a = 0; a < c.rows(); ++a) {
      tilted(a, b) = c(a, b) - c(a, i) * along_i - c(a, j) * along_j;
    }
  }
}

}  // namespace reprise::erf_integrals
