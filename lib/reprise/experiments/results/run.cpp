#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/error.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/results/presentation.hpp"
#include "reprise/experiments/results/results.hpp"

namespace reprise {

namespace {

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<std::int64_t>(usage.ru_maxrss) * 1024;  // Linux counts in kilobytes
}

const CurveSpec& spec_of(const Experiment& experiment, const CurveResult& curve) {
  const auto found = std::ranges::find(experiment.curves, curve.name, &CurveSpec::name);
  if (found != experiment.curves.end()) return *found;
  throw InputError("experiment: there is no curve \"" + curve.name + "\"");
}

/// Of the noise of a curve; infinite where there is none.
double noise_dimension(const Experiment& experiment, const CurveResult& curve) {
  const CurveSpec& spec = spec_of(experiment, curve);
  return row_of(experiment, spec)
      .noise_dimension(experiment_of(experiment, spec).algorithm, spec.method, curve.solution);
}

const Experiment& experiment_of(const Experiment& experiment, const CurveResult& curve) {
  return experiment_of(experiment, spec_of(experiment, curve));
}

ComparisonContext context_of(const Experiment& experiment, const CurveResult& theory,
                             const CurveResult& simulation) {
  const double dimension =
      std::min(noise_dimension(experiment, theory), noise_dimension(experiment, simulation));
  const Settings& problem = experiment_of(experiment, theory).problem;
  return system_of(problem).context(problem, dimension);
}

const CurveResult* earlier_curve(const RunOptions& options, const std::string& name) {
  if (options.earlier == nullptr) return nullptr;
  const auto found = std::ranges::find(options.earlier->curves, name, &CurveResult::name);
  return found == options.earlier->curves.end() ? nullptr : &*found;
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
  return !is_stopped && std::ranges::all_of(curves, [](const CurveResult& curve) {
    return curve.solution.ending.is_completed();
  });
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
      if (experiment != nullptr && !is_same_setting(experiment_of(*experiment, theory),
                                                    experiment_of(*experiment, simulation))) {
        continue;
      }
      const ComparisonContext context =
          experiment == nullptr ? ComparisonContext{} : context_of(*experiment, theory, simulation);
      pairs.push_back(
          {theory.name, simulation.name, compare(theory.solution, simulation.solution, context)});
    }
  }
  return pairs;
}

CurveResult run_curve(const Experiment& file, const CurveSpec& spec, const RunOptions& options) {
  const Experiment& experiment = experiment_of(file, spec);
  const MethodRow& row = row_of(experiment, spec);
  Progress progress;
  if (options.progress) {
    progress = [&](double fraction) { options.progress(spec.name, fraction); };
  }
  Solution solution =
      row.solve(experiment.problem, experiment.algorithm, spec.method, options.threads, progress);
  if (row_of(experiment.algorithm).has_steps) {
    solution = at_steps(solution, experiment.output_steps);
  }
  if (!options.keeps_replicas) solution.replicas.clear();
  if (solution.ending.termination == Termination::diverged) {
    system_of(experiment.problem).explain_divergence(experiment.problem, solution);
  }
  solution.warnings.insert(solution.warnings.begin(), experiment.warnings.begin(),
                           experiment.warnings.end());
  return {spec.name, row.role, std::move(solution)};
}

Results run(const Experiment& experiment, const RunOptions& options) {
  if (options.earlier != nullptr && !options.earlier->is_stopped) {
    Results results = *options.earlier;
    results.title = experiment.title;
    results.resolved_experiment = json_text(resolved_experiment(experiment));
    results.figure = experiment.figure;
    return results;
  }
  const auto start = std::chrono::steady_clock::now();
  Results results{.title = experiment.title,
                  .version = std::string(version()),
                  .resolved_experiment = json_text(resolved_experiment(experiment)),
                  .figure = experiment.figure,
                  .has_log_times = experiment.has_log_times,
                  .threads = options.threads};
  RunOptions with_replicas = options;
  with_replicas.keeps_replicas = true;  // squares are compared run by run
  try {
    for (const CurveSpec& spec : experiment.curves) {
      if (const CurveResult* finished = earlier_curve(options, spec.name)) {
        results.curves.push_back(*finished);
        continue;
      }
      results.curves.push_back(run_curve(experiment, spec, with_replicas));
      warn_of_dominated(results.curves.back().solution);
    }
  } catch (const Stopped&) {
    results.is_stopped = true;
  }
  results.comparisons = compare_pairs(results.curves, &experiment);
  if (!results.is_stopped) {  // which goes on with what the methods returned
    for (CurveResult& curve : results.curves) {
      const Experiment& own = experiment_of(experiment, curve);
      present(curve.solution, own, own.choice);
      results.has_runs |= own.choice.has_runs;
      if (!options.keeps_replicas && !own.choice.has_runs) curve.solution.replicas.clear();
    }
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  results.wall_time_s =
      elapsed.count() + (options.earlier == nullptr ? 0 : options.earlier->wall_time_s);
  results.peak_memory_bytes = peak_memory_bytes();
  return results;
}

}  // namespace reprise
