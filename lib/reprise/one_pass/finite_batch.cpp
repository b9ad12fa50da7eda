#include "reprise/one_pass/finite_batch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/start.hpp"

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

class Recursion {
 public:
  Recursion(const Problem& problem, const OnePassSgd& algorithm, const FiniteBatchOptions& options,
            const Overlaps& start, std::uint64_t scramble)
      : problem_(problem),
        correlation_(problem),
        algorithm_(algorithm),
        options_(options),
        gram_inverse_(inverse(problem.target.gram)),
        overlaps_(start),
        weights_(problem.student.output_weights()),
        gamma_(algorithm.learning_rate) {
    correlation_.loss = Loss::correlation();
    MomentOptions moments = options.moments;
    moments.seed = options.seed;
    moments.scramble = scramble;
    full_ = gaussian_moments(problem_, algorithm.use(), moments);
    if (options.adaptive.is_on) {
      early_ = gaussian_moments(correlation_, algorithm.use(), moments);
      target_error_ = options.adaptive.threshold * full_->generalisation_error(overlaps_, weights_);
    }
  }

  std::string_view route() const { return full_->route(); }
  const Overlaps& overlaps() const { return overlaps_; }
  const VectorXd& weights() const { return weights_; }
  double error() { return full_->generalisation_error(overlaps_, weights_); }

  void step() {
    GaussianMoments& moments = early_ ? *early_ : *full_;
    moments.evaluate(overlaps_, weights_, values_);
    if (early_ && values_.generalisation_error < target_error_) {
      early_.reset();
      gamma_ *= options_.adaptive.drop;
      full_->evaluate(overlaps_, weights_, values_);
    } else if (!early_ && options_.adaptive.is_on) {
      gamma_ *= options_.adaptive.decay;
    }
    move();
  }

 private:
  void move() {
    const auto n = static_cast<double>(algorithm_.batch_size);
    const double eta = gamma_ * n / options_.dimension;
    const MatrixXd& a = values_.g_target;
    const VectorXd kept = kept_parts(eta);
    const MatrixXd q_perp = overlaps_.Q - overlaps_.M * gram_inverse_ * overlaps_.M.transpose();
    MatrixXd q = kept.asDiagonal() * overlaps_.Q * kept.asDiagonal();
    if (options_.terms.linear) {
      const MatrixXd first = values_.g_field * kept.asDiagonal();
      q -= eta * (first + first.transpose());
    }
    if (options_.terms.noise) q += eta * eta * options_.dimension / n * values_.g_g;
    if (options_.terms.batch) {
      const MatrixXd b = values_.g_field - a * gram_inverse_ * overlaps_.M.transpose();
      q += eta * eta * (1 - 1 / n) *
           (a * gram_inverse_ * a.transpose() +
            along_neurons(b, q_perp, overlaps_.Q.cwiseAbs().maxCoeff()));
    }
    MatrixXd m = kept.asDiagonal() * overlaps_.M;
    if (options_.terms.linear) m -= eta * a;
    if (algorithm_.normalise != Normalise::none) {
      const VectorXd scale = q.diagonal().cwiseSqrt().cwiseInverse();
      m = scale.asDiagonal() * m;
      q = scale.asDiagonal() * q * scale.asDiagonal();
    }
    overlaps_.M = m;
    overlaps_.Q = 0.5 * (q + q.transpose());
    const double scale = factor(problem_.student.output_scale, problem_.n_neurons());
    weights_ -= algorithm_.second_layer_learning_rate * n / options_.dimension * scale * scale *
                values_.output;
  }

  // Spherical: w_j - (gradient - its part along w_j) = kept_j w_j - gradient.
  VectorXd kept_parts(double eta) const {
    VectorXd kept = VectorXd::Ones(problem_.n_neurons());
    if (algorithm_.normalise == Normalise::spherical && options_.terms.linear) {
      kept += eta * values_.g_field.diagonal().cwiseQuotient(overlaps_.Q.diagonal());
    }
    return kept;
  }

  const Problem& problem_;
  Problem correlation_;
  OnePassSgd algorithm_;
  FiniteBatchOptions options_;
  MatrixXd gram_inverse_;
  Overlaps overlaps_;
  VectorXd weights_;
  double gamma_;
  std::unique_ptr<GaussianMoments> full_, early_;
  double target_error_ = 0;
  Moments values_;
};

