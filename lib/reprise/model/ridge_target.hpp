// Targets that are sums of ridge functions, g(z) = constant + sum_m c_m phi(u_m . z), recognised.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "reprise/model/expression.hpp"

namespace reprise {

enum class RidgeKind {
  erf,   ///< phi(x) = erf(x / sqrt 2), the activation of that name
  relu,  ///< phi(x) = max(x, 0); abs(x) and linear terms are two of these
};

struct RidgeTarget {
  double constant = 0;
  Eigen::VectorXd coefficients;  ///< c, (m)
  Eigen::MatrixXd directions;    ///< u by rows, (m, k)
};

/// A sum of ridge functions, and which.
struct RidgeForm {
  RidgeKind kind = RidgeKind::erf;
  RidgeTarget sum = {};
};

/// The target as a sum of ridge functions of that kind, from its expression: sums, products with
/// constants, quotients by constants, and phi of linear combinations without a constant. Empty for
/// any other expression. The value is the same for every z up to rounding.
std::optional<RidgeTarget> as_ridge_target(const Expression& g, RidgeKind kind,
                                           Eigen::Index n_directions);

}  // namespace reprise
