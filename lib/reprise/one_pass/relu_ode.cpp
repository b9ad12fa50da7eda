#include "reprise/one_pass/relu_ode.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// What a neuron has outside is measured by itself unless it is nothing: then by the neuron.
double outside_size(double outside, double norm) {
  constexpr double nothing = 1e-100;
  if (outside > nothing * norm) return outside;
  return norm > 0 ? norm : 1;
}

}  // namespace

// Each neuron is measured by its own norm, so that a small one beside large ones keeps its part.
Coordinates coordinates_of(const Overlaps& overlaps, const MatrixXd& gram_inverse) {
  const MatrixXd& M = overlaps.M;
  VectorXd norms = overlaps.Q.diagonal().cwiseMax(0).cwiseSqrt();
  double terms = 1;
  const VectorXd products =
      (M.cwiseAbs() * gram_inverse.cwiseAbs() * M.cwiseAbs().transpose()).diagonal();
  for (Index i = 0; i < norms.size(); ++i) {
    if (norms[i] == 0) norms[i] = 1;
    terms = std::max(terms, products[i] / (norms[i] * norms[i]));
  }
  const MatrixXd scaled = norms.cwiseInverse().asDiagonal() * M;
  const VectorXd inverse_norms = norms.cwiseInverse();
  const MatrixXd rest = inverse_norms.asDiagonal() * overlaps.Q * inverse_norms.asDiagonal() -
                        scaled * gram_inverse * scaled.transpose();
  const double null = 64 * std::numeric_limits<double>::epsilon() * terms;
  return {M, norms.asDiagonal() * rank_factor(rest, null, null).L};
}

ReluSystem::ReluSystem(const Problem& problem, const OnePassSgd& algorithm,
                       const OdeOptions& options, std::unique_ptr<ReluCommittee> committee)
    : OdeSystem(problem, algorithm, options, 0),
      committee_(std::move(committee)),
      gram_inverse_(inverse(problem.target.gram)),
      is_normalised_(algorithm.normalise != Normalise::none),
      norms_(problem.n_neurons()) {}

double ReluSystem::generalisation_error(const OdeVector& y) {
  read(y);
  return committee_->generalisation_error(coordinates_, weights_);
}

ReluFlow::ReluFlow(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
                   std::unique_ptr<ReluCommittee> committee)
    : ReluSystem(problem, algorithm, options, std::move(committee)),
      layout_(problem, 0, algorithm.trains_second_layer()) {}

OdeVector ReluFlow::start(const Overlaps& overlaps) {
  coordinates_ = coordinates_of(overlaps, gram_inverse_);
  layout_ = CoordinateLayout(problem_, coordinates_.L.cols(), algorithm_.trains_second_layer());
  OdeVector y;
  layout_.pack(coordinates_, problem_.student.output_weights(), y);
  return y;
}

void ReluFlow::read(const OdeVector& y) {
  layout_.unpack(y, coordinates_, weights_);
  dual_.noalias() = coordinates_.M * gram_inverse_;
  for (Index i = 0; i < norms_.size(); ++i) {
    norms_[i] = std::hypot(std::sqrt(std::max(0.0, dual_.row(i).dot(coordinates_.M.row(i)))),
                           coordinates_.L.row(i).stableNorm());
    if (!is_normalised_) continue;
    coordinates_.M.row(i) /= norms_[i];
    coordinates_.L.row(i) /= norms_[i];
    dual_.row(i) /= norms_[i];
  }
}

// What would change a norm that is kept is taken off along the neuron.
void ReluFlow::derivative(const OdeVector& y, OdeVector& dydt) {
  read(y);
  const double gamma = algorithm_.learning_rate;
  committee_->evaluate(coordinates_, weights_, drift_);
  velocity_.M = -gamma * drift_.g_target;
  velocity_.L = -gamma * drift_.g_outside;
  for (Index i = 0; is_normalised_ && i < norms_.size(); ++i) {
    const double loss =
        velocity_.M.row(i).dot(dual_.row(i)) + velocity_.L.row(i).dot(coordinates_.L.row(i));
    velocity_.M.row(i) -= loss * coordinates_.M.row(i);
    velocity_.L.row(i) -= loss * coordinates_.L.row(i);
  }
  dweights_ = -weight_rate() * drift_.output;
  layout_.pack(velocity_, dweights_, dydt);
}

