// The literal one-pass SGD: weights in R^d, a fresh sample or batch drawn and multiplied at each
// step.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/random.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// One run. The law of x is invariant under rotations outside the span of the targets, so the
/// target weights lie along the first k axes and the starting weights in the span of the first k +
/// p, or of all where d is less.
class DenseSgd {
 public:
  /// dimension >= least_dimension. Problem and algorithm must have passed check() and outlive this.
  DenseSgd(const Problem& problem, const OnePassSgd& algorithm, std::int64_t dimension,
           const Overlaps& start, std::uint64_t seed, std::uint64_t run);

  Overlaps overlaps() const;
  const Eigen::VectorXd& weights() const { return output_weights_; }
  /// Cost O(r n_b d p).
  void step();

 private:
  void draw();
  Eigen::RowVectorXd gradient(Eigen::Index sample, const Eigen::RowVectorXd& fields);

  const Problem& problem_;
  OnePassSgd algorithm_;
  Eigen::Index d_;
  Stream samples_;
  std::uint64_t step_ = 0;
  Eigen::MatrixXd input_factor_;  // x along the targets: V^T x = input_factor z
  Eigen::MatrixXd targets_;       // W*^T, (d, k)
  Eigen::MatrixXd w_;             // W^T, (d, p)
  Eigen::VectorXd output_weights_;
  Eigen::MatrixXd x_;  // (d, n_b)
  Eigen::VectorXd labels_;
  Eigen::VectorXd output_gradient_;
};

struct DenseSgdSimulation {
  std::int64_t dimension = 0;
  std::vector<double> times;  ///< output times in samples / d; rounded to the nearest step
  int runs = 32;
  std::uint64_t seed = 1;
  std::uint64_t start_seed = 1;  ///< of random starts and second layers of the problem
  int threads = 0;               ///< 0: all cores; the result does not depend on it
  /// Of each run, where the generalisation error has no closed form; rounded up to a power of two.
  std::int64_t test_points = 4096;
  Progress progress = {};
};
template <>
const Schema& schema<DenseSgdSimulation>();

/// The same quantities as of the exact chain.
Solution solve(const Problem& problem, const OnePassSgd& algorithm,
               const DenseSgdSimulation& options);
/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const OnePassSgd& algorithm, const DenseSgdSimulation& options);

std::vector<Trajectory> trajectories(const Problem& problem, const OnePassSgd& algorithm,
                                     const DenseSgdSimulation& options);

}  // namespace reprise
