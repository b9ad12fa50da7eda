// Means and standard errors over independent replicas: runs of a simulation, scrambles of a point
// set.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <string>
#include <vector>

#include "reprise/core/quantity.hpp"
#include "reprise/core/solution.hpp"

namespace reprise {

/// One replica: all quantities side by side at times 0, 1, ..., of which the first n_times are
/// finite.
struct Trajectory {
  Eigen::MatrixXd values;  ///< (times, entries of all quantities)
  Eigen::Index n_times = 0;
  std::string detail;  ///< why it ended before the last time, if it did
};

/// The averages of replicas up to the last time that all of them reached. standard_error is the
/// sample deviation over sqrt(replicas), empty for one replica. A quantity whose last value is NaN
/// in every replica has none there, and its series is one shorter. Throws InputError without
/// replicas. Returns series, replicas and ending (`diverged` if any replica stopped early).
Solution average(const std::vector<Quantity>& quantities, const std::vector<Trajectory>& replicas);

/// Mean and standard error of the mean of at least two matrices of one shape.
struct MeanAndError {
  Eigen::MatrixXd mean;
  Eigen::MatrixXd error;
};
MeanAndError mean_and_error(const std::vector<Eigen::MatrixXd>& replicas);

/// A progress counter that many threads may advance, n_steps times in all; each time it throws
/// Stopped if that is asked for.
std::function<void()> step_counter(const Progress& progress, double n_steps);

}  // namespace reprise
