#include "reprise/one_pass/ode_state.hpp"

#include <cmath>

namespace reprise {

using Eigen::Index;

OverlapOde::OverlapOde(const Problem& problem, const OnePassSgd& algorithm,
                       const OdeOptions& options, std::uint64_t scramble)
    : problem_(problem),
      algorithm_(algorithm),
      terms_(options.terms),
      layout_(problem, algorithm.trains_second_layer()),
      overlaps_(problem.initial),
      weights_(problem.student.output_weights()) {
  MomentOptions moments = options.moments;
  moments.seed = options.seed;
  moments.scramble = scramble;
  moments_ = gaussian_moments(problem, algorithm.use(), moments);
}

double OverlapOde::generalisation_error(const std::vector<double>& y) {
  layout_.unpack(y, overlaps_, weights_);
  return moments_->generalisation_error(overlaps_, weights_);
}

double OverlapOde::error_of_nothing() {
  return moments_->generalisation_error(problem_.initial,
                                        Eigen::VectorXd::Zero(problem_.n_neurons()));
}

// dM/dt = -gamma E[G h*^T], dQ/dt = -gamma E[G h^T + h G^T] + gamma^2 E[G G^T], with
// da/dt = -gamma_a E[dl/df scale sigma(h)] (Saad1995).
void OverlapOde::derivative(const std::vector<double>& y, std::vector<double>& dydt) {
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
  const double scale = factor(problem_.student.output_scale, p);
  dweights_ = -algorithm_.second_layer_learning_rate * scale * scale * values_.output;
  layout_.pack(dm_, dq_, dweights_, dydt);
}

}  // namespace reprise
