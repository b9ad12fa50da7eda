// Gaussian averages of relu and step: arc-cosine two- and three-point functions, the four-point
// one.
#pragma once

#include <Eigen/Core>

namespace reprise::relu_integrals {

// sigma(x) = max(x, 0), sigma' = step with step(0) = 0; x has covariance C, numbered from 1. Every
// covariance is welcome, singular ones included, and variances from 1e-300 to 1e300; a variable of
// variance 0 is 0, and a covariance beyond sqrt(C11 C22) by rounding means parallel variables.

/// E[sigma(x1) sigma(x2)] = sqrt(C11 C22) (sin t + (pi - t) cos t) / (2 pi), cos t = C12 / sqrt(C11
/// C22).
double value_value(double c11, double c12, double c22);

/// E[sigma'(x1) sigma'(x2)] = (pi - t) / (2 pi).
double slope_slope(double c11, double c12, double c22);

/// E[sigma''(x1) sigma(x2)] = sqrt(C11 C22 - C12^2) / (2 pi C11).
double curvature_value(double c11, double c12, double c22);

/// E[sigma'(x1) x2 sigma(x3)] = C12 curvature_value(1, 3) + C23 slope_slope(1, 3); C is (3, 3).
double three_point(const Eigen::Ref<const Eigen::MatrixXd>& c);

/// E[sigma'(x1) sigma'(x2) sigma(x3) sigma(x4)]; C is (4, 4).
///
/// By Stein's lemma it is C34 times the orthant probability plus elementary terms; the orthant
/// probability is one integral of elementary functions (Plackett1954), by tanh-sinh quadrature.
double four_point(const Eigen::Matrix4d& covariance);

/// P(x1, x2, x3, x4 > 0); C is (4, 4).
double orthant_probability(const Eigen::Matrix4d& c);

}  // namespace reprise::relu_integrals
