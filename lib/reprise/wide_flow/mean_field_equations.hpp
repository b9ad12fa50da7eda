// The mean-field equations of a wide two-layer network and their Jacobian, as a stiff system.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/integration/rosenbrock.hpp"
#include "reprise/wide_flow/wide_flow.hpp"

namespace reprise {

/// d -> infinity, then m -> infinity from neurons without overlaps of their own: particles i of
/// weight w_i (Berthier2023), y = (a, s) of 2N numbers:
///
///   c_k = phi_k - sigma_k sum_i w_i a_i s_i^k                                  residual of degree
///   k epsilon da_i/dt = sum_k sigma_k c_k s_i^k ds_i/dt = a_i (1 - s_i^2) sum_k k sigma_k c_k
///   s_i^(k-1) R = sum_k c_k^2 / 2
///
/// J = B + U V^T: a (2, 2) block B_i of each particle, at fixed c, and what c does to it, of rank
/// K + 1. A solve costs O(N K^2), or O(N^3) where 2N is less than K + 1.
class MeanFieldEquations final : public StiffSystem {
 public:
  /// weights (N), >= 0 of sum 1.
  MeanFieldEquations(const WideStart& start, const Eigen::VectorXd& weights, double epsilon);

  Eigen::VectorXd start() const;
  Eigen::Index n_particles() const { return w_.size(); }
  /// c_0..c_K.
  const Eigen::VectorXd& residual(const Eigen::VectorXd& y);
  /// R of the degrees up to K.
  double risk(const Eigen::VectorXd& y) { return 0.5 * residual(y).squaredNorm(); }
  /// dR/dt = -sum_i w_i [ (epsilon a_i')^2 / epsilon + s_i'^2 / (1 - s_i^2) ] at y, never positive.
  double risk_derivative(const Eigen::VectorXd& y);
  /// The Jacobian itself, (2N, 2N).
  Eigen::MatrixXd jacobian(const Eigen::VectorXd& y);

  void derivative(const Eigen::VectorXd& y, Eigen::VectorXd& dydt) override;
  void linearise(const Eigen::VectorXd& y) override;
  void factorise(double shift) override;
  void solve(Eigen::VectorXd& right) override;

 private:
  void evaluate(const Eigen::VectorXd& y);
  Eigen::MatrixXd dense() const;

  Eigen::VectorXd sigma_, phi_, w_, a_0_, s_0_;
  double epsilon_;
  // At the y of the last evaluation.
  Eigen::ArrayXXd powers_, slopes_;  // s_i^k and k s_i^(k-1), (N, K + 1)
  Eigen::VectorXd c_, q_;            // q_k = sigma_k c_k
  Eigen::ArrayXd slope_;             // sum_k q_k k s_i^(k-1)
  // At the y of the last linearise().
  Eigen::ArrayXd b_as_, b_sa_, b_ss_;  // of B_i; da'/da is 0
  Eigen::MatrixXd u_, v_;              // (2N, K + 1)
  // Of the last factorise().
  double shift_ = 0;
  Eigen::ArrayXd determinant_;
  Eigen::MatrixXd u_solved_;  // (shift - B)^-1 U
  std::optional<Factorised> factorised_;
  bool is_dense_ = false;

  void solve_blocks(Eigen::Ref<Eigen::VectorXd> right) const;
};

}  // namespace reprise
