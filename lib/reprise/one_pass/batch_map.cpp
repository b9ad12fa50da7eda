#include "reprise/one_pass/batch_map.hpp"

#include <cmath>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// B Q_perp^+ B^T without the directions in which Q_perp is rounding.
MatrixXd along_neurons(const MatrixXd& b, const MatrixXd& q_perp, double scale) {
  const auto [values, vectors] = symmetric_eigen(q_perp);
  const MatrixXd projected = b * vectors;
  VectorXd inverse = values;
  for (double& value : inverse) value = value > 1e-12 * scale ? 1 / value : 0;
  return projected * inverse.asDiagonal() * projected.transpose();
}

}  // namespace

BatchMap::BatchMap(const Problem& problem, const OnePassSgd& algorithm, const RecursionTerms& terms,
                   double dimension)
    : problem_(problem),
      algorithm_(algorithm),
      terms_(terms),
      dimension_(dimension),
      gram_inverse_(inverse(problem.target.gram)) {}

void BatchMap::change(const Overlaps& overlaps, const Moments& moments, double gamma,
                      OverlapChange& change) const {
  const double time = static_cast<double>(algorithm_.batch_size) / dimension_;
  const double eta = gamma * time;
  // Spherical: w_j - (gradient - its part along w_j) = (1 + kept_j) w_j - gradient.
  VectorXd kept = VectorXd::Zero(problem_.n_neurons());
  if (algorithm_.normalise == Normalise::spherical && terms_.linear) {
    kept = eta * moments.g_field.diagonal().cwiseQuotient(overlaps.Q.diagonal());
  }
  change.overlaps.M = kept.asDiagonal() * overlaps.M;
  if (terms_.linear) change.overlaps.M -= eta * moments.g_target;
  change.overlaps.Q = raw_change_of_q(overlaps, moments, kept, eta);
  if (algorithm_.normalise != Normalise::none) normalise(overlaps, change.overlaps);
  const double scale = factor(problem_.student.output_scale, problem_.n_neurons());
  change.weights = -algorithm_.second_layer_learning_rate * time * scale * scale * moments.output;
}

MatrixXd BatchMap::raw_change_of_q(const Overlaps& overlaps, const Moments& moments,
                                   const VectorXd& kept, double eta) const {
  const auto n = static_cast<double>(algorithm_.batch_size);
  const VectorXd whole = kept.array() + 1;
  // (1 + kept_i)(1 + kept_j) - 1 on Q_ij, and -eta E[G h^T] of neurons that keep as much.
  MatrixXd half = kept.asDiagonal() * overlaps.Q;
  MatrixXd q = half + half.transpose() + kept.asDiagonal() * overlaps.Q * kept.asDiagonal();
  if (terms_.linear) {
    half = eta * moments.g_field * whole.asDiagonal();
    q -= half + half.transpose();
  }
  if (terms_.noise) q += eta * eta * dimension_ / n * moments.g_g;
  if (terms_.batch) {
    const MatrixXd& a = moments.g_target;
    const MatrixXd q_perp = overlaps.Q - overlaps.M * gram_inverse_ * overlaps.M.transpose();
    const MatrixXd b = moments.g_field - a * gram_inverse_ * overlaps.M.transpose();
    q += eta * eta * (1 - 1 / n) *
         (a * gram_inverse_ * a.transpose() +
          along_neurons(b, q_perp, overlaps.Q.cwiseAbs().maxCoeff()));
  }
  return 0.5 * (q + q.transpose());
}

void BatchMap::normalise(const Overlaps& overlaps, Overlaps& change) const {
  const Index p = problem_.n_neurons();
  VectorXd log_scale(p);
  for (Index j = 0; j < p; ++j) {
    log_scale[j] = -0.5 * std::log1p(overlaps.Q(j, j) - 1 + change.Q(j, j));
  }
  for (Index j = 0; j < p; ++j) {
    const double growth = std::expm1(log_scale[j]);
    change.M.row(j) = growth * overlaps.M.row(j) + (1 + growth) * change.M.row(j);
    for (Index i = 0; i < p; ++i) {
      if (i == j) continue;
      const double both = std::expm1(log_scale[i] + log_scale[j]);
      change.Q(i, j) = both * overlaps.Q(i, j) + (1 + both) * change.Q(i, j);
    }
    // Exactly on the sphere, and 0 there; NaN where the squared norm came out negative.
    change.Q(j, j) = 1 - overlaps.Q(j, j) + 0 * log_scale[j];
  }
}

}  // namespace reprise