void ReluFlow::unpack(const OdeVector& y, Overlaps& overlaps, VectorXd& weights) {
  read(y);
  overlaps.M = coordinates_.M;
  overlaps.Q.noalias() = dual_ * coordinates_.M.transpose();
  overlaps.Q.noalias() += coordinates_.L * coordinates_.L.transpose();
  if (algorithm_.trains_second_layer()) weights = weights_;
}

void ReluFlow::sizes(const OdeVector& y, EntrySizes& sizes) {
  read(y);
  set_common_sizes(problem_, norms_, y, layout_.n_coordinates(), sizes);
  std::size_t entry = static_cast<std::size_t>(coordinates_.M.size());
  for (Index i = 0; i < norms_.size(); ++i) {
    const double kept = is_normalised_ ? norms_[i] : 1;
    const double outside = kept * coordinates_.L.row(i).stableNorm();
    for (Index c = 0; c < coordinates_.L.cols(); ++c, ++entry) {
      sizes.own[entry] = outside_size(outside, norms_[i]);
      sizes.reach[entry] = norms_[i] > 0 ? norms_[i] : 1;
    }
  }
}

void ReluFlow::jacobian(const OdeVector& y, MatrixXd& jacobian) {
  read(y);
  const auto n = static_cast<Index>(layout_.n_coordinates());
  committee_->jacobian(coordinates_, weights_, whole_);
  whole_.topRows(n) *= -algorithm_.learning_rate;
  whole_.bottomRows(whole_.rows() - n) *= -weight_rate();
  if (is_normalised_) normalise_jacobian(whole_);
  jacobian = whole_.topLeftCorner(static_cast<Index>(y.size()), static_cast<Index>(y.size()));
}

// Of v - m (b . v) with b . m = 1, in y divided by its norms: b = (M P^-1, L), B the metric,
//   J_i <- J_i - m_i (b_i J_i),  J_ii <- J_ii - (b v) I - m (B v)^T + 2 (b v) m b^T,
//   J_:l <- (J_:l - (J_:l m_l) b_l^T) / |w_l|.
void ReluFlow::normalise_jacobian(MatrixXd& jacobian) {
  const Index k = coordinates_.M.cols(), r = coordinates_.L.cols(), p = norms_.size();
  const auto place = [&](Index i, Index c) { return layout_.place(i, c); };
  committee_->evaluate(coordinates_, weights_, drift_);
  for (Index i = 0; i < p; ++i) {
    along_.resize(k + r);
    dual_along_.resize(k + r);
    velocity_along_.resize(k + r);
    along_ << coordinates_.M.row(i).transpose(), coordinates_.L.row(i).transpose();
    dual_along_ << dual_.row(i).transpose(), coordinates_.L.row(i).transpose();
    velocity_along_
        << (-algorithm_.learning_rate * drift_.g_target.row(i) * gram_inverse_).transpose(),
        -algorithm_.learning_rate * drift_.g_outside.row(i).transpose();
    const double loss = velocity_along_.dot(along_);
    row_.setZero(jacobian.cols());
    for (Index c = 0; c < k + r; ++c) row_ += dual_along_[c] * jacobian.row(place(i, c));
    for (Index c = 0; c < k + r; ++c) {
      jacobian.row(place(i, c)) -= along_[c] * row_;
      jacobian(place(i, c), place(i, c)) -= loss;
      for (Index b = 0; b < k + r; ++b) {
        jacobian(place(i, c), place(i, b)) -=
            along_[c] * (velocity_along_[b] - 2 * loss * dual_along_[b]);
      }
    }
  }
  for (Index l = 0; l < p; ++l) {
    along_ << coordinates_.M.row(l).transpose(), coordinates_.L.row(l).transpose();
    dual_along_ << dual_.row(l).transpose(), coordinates_.L.row(l).transpose();
    for (Index row = 0; row < jacobian.rows(); ++row) {
      double radial = 0;
      for (Index c = 0; c < k + r; ++c) radial += jacobian(row, place(l, c)) * along_[c];
      for (Index c = 0; c < k + r; ++c) {
        double& entry = jacobian(row, place(l, c));
        entry = (entry - radial * dual_along_[c]) / norms_[l];
      }
    }
  }
}

