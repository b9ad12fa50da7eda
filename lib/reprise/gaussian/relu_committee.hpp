// ReLU neurons that learn a sum of ReLU's, by the weights themselves: the drift of their
// coordinates, its Jacobian and the error, to the last digits near convergence.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "reprise/gaussian/moments.hpp"
#include "reprise/model/coordinates.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/ridge_target.hpp"

namespace reprise {

/// E over (h, h*) of a gradient G, by coordinates: with h = M P^-1 h* + L xi,
struct Drift {
  Eigen::MatrixXd g_target;   ///< E[G h*^T], (p, k)
  Eigen::MatrixXd g_outside;  ///< E[G xi^T], (p, r)
  Eigen::VectorXd output;     ///< E[dl/df sigma(h_j)], (p)
};

/// Students and the target's ridge functions are vectors z_l: fields z_l . x of a standard normal
/// x. With r = sum_l v_l relu(z_l . x), lengths |z_l|, directions u_l, angles t, and s = pi - t
/// (Xu2023, its gradient and loss ordered so that nothing of order one is left to cancel),
///
///   E[relu'(z_i . x) r x] = 1/2 sum_{l in c} v_l z_l
///                           + sum_{l in c} v_l |z_l| (sin t u_i - t u_l) / (2 pi)
///                           + sum_{others} v_l |z_l| (sin s u_i + s u_l) / (2 pi)
///   E r^2 / 2 = 1/4 sum_c |sum_{l in c} v_l z_l|^2
///               + sum_{l < m} v_l v_m |z_l| |z_m| G(t_lm, or s_lm between clusters)
///   G(t) = (sin t - t cos t) / (2 pi)
///
/// where clusters c are made of vectors that angles below pi / 2 connect. These are identities
/// whatever the clusters are. t = 2 atan2(|u_i - u_l|, |u_i + u_l|), G and t - sin t by their
/// series: an angle of 1e-8 is known to 1e-8 of itself at least, and to the last digits beside a
/// target that lies along an axis (P = I), where the overlaps Q do not know it at all.
class ReluCommittee {
 public:
  /// The problem must have square or correlation loss and outlive this; target.constant is 0.
  ReluCommittee(const Problem& problem, const RidgeTarget& target);

  /// Fills drift. weights (p): scale * a. No allocation while L keeps its shape.
  void evaluate(const Coordinates& coordinates, const Eigen::VectorXd& weights, Drift& drift);
  /// 1/2 E (f - g)^2 >= 0: what its own rounding hides is 0.
  double generalisation_error(const Coordinates& coordinates, const Eigen::VectorXd& weights);
  /// Fills jacobian (n, n), n = p (k + r) + p: the derivatives of (g_target, g_outside, output),
  /// matrices row by row, by (M, L, weights). Cost O(p (p + m) (k + r)^2).
  void jacobian(const Coordinates& coordinates, const Eigen::VectorXd& weights,
                Eigen::MatrixXd& jacobian);

 private:
  using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

  void set(const Coordinates& coordinates, const Eigen::VectorXd& weights);
  void set_pair(Eigen::Index i, Eigen::Index l);
  void find_clusters();
  bool is_together(Eigen::Index i, Eigen::Index l) const;
  double pair_value(Eigen::Index i, Eigen::Index l) const;
  void set_gradient();
  void set_tangent(Eigen::Index i, Eigen::Index l, Eigen::RowVectorXd& tangent) const;
  void add_by_vectors(Eigen::Index i, Eigen::Index l);
  void add_by_weights(Eigen::Index i);
  void to_coordinates(Eigen::MatrixXd& jacobian);

  bool has_student_;  // in the residual: not for correlation loss
  bool is_orthonormal_;
  Eigen::Index p_, k_, n_, dimension_ = 0;
  Eigen::MatrixXd factor_;    // F with F F^T = S: h* = F x
  Eigen::MatrixXd to_input_;  // P^-1 F: h = M P^-1 F x + L xi
  Eigen::MatrixXd targets_;   // the ridge functions' u F, (m, k)
  Eigen::VectorXd v_;         // of the residual
  Rows z_, u_;                // (p + m, k + r)
  Eigen::VectorXd length_;
  Eigen::MatrixXd near_, far_;         // angles t and pi - t
  Eigen::MatrixXd sine_, versed_;      // sin t and 1 - cos t
  std::vector<Eigen::Index> cluster_;  // its lowest member
  Rows sum_;                           // sum_{l in c} v_l z_l, in the row of the lowest member
  Rows gradient_;                      // E[relu'(z_i x) r x]
  Eigen::MatrixXd by_vectors_;         // derivatives of (a_i gradient_, output) by (z, weights)
  Eigen::RowVectorXd tangent_, other_tangent_, kernel_;
  Eigen::MatrixXd block_;
};

/// The committee of a problem whose moments have the closed forms of ReLU (gaussian_moments()) with
/// plain use of the samples; none for every other.
std::unique_ptr<ReluCommittee> relu_committee(const Problem& problem, const SampleUse& use,
                                              const MomentOptions& options);

}  // namespace reprise
