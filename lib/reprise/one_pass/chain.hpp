// Exact simulation of one-pass SGD at finite d without any vector of length d.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

struct ExactChain {
  double dimension = 0;       ///< d, whole, >= least_dimension; its size costs nothing, 1e12 tried
  std::vector<double> times;  ///< output times in samples / d; rounded to the nearest step
  int runs = 64;              ///< independent ones; standard errors need >= 2
  std::uint64_t seed = 1;
  std::uint64_t start_seed = 1;  ///< of random starts and second layers of the problem
  int threads = 0;               ///< 0: all cores; the result does not depend on it
  /// Of each run, where the generalisation error has no closed form; rounded up to a power of two.
  std::int64_t test_points = 4096;
  Progress progress = {};
};
template <>
const Schema& schema<ExactChain>();

/// M, Q, a where it is trained, generalisation_error and the cosines at the output times: means
/// over the runs with standard errors (none for a single run).
Solution solve(const Problem& problem, const OnePassSgd& algorithm, const ExactChain& options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const OnePassSgd& algorithm, const ExactChain& options);

/// Samples / d at which each run first has max_overlap >= each of the levels, (runs, levels):
/// looked at at options.times, interpolated linearly between two of them; infinity where that is
/// not by the last, NaN for a run that diverges before. Runs end together, some lanes at a time,
/// when they have passed all levels. Throws InputError for what `solve` would refuse, and for
/// levels that are not finite and > 0.
Eigen::MatrixXd first_passages(const Problem& problem, const OnePassSgd& algorithm,
                               const ExactChain& options, const std::vector<double>& levels);

/// Everything that the runs of a simulation write down, run by run; what `solve` averages.
std::vector<Trajectory> trajectories(const Problem& problem, const OnePassSgd& algorithm,
                                     const ExactChain& options);

}  // namespace reprise
