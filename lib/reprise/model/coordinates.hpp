// Weights up to a rotation of what they have outside the span of the targets.
#pragma once

#include <Eigen/Core>

namespace reprise {

/// W = M P^-1 W* + sqrt(d) L V, V (r, d) with orthonormal rows outside the span of W*, so that
/// h = M P^-1 h* + L xi and Q = M P^-1 M^T + L L^T.
struct Coordinates {
  Eigen::MatrixXd M = {};  ///< (p, k)
  Eigen::MatrixXd L = {};  ///< (p, r)
};

}  // namespace reprise
