#include "reprise/one_pass/simulation.hpp"

#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/gaussian/generalisation_error.hpp"
#include "reprise/integration/output_times.hpp"
#include "reprise/one_pass/observables.hpp"

namespace reprise {

void check_simulation(const Problem& problem, const OnePassSgd& algorithm,
                      const std::vector<double>& times, int runs, std::int64_t test_points) {
  check(problem);
  check(algorithm, problem);
  check_at_least("simulation", "test points", test_points, 16);
  if (GeneralisationError::route_of(problem) == "points") {
    check_memory("simulation",
                 8.0 * static_cast<double>(test_points) *
                     static_cast<double>(problem.n_directions() + problem.n_neurons() + 2));
  }
  check_times("simulation", times);
  check_at_least("simulation", "runs", runs, 1);
}

void check_last_step(const std::vector<double>& times, const OnePassSgd& algorithm,
                     double dimension) {
  if (times.back() == 0 || steps_at(times, algorithm, dimension).back() > 0) return;
  reject("simulation", "times",
         "such that the last is nearer to a step, batch_size / dimension = " +
             shortest(static_cast<double>(algorithm.batch_size) / dimension) + ", than to 0",
         times.back());
}

std::vector<std::int64_t> steps_at(const std::vector<double>& times, const OnePassSgd& algorithm,
                                   double dimension) {
  std::vector<std::int64_t> steps;
  for (const double time : times) {
    steps.push_back(std::llround(time * dimension / static_cast<double>(algorithm.batch_size)));
  }
  return steps;
}

std::vector<Trajectory> empty_trajectories(const std::vector<Quantity>& quantities,
                                           std::size_t n_runs, std::size_t n_times) {
  Trajectory empty;
  empty.values.setConstant(static_cast<Eigen::Index>(n_times), n_entries(quantities),
                           std::numeric_limits<double>::quiet_NaN());
  return std::vector<Trajectory>(n_runs, empty);
}

bool record(Trajectory& trajectory, const Problem& problem, const std::vector<Quantity>& quantities,
            const Overlaps& overlaps, const Eigen::VectorXd& weights, std::int64_t step) {
  if (!overlaps.M.allFinite() || !overlaps.Q.allFinite() || !weights.allFinite()) {
    trajectory.detail = "the overlaps stopped being finite by step " + std::to_string(step);
    return false;
  }
  trajectory.values.row(trajectory.n_times++) = one_pass_row(
      problem, quantities, overlaps, weights, std::numeric_limits<double>::quiet_NaN());
  return true;
}

void fill_errors(Trajectory& trajectory, const Problem& problem,
                 const std::vector<Quantity>& quantities, const std::vector<std::int64_t>& steps,
                 std::int64_t test_points, std::uint64_t seed, std::uint64_t run) {
  const bool trains = place_of(quantities, "a").second > 0;
  const Eigen::Index place = place_of(quantities, "generalisation_error").first;
  GeneralisationError error(problem, Stream(seed, Purpose::generalisation, run),
                            static_cast<std::size_t>(test_points));
  Eigen::VectorXd second_layer = problem.student.second_layer;
  for (Eigen::Index t = 0; t < trajectory.n_times; ++t) {
    auto row = trajectory.values.row(t);
    if (trains) second_layer = entries_of(quantities, row, "a");
    double& value = row[place];
    value = error({.M = entries_of(quantities, row, "M"), .Q = entries_of(quantities, row, "Q")},
                  second_layer);
    if (std::isfinite(value)) continue;
    trajectory.n_times = t;
    trajectory.detail = "the generalisation error stopped being finite by step " +
                        std::to_string(steps[static_cast<std::size_t>(t)]);
  }
}

Solution average_of_runs(const Problem& problem, const OnePassSgd& algorithm, double dimension,
                         const std::vector<std::int64_t>& steps,
                         const std::vector<Trajectory>& runs) {
  Solution solution = average(one_pass_quantities(problem, algorithm.trains_second_layer()), runs);
  solution.clock = Clock::samples;
  solution.moments = GeneralisationError::route_of(problem);
  for (std::size_t t = 0; t < solution.step.size(); ++t) {
    solution.step[t] = steps[t];
    solution.time[t] = static_cast<double>(steps[t] * algorithm.batch_size) / dimension;
  }
  solution.ending.step = solution.step.empty() ? 0 : solution.step.back();
  solution.cost.samples_per_replica = steps.back() * algorithm.batch_size;
  return solution;
}

}  // namespace reprise
