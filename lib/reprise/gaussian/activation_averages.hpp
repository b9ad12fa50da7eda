// Gaussian averages of activations that have closed forms: one- and two-point functions.
#pragma once

#include <Eigen/Core>
#include <span>
#include <vector>

#include "reprise/model/activation.hpp"

namespace reprise {

/// Averages of erf, relu, leaky_relu, sin, cos and polynomials over Gaussian variables.
class ActivationAverages {
 public:
  static bool cover(const Activation& activation);
  /// Whether pair() knows the two of them.
  static bool cover(const Activation& first, const Activation& second);

  /// The activation must be covered.
  explicit ActivationAverages(const Activation& activation);

  /// out[n] = E[sigma(x) He_n(x / sqrt v)], x ~ N(0, v), for n < out.size(): by Stein's lemma
  ///
  ///   E[sigma(x) He_n(z)] = r^n out[n],  z ~ N(0, 1) of correlation r with x
  void hermite_moments(double variance, std::span<double> out) const;

  /// E[sigma(x1) tau(x2)] of this sigma and another tau, covariance (c11, c12; c12, c22), singular
  /// ones included.
  double pair(const ActivationAverages& other, double c11, double c12, double c22) const;

 private:
  enum class Family { erf, kink, sin, cos, polynomial };
  static Family family_of(const Activation& activation);

  Family family_;
  double linear_ = 0, relu_ = 0;      // kink: linear x + relu max(x, 0)
  std::vector<double> coefficients_;  // polynomial
};

}  // namespace reprise