Trajectory run_one(const Problem& problem, const OnePassSgd& algorithm,
                   const FiniteBatchOptions& options, std::uint64_t replica, std::uint64_t scramble,
                   const std::function<void()>& on_output) {
  Recursion recursion(
      problem, algorithm, options,
      start_of_run(problem, algorithm.normalise, options.dimension, options.start_seed, replica),
      scramble);
  const bool trains = algorithm.trains_second_layer();
  Trajectory trajectory;
  trajectory.values.setConstant(static_cast<Index>(options.steps.size()),
                                n_entries(one_pass_quantities(problem, trains)),
                                std::numeric_limits<double>::quiet_NaN());
  std::int64_t step = 0;
  for (const std::int64_t until : options.steps) {
    bool is_finite = true;
    for (; step < until && is_finite; ++step) {
      recursion.step();
      is_finite = recursion.overlaps().M.allFinite() && recursion.overlaps().Q.allFinite();
    }
    const double error = is_finite ? recursion.error() : 0;
    if (!is_finite || !std::isfinite(error)) {
      trajectory.detail =
          "the overlaps or the error stopped being finite at step " + std::to_string(step);
      break;
    }
    trajectory.values.row(trajectory.n_times++) =
        one_pass_row(problem, trains, recursion.overlaps(), recursion.weights(), error);
    on_output();
  }
  return trajectory;
}

}  // namespace

void check(const Problem& problem, const OnePassSgd& algorithm, const FiniteBatchOptions& options) {
  check(problem);
  check(algorithm, problem);
  check_route(problem, algorithm.use(), options.moments);
  check_positive("recursion", "dimension", options.dimension);
  check_at_least("recursion", "scrambles", options.scrambles, 1);
  check_at_least("recursion", "starts", options.starts, 1);
  if (options.steps.empty()) reject("recursion", "steps", "one at least", std::string_view("none"));
  for (std::size_t i = 0; i < options.steps.size(); ++i) {
    check_at_least("recursion", "steps[" + std::to_string(i + 1) + "]", options.steps[i],
                   i == 0 ? 0 : options.steps[i - 1] + 1);
  }
  const AdaptiveLoss& adaptive = options.adaptive;
  if (!adaptive.is_on) return;
  check_positive("recursion", "adaptive threshold", adaptive.threshold);
  check_positive("recursion", "adaptive drop", adaptive.drop);
  check_positive("recursion", "adaptive decay", adaptive.decay);
}

Solution solve(const Problem& problem, const OnePassSgd& algorithm,
               const FiniteBatchOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check(problem, algorithm, options);
  const auto moments = gaussian_moments(problem, algorithm.use(), options.moments);
  const std::size_t scrambles =
      moments->is_exact() ? 1 : static_cast<std::size_t>(options.scrambles);
  const std::size_t starts =
      problem.has_random_start ? static_cast<std::size_t>(options.starts) : 1;
  std::vector<Trajectory> runs(std::max(scrambles, starts));
  const auto on_output =
      step_counter(options.progress, static_cast<double>(runs.size() * options.steps.size()));
  parallel_for(runs.size(), resolve_threads(options.threads), [&](std::size_t, std::size_t index) {
    runs[index] =
        run_one(problem, algorithm, options, index % starts, index % scrambles, on_output);
  });
  Solution solution = average(one_pass_quantities(problem, algorithm.trains_second_layer()), runs);
  solution.method = "recursion";
  solution.clock = Clock::samples;
  solution.moments = moments->route();
  for (std::size_t t = 0; t < solution.step.size(); ++t) {
    solution.step[t] = options.steps[t];
    solution.time[t] = static_cast<double>(options.steps[t]) *
                       static_cast<double>(algorithm.batch_size) / options.dimension;
  }
  solution.ending.step = solution.step.empty() ? 0 : solution.step.back();
  solution.cost.samples_per_replica = moments->is_exact() ? 0 : options.moments.points;
  if (moments->is_exact() && starts == 1) solution.cost.replicas = 0;
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

}  // namespace reprise
