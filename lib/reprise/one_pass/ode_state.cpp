#include "reprise/one_pass/ode_state.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "reprise/one_pass/relu_ode.hpp"

namespace reprise {

using Eigen::Index;

OdeSystem::OdeSystem(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
                     std::uint64_t scramble)
    : problem_(problem),
      algorithm_(algorithm),
      terms_(options.terms),
      weights_(problem.student.output_weights()) {
  MomentOptions moments = options.moments;
  moments.seed = options.seed;
  moments.scramble = scramble;
  moments_ = gaussian_moments(problem, algorithm.use(), moments);
}

double OdeSystem::weight_rate() const {
  const double scale = factor(problem_.student.output_scale, problem_.n_neurons());
  return algorithm_.second_layer_learning_rate * scale * scale;
}

void OdeSystem::jacobian(const OdeVector&, Eigen::MatrixXd&) { assert(has_jacobian()); }

double OdeSystem::error_of_nothing() {
  return moments_->generalisation_error(problem_.initial,
                                        Eigen::VectorXd::Zero(problem_.n_neurons()));
}

OverlapOde::OverlapOde(const Problem& problem, const OnePassSgd& algorithm,
                       const OdeOptions& options, std::uint64_t scramble)
    : OdeSystem(problem, algorithm, options, scramble),
      layout_(problem, algorithm.trains_second_layer()),
      overlaps_(problem.initial) {}

OdeVector OverlapOde::start(const Overlaps& overlaps) {
  return layout_.pack(overlaps, problem_.student.output_weights());
}

double OverlapOde::generalisation_error(const OdeVector& y) {
  layout_.unpack(y, overlaps_, weights_);
  return moments_->generalisation_error(overlaps_, weights_);
}

void OverlapOde::unpack(const OdeVector& y, Overlaps& overlaps, Eigen::VectorXd& weights) {
  layout_.unpack(y, overlaps, weights);
}

// dM/dt = -gamma E[G h*^T], dQ/dt = -gamma E[G h^T + h G^T] + gamma^2 E[G G^T], with
// da/dt = -gamma_a E[dl/df scale sigma(h)] (Saad1995).
void OverlapOde::derivative(const OdeVector& y, OdeVector& dydt) {
  const Index p = problem_.n_neurons();
  const double gamma = algorithm_.learning_rate;
  layout_.unpack(y, overlaps_, weights_);
  moments_->evaluate(overlaps_, weights_, values_);
  dm_.setZero(overlaps_.M.rows(), overlaps_.M.cols());
  dq_.setZero(p, p);
  if (terms_ != OdeTerms::noise_only) {
    dm_ -= gamma * values_.g_target;
    dq_ -= gamma * (values_.g_field + values_.g_field.transpose());
  }
  if (terms_ != OdeTerms::drift_only) dq_ += gamma * gamma * values_.g_g;
  if (algorithm_.normalise != Normalise::none) {
    // w_j <- w_j / sqrt(Q_jj): what would move Q_jj is taken off along w_j (Q_jj stays 1).
    const Eigen::VectorXd loss = 0.5 * dq_.diagonal().cwiseQuotient(overlaps_.Q.diagonal());
    dm_ -= loss.asDiagonal() * overlaps_.M;
    dq_ -= loss.asDiagonal() * overlaps_.Q + overlaps_.Q * loss.asDiagonal();
    dq_.diagonal().setZero();
  }
  dweights_ = -weight_rate() * values_.output;
  layout_.pack(dm_, dq_, dweights_, dydt);
}

void OverlapOde::sizes(const OdeVector& y, EntrySizes& sizes) {
  layout_.unpack(y, overlaps_, weights_);
  const Index p = problem_.n_neurons(), k = problem_.n_directions();
  Eigen::VectorXd& norms = dweights_;
  norms = overlaps_.Q.diagonal().cwiseMax(0).cwiseSqrt();
  set_common_sizes(problem_, norms, y, static_cast<std::size_t>(p * k + p * (p + 1) / 2), sizes);
  double* next = sizes.own.data() + p * k;
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j <= i; ++j) {
      *next++ = (norms[i] > 0 ? norms[i] : 1) * (norms[j] > 0 ? norms[j] : 1);
    }
  }
  sizes.reach = sizes.own;
}

void set_common_sizes(const Problem& problem, const Eigen::VectorXd& norms, const OdeVector& y,
                      std::size_t first_weight, EntrySizes& sizes) {
  sizes.own.resize(y.size());
  sizes.reach.resize(y.size());
  std::size_t entry = 0;
  for (Index i = 0; i < norms.size(); ++i) {
    for (Index r = 0; r < problem.n_directions(); ++r) {
      sizes.own[entry++] = (norms[i] > 0 ? norms[i] : 1) * std::sqrt(problem.target.gram(r, r));
    }
  }
  double largest = factor(problem.student.output_scale, problem.n_neurons());
  for (std::size_t w = first_weight; w < y.size(); ++w) {
    largest = std::max(largest, std::abs(y[w]));
  }
  std::fill(sizes.own.begin() + static_cast<std::ptrdiff_t>(first_weight), sizes.own.end(),
            largest);
  sizes.reach = sizes.own;
}

std::unique_ptr<OdeSystem> ode_system(const Problem& problem, const OnePassSgd& algorithm,
                                      const OdeOptions& options, std::uint64_t scramble) {
  if (auto committee = relu_committee(problem, algorithm.use(), options.moments)) {
    if (options.terms == OdeTerms::drift_only) {
      return std::make_unique<ReluFlow>(problem, algorithm, options, std::move(committee));
    }
    return std::make_unique<ReluOde>(problem, algorithm, options, std::move(committee));
  }
  return std::make_unique<OverlapOde>(problem, algorithm, options, scramble);
}

}  // namespace reprise
