#include "reprise/one_pass/finite_batch.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/integration/strides.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/overlap_layout.hpp"
#include "reprise/one_pass/start.hpp"

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
    if (adaptive_) {
      early_ = gaussian_moments(correlation_, algorithm.use(), moments);
      target_error_ = adaptive_->threshold * full_->generalisation_error(overlaps_, weights_);
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
      gamma_ *= adaptive_->drop;
      full_->evaluate(overlaps_, weights_, values_);
    } else if (!early_ && adaptive_) {
      gamma_ *= adaptive_->decay;
    }
    map_.change(overlaps_, values_, gamma_, change_);
    layout_.pack(change_.overlaps.M, change_.overlaps.Q, change_.weights, change);
  }

  Problem correlation_;
  std::optional<AdaptiveLoss> adaptive_;
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

RecursionRun run_one(const Problem& shared, const OnePassSgd& algorithm,
                     const FiniteBatchOptions& options, std::uint64_t replica,
                     std::uint64_t scramble, const std::function<void()>& on_output) {
  const Problem problem = problem_of_run(shared, options.start_seed, replica);
  Recursion recursion(
      problem, algorithm, options,
      start_of_run(problem, algorithm.normalise, options.dimension, options.start_seed, replica),
      scramble);
  const std::vector<Quantity> quantities =
      one_pass_quantities(problem, algorithm.trains_second_layer());
  RecursionRun run;
  Trajectory& trajectory = run.trajectory;
  trajectory.values.setConstant(static_cast<Index>(options.steps.size()), n_entries(quantities),
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
        one_pass_row(problem, quantities, recursion.overlaps(), recursion.weights(), error);
    on_output();
  }
  return run;
}

}  // namespace

template <>
const Schema& schema<AdaptiveLoss>() {
  using S = AdaptiveLoss;
  static const Schema result = describe<S>(
      {"adaptive", "curve.adaptive", "correlation loss first, then the full loss at smaller rates"},
      {field(&S::threshold, {.key = "threshold",
                             .range = above(0),
                             .meaning = "Share of the first generalisation error that ends the "
                                        "correlation loss"}),
       field(&S::drop,
             {.key = "drop", .range = above(0), .meaning = "Factor of the learning rate then"}),
       field(&S::decay, {.key = "decay",
                         .range = above(0),
                         .meaning = "Factor of the learning rate at every step after"})});
  return result;
}

template <>
struct FieldType<RecursionTerms> {
  static constexpr std::pair<std::string_view, bool RecursionTerms::*> all[] = {
      {"linear", &RecursionTerms::linear},
      {"noise", &RecursionTerms::noise},
      {"batch", &RecursionTerms::batch}};

  static std::string name() { return "\"all\", or some of \"linear\", \"noise\", \"batch\""; }
  static RecursionTerms read(const Value& value, const std::string& path, const Range&) {
    const std::vector<std::string> texts = read_texts(value, path);
    if (texts == std::vector<std::string>{"all"}) return {};
    RecursionTerms terms{.linear = false, .noise = false, .batch = false};
    for (const std::string& text : texts) {
      check_name(value, path, text, {"linear", "noise", "batch"});
      for (const auto& term : all) {
        if (term.first == text) terms.*term.second = true;
      }
    }
    return terms;
  }
  static std::optional<Value> write(const RecursionTerms& terms) {
    if (terms.linear && terms.noise && terms.batch) return Value::of("all");
    std::vector<Value> texts;
    for (const auto& term : all) {
      if (terms.*term.second) texts.push_back(Value::of(term.first));
    }
    return Value::of(std::move(texts));
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("all"), Value::of({Value::of("linear"), Value::of("batch")})};
  }
};

template <>
const Schema& schema<FiniteBatchOptions>() {
  using S = FiniteBatchOptions;
  static const Schema result = describe<S>(
      {"recursion", "curve", "batches of any size at one dimension, in expectation"},
      {whole_field(&S::dimension, dimension_facts(1, std::int64_t{1} << 53)), hidden(&S::steps),
       field(&S::rtol, {.key = "rtol",
                        .range = {.rule = stride_tolerance_rule, .holds = is_stride_tolerance},
                        .meaning = "0: every step is taken, else relative error of strides of many",
                        .aliases = "tolerance tol"}),
       field(
           &S::integrator,
           {.key = "integrator", .meaning = "The stepper of strides", .aliases = "method solver"}),
       field(&S::max_steps, {.key = "max_steps",
                             .range = integers_from(1),
                             .meaning = "Taken, or evaluated for strides, of one run"}),
       field(&S::terms, {.key = "terms", .meaning = "Terms of the recursion that are kept"}),
       table(&S::adaptive, {.key = "adaptive",
                            .otherwise = "one loss",
                            .meaning = "Correlation loss first, then the full loss"}),
       inlined(&S::moments), field(&S::scrambles, scrambles_facts()),
       field(&S::starts, starts_facts()), hidden(&S::start_seed), hidden(&S::seed),
       hidden(&S::threads), hidden(&S::progress)},
      {},
      {rule<S>("rtol",
               [](const S& s) -> std::optional<Complaint> {
                 if (s.rtol == 0 || !s.adaptive) return std::nullopt;
                 return Complaint{"0 with `adaptive`, whose map changes from step to step",
                                  shortest(s.rtol)};
               }),
       file_rule("integrator", [](const FieldSource& source) -> std::optional<Complaint> {
         const Value* rtol = source.find("rtol");
         const Value* integrator = source.find("integrator");
         if (integrator == nullptr || (rtol != nullptr && rtol->number() > 0)) return std::nullopt;
         return Complaint{"left out unless rtol > 0: without strides there is none",
                          integrator->written()};
       })});
  return result;
}

void check(const Problem& problem, const OnePassSgd& algorithm, const FiniteBatchOptions& options) {
  check(problem);
  check(algorithm, problem);
  check_route(problem, algorithm.use(), options.moments);
  check_fields(options);
  check_self_coupling(algorithm, options.dimension);
  if (options.steps.empty()) reject("recursion", "steps", "one at least", std::string_view("none"));
  for (std::size_t i = 0; i < options.steps.size(); ++i) {
    check_at_least("recursion", "steps[" + std::to_string(i + 1) + "]", options.steps[i],
                   i == 0 ? 0 : options.steps[i - 1] + 1);
  }
  if (options.steps.back() > most_recursion_steps) {
    reject("recursion", "steps", "at most 2^62", static_cast<double>(options.steps.back()));
  }
}

Solution solve(const Problem& problem, const OnePassSgd& algorithm,
               const FiniteBatchOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check(problem, algorithm, options);
  const auto moments = gaussian_moments(problem, algorithm.use(), options.moments);
  const std::size_t scrambles =
      moments->is_exact() ? 1 : static_cast<std::size_t>(options.scrambles);
  const std::size_t starts =
      is_ensemble(problem, options.dimension) ? static_cast<std::size_t>(options.starts) : 1;
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
