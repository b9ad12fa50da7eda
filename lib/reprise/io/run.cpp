#include <sys/resource.h>

#include <algorithm>
#include <chrono>

#include "reprise/core/error.hpp"
#include "reprise/core/version.hpp"
#include "reprise/io/resolved_experiment.hpp"
#include "reprise/io/results.hpp"

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

std::vector<PairComparison> compare_pairs(const std::vector<CurveResult>& curves) {
  std::vector<PairComparison> pairs;
  for (const CurveResult& theory : curves) {
    for (const CurveResult& simulation : curves) {
      if (theory.role != Role::theory || simulation.role != Role::simulation) continue;
      pairs.push_back(
          {theory.name, simulation.name, compare(theory.solution, simulation.solution)});
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
  return {spec.name, role_of(spec.method), std::move(solution)};
}

Results run(const Experiment& experiment, const RunOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Results results{.title = experiment.title,
                  .version = std::string(version()),
                  .resolved_experiment = resolved_experiment(experiment),
                  .has_log_times = experiment.has_log_times,
                  .threads = options.threads};
  for (const CurveSpec& spec : experiment.curves) {
    results.curves.push_back(run_curve(experiment, spec, options));
  }
  results.comparisons = compare_pairs(results.curves);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  results.wall_time_s = elapsed.count();
  results.peak_memory_bytes = peak_memory_bytes();
  return results;
}

}  // namespace reprise
