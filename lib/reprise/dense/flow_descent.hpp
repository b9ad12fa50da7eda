// Gradient flow at finite d, by what stands for it there: descent in small steps on fresh batches.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/population_flow.hpp"

namespace reprise {

/// The flow by steps of dt, each with the mean gradient of a fresh batch in place of the
/// population's: with epsilon, in two time-scales on the sphere (Berthier2023),
///
///   u_i <- normalised(u_i + dt a_i (1 - u_i u_i^T) mean[(y - f) sigma'(u_i . x) x])
///   a_i <- a_i + (dt / epsilon) mean[(y - f) sigma(u_i . x)].
///
/// What it differs from the flow by is of order dt, and of order d / n_b in the mean of the norms.
/// `Simulation` does the steps: ExactChain or DenseSgdSimulation.
template <class Simulation>
struct FlowDescent {
  decltype(Simulation::dimension) dimension = 0;
  double step_size = 0;         ///< dt > 0
  std::int64_t batch_size = 0;  ///< n_b >= 1, fresh samples a step
  std::vector<double> times;    ///< output times; rounded to the nearest step
  int runs = Simulation().runs;
  std::uint64_t seed = 1;
  std::uint64_t start_seed = 1;  ///< of random starts and second layers of the problem
  int threads = 0;               ///< 0: all cores; the result does not depend on it
  std::int64_t test_points = Simulation().test_points;
  Progress progress = {};

  /// Time that a step takes.
  double step_time() const { return step_size; }
};
using FlowChain = FlowDescent<ExactChain>;
using DenseFlowDescent = FlowDescent<DenseSgdSimulation>;

template <>
const Schema& schema<FlowChain>();
template <>
const Schema& schema<DenseFlowDescent>();

/// The flow's speeds times dt d / n_b are the rates of SGD that adds up its batch.
OnePassSgd descent_of(const PopulationFlow& flow, Eigen::Index n_neurons, double dimension,
                      double step_size, std::int64_t batch_size);

/// The same quantities as of the exact chain, at the times of the flow.
Solution solve(const Problem& problem, const PopulationFlow& flow, const FlowChain& options);
Solution solve(const Problem& problem, const PopulationFlow& flow, const DenseFlowDescent& options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const PopulationFlow& flow, const FlowChain& options);
void check(const Problem& problem, const PopulationFlow& flow, const DenseFlowDescent& options);

}  // namespace reprise
