// What a run of an experiment gives: its curves, the comparisons between them, and what it cost.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/comparison.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/figure/figure_keys.hpp"

namespace reprise {

struct CurveResult {
  std::string name;
  Role role = Role::theory;
  Solution solution;
};

/// A theory compared with a simulation, by the names of their curves.
struct PairComparison {
  std::string theory;
  std::string simulation;
  Comparison comparison;
};

struct Results {
  std::string title;
  std::string version;              ///< of the program that computed them
  std::string resolved_experiment;  ///< JSON, every default filled in
  FigureKeys figure = {};           ///< how it is drawn
  std::vector<CurveResult> curves = {};
  std::vector<PairComparison> comparisons = {};
  bool is_stopped = false;     ///< before all curves were computed; these are those that were
  bool has_runs = false;       ///< the curves have their replicas, which are written as well
  bool has_log_times = false;  ///< output times are even in log time, and so is the figure's axis
  double wall_time_s = 0;
  std::int64_t peak_memory_bytes = 0;
  int threads = 0;  ///< 0: all cores

  bool has_completed() const;
  bool has_disagreement() const;
  bool has_verdict() const;  ///< of at least one pair that it agrees or disagrees
};

struct RunOptions {
  int threads = 0;                   ///< 0: all cores; the numbers do not depend on it
  bool keeps_replicas = false;       ///< Solution::replicas of every curve
  const Results* earlier = nullptr;  ///< of the same experiment: its curves are not computed again
  /// Called with the name of the curve under way and its finished fraction.
  std::function<void(std::string_view curve, double fraction)> progress = {};
};

/// Computes every curve and compares each theory with each simulation. A curve that does not reach
/// its end keeps its finite part and says so in its ending; the others still run. Where a StopFlag
/// is raised the curve under way is dropped, and the finished ones are returned as a stopped run,
/// with their replicas.
Results run(const Experiment& experiment, const RunOptions& options = {});

/// Computes one of the curves.
CurveResult run_curve(const Experiment& file, const CurveSpec& spec,
                      const RunOptions& options = {});

/// Compares each theory with each simulation of the same settings, in the order of the curves.
///
/// experiment  theirs: symmetries that its runs break at random, labels without a variance
std::vector<PairComparison> compare_pairs(const std::vector<CurveResult>& curves,
                                          const Experiment* experiment = nullptr);

/// The solution at these steps only, as far as it has them.
Solution at_steps(const Solution& solution, const std::vector<std::int64_t>& steps);

/// " after step 7" or " after t = 2.5": the last time that a curve has; "" if it has none.
std::string last_moment(const Solution& solution);

/// What a person reads after a run: a line a curve, a line a comparison, what went wrong.
std::string brief_report(const Results& results);

}  // namespace reprise
