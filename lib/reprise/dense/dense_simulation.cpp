#include "reprise/dense/dense_simulation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/replicas.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/dense/dense_run.hpp"

namespace reprise {

namespace {

// As many runs at a time as fit in half of the memory: each keeps the inputs of its live blocks.
int runs_at_a_time(const GradientDescent& algorithm, std::int64_t dimension, int threads) {
  const auto d = static_cast<double>(dimension);
  const double bytes = 8 * d * peak_over_lives(algorithm.schedule, [&](int b, const auto&) {
                         return d * algorithm.samples_per_dimension_of(b);
                       });
  check_memory("dense simulation", bytes);
  const double half = 0.5 * static_cast<double>(available_memory_bytes());
  return half == 0 ? 1 : static_cast<int>(std::clamp(half / bytes, 1.0, double(threads)));
}

}  // namespace

template <>
const Schema& schema<DenseSimulation>() {
  using S = DenseSimulation;
  static const Schema result = describe<S>(
      {"simulation (dense)", "curve", "weights in R^d, data drawn and multiplied"},
      {field(&S::dimension, dimension_facts(1, std::int64_t{1} << 40)),
       field(&S::runs, runs_facts()), hidden(&S::seed), hidden(&S::threads), hidden(&S::progress)});
  return result;
}

Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DenseSimulation& options) {
  const auto start = std::chrono::steady_clock::now();
  check(problem);
  check(algorithm);
  check_at_least("simulation", "dimension", options.dimension, least_dimension(problem));
  const int outer = runs_at_a_time(algorithm, options.dimension, resolve_threads(options.threads));

  std::vector<Trajectory> trajectories(static_cast<std::size_t>(options.runs));
  const int n_steps = algorithm.schedule.n_steps();
  const int log2_points = log2_test_points(algorithm, options.dimension);
  const auto on_step = step_counter(options.progress, double(options.runs) * (n_steps + 1));
  parallel_for(trajectories.size(), outer, [&](std::size_t, std::size_t index) {
    GeneralisationError error(problem, *test_normals(problem, options.seed, index, log2_points),
                              std::size_t{1} << log2_points);
    const Problem own = problem_of_run(problem, options.seed, index);
    DenseRun run(own, algorithm, options.dimension, options.seed, index);
    trajectories[index] = record(run, problem, algorithm, error, on_step);
  });
  Solution solution = average(batch_quantities(problem, algorithm), trajectories);
  solution.method = "simulation (dense)";
  solution.cost.samples_per_replica = std::llround(algorithm.samples_per_dimension.front() *
                                                   static_cast<double>(options.dimension));
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

}  // namespace reprise
