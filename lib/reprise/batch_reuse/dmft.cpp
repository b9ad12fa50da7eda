#include "reprise/batch_reuse/dmft.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/replicas.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/gaussian/label_spread.hpp"

namespace reprise {

namespace {

int log2_of(std::int64_t points) {
  return static_cast<int>(std::bit_width(static_cast<std::uint64_t>(points - 1)));
}

// Coarse scrambles see the bias of a finite set enlarged, about eightfold with an eighth of the
// points, so that two of them for each scramble, a quarter of its cost, know the bias to a third of
// the standard error where the error falls as 1/sqrt(points), to 0.8 where it falls as 1/points.
constexpr int log2_coarse_ratio = 3;
constexpr int coarse_scrambles = 2;                   // for each scramble
constexpr int fewest_log2_points = 4;                 // test sets are multiples of 16
constexpr std::uint64_t first_coarse = 0x100000000u;  // scrambles of their own

// Directions that are known at steps 0..T, the target's included.
std::vector<double> known_directions(const Problem& problem, const GradientDescent& algorithm) {
  const auto n_steps = static_cast<std::size_t>(algorithm.schedule.n_steps());
  std::vector<std::size_t> last_use(n_steps + 1, 0);  // of the block first used at that step
  for (const Schedule::Life& life : algorithm.schedule.lives()) {
    last_use[static_cast<std::size_t>(life.first_use)] = static_cast<std::size_t>(life.last_use);
  }
  const auto p = static_cast<double>(problem.n_neurons());
  const double kept = algorithm.momentum != 0 ? 2 * p : p;
  std::vector<double> known;
  double m = p;
  std::size_t alive_until = 0;
  for (std::size_t t = 0; t <= n_steps; ++t) {
    if (alive_until < t) m = std::min(m, kept);  // no live block has met the basis
    known.push_back(static_cast<double>(problem.n_directions()) + m);
    m += algorithm.displacement != 0 ? 2 * p : p;
    alive_until = std::max(alive_until, last_use[t]);
  }
  return known;
}

// The share of the difference between 2^log2_coarse points and 2^log2_points that is bias of the
// latter. N points stand for d = N / alpha dimensions; with m directions known the bias grows like
// x / (1 + 2 x), x = m / d: as 1 / N, until the directions fill the space (measured on benchmark A,
// THEORY.md, "Integration in the limit"). Where they have done so long before, the law knows no
// more than that eight times the points at least halve the bias.
std::vector<double> bias_share(const Problem& problem, const GradientDescent& algorithm,
                               int log2_points, int log2_coarse) {
  const auto& alphas = algorithm.samples_per_dimension;
  const double d = std::ldexp(1.0, log2_coarse) / *std::max_element(alphas.begin(), alphas.end());
  std::vector<double> share;
  for (const double m : known_directions(problem, algorithm)) {
    const double law = (1 + 2 * m / d) / (std::ldexp(1.0, log2_points - log2_coarse) - 1);
    share.push_back(std::min(1.0, law));
  }
  return share;
}

// Of a mean of label squares over one scramble, relative. Beyond it, the spread of eight scrambles
// says little: the law of such a mean is skewed.
constexpr double highest_variance_of_mean = 0.05;

std::string few_points_warning(double relative_variance, int log2_points) {
  std::ostringstream text;
  text.precision(2);
  text << "the squares of the labels have a relative variance of " << relative_variance
       << ", too large for 2^" << log2_points
       << " points even in the tails: standard errors may leave the truth out more often than they "
          "claim; raise points";
  return text.str();
}

Solution integrate(const Problem& problem, const GradientDescent& algorithm,
                   const DmftOptions& options, int log2_points) {
  const int log2_coarse = std::max(fewest_log2_points, log2_points - log2_coarse_ratio);
  Replicas replicas{.count = options.scrambles,
                    .seed = options.seed,
                    .threads = resolve_threads(options.threads),
                    .test_points = std::size_t{1} << log2_points,
                    .progress = options.progress,
                    .kernels = options.kernels,
                    .coarse_count = coarse_scrambles * options.scrambles,
                    .coarse_test_points = std::size_t{1} << log2_coarse,
                    .bias_share = bias_share(problem, algorithm, log2_points, log2_coarse)};
  const LabelSpread labels = spread_for_labels(problem.target, problem.input_covariance);
  const double spread = labels.spread;
  const auto reading_of = [&](int log2, std::uint64_t first) {
    return [&options, spread, log2, first](std::uint64_t scramble) {
      return std::make_unique<LimitReading>(log2, options.seed, first + scramble, spread);
    };
  };
  const auto test_normals_of = [&](int log2, std::uint64_t first) {
    return [&problem, &options, log2, first](std::uint64_t scramble) {
      return test_normals(problem, options.seed, first + scramble, log2);
    };
  };
  replicas.reading = reading_of(log2_points, 0);
  replicas.test_normals = test_normals_of(log2_points, 0);
  replicas.coarse_reading = reading_of(log2_coarse, first_coarse);
  replicas.coarse_test_normals = test_normals_of(log2_coarse, first_coarse);
  Solution solution = run_replicas(problem, algorithm, replicas);
  solution.method = "dmft";
  if (!(labels.relative_variance < highest_variance_of_mean * std::ldexp(1.0, log2_points))) {
    solution.warnings.push_back(few_points_warning(labels.relative_variance, log2_points));
  }
  return solution;
}

double largest_error(const Solution& solution) {
  double worst = 0;
  for (const Series& series : solution.series) {
    const QuantityRow* row = find_quantity(series.quantity);
    if (row == nullptr || !row->is_compared || series.n_times() == 0) continue;
    worst = std::max(worst, series.standard_error.maxCoeff());
  }
  return worst;
}

Solution integrate_to_accuracy(const Problem& problem, const GradientDescent& algorithm,
                               const DmftOptions& options) {
  double wall_time_s = 0;
  for (int log2_points = log2_of(options.points);; ++log2_points) {
    Solution solution = integrate(problem, algorithm, options, log2_points);
    wall_time_s += solution.cost.wall_time_s;
    solution.cost.wall_time_s = wall_time_s;
    if (!solution.ending.is_completed()) return solution;
    const double reached = largest_error(solution);
    if (reached <= options.target_error) return solution;
    if (std::int64_t{2} << log2_points > options.max_points) {
      std::ostringstream detail;
      detail << "with " << options.scrambles << " scrambles of 2^" << log2_points
             << " points the largest standard error, bias included, is " << reached
             << ", target_error " << options.target_error;
      solution.ending = {Termination::not_converged, solution.ending.step, detail.str()};
      return solution;
    }
  }
}

}  // namespace

template <>
const Schema& schema<DmftOptions>() {
  using S = DmftOptions;
  constexpr std::int64_t most_points = std::int64_t{1} << 30;
  static const Schema result = describe<S>(
      {"dmft", "curve", "the limit d, n -> infinity at fixed n / d"},
      {field(&S::points, {.key = "points",
                          .symbol = "N",
                          .range = integers_from(32, most_points),
                          .meaning = "Points of the scrambled Sobol' set that stand for the "
                                     "samples, rounded up to a power of two",
                          .aliases = "n_points samples"}),
       field(&S::scrambles, {.key = "scrambles",
                             .range = integers_from(2, 4096),
                             .meaning = "Independent sets, whose spread is the standard error"}),
       hidden(&S::seed), hidden(&S::threads),
       field(&S::target_error, {.key = "target_error",
                                .range = at_least(0),
                                .meaning = "Points are doubled until every error is below this, "
                                           "0: never",
                                .aliases = "tolerance"}),
       field(&S::max_points, {.key = "max_points",
                              .range = integers_from(64, most_points),
                              .meaning = "Where target_error gives up"}),
       hidden(&S::kernels), hidden(&S::progress)});
  return result;
}

Solution solve(const Problem& problem, const GradientDescent& algorithm,
               const DmftOptions& options) {
  check(problem);
  check(algorithm);
  check_fields(options);
  if (options.target_error > 0) return integrate_to_accuracy(problem, algorithm, options);
  return integrate(problem, algorithm, options, log2_of(options.points));
}

}  // namespace reprise
