#include "reprise/batch_reuse/dmft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <sstream>
#include <utility>

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/replicas.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/parallel.hpp"

namespace reprise {

namespace {

int log2_of(std::int64_t points) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(points - 1)));
}

Solution integrate(const Problem& problem, const GradientDescent& algorithm,
                   const DmftOptions& options, int log2_points) {
  Replicas replicas{.count = options.scrambles,
                    .seed = options.seed,
                    .threads = resolve_threads(options.threads),
                    .test_points = std::size_t{1} << log2_points,
                    .progress = options.progress,
                    .kernels = options.kernels};
  replicas.reading = [&](std::uint64_t scramble) {
    return std::make_unique<LimitReading>(log2_points, options.seed, scramble);
  };
  replicas.test_normals = [&](std::uint64_t scramble) {
    return test_normals(problem, options.seed, scramble, log2_points);
  };
  Solution solution = run_replicas(problem, algorithm, replicas);
  solution.method = "dmft";
  return solution;
}

// What is left to gain, largest over all values: standard errors, and the change from half the
// points beyond three standard errors of it.
struct Accuracy {
  double error = 0;
  double change = 0;
};

Accuracy accuracy(const Solution& half, const Solution& full) {
  Accuracy worst;
  for (const Series& series : full.series) {
    if (series.quantity == "max_overlap") continue;
    const Series& before = half.at(series.quantity);
    for (Eigen::Index t = 0; t < std::min(series.n_times(), before.n_times()); ++t) {
      for (Eigen::Index e = 0; e < series.n_entries(); ++e) {
        const double noise = std::hypot(series.standard_error(t, e), before.standard_error(t, e));
        const double change = std::abs(series.value(t, e) - before.value(t, e));
        worst.error = std::max(worst.error, series.standard_error(t, e));
        worst.change = std::max(worst.change, change - 3 * noise);
      }
    }
  }
  return worst;
}

Solution integrate_to_accuracy(const Problem& problem, const GradientDescent& algorithm,
                               const DmftOptions& options) {
  int log2_points = log2_of(options.points);
  Solution half = integrate(problem, algorithm, options, log2_points - 1);
  double wall_time_s = half.cost.wall_time_s;
  for (;; ++log2_points) {
    Solution full = integrate(problem, algorithm, options, log2_points);
    wall_time_s += full.cost.wall_time_s;
    full.cost.wall_time_s = wall_time_s;
    if (!full.ending.is_completed()) return full;
    const Accuracy reached = accuracy(half, full);
    if (reached.error <= options.target_error && reached.change <= options.target_error) {
      return full;
    }
    if (std::int64_t{2} << log2_points > options.max_points) {
      std::ostringstream detail;
      detail << "with " << options.scrambles << " scrambles of 2^" << log2_points
             << " points the largest standard error is " << reached.error
             << ", the largest change on doubling beyond its noise "
             << std::max(0.0, reached.change) << ", target_error " << options.target_error;
      full.ending = {Termination::not_converged, full.ending.step, detail.str()};
      return full;
    }
    half = std::move(full);
  }
}

}  // namespace

Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DmftOptions& options) {
  check(problem);
  check(algorithm);
  check_at_least("dmft", "points", options.points, 32);
  check_at_least("dmft", "scrambles", options.scrambles, 2);
  check_nonnegative("dmft", "target_error", options.target_error);
  if (options.target_error > 0) return integrate_to_accuracy(problem, algorithm, options);
  return integrate(problem, algorithm, options, log2_of(options.points));
}

}  // namespace reprise
