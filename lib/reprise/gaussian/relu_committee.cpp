#include "reprise/gaussian/relu_committee.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr double half_turn = std::numbers::pi;
constexpr double per_turn = 0.5 * std::numbers::inv_pi;  // 1 / (2 pi)

// first (1 - t^2 / d_1 (1 - t^2 / d_2 (...))), to the last digit for t < 1.
template <std::size_t n>
double alternating_series(double first, double square, const double (&divisors)[n]) {
  double sum = 1;
  for (std::size_t i = n; i-- > 0;) sum = 1 - square / divisors[i] * sum;
  return first * sum;
}

// t - sin t = t^3 / 6 (1 - t^2 / 20 + t^4 / 840 - ..)
double excess_of_arc(double t) {
  if (t >= 1) return t - std::sin(t);
  return alternating_series(t * t * t / 6, t * t, {20, 42, 72, 110, 156, 210, 272, 342});
}

// 2 pi G = sin t - t cos t = t^3 / 3 (1 - t^2 / 10 + t^4 / 280 - ..)
double arc_function(double t) {
  if (t >= 1) return std::sin(t) - t * std::cos(t);
  return alternating_series(t * t * t / 3, t * t, {10, 28, 54, 88, 130, 180, 238, 304});
}

}  // namespace

ReluCommittee::ReluCommittee(const Problem& problem, const RidgeTarget& target)
    : has_student_(problem.loss.slope_kind() == LossSlope::residual),
      is_orthonormal_(problem.target.gram.isIdentity(0) && problem.input_covariance.isIdentity(0)),
      p_(problem.n_neurons()),
      k_(problem.n_directions()),
      n_(p_ + target.coefficients.size()),
      factor_(semidefinite_cholesky(problem.input_covariance)),
      to_input_(inverse(problem.target.gram) * factor_),
      targets_(target.directions * factor_),
      v_(n_),
      length_(n_),
      near_(n_, n_),
      far_(n_, n_),
      sine_(n_, n_),
      versed_(n_, n_),
      cluster_(static_cast<std::size_t>(n_)) {
  v_.tail(n_ - p_) = -target.coefficients;
}

void ReluCommittee::set(const Coordinates& coordinates, const VectorXd& weights) {
  const Index dimension = k_ + coordinates.L.cols();
  if (dimension != dimension_ || z_.size() == 0) {
    dimension_ = dimension;
    z_.setZero(n_, dimension);
    z_.bottomLeftCorner(n_ - p_, k_) = targets_;
    u_.setZero(n_, dimension);
    sum_.setZero(n_, dimension);
    gradient_.setZero(p_, dimension);
    tangent_.setZero(dimension);
    other_tangent_.setZero(dimension);
    kernel_.setZero(dimension);
  }
  if (is_orthonormal_) {
    z_.topLeftCorner(p_, k_) = coordinates.M;
  } else {
    z_.topLeftCorner(p_, k_).noalias() = coordinates.M * to_input_;
  }
  z_.topRightCorner(p_, coordinates.L.cols()) = coordinates.L;
  v_.head(p_) = weights;
  for (Index l = 0; l < n_; ++l) {
    length_[l] = z_.row(l).stableNorm();
    u_.row(l).setZero();
    if (length_[l] != 0) u_.row(l) = z_.row(l) / length_[l];
  }
  for (Index i = 0; i < n_; ++i) {
    for (Index l = 0; l < i; ++l) set_pair(i, l);
  }
  find_clusters();
}

// Kahan's angle between unit vectors, right where it is near 0 and near pi.
void ReluCommittee::set_pair(Index i, Index l) {
  const double apart = (u_.row(i) - u_.row(l)).squaredNorm();
  const double together = (u_.row(i) + u_.row(l)).squaredNorm();
  const double far = std::sqrt(apart), near = std::sqrt(together);
  near_(i, l) = near_(l, i) = 2 * std::atan2(far, near);
  far_(i, l) = far_(l, i) = 2 * std::atan2(near, far);
  sine_(i, l) = sine_(l, i) = 2 * near * far / (apart + together);
  versed_(i, l) = versed_(l, i) = 2 * apart / (apart + together);
}

void ReluCommittee::find_clusters() {
  for (Index i = 0; i < n_; ++i) {
    auto& own = cluster_[static_cast<std::size_t>(i)];
    own = i;
    if (length_[i] == 0) continue;
    for (Index l = 0; l < i; ++l) {
      const Index other = cluster_[static_cast<std::size_t>(l)];
      if (length_[l] == 0 || other == own || !(near_(i, l) < 0.5 * half_turn)) continue;
      const auto [low, high] = std::minmax(own, other);
      std::replace(cluster_.begin(), cluster_.begin() + i + 1, Index(high), Index(low));
    }
  }
}

