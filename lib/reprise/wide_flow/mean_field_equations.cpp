#include "reprise/wide_flow/mean_field_equations.hpp"

namespace reprise {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

MeanFieldEquations::MeanFieldEquations(const WideStart& start, const VectorXd& weights,
                                       double epsilon)
    : sigma_(start.sigma),
      phi_(start.phi),
      w_(weights),
      a_0_(start.a),
      s_0_(start.s),
      epsilon_(epsilon) {}

VectorXd MeanFieldEquations::start() const {
  VectorXd y(2 * n_particles());
  y << a_0_, s_0_;
  return y;
}

void MeanFieldEquations::evaluate(const VectorXd& y) {
  const Index n = n_particles(), size = sigma_.size();
  const auto a = y.head(n).array(), s = y.tail(n).array();
  powers_.resize(n, size);
  slopes_.resize(n, size);
  powers_.col(0) = 1;
  slopes_.col(0) = 0;
  for (Index k = 1; k < size; ++k) {
    slopes_.col(k) = static_cast<double>(k) * powers_.col(k - 1);
    powers_.col(k) = powers_.col(k - 1) * s;
  }
  c_.noalias() = powers_.matrix().transpose() * (w_.array() * a).matrix();
  c_.array() = phi_.array() - sigma_.array() * c_.array();
  q_ = sigma_.cwiseProduct(c_);
  slope_.matrix().noalias() = slopes_.matrix() * q_;
}

const VectorXd& MeanFieldEquations::residual(const VectorXd& y) {
  evaluate(y);
  return c_;
}

void MeanFieldEquations::derivative(const VectorXd& y, VectorXd& dydt) {
  evaluate(y);
  const Index n = n_particles();
  const auto a = y.head(n).array(), s = y.tail(n).array();
  dydt.resize(2 * n);
  dydt.head(n).noalias() = powers_.matrix() * q_;
  dydt.head(n) /= epsilon_;
  dydt.tail(n) = (a * (1 - s.square()) * slope_).matrix();
}

double MeanFieldEquations::risk_derivative(const VectorXd& y) {
  evaluate(y);
  const Index n = n_particles();
  const auto a = y.head(n).array(), s = y.tail(n).array();
  const ArrayXd g = (powers_.matrix() * q_).array();
  return -(w_.array() * (g.square() / epsilon_ + (a * slope_).square() * (1 - s.square()))).sum();
}

void MeanFieldEquations::linearise(const VectorXd& y) {
  evaluate(y);
  const Index n = n_particles(), size = sigma_.size();
  const ArrayXd a = y.head(n).array(), s = y.tail(n).array();
  const ArrayXd room = 1 - s.square();
  ArrayXd curvature = ArrayXd::Zero(n);  // sum_k q_k k (k - 1) s_i^(k-2)
  for (Index k = 2; k < size; ++k) {
    curvature += q_[k] * static_cast<double>(k) * slopes_.col(k - 1);
  }
  b_as_ = slope_ / epsilon_;
  b_sa_ = room * slope_;
  b_ss_ = a * room * curvature - 2 * a * s * slope_;
  u_.resize(2 * n, size);
  v_.resize(2 * n, size);
  for (Index k = 0; k < size; ++k) {
    u_.col(k).head(n) = sigma_[k] / epsilon_ * powers_.col(k).matrix();
    u_.col(k).tail(n) = sigma_[k] * (a * room * slopes_.col(k)).matrix();
    v_.col(k).head(n) = -sigma_[k] * (w_.array() * powers_.col(k)).matrix();
    v_.col(k).tail(n) = -sigma_[k] * (w_.array() * a * slopes_.col(k)).matrix();
  }
}

MatrixXd MeanFieldEquations::dense() const {
  const Index n = n_particles();
  MatrixXd jacobian = u_ * v_.transpose();
  jacobian.topRightCorner(n, n).diagonal() += b_as_.matrix();
  jacobian.bottomLeftCorner(n, n).diagonal() += b_sa_.matrix();
  jacobian.bottomRightCorner(n, n).diagonal() += b_ss_.matrix();
  return jacobian;
}

MatrixXd MeanFieldEquations::jacobian(const VectorXd& y) {
  linearise(y);
  return dense();
}

// (shift - B)^-1, particle by particle.
void MeanFieldEquations::solve_blocks(Eigen::Ref<VectorXd> right) const {
  const Index n = n_particles();
  const auto of_a = right.head(n).array(), of_s = right.tail(n).array();
  const ArrayXd x = ((shift_ - b_ss_) * of_a + b_as_ * of_s) / determinant_;
  right.tail(n) = ((b_sa_ * of_a + shift_ * of_s) / determinant_).matrix();
  right.head(n) = x.matrix();
}

void MeanFieldEquations::factorise(double shift) {
  const Index size = sigma_.size();
  shift_ = shift;
  determinant_ = shift * (shift - b_ss_) - b_as_ * b_sa_;
  // Particles that would run away on their own, were it not for c: their blocks may be singular.
  is_dense_ = 2 * n_particles() < size || !(determinant_ > 1e-3 * shift * shift).all();
  if (is_dense_) {
    MatrixXd matrix = -dense();
    matrix.diagonal().array() += shift;
    factorised_.emplace(matrix);
    return;
  }
  u_solved_ = u_;
  for (Index k = 0; k < size; ++k) solve_blocks(u_solved_.col(k));
  MatrixXd small = -v_.transpose() * u_solved_;
  small.diagonal().array() += 1;
  factorised_.emplace(small);
}

// Woodbury: (A - U V^T)^-1 = A^-1 + A^-1 U (1 - V^T A^-1 U)^-1 V^T A^-1, A = shift - B.
void MeanFieldEquations::solve(VectorXd& right) {
  if (is_dense_) {
    right = factorised_->solve(right);
    return;
  }
  solve_blocks(right);
  right += u_solved_ * factorised_->solve(v_.transpose() * right);
}

}  // namespace reprise
