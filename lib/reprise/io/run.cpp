#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/error.hpp"
#include "reprise/core/version.hpp"
#include "reprise/io/methods.hpp"
#include "reprise/io/resolved_experiment.hpp"
#include "reprise/io/results.hpp"
#include "reprise/model/label_check.hpp"
#include "reprise/model/symmetry.hpp"

namespace reprise {

namespace {

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;  // Linux counts in kilobytes
}

/// The reader lets only methods through that fit the algorithm; an experiment put together by hand
/// may hold others.
template <class Algorithm, class Method>
Solution solve_if_it_fits(const Problem& problem, const Algorithm& algorithm,
                          const Method& method) {
  if constexpr (requires { solve(problem, algorithm, method); }) {
    return solve(problem, algorithm, method);
  } else {
    throw InputError("curve: method must be one that fits the algorithm");
  }
}

/// The dimension of a curve's noise: d, or what the points of the mean-field theory amount to;
/// infinite where there is none.
double noise_dimension(const Experiment& experiment, const CurveResult& curve) {
  for (const CurveSpec& spec : experiment.curves) {
    if (spec.name != curve.name) continue;
    if (std::holds_alternative<DmftOptions>(spec.method)) {
      const auto& descent = std::get<GradientDescent>(experiment.algorithm);
      return static_cast<double>(curve.solution.cost.samples_per_replica) /
             descent.samples_per_dimension.front();
    }
    if (const double dimension = dimension_of(spec.method); dimension > 0) return dimension;
  }
  return std::numeric_limits<double>::infinity();
}

ComparisonContext context_of(const Experiment& experiment, const CurveResult& theory,
                             const CurveResult& simulation) {
  ComparisonContext context;
  const double dimension =
      std::min(noise_dimension(experiment, theory), noise_dimension(experiment, simulation));
  if (std::isfinite(dimension)) {
    context.symmetry = start_symmetry(experiment.problem, dimension);
  }
  context.has_infinite_variance =
      has_infinite_variance(experiment.problem.target, experiment.problem.input_covariance);
  return context;
}

/// A label that is no number at one input in a million passes every check before work starts, and
/// then looks like a learning rate that is too large.
void explain_divergence(const Problem& problem, Solution& solution) {
  constexpr std::int64_t n_points = 1 << 20;
  if (solution.ending.termination != Termination::diverged) return;
  const auto found =
      find_label_that_is_no_number(problem.target, problem.input_covariance, n_points);
  if (!found) return;
  solution.warnings.push_back("target.expression is not finite everywhere: " + *found +
                              "; no learning rate cures that");
}

/// Says where a single run holds more than half of the variance over runs at the end.
void warn_of_dominated(Solution& solution) {
  if (solution.replicas.size() < 3 || solution.time.empty()) return;
  std::int64_t n_values = 0;
  for (const Series& series : solution.series) n_values += series.n_entries();
  const double rate = false_alarm_rate / static_cast<double>(n_values);
  std::string names;
  Eigen::Index column = 0;
  for (const Series& series : solution.series) {
    bool is_so = false;
    for (Eigen::Index e = 0; e < series.n_entries(); ++e, ++column) {
      if (series.n_times() == 0 || !series.has_standard_error()) continue;
      const Eigen::Index last = series.n_times() - 1;
      const double size = std::max(1.0, series.value.row(last).cwiseAbs().maxCoeff());
      if (!(series.standard_error(last, e) > 1e-12 * size)) continue;
      Eigen::VectorXd values(static_cast<Eigen::Index>(solution.replicas.size()));
      for (Eigen::Index r = 0; r < values.size(); ++r) {
        values[r] = solution.replicas[static_cast<std::size_t>(r)](last, column);
      }
      is_so |= is_dominated(values, rate);
    }
    if (is_so) names += (names.empty() ? "" : ", ") + series.quantity;
  }
  if (names.empty()) return;
  solution.warnings.push_back("one of " + std::to_string(solution.replicas.size()) +
                              " replicas holds more than half of the variance of " + names +
                              " at the end: their standard errors say little");
}

}  // namespace

bool Results::has_completed() const {
  return std::all_of(curves.begin(), curves.end(),
                     [](const CurveResult& curve) { return curve.solution.ending.is_completed(); });
}

