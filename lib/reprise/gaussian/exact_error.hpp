// The generalisation error in closed form, for pairs of student and target that have one.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string_view>
#include <vector>

#include "reprise/gaussian/activation_averages.hpp"
#include "reprise/gaussian/moments.hpp"
#include "reprise/model/polynomial.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/ridge_target.hpp"

namespace reprise {

/// eps = 1/2 E f^2 - E[f g] + 1/2 E g^2 whatever the loss: an erf, relu, leaky_relu, sin, cos or
/// polynomial student of a polynomial target, or one that is a sum of ridge functions of the
/// student's kind (erf, relu; either for a polynomial student).
///
/// With g = sum_a g_a He_a(zeta), h* = F zeta, and r_j = E[h_j zeta] / sqrt(E h_j^2),
///
///   E g^2 = sum_a a! g_a^2,   E[sigma(h_j) g] = sum_a g_a r_j^a E[sigma(h_j) He_|a|(h_j / |h_j|)]
class ExactError {
 public:
  static bool covers(const Problem& problem);
  /// The problem must be covered and outlive this.
  explicit ExactError(const Problem& problem);

  /// weights: scale * a, (p). Never below 0: what the sum's own rounding hides is 0, and where M
  /// and Q come from no weights (Q - M P^-1 M^T is not positive semidefinite, as within the
  /// tolerance of an integrator) the nearest Q that does is taken.
  double operator()(const Overlaps& overlaps, const Eigen::VectorXd& weights);
  std::string_view route() const { return route_; }

 private:
  struct Term {
    std::vector<int> exponents;
    int degree;
    double coefficient;
  };

  void set_polynomial(const Polynomial& label);
  void set_ridge(const RidgeTarget& target, const Activation& activation);
  double with_target(const Overlaps& overlaps, Eigen::Index neuron);

  std::string_view route_;
  Eigen::MatrixXd gram_inverse_;
  FieldCovariance covariance_;
  ActivationAverages student_;
  double target_square_ = 0;  // E g^2
  // A polynomial target.
  Eigen::MatrixXd factor_;  // P^-1 F: E[h zeta^T] = M P^-1 F
  std::vector<Term> terms_;
  std::vector<double> moments_;
  Eigen::RowVectorXd correlations_;
  // A ridge target.
  std::optional<ActivationAverages> ridge_;
  RidgeTarget target_;
  Eigen::VectorXd ridge_variances_;
  Overlaps fields_;
};

}  // namespace reprise
