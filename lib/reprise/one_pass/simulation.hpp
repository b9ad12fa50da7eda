// What the two simulations of one-pass SGD, the exact chain and the dense one, have in common.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/core/ensemble.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// Throws InputError unless problem, algorithm, output times, number of runs and of test points are
/// legal.
void check_simulation(const Problem& problem, const OnePassSgd& algorithm,
                      const std::vector<double>& times, int runs, std::int64_t test_points);

/// Throws InputError where the last output time is above 0 and yet rounds to no step at all.
void check_last_step(const std::vector<double>& times, const OnePassSgd& algorithm,
                     double dimension);

/// The steps nearest to the output times, given in samples / d.
std::vector<std::int64_t> steps_at(const std::vector<double>& times, const OnePassSgd& algorithm,
                                   double dimension);

/// Runs that have not started: rows of NaN for n_times output times of these quantities.
std::vector<Trajectory> empty_trajectories(const std::vector<Quantity>& quantities,
                                           std::size_t n_runs, std::size_t n_times);

/// Writes down the next output time of a run, its `step`, but for the generalisation error; weights
/// are the output weights scale * a. Returns false, and says why in the trajectory, where a number
/// is not finite.
bool record(Trajectory& trajectory, const Problem& problem, const std::vector<Quantity>& quantities,
            const Overlaps& overlaps, const Eigen::VectorXd& weights, std::int64_t step);

/// Fills in the generalisation error of a recorded run. Where it has no closed form each run has
/// test points of its own, so that their error is part of the spread over runs. The run ends, and
/// says why, where the error is not finite.
void fill_errors(Trajectory& trajectory, const Problem& problem,
                 const std::vector<Quantity>& quantities, const std::vector<std::int64_t>& steps,
                 std::int64_t test_points, std::uint64_t seed, std::uint64_t run);

/// The averages over runs recorded at `steps`, with step, time and samples a run filled in.
Solution average_of_runs(const Problem& problem, const OnePassSgd& algorithm, double dimension,
                         const std::vector<std::int64_t>& steps,
                         const std::vector<Trajectory>& runs);

}  // namespace reprise