bool ReluCommittee::is_together(Index i, Index l) const {
  return cluster_[static_cast<std::size_t>(i)] == cluster_[static_cast<std::size_t>(l)];
}

// |z_i| |z_l| G
double ReluCommittee::pair_value(Index i, Index l) const {
  return per_turn * length_[i] * length_[l] *
         arc_function(is_together(i, l) ? near_(i, l) : far_(i, l));
}

double ReluCommittee::generalisation_error(const Coordinates& coordinates,
                                           const VectorXd& weights) {
  set(coordinates, weights);
  sum_.setZero();
  double size = 0, rounding = 0;
  for (Index l = 0; l < n_; ++l) {
    sum_.row(cluster_[static_cast<std::size_t>(l)]) += v_[l] * z_.row(l);
    size += std::abs(v_[l]) * length_[l];
  }
  double pairs = 0;
  for (Index i = 0; i < n_; ++i) {
    for (Index l = 0; l < i; ++l) {
      const double value = v_[i] * v_[l] * pair_value(i, l);
      pairs += value;
      rounding += std::abs(value);
    }
  }
  constexpr double epsilon = std::numeric_limits<double>::epsilon();
  rounding = 8 * epsilon * rounding + epsilon * epsilon * size * size;
  const double error = 0.25 * sum_.squaredNorm() + pairs;
  return error <= rounding ? 0 : error;
}

void ReluCommittee::set_gradient() {
  const Index first = has_student_ ? 0 : p_;
  sum_.setZero();
  for (Index l = first; l < n_; ++l) {
    sum_.row(cluster_[static_cast<std::size_t>(l)]) += v_[l] * z_.row(l);
  }
  for (Index i = 0; i < p_; ++i) {
    gradient_.row(i).setZero();
    if (length_[i] == 0) continue;
    for (Index l = first; l < n_; ++l) {
      if (l == i || length_[l] == 0) continue;
      const double factor = per_turn * v_[l] * length_[l];
      const double side = is_together(i, l) ? -1 : 1;
      const double angle = side < 0 ? near_(i, l) : far_(i, l);
      // sin t u_i - t u_l = t (u_i - u_l) - (t - sin t) u_i
      gradient_.row(i) +=
          factor * (angle * (u_.row(i) + side * u_.row(l)) - excess_of_arc(angle) * u_.row(i));
    }
    gradient_.row(i) += 0.5 * sum_.row(cluster_[static_cast<std::size_t>(i)]);
  }
}

void ReluCommittee::evaluate(const Coordinates& coordinates, const VectorXd& weights,
                             Drift& drift) {
  set(coordinates, weights);
  set_gradient();
  drift.output.resize(p_);
  for (Index i = 0; i < p_; ++i) {
    double value = 0.5 * z_.row(i).dot(sum_.row(cluster_[static_cast<std::size_t>(i)]));
    for (Index l = has_student_ ? 0 : p_; l < n_; ++l) {
      if (l != i) value += v_[l] * pair_value(i, l);
    }
    drift.output[i] = length_[i] == 0 ? 0 : value;
    gradient_.row(i) *= weights[i];
  }
  drift.g_outside = gradient_.rightCols(dimension_ - k_);
  drift.g_target.resize(p_, k_);
  if (is_orthonormal_) {
    drift.g_target = gradient_.leftCols(k_);
  } else {
    drift.g_target.noalias() = gradient_.leftCols(k_) * factor_.transpose();
  }
}

// The direction in which u_i turns towards u_l; 0 where they are parallel.
void ReluCommittee::set_tangent(Index i, Index l, Eigen::RowVectorXd& tangent) const {
  if (versed_(i, l) < 1) {
    tangent = (u_.row(l) - u_.row(i)) + versed_(i, l) * u_.row(i);
  } else {
    tangent = (u_.row(l) + u_.row(i)) + (versed_(i, l) - 2) * u_.row(i);
  }
  const double norm = tangent.norm();
  if (norm > 0) tangent /= norm;
}

// H_il = |z_l| (sin t u_i + (pi - t) u_l), 2 pi E[relu'(z_i x) relu(z_l x) x], has
//   dH_il / dz_i = |z_l| / |z_i| sin t (I - u_i u_i^T + t_il t_il^T),
//   dH_il / dz_l = (pi - t) I + sin t (u_i u_l^T + t_il t_li^T).
void ReluCommittee::add_by_vectors(Index i, Index l) {
  const double factor = per_turn * v_[i] * v_[l];
  set_tangent(i, l, tangent_);
  auto own = by_vectors_.block(i * dimension_, i * dimension_, dimension_, dimension_);
  const double bend = factor * length_[l] / length_[i] * sine_(i, l);
  own.diagonal().array() += bend;
  own.noalias() -= bend * u_.row(i).transpose() * u_.row(i);
  own.noalias() += bend * tangent_.transpose() * tangent_;
  if (l >= p_) return;
  set_tangent(l, i, other_tangent_);
  auto other = by_vectors_.block(i * dimension_, l * dimension_, dimension_, dimension_);
  other.diagonal().array() += factor * far_(i, l);
  other.noalias() += factor * sine_(i, l) * u_.row(i).transpose() * u_.row(l);
  other.noalias() += factor * sine_(i, l) * tangent_.transpose() * other_tangent_;
}

