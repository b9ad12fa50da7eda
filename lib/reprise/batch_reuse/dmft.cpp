#include "reprise/batch_reuse/dmft.hpp"

#include <bit>

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/replicas.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/parallel.hpp"

namespace reprise {

Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DmftOptions& options) {
  check(problem);
  check(algorithm);
  check_at_least("dmft", "points", options.points, 16);
  check_at_least("dmft", "scrambles", options.scrambles, 2);
  const auto log2_points =
      static_cast<int>(std::bit_width(static_cast<std::uint64_t>(options.points - 1)));

  Replicas replicas{.count = options.scrambles,
                    .threads = resolve_threads(options.threads),
                    .test_points = std::size_t{1} << log2_points,
                    .progress = options.progress};
  replicas.reading = [&](std::uint64_t scramble) {
    return std::make_unique<LimitReading>(log2_points, options.seed, scramble);
  };
  replicas.test_normals = [&](std::uint64_t scramble) {
    return test_normals(problem, options.seed, scramble, log2_points);
  };
  Solution solution = run_replicas(problem, algorithm, replicas);
  solution.method = "dmft";
  return solution;
}

}  // namespace reprise
