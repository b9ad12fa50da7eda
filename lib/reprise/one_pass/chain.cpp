#include "reprise/one_pass/chain.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/model/cosines.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/overlap_chain.hpp"
#include "reprise/one_pass/simulation.hpp"
#include "reprise/one_pass/start.hpp"

namespace reprise {

template <>
const Schema& schema<ExactChain>() {
  using S = ExactChain;
  static const Schema result = describe<S>(
      {"simulation (exact)", "curve", "exact in law at any d"},
      {whole_field(&S::dimension, dimension_facts(1, std::int64_t{1} << 53)), hidden(&S::times),
       field(&S::runs, runs_facts()), hidden(&S::seed), hidden(&S::start_seed), hidden(&S::threads),
       hidden(&S::test_points), hidden(&S::progress)});
  return result;
}

void check(const Problem& problem, const OnePassSgd& algorithm, const ExactChain& options) {
  check_simulation(problem, algorithm, options.times, options.runs, options.test_points);
  check_positive("simulation", "dimension", options.dimension);
  OverlapChain::check(problem, algorithm, options.dimension);
  const double samples = options.times.back() * options.dimension;
  check_last_step(options.times, algorithm, options.dimension);
  if (samples > 0x1p53) reject("simulation", "samples", "at most 2^53 a run", samples);
}

namespace {

constexpr std::size_t group_size = OverlapChain::group_size;

// Some neighbouring runs that share one chain.
struct Part {
  std::size_t group, first, n;
  std::size_t first_run() const { return group * group_size + first; }
};

// Whole groups where there are enough of them for every thread, else sixteen lanes at a time.
std::vector<Part> parts_of(int runs, int threads) {
  const auto count = static_cast<std::size_t>(runs);
  const std::size_t width =
      count >= group_size * static_cast<std::size_t>(threads) ? group_size : column_padding;
  std::vector<Part> parts;
  for (std::size_t run = 0; run < count; run += width) {
    parts.push_back({run / group_size, run % group_size, std::min(width, padded(count - run))});
  }
  return parts;
}

OverlapChain make_chain(const Problem& problem, const OnePassSgd& algorithm,
                        const ExactChain& options, const Part& part) {
  OverlapChain chain(problem, algorithm, options.dimension, options.seed, part.group, part.first,
                     part.n);
  for (std::size_t lane = 0; lane < part.n; ++lane) {
    const std::uint64_t run = part.first_run() + lane;
    chain.set(lane, start_of_run(problem, algorithm.normalise, options.dimension,
                                 options.start_seed, run));
    const Problem own = problem_of_run(problem, options.start_seed, run);
    chain.set_weights(lane, own.student.output_weights());
  }
  return chain;
}

std::vector<Part> prepare(const Problem& problem, const OnePassSgd& algorithm,
                          const ExactChain& options, int& threads) {
  check(problem, algorithm, options);
  threads = resolve_threads(options.threads);
  return parts_of(options.runs, threads);
}

}  // namespace

std::vector<Trajectory> trajectories(const Problem& problem, const OnePassSgd& algorithm,
                                     const ExactChain& options) {
  int threads = 1;
  const std::vector<Part> parts = prepare(problem, algorithm, options, threads);
  const auto steps = steps_at(options.times, algorithm, options.dimension);
  const auto n_runs = static_cast<std::size_t>(options.runs);
  const std::vector<Quantity> quantities =
      one_pass_quantities(problem, algorithm.trains_second_layer());
  std::vector<Trajectory> result = empty_trajectories(quantities, n_runs, steps.size());
  const auto on_step =
      step_counter(options.progress, static_cast<double>(parts.size() * steps.size()));
  parallel_for(parts.size(), threads, [&](std::size_t, std::size_t index) {
    const Part& part = parts[index];
    OverlapChain chain = make_chain(problem, algorithm, options, part);
    for (std::size_t t = 0; t < steps.size(); ++t) {
      chain.advance(steps[t] - chain.step());
      for (std::size_t lane = 0; lane < part.n && part.first_run() + lane < n_runs; ++lane) {
        Trajectory& trajectory = result[part.first_run() + lane];
        if (trajectory.n_times != static_cast<Eigen::Index>(t)) continue;
        record(trajectory, problem, quantities, chain.overlaps(lane), chain.weights(lane),
               steps[t]);
      }
      on_step();
    }
    for (std::size_t run = part.first_run(); run < std::min(part.first_run() + part.n, n_runs);
         ++run) {
      fill_errors(result[run], problem_of_run(problem, options.start_seed, run), quantities, steps,
                  options.test_points, options.seed, run);
    }
  });
  return result;
}

Solution solve(const Problem& problem, const OnePassSgd& algorithm, const ExactChain& options) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Trajectory> runs = trajectories(problem, algorithm, options);
  Solution solution = average_of_runs(problem, algorithm, options.dimension,
                                      steps_at(options.times, algorithm, options.dimension), runs);
  solution.method = "simulation (exact)";
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

Eigen::MatrixXd first_passages(const Problem& problem, const OnePassSgd& algorithm,
                               const ExactChain& options, const std::vector<double>& levels) {
  if (levels.empty()) throw InputError("first_passages: levels must not be empty");
  for (const double level : levels) check_positive("first_passages", "level", level);
  int threads = 1;
  const std::vector<Part> parts = prepare(problem, algorithm, options, threads);
  const auto steps = steps_at(options.times, algorithm, options.dimension);
  const auto n_runs = static_cast<std::size_t>(options.runs);
  const auto time_of = [&](std::int64_t step) {
    return static_cast<double>(step * algorithm.batch_size) / options.dimension;
  };
  Eigen::MatrixXd times =
      Eigen::MatrixXd::Constant(options.runs, static_cast<Eigen::Index>(levels.size()),
                                std::numeric_limits<double>::infinity());
  const auto on_step =
      step_counter(options.progress, static_cast<double>(parts.size() * steps.size()));
  parallel_for(parts.size(), threads, [&](std::size_t, std::size_t index) {
    const Part& part = parts[index];
    OverlapChain chain = make_chain(problem, algorithm, options, part);
    std::vector<double> before(part.n);
    double time_before = 0;
    for (std::size_t t = 0; t < steps.size(); ++t) {
      chain.advance(steps[t] - chain.step());
      const double now = time_of(steps[t]);
      bool have_all_passed = true;
      for (std::size_t lane = 0; lane < part.n && part.first_run() + lane < n_runs; ++lane) {
        const double overlap = max_overlap(chain.overlaps(lane), problem.target.gram);
        for (std::size_t l = 0; l < levels.size(); ++l) {
          double& passed = times(static_cast<Eigen::Index>(part.first_run() + lane),
                                 static_cast<Eigen::Index>(l));
          if (std::isinf(passed) && !(overlap < levels[l])) {  // passed, or NaN and never to pass
            const double fraction =
                t == 0 ? 1 : (levels[l] - before[lane]) / (overlap - before[lane]);
            passed = time_before + fraction * (now - time_before);
          }
          have_all_passed &= !std::isinf(passed);
        }
        before[lane] = overlap;
      }
      time_before = now;
      on_step();
      if (have_all_passed) return;
    }
  });
  return times;
}

}  // namespace reprise
