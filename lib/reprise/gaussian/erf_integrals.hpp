// Gaussian averages of erf(x / sqrt 2) and its derivative (Saad1995): two-, three-, four-point.
#pragma once

#include <Eigen/Core>

namespace reprise::erf_integrals {

// sigma(x) = erf(x / sqrt 2); x has covariance C, numbered from 1. Every covariance is welcome,
// singular ones and zero variances included. Valid to rounding.

/// I2 = E[sigma(x1) sigma(x2)] = (2 / pi) asin(C12 / sqrt((1 + C11)(1 + C22))).
double value_value(double c11, double c12, double c22);

/// E[sigma'(x1) sigma'(x2)] = (2 / pi) / sqrt((1 + C11)(1 + C22) - C12^2).
double slope_slope(double c11, double c12, double c22);

/// E[sigma''(x1) sigma(x2)] = -(2 / pi) C12 / ((1 + C11) sqrt((1 + C11)(1 + C22) - C12^2)).
double curvature_value(double c11, double c12, double c22);

/// I3 = E[sigma'(x1) x2 sigma(x3)] = C12 curvature_value(1, 3) + C23 slope_slope(1, 3); C is (3,
/// 3).
double three_point(const Eigen::Ref<const Eigen::MatrixXd>& c);

/// I4 = E[sigma'(x1) sigma'(x2) sigma(x3) sigma(x4)]; C is (4, 4).
double four_point(const Eigen::Ref<const Eigen::MatrixXd>& c);

/// sigma'(x_i) sigma'(x_j) tilts the Gaussian law: E[sigma'_i sigma'_j F] = slope_slope(i, j)
/// E~[F], where E~ has the covariance C~ = C - C_{.,ij} (1 + C_{ij,ij})^-1 C_{ij,.}, filled here,
/// (n, n).
void tilted_covariance(const Eigen::MatrixXd& c, Eigen::Index i, Eigen::Index j,
                       Eigen::MatrixXd& tilted);

}  // namespace reprise::erf_integrals
