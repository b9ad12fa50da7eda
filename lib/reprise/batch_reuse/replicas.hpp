// Runs revealed descent for every replica, the scrambles of the limit or the runs of a simulation.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/batch_reuse/reading.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

struct Replicas {
  int count = 1;
  std::uint64_t seed = 1;  ///< of second layers that each replica draws
  int threads = 1;
  std::size_t test_points = 0;  ///< of the generalisation error, a multiple of 16
  std::function<std::unique_ptr<Reading>(std::uint64_t replica)> reading = {};
  std::function<std::unique_ptr<NormalSource>(std::uint64_t replica)> test_normals = {};
  Progress progress;
  bool kernels = false;  ///< of the limit
  /// Further replicas with fewer points. The bias of the others at step t is bias_share[t] of the
  /// mean difference between them; it is added to the standard errors, in quadrature.
  int coarse_count = 0;
  std::size_t coarse_test_points = 0;
  std::vector<double> bias_share = {};  ///< at steps 0..T
  std::function<std::unique_ptr<Reading>(std::uint64_t replica)> coarse_reading = {};
  std::function<std::unique_ptr<NormalSource>(std::uint64_t replica)> coarse_test_normals = {};
};

/// The average over the replicas, with the bias in its errors if there are coarse ones. Threads
/// share out replicas where these are many and small, and the samples of each where they are few or
/// large: the numbers are the same. Throws InputError, before any work, if the columns to be kept
/// do not fit in memory.
Solution run_replicas(const Problem& problem, const GradientDescent& algorithm,
                      const Replicas& replicas);

/// The largest amount of numbers that a replica keeps at any time.
double peak_numbers(const Problem& problem, const GradientDescent& algorithm,
                    const Reading& reading);

}  // namespace reprise
