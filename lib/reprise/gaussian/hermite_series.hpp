// Functions of one standard normal as series of normalised Hermite polynomials.
#pragma once

#include <Eigen/Core>
#include <functional>

#include "reprise/model/activation.hpp"
#include "reprise/model/expression.hpp"
#include "reprise/model/target_function.hpp"

namespace reprise {

/// f(x) = sum_{k <= K} coefficients[k] He_k(x) / sqrt(k!) + a rest that is orthogonal to these.
struct HermiteSeries {
  Eigen::VectorXd coefficients;  ///< (K + 1)
  double squared_norm = 0;       ///< E f^2
  double tail = 0;               ///< E f^2 of the rest; 0 for polynomials
  double error = 0;              ///< of each coefficient, estimated; 0 for polynomials

  Eigen::Index degree() const { return coefficients.size() - 1; }
};

/// The series up to the degree where the tail is 1e-14 of the squared norm, at most max_degree >=
/// 0. Polynomials of that degree or less exactly; other functions by adaptive Gauss-Legendre
/// panels, which find kinks and jumps. A coefficient below its error is 0. Throws InputError unless
/// E f^2 is finite, or if max_degree is above 2000.
HermiteSeries hermite_series(const std::function<double(double x)>& f, int max_degree);
HermiteSeries hermite_series(const Activation& activation, int max_degree);
/// Of at most one variable, z1.
HermiteSeries hermite_series(const Expression& g, int max_degree);
HermiteSeries hermite_series(const TargetFunction& g, int max_degree);

}  // namespace reprise
