#include "reprise/batch_reuse/exact_simulation.hpp"

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/replicas.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

template <>
const Schema& schema<ExactSimulation>() {
  using S = ExactSimulation;
  static const Schema result = describe<S>(
      {"simulation (exact)", "curve", "exact in law at finite d, without a vector of length d"},
      {field(&S::dimension, dimension_facts(1, std::int64_t{1} << 40)),
       field(&S::runs, runs_facts()), hidden(&S::seed), hidden(&S::threads), hidden(&S::progress)});
  return result;
}

Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const ExactSimulation& options) {
  check(problem);
  check(algorithm);
  check_at_least("simulation", "dimension", options.dimension, least_dimension(problem));
  const int log2_points = log2_test_points(algorithm, options.dimension);

  Replicas replicas{.count = options.runs,
                    .seed = options.seed,
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

}  // namespace reprise