// The derivatives of a_i gradient_i by the weights, and those of output_i: by z_i it is the
// gradient and, of its own term, as much again.
void ReluCommittee::add_by_weights(Index i) {
  const Index first_weight = p_ * dimension_;
  auto column = [&](Index m) {
    return by_vectors_.block(i * dimension_, first_weight + m, dimension_, 1);
  };
  auto row = [&](Index m) {
    return by_vectors_.block(first_weight + i, m * dimension_, 1, dimension_);
  };
  column(i) += gradient_.row(i).transpose();
  row(i) += gradient_.row(i);
  if (!has_student_) return;
  for (Index m = 0; m < p_; ++m) {
    if (length_[m] == 0) continue;
    if (m == i) {
      column(i) += 0.5 * v_[i] * z_.row(i).transpose();
      row(i) += 0.5 * v_[i] * z_.row(i);
      by_vectors_(first_weight + i, first_weight + i) += 0.5 * length_[i] * length_[i];
      continue;
    }
    kernel_ = per_turn * length_[m] * (sine_(i, m) * u_.row(i) + far_(i, m) * u_.row(m));
    column(m) += v_[i] * kernel_.transpose();
    kernel_ = per_turn * length_[i] * (sine_(i, m) * u_.row(m) + far_(i, m) * u_.row(i));
    row(m) += v_[m] * kernel_;
    by_vectors_(first_weight + i, first_weight + m) +=
        per_turn * length_[i] * length_[m] * (sine_(i, m) + far_(i, m) * (1 - versed_(i, m)));
  }
}

void ReluCommittee::jacobian(const Coordinates& coordinates, const VectorXd& weights,
                             MatrixXd& jacobian) {
  set(coordinates, weights);
  set_gradient();
  by_vectors_.setZero(p_ * (dimension_ + 1), p_ * (dimension_ + 1));
  for (Index i = 0; i < p_; ++i) {
    if (length_[i] == 0) continue;
    for (Index l = has_student_ ? 0 : p_; l < n_; ++l) {
      if (l != i && length_[l] != 0) add_by_vectors(i, l);
    }
    if (has_student_) {
      by_vectors_.block(i * dimension_, i * dimension_, dimension_, dimension_)
          .diagonal()
          .array() += 0.5 * v_[i] * v_[i];
    }
    add_by_weights(i);
  }
  to_coordinates(jacobian);
}

// From z = (M P^-1 F, L) to (M, L), and from (E[G x^T], E[G xi^T]) to (E[G h*^T], E[G xi^T]); from
// neuron by neuron to matrix by matrix.
void ReluCommittee::to_coordinates(MatrixXd& jacobian) {
  const Index r = dimension_ - k_;
  if (!is_orthonormal_) {
    for (Index i = 0; i < p_; ++i) {
      auto rows = by_vectors_.middleRows(i * dimension_, k_);
      block_.noalias() = factor_ * rows;
      rows = block_;
      auto cols = by_vectors_.middleCols(i * dimension_, k_);
      block_.noalias() = cols * to_input_.transpose();
      cols = block_;
    }
  }
  const auto place = [&](Index entry) {
    const Index i = entry / dimension_, c = entry % dimension_;
    if (i >= p_) return entry;
    return c < k_ ? i * k_ + c : p_ * k_ + i * r + c - k_;
  };
  jacobian.resize(by_vectors_.rows(), by_vectors_.cols());
  for (Index col = 0; col < by_vectors_.cols(); ++col) {
    for (Index row = 0; row < by_vectors_.rows(); ++row) {
      jacobian(place(row), place(col)) = by_vectors_(row, col);
    }
  }
}

std::unique_ptr<ReluCommittee> relu_committee(const Problem& problem, const SampleUse& use,
                                              const MomentOptions& options) {
  if (options.route == MomentRoute::points || !reason_for_points(problem, use).empty()) return {};
  const std::optional<RidgeForm> form = ridge_form(problem);
  if (!form || form->kind != RidgeKind::relu) return {};
  return std::make_unique<ReluCommittee>(problem, form->sum);
}

}  // namespace reprise