ReluOde::ReluOde(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
                 std::unique_ptr<ReluCommittee> committee)
    : ReluSystem(problem, algorithm, options, std::move(committee)),
      layout_(problem, algorithm.trains_second_layer()),
      outside_(problem.n_neurons()) {}

OdeVector ReluOde::start(const Overlaps& overlaps) {
  const auto [M, L] = coordinates_of(overlaps, gram_inverse_);
  return layout_.pack({M, L * L.transpose()}, problem_.student.output_weights());
}

void ReluOde::read(const OdeVector& y) {
  layout_.unpack(y, parts_, weights_);
  overlaps_.M = parts_.M;
  dual_.noalias() = parts_.M * gram_inverse_;
  overlaps_.Q = parts_.Q;
  overlaps_.Q.noalias() += dual_ * parts_.M.transpose();
  norms_ = overlaps_.Q.diagonal().cwiseMax(0).cwiseSqrt();
  for (Index i = 0; is_normalised_ && i < norms_.size(); ++i) {
    for (MatrixXd* square : {&overlaps_.Q, &parts_.Q}) {
      square->row(i) /= norms_[i];
      square->col(i) /= norms_[i];
    }
    parts_.M.row(i) /= norms_[i];
    dual_.row(i) /= norms_[i];
    overlaps_.M.row(i) = parts_.M.row(i);
  }
  coordinates_.M = parts_.M;
  semidefinite_cholesky(parts_.Q, coordinates_.L);
}

void ReluOde::derivative(const OdeVector& y, OdeVector& dydt) {
  read(y);
  const Index p = problem_.n_neurons();
  const double gamma = algorithm_.learning_rate;
  committee_->evaluate(coordinates_, weights_, drift_);
  dm_.setZero(p, problem_.n_directions());
  dr_.setZero(p, p);
  if (terms_ != OdeTerms::noise_only) {
    dm_ -= gamma * drift_.g_target;
    dr_.noalias() -= gamma * drift_.g_outside * coordinates_.L.transpose();
    dr_.noalias() -= gamma * coordinates_.L * drift_.g_outside.transpose();
  }
  if (terms_ != OdeTerms::drift_only) {
    moments_->evaluate(overlaps_, weights_, values_);
    dr_ += gamma * gamma * values_.g_g;
  }
  if (is_normalised_) {
    loss_ = dm_.cwiseProduct(dual_).rowwise().sum() + 0.5 * dr_.diagonal();
    dm_ -= loss_.asDiagonal() * parts_.M;
    dr_ -= loss_.asDiagonal() * parts_.Q + parts_.Q * loss_.asDiagonal();
  }
  dweights_ = -weight_rate() * drift_.output;
  layout_.pack(dm_, dr_, dweights_, dydt);
}

void ReluOde::unpack(const OdeVector& y, Overlaps& overlaps, VectorXd& weights) {
  read(y);
  overlaps = overlaps_;
  if (algorithm_.trains_second_layer()) weights = weights_;
}

void ReluOde::sizes(const OdeVector& y, EntrySizes& sizes) {
  read(y);
  const Index p = problem_.n_neurons();
  std::size_t entry = static_cast<std::size_t>(p * problem_.n_directions());
  set_common_sizes(problem_, norms_, y, entry + static_cast<std::size_t>(p * (p + 1) / 2), sizes);
  for (Index i = 0; i < p; ++i) {
    if (is_normalised_ || norms_[i] == 0) norms_[i] = 1;
    outside_[i] = outside_size(std::sqrt(std::max(0.0, parts_.Q(i, i))), norms_[i]);
  }
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j <= i; ++j, ++entry) {
      sizes.own[entry] = outside_[i] * outside_[j];
      sizes.reach[entry] = norms_[i] * norms_[j];
    }
  }
}

}  // namespace reprise
