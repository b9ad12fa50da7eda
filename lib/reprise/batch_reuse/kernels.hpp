// The two-time kernels of the mean-field theory, read off revealed descent.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"

namespace reprise {

/// The weights and gradients that a descent went through, in its coordinates. Kept on request:
/// the basis is then never compressed, and memory grows as p^2 T^2.
struct RevealedPath {
  struct Step {
    int block = 0;
    double ratio = 0;              ///< alpha of the block
    Eigen::MatrixXd coefficients;  ///< <eps G^T> over the block's earlier gradients, (e, p)
    Eigen::MatrixXd K;             ///< of the new one, (p, q)
    Eigen::MatrixXd R;             ///< its coordinates are sqrt(alpha) K R^T, (rows, q)
    Eigen::Index first_direction;  ///< column of the directions that it created, among all weights
  };
  std::vector<Eigen::MatrixXd> weights;  ///< [M_t, L_t] at times 0..T
  std::vector<Step> steps;               ///< 0..T-1
};

/// Blocks (t, s) of p x p numbers, side by side.
struct Kernels {
  Eigen::MatrixXd correlation;           ///< C(t,t') = W_t W_t'^T / d, ((T+1) p, (T+1) p)
  Eigen::MatrixXd gradient_correlation;  ///< C_G(t,t') = alpha <G_t G_t'^T>, (T p, T p)
  Eigen::MatrixXd response;  ///< R(t,s), ((T+1) p, T p), or empty where it has no meaning
};

/// The kernels of a path in the limit.
///
///   C(t,t') = M_t P^-1 M_t'^T + sum_s L_{t,s} L_{t',s}^T
///   C_G(t,t') = alpha (sum_r <G_t eps_r^T> <eps_r G_t'^T>), 0 between different blocks
///   L_{t,r} = -sum_{s >= r} eta_s sqrt(alpha) R(t,s) <G_s eps_r^T> R_r^T,  solved for R(t,s)
///
/// R(t,s) is the response of W_t to a perturbation of W_{s+1}: R(s+1,s) = 1, 0 for t <= s. It is
/// left empty with a displacement or a normalisation, which are not additive in the gradient, and
/// where a gradient is linearly dependent on earlier ones, which leaves it undetermined.
Kernels kernels_of(const RevealedPath& path, const GradientDescent& algorithm,
                   const Eigen::MatrixXd& gram_inverse);

}  // namespace reprise
