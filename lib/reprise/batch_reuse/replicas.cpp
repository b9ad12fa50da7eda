#include "reprise/batch_reuse/replicas.hpp"

#include <algorithm>
#include <chrono>

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/recursion.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/parallel.hpp"

namespace reprise {

namespace {

class RecursionRun final : public BatchRun {
 public:
  RecursionRun(const Problem& problem, const GradientDescent& algorithm, Reading& reading,
               int threads)
      : recursion_(problem, algorithm, reading, threads) {}

  Overlaps overlaps() const override { return {recursion_.M(), recursion_.Q()}; }
  Eigen::VectorXd second_layer() const override { return recursion_.second_layer(); }
  double step() override { return recursion_.step(); }
  std::optional<double> final_loss() override { return recursion_.final_loss(); }
  BatchReuseRecursion& recursion() { return recursion_; }

 private:
  BatchReuseRecursion recursion_;
};

// Averages of the kernels of all replicas.
std::vector<Kernel> average_kernels(const Problem& problem, const std::vector<Kernels>& replicas) {
  std::vector<Kernel> kernels;
  const auto add = [&](const char* name, const Eigen::MatrixXd Kernels::*member) {
    std::vector<Eigen::MatrixXd> values;
    for (const Kernels& replica : replicas) {
      if ((replica.*member).size() == 0) return;
      values.push_back(replica.*member);
    }
    auto [mean, error] = mean_and_error(values);
    kernels.push_back({name, problem.n_neurons(), std::move(mean), std::move(error)});
  };
  add("C", &Kernels::correlation);
  add("C_G", &Kernels::gradient_correlation);
  add("R", &Kernels::response);
  return kernels;
}

// Replicas of more numbers than this are made one after the other, each on all threads.
constexpr double large_replica = 1.5e8;

}  // namespace

double peak_numbers(const Problem& problem, const GradientDescent& algorithm,
                    const Reading& reading) {
  const auto p = static_cast<double>(problem.n_neurons());
  const auto k = static_cast<double>(problem.n_directions());
  const Schedule& schedule = algorithm.schedule;
  const bool always_forgets = schedule.lives().size() == 1;
  return peak_over_lives(schedule, [&](int b, const Schedule::Life& life) {
    if (life.n_uses == 1) return 0.0;
    const int first_direction = always_forgets ? life.first_use : 0;
    const int evaluations = algorithm.displacement != 0 ? 2 : 1;
    const double columns =
        k + 1 + p * evaluations * (life.last_use + 1 - first_direction + life.n_uses);
    return columns * static_cast<double>(reading.n_samples(algorithm.samples_per_dimension_of(b)));
  });
}

Solution run_replicas(const Problem& problem, const GradientDescent& algorithm,
                      const Replicas& replicas) {
  const auto start = std::chrono::steady_clock::now();
  const auto first_reading = replicas.reading(0);
  const double numbers = peak_numbers(problem, algorithm, *first_reading);
  const bool is_large = numbers > large_replica || replicas.count < replicas.threads;
  const int outer = is_large ? 1 : std::min(replicas.threads, replicas.count);
  check_memory("gradient_descent", 8 * numbers * outer);

  std::vector<Trajectory> trajectories(static_cast<std::size_t>(replicas.count));
  std::vector<Kernels> kernels(trajectories.size());
  const int n_steps = algorithm.schedule.n_steps();
  const auto on_step = step_counter(replicas.progress, double(replicas.count) * (n_steps + 1));
  parallel_for(trajectories.size(), outer, [&](std::size_t, std::size_t replica) {
    const auto reading = replicas.reading(replica);
    GeneralisationError error(problem, *replicas.test_normals(replica), replicas.test_points);
    const Problem own = problem_of_run(problem, replicas.seed, replica);
    RecursionRun run(own, algorithm, *reading, is_large ? replicas.threads : 1);
    if (replicas.kernels) run.recursion().keep_path();
    trajectories[replica] = record(run, problem, algorithm, error, on_step);
    if (replicas.kernels && trajectories[replica].n_times == n_steps + 1) {
      kernels[replica] =
          kernels_of(run.recursion().path(), algorithm, inverse(problem.target.gram));
    }
  });
  Solution solution = average(batch_quantities(problem, algorithm), trajectories);
  if (replicas.kernels && solution.ending.is_completed()) {
    solution.kernels = average_kernels(problem, kernels);
  }
  solution.cost.samples_per_replica =
      first_reading->n_samples(algorithm.samples_per_dimension.front());
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

}  // namespace reprise
