#include "reprise/one_pass/finite_batch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/overlap_layout.hpp"
#include "reprise/one_pass/start.hpp"
#include "reprise/one_pass/strides.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// The overlaps of one run, advanced step by step or in strides.
class Recursion {
 public:
  Recursion(const Problem& problem, const OnePassSgd& algorithm, const FiniteBatchOptions& options,
            const Overlaps& start, std::uint64_t scramble)
      : correlation_(problem),
        adaptive_(options.adaptive),
        map_(problem, algorithm, options.terms, options.dimension),
        layout_(problem, algorithm.trains_second_layer()),
        overlaps_(start),
        weights_(problem.student.output_weights()),
        gamma_(algorithm.learning_rate),
        strides_([this](const std::vector<double>& x,
                        std::vector<double>& change) { evaluate(x, change); },
                 layout_.size(),
                 {.rtol = options.rtol,
                  .atol = options.rtol / std::sqrt(options.dimension),
                  .integrator = options.integrator,
                  .max_evaluations = options.max_steps}) {
    correlation_.loss = Loss::correlation();
    MomentOptions moments = options.moments;
    moments.seed = options.seed;
    moments.scramble = scramble;
    full_ = gaussian_moments(problem, algorithm.use(), moments);
    if (adaptive_.is_on) {
      early_ = gaussian_moments(correlation_, algorithm.use(), moments);
      target_error_ = adaptive_.threshold * full_->generalisation_error(overlaps_, weights_);
    }
    x_ = layout_.pack(overlaps_, weights_);
  }

  /// Returns the steps made: fewer if the overlaps stopped being finite, or the budget ended.
  std::int64_t advance(std::int64_t steps) {
    const std::int64_t made = strides_.advance(x_, steps);
    layout_.unpack(x_, overlaps_, weights_);
    return made;
  }
  bool is_finite() const { return overlaps_.M.allFinite() && overlaps_.Q.allFinite(); }
  std::int64_t n_evaluations() const { return strides_.n_evaluations(); }
  const Overlaps& overlaps() const { return overlaps_; }
  const VectorXd& weights() const { return weights_; }
  double error() { return full_->generalisation_error(overlaps_, weights_); }

 private:
  void evaluate(const std::vector<double>& x, std::vector<double>& change) {
    layout_.unpack(x, overlaps_, weights_);
    GaussianMoments& moments = early_ ? *early_ : *full_;
    moments.evaluate(overlaps_, weights_, values_);
    if (early_ && full_->generalisation_error(overlaps_, weights_) < target_error_) {
      early_.reset();
      gamma_ *= adaptive_.drop;
      full_->evaluate(overlaps_, weights_, values_);
    } else if (!early_ && adaptive_.is_on) {
      gamma_ *= adaptive_.decay;
    }
    map_.change(overlaps_, values_, gamma_, change_);
    layout_.pack(change_.overlaps.M, change_.overlaps.Q, change_.weights, change);
  }

  Problem correlation_;
  AdaptiveLoss adaptive_;
  BatchMap map_;
  OverlapLayout layout_;
  Overlaps overlaps_;
  VectorXd weights_;
  double gamma_;
  Strides strides_;
  std::unique_ptr<GaussianMoments> full_, early_;
  double target_error_ = 0;
  Moments values_;
  OverlapChange change_;
  std::vector<double> x_;
};

struct RecursionRun {
  Trajectory trajectory;
  Termination termination = Termination::completed;
  std::int64_t n_evaluations = 0;
};

RecursionRun run_one(const Problem& problem, const OnePassSgd& algorithm,
                     const FiniteBatchOptions& options, std::uint64_t replica,
                     std::uint64_t scramble, const std::function<void()>& on_output) {
  Recursion recursion(
      problem, algorithm, options,
      start_of_run(problem, algorithm.normalise, options.dimension, options.start_seed, replica),
      scramble);
  const bool trains = algorithm.trains_second_layer();
  RecursionRun run;
  Trajectory& trajectory = run.trajectory;
  trajectory.values.setConstant(static_cast<Index>(options.steps.size()),
                                n_entries(one_pass_quantities(problem, trains)),
                                std::numeric_limits<double>::quiet_NaN());
  std::int64_t step = 0;
  for (const std::int64_t until : options.steps) {
    step += recursion.advance(until - step);
    run.n_evaluations = recursion.n_evaluations();
    const double error = recursion.is_finite() ? recursion.error() : 0;
    if (!recursion.is_finite() || !std::isfinite(error)) {
      run.termination = Termination::diverged;
      trajectory.detail =
          "the overlaps or the error stopped being finite at step " + std::to_string(step);
      break;
    }
    if (step < until) {
      run.termination = Termination::max_steps;
      trajectory.detail = "the budget of " + std::to_string(options.max_steps) +
                          " evaluations ended at step " + std::to_string(step);
      break;
    }
    trajectory.values.row(trajectory.n_times++) =
        one_pass_row(problem, trains, recursion.overlaps(), recursion.weights(), error);
    on_output();
  }
  return run;
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
  check_at_least("recursion", "max_steps", options.max_steps, 1);
  if (options.steps.back() > most_recursion_steps) {
    reject("recursion", "steps", "at most 2^62", static_cast<double>(options.steps.back()));
  }
  if (!is_stride_tolerance(options.rtol)) {
    reject("recursion", "rtol", stride_tolerance_rule, options.rtol);
  }
  const AdaptiveLoss& adaptive = options.adaptive;
  if (!adaptive.is_on) return;
  if (options.rtol > 0) {
    reject("recursion", "rtol", "0 with an adaptive loss, whose map changes from step to step",
           options.rtol);
  }
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
  std::vector<RecursionRun> runs(std::max(scrambles, starts));
  const auto on_output =
      step_counter(options.progress, static_cast<double>(runs.size() * options.steps.size()));
  parallel_for(runs.size(), resolve_threads(options.threads), [&](std::size_t, std::size_t index) {
    runs[index] =
        run_one(problem, algorithm, options, index % starts, index % scrambles, on_output);
  });
  std::vector<Trajectory> trajectories;
  for (RecursionRun& run : runs) trajectories.push_back(std::move(run.trajectory));
  Solution solution =
      average(one_pass_quantities(problem, algorithm.trains_second_layer()), trajectories);
  solution.method = "recursion";
  solution.clock = Clock::samples;
  solution.moments = moments->route();
  for (std::size_t t = 0; t < solution.step.size(); ++t) {
    solution.step[t] = options.steps[t];
    solution.time[t] = static_cast<double>(options.steps[t]) *
                       static_cast<double>(algorithm.batch_size) / options.dimension;
  }
  const auto ended = std::find_if(runs.begin(), runs.end(), [&](const RecursionRun& run) {
    return run.termination != Termination::completed &&
           run.trajectory.n_times == static_cast<Index>(solution.step.size());
  });
  if (ended != runs.end()) solution.ending.termination = ended->termination;
  solution.ending.step = solution.step.empty() ? 0 : solution.step.back();
  for (const RecursionRun& run : runs) solution.cost.samples_per_replica += run.n_evaluations;
  if (!moments->is_exact()) solution.cost.samples_per_replica = options.moments.points;
  if (moments->is_exact() && starts == 1) solution.cost.replicas = 0;
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

}  // namespace reprise
