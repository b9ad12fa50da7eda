// Follows one run of batch gradient descent and writes down what every method reports.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/gaussian/generalisation_error.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// One run of batch gradient descent, whatever stands behind it.
class BatchRun {
 public:
  virtual ~BatchRun() = default;
  virtual Overlaps overlaps() const = 0;
  virtual Eigen::VectorXd second_layer() const = 0;
  /// Makes a step; returns the loss of its batch before it. Not finite when diverged.
  virtual double step() = 0;
  /// The loss of the batch that a further step would use, where the schedule says which.
  virtual std::optional<double> final_loss() = 0;
};

/// M, Q, a if the second layer is trained, generalisation_error, training_loss, cosines: the
/// columns of a recorded trajectory.
std::vector<Quantity> batch_quantities(const Problem& problem, const GradientDescent& algorithm);

/// The size of a simulation's test set: half of the training samples to as many, between 2^12 and
/// 2^18. For benchmark A at d = 5000 it then adds 2.5 % to the spread of the error over runs.
int log2_test_points(const GradientDescent& algorithm, std::int64_t dimension);

/// The test normals of one replica, a scrambled Sobol' set of its own: the error of the test set is
/// then part of the spread over replicas.
std::unique_ptr<NormalSource> test_normals(const Problem& problem, std::uint64_t seed,
                                           std::uint64_t replica, int log2_points);

/// Makes all steps of the schedule and records times 0..T; ends early, with the reason, when
/// anything stops being finite. on_step is called after every step.
Trajectory record(BatchRun& run, const Problem& problem, const GradientDescent& algorithm,
                  GeneralisationError& error, const std::function<void()>& on_step);

}  // namespace reprise
