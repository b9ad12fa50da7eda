#include "reprise/batch_reuse/kernels.hpp"

#include <cmath>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

MatrixXd correlation(const RevealedPath& path, const MatrixXd& gram_inverse) {
  const Index k = gram_inverse.rows();
  const Index p = path.weights.front().rows();
  const Index cols = path.weights.back().cols();
  const auto n_times = static_cast<Index>(path.weights.size());
  MatrixXd all = MatrixXd::Zero(n_times * p, cols);
  for (Index t = 0; t < n_times; ++t) {
    const MatrixXd& weights = path.weights[static_cast<std::size_t>(t)];
    all.block(t * p, 0, p, weights.cols()) = weights;
  }
  return matrix_product(all.leftCols(k), gram_inverse, all.leftCols(k).transpose()) +
         matrix_product(all.rightCols(cols - k), all.rightCols(cols - k).transpose());
}

// <eps_r G_t^T> over the gradients r of the block up to and with that of step t.
MatrixXd components(const RevealedPath::Step& step) {
  MatrixXd all(step.coefficients.rows() + step.K.cols(), step.K.rows());
  all.topRows(step.coefficients.rows()) = step.coefficients;
  all.bottomRows(step.K.cols()) = step.K.transpose();
  return all;
}

MatrixXd gradient_correlation(const RevealedPath& path) {
  const auto n_steps = static_cast<Index>(path.steps.size());
  const Index p = path.weights.front().rows();
  MatrixXd kernel = MatrixXd::Zero(n_steps * p, n_steps * p);
  for (Index t = 0; t < n_steps; ++t) {
    const auto& late = path.steps[static_cast<std::size_t>(t)];
    const MatrixXd late_components = components(late);
    for (Index s = 0; s <= t; ++s) {
      const auto& early = path.steps[static_cast<std::size_t>(s)];
      if (early.block != late.block) continue;
      const MatrixXd early_components = components(early);
      const MatrixXd entry =
          late.ratio *
          inner_products(late_components.topRows(early_components.rows()), early_components);
      kernel.block(t * p, s * p, p, p) = entry;
      kernel.block(s * p, t * p, p, p) = entry.transpose();
    }
  }
  return kernel;
}

bool has_response(const RevealedPath& path, const GradientDescent& algorithm) {
  if (algorithm.displacement != 0 || algorithm.normalise != Normalise::none) return false;
  for (std::size_t s = 0; s < path.steps.size(); ++s) {
    const MatrixXd& K = path.steps[s].K;
    if (K.cols() < K.rows() || path.steps[s].R.rows() < K.cols() ||
        algorithm.learning_rate_at(static_cast<int>(s)) == 0)
      return false;
  }
  return true;
}

// R(t, s) for all s < t, last use of each block first: the directions that step s created have
// the component L_{t,s} = -sum_{s' >= s} eta_s' sqrt(alpha) R(t,s') <G_s' eps_s^T> R_s^T.
void add_responses(const RevealedPath& path, const GradientDescent& algorithm, std::size_t t,
                   MatrixXd& response) {
  const MatrixXd& weights = path.weights[t];
  const Index p = weights.rows();
  const auto row = static_cast<Index>(t) * p;
  for (std::size_t s = t; s-- > 0;) {
    const auto& step = path.steps[s];
    const Index first_component = step.coefficients.rows();  // of eps_s in later gradients
    MatrixXd rest =
        -matrix_product(weights.middleCols(step.first_direction, p), inverse(step.R).transpose()) /
        std::sqrt(step.ratio);
    for (std::size_t later = s + 1; later < t; ++later) {
      if (path.steps[later].block != step.block) continue;
      rest -=
          algorithm.learning_rate_at(static_cast<int>(later)) *
          matrix_product(response.block(row, static_cast<Index>(later) * p, p, p),
                         path.steps[later].coefficients.middleRows(first_component, p).transpose());
    }
    response.block(row, static_cast<Index>(s) * p, p, p) =
        matrix_product(rest, inverse(step.K)) / algorithm.learning_rate_at(static_cast<int>(s));
  }
}

}  // namespace

Kernels kernels_of(const RevealedPath& path, const GradientDescent& algorithm,
                   const MatrixXd& gram_inverse) {
  Kernels kernels;
  kernels.correlation = correlation(path, gram_inverse);
  kernels.gradient_correlation = gradient_correlation(path);
  if (!has_response(path, algorithm)) return kernels;
  const Index p = path.weights.front().rows();
  const auto n_steps = static_cast<Index>(path.steps.size());
  kernels.response = MatrixXd::Zero((n_steps + 1) * p, n_steps * p);
  for (std::size_t t = 1; t < path.weights.size(); ++t) {
    add_responses(path, algorithm, t, kernels.response);
  }
  return kernels;
}

}  // namespace reprise
