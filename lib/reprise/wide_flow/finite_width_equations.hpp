// The equations of a wide two-layer network of m neurons as d -> infinity, as a stiff system.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/integration/rosenbrock.hpp"
#include "reprise/wide_flow/wide_flow.hpp"

namespace reprise {

/// Neurons i = 1..m of norm 1 (Berthier2023), V(s) = sum_k sigma_k phi_k s^k,
/// U(r) = sum_k sigma_k^2 r^k:
///
///   epsilon da_i/dt = V(s_i) - (1/m) sum_j a_j U(r_ij)
///   ds_i/dt = a_i [V'(s_i)(1 - s_i^2) - (1/m) sum_j a_j U'(r_ij)(s_j - r_ij s_i)]
///   dr_ij/dt = a_i [V'(s_i)(s_j - s_i r_ij) - (1/m) sum_q a_q U'(r_iq)(r_jq - r_iq r_ij)]
///              + (i <-> j)
///   R = |phi|^2 / 2 - (1/m) sum_i a_i V(s_i) + (1/2m^2) sum_ij a_i a_j U(r_ij)
///
/// for G groups of equal neurons, so that any m costs the same: a_g, s_g, r_gh for g < h, and
/// r_gg of two members of a group. Sums over neurons become sums over groups, in which a neuron
/// itself counts as any member of its group does; the 1/m terms put that right.
///
/// J in closed form, O(G^3) and K G^2 for polynomials of degree K; its factorisation O(G^6).
class FiniteWidthEquations final : public StiffSystem {
 public:
  /// overlaps (G, G), r_gh outside the diagonal; sizes (G), n_g >= 1.
  FiniteWidthEquations(const WideStart& start, const Eigen::MatrixXd& overlaps,
                       const Eigen::VectorXd& sizes, double epsilon);

  /// y = (a, s, r_11, r_21, r_22, r_31, ...).
  Eigen::VectorXd start() const;
  Eigen::Index n_groups() const { return part_.size(); }
  Eigen::VectorXd residual(const Eigen::VectorXd& y) const;
  double risk(const Eigen::VectorXd& y) const;
  /// r_gh with ones on the diagonal, (G, G).
  Eigen::MatrixXd overlaps(const Eigen::VectorXd& y) const;
  /// r_gg, (G); 1 in groups of one.
  Eigen::VectorXd within(const Eigen::VectorXd& y) const;
  Eigen::MatrixXd jacobian(const Eigen::VectorXd& y) const;

  void derivative(const Eigen::VectorXd& y, Eigen::VectorXd& dydt) override;
  void linearise(const Eigen::VectorXd& y) override { jacobian_ = jacobian(y); }
  void factorise(double shift) override;
  void solve(Eigen::VectorXd& right) override { right = factorised_->solve(right); }

 private:
  struct Terms;
  Terms terms(const Eigen::VectorXd& y) const;

  Eigen::VectorXd v_, u_;  // coefficients of V and U
  Eigen::VectorXd sigma_, phi_;
  Eigen::VectorXd part_;  // n_g / m
  double one_;            // 1 / m
  double epsilon_;
  Eigen::VectorXd start_;
  Eigen::MatrixXd jacobian_;
  std::optional<Factorised> factorised_;
};

}  // namespace reprise
