#include "reprise/batch_reuse/exact_simulation.hpp"

#include <algorithm>
#include <bit>

#include "reprise/batch_reuse/replicas.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/parallel.hpp"

namespace reprise {

Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const ExactSimulation& options) {
  check(problem);
  check(algorithm);
  check_at_least("simulation", "dimension", options.dimension, problem.n_directions() + 1);
  check_at_least("simulation", "runs", options.runs, 1);
  const int log2_points = log2_test_points(algorithm, options.dimension);

  Replicas replicas{.count = options.runs,
                    .threads = resolve_threads(options.threads),
                    .test_points = std::size_t{1} << log2_points,
                    .progress = options.progress};
  replicas.reading = [&](std::uint64_t run) {
    return std::make_unique<FiniteReading>(options.dimension, options.seed, run);
  };
  replicas.test_normals = [&](std::uint64_t run) {
    return test_normals(problem, options.seed, run, log2_points);
  };
  Solution solution = run_replicas(problem, algorithm, replicas);
  solution.method = "simulation (exact)";
  return solution;
}

int log2_test_points(const GradientDescent& algorithm, std::int64_t dimension) {
  const double n = algorithm.samples_per_dimension.front() * static_cast<double>(dimension);
  const auto points = static_cast<std::uint64_t>(std::clamp(n, 4096.0, 262144.0));
  return std::bit_width(points - 1);
}

std::unique_ptr<NormalSource> test_normals(const Problem& problem, std::uint64_t seed,
                                           std::uint64_t run, int log2_points) {
  return std::make_unique<ScrambledSobolNormals>(Stream(seed, Purpose::generalisation, run),
                                                 log2_points,
                                                 GeneralisationError::n_columns(problem));
}

}  // namespace reprise