bool Results::has_disagreement() const {
  return std::any_of(comparisons.begin(), comparisons.end(), [](const PairComparison& pair) {
    return pair.comparison.verdict == Verdict::disagree;
  });
}

Solution at_steps(const Solution& solution, const std::vector<std::int64_t>& steps) {
  std::vector<Eigen::Index> rows;
  for (std::size_t t = 0; t < solution.step.size(); ++t) {
    if (std::binary_search(steps.begin(), steps.end(), solution.step[t])) {
      rows.push_back(static_cast<Eigen::Index>(t));
    }
  }
  Solution result = solution;
  result.step.clear();
  result.time.clear();
  for (const Eigen::Index row : rows) {
    result.step.push_back(solution.step[static_cast<std::size_t>(row)]);
    result.time.push_back(solution.time[static_cast<std::size_t>(row)]);
  }
  for (Eigen::MatrixXd& replica : result.replicas) {
    replica = Eigen::MatrixXd(replica(rows, Eigen::all));
  }
  for (Series& series : result.series) {
    // A series may be shorter than the curve.
    const auto end = std::lower_bound(rows.begin(), rows.end(), series.n_times());
    const std::vector<Eigen::Index> kept(rows.begin(), end);
    const bool has_error = series.has_standard_error();
    series.value = Eigen::MatrixXd(series.value(kept, Eigen::all));
    if (has_error) series.standard_error = Eigen::MatrixXd(series.standard_error(kept, Eigen::all));
  }
  return result;
}

bool Results::has_verdict() const {
  return std::any_of(comparisons.begin(), comparisons.end(), [](const PairComparison& pair) {
    return pair.comparison.verdict != Verdict::undecided;
  });
}

std::vector<PairComparison> compare_pairs(const std::vector<CurveResult>& curves,
                                          const Experiment* experiment) {
  std::vector<PairComparison> pairs;
  for (const CurveResult& theory : curves) {
    for (const CurveResult& simulation : curves) {
      if (theory.role != Role::theory || simulation.role != Role::simulation) continue;
      const ComparisonContext context =
          experiment == nullptr ? ComparisonContext{} : context_of(*experiment, theory, simulation);
      pairs.push_back(
          {theory.name, simulation.name, compare(theory.solution, simulation.solution, context)});
    }
  }
  return pairs;
}

CurveResult run_curve(const Experiment& experiment, const CurveSpec& spec,
                      const RunOptions& options) {
  Method method = spec.method;
  Solution solution = std::visit(
      [&](const auto& algorithm, auto& chosen) {
        chosen.threads = options.threads;
        if constexpr (requires { chosen.progress; }) {
          if (options.progress) {
            chosen.progress = [&](double fraction) { options.progress(spec.name, fraction); };
          }
        }
        return solve_if_it_fits(experiment.problem, algorithm, chosen);
      },
      experiment.algorithm, method);
  if (std::holds_alternative<GradientDescent>(experiment.algorithm)) {
    solution = at_steps(solution, experiment.output_steps);
  }
  if (!options.keeps_replicas) solution.replicas.clear();
  explain_divergence(experiment.problem, solution);
  solution.warnings.insert(solution.warnings.begin(), experiment.warnings.begin(),
                           experiment.warnings.end());
  return {spec.name, row_of(experiment.algorithm, spec).role, std::move(solution)};
}

Results run(const Experiment& experiment, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Results results{.title = experiment.title,
                  .version = std::string(version()),
                  .resolved_experiment = json_text(resolved_experiment(experiment)),
                  .has_log_times = experiment.has_log_times,
                  .threads = options.threads};
  RunOptions with_replicas = options;
  with_replicas.keeps_replicas = true;  // squares are compared run by run
  for (const CurveSpec& spec : experiment.curves) {
    results.curves.push_back(run_curve(experiment, spec, with_replicas));
    warn_of_dominated(results.curves.back().solution);
  }
  results.comparisons = compare_pairs(results.curves, &experiment);
  for (CurveResult& curve : results.curves) {
    if (!options.keeps_replicas) curve.solution.replicas.clear();
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  results.wall_time_s = elapsed.count();
  results.peak_memory_bytes = peak_memory_bytes();
  return results;
}

}  // namespace reprise
