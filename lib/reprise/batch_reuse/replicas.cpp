#include "reprise/batch_reuse/replicas.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>
#include <vector>

#include "reprise/batch_reuse/record.hpp"
#include "reprise/batch_reuse/revealed_descent.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/parallel.hpp"

namespace reprise {

namespace {

class RevealedRun final : public BatchRun {
 public:
  RevealedRun(const Problem& problem, const GradientDescent& algorithm, Reading& reading,
              int threads)
      : descent_(problem, algorithm, reading, threads) {}

  Overlaps overlaps() const override { return {descent_.M(), descent_.Q()}; }
  Eigen::VectorXd second_layer() const override { return descent_.second_layer(); }
  double step() override { return descent_.step(); }
  std::optional<double> final_loss() override { return descent_.final_loss(); }
  RevealedDescent& descent() { return descent_; }

 private:
  RevealedDescent descent_;
};

// Adds a bias to a standard error; values about to overflow have none.
void add_bias(double bias, double& error) {
  const double whole = std::hypot(error, bias);
  if (std::isfinite(whole)) error = whole;
}

// Adds the bias that coarse replicas show to the errors, as long as those lasted: with fewer points
// a run may diverge before the others do, and what comes later is warned of.
void add_bias(const std::vector<Trajectory>& coarse, const std::vector<double>& share,
              Solution& solution) {
  Eigen::Index n_times = coarse.front().n_times;
  for (const Trajectory& replica : coarse) n_times = std::min(n_times, replica.n_times);
  Eigen::MatrixXd mean = Eigen::MatrixXd::Zero(n_times, coarse.front().values.cols());
  for (const Trajectory& replica : coarse) mean += replica.values.topRows(n_times);
  mean /= static_cast<double>(coarse.size());
  Eigen::Index first = 0;
  for (Series& series : solution.series) {
    for (Eigen::Index t = 0; t < std::min(series.n_times(), n_times); ++t) {
      for (Eigen::Index e = 0; e < series.n_entries(); ++e) {
        const double difference = mean(t, first + e) - series.value(t, e);
        add_bias(share[static_cast<std::size_t>(t)] * difference, series.standard_error(t, e));
      }
    }
    first += series.n_entries();
  }
  if (n_times < static_cast<Eigen::Index>(solution.time.size())) {
    solution.warnings.push_back(
        "the estimate of the bias of a finite number of points, from runs with fewer of them, "
        "diverged " +
        (n_times == 0 ? "at once"
                      : "after " + solution.moment(static_cast<std::size_t>(n_times - 1))) +
        ": later standard errors leave that bias out; raise points");
  }
}

// Averages of the kernels of all replicas.
std::vector<Kernel> average_kernels(const Problem& problem, const std::vector<Kernels>& replicas,
                                    const std::vector<Kernels>& coarse, double bias_share) {
  std::vector<Kernel> kernels;
  const auto add = [&](const char* name, const Eigen::MatrixXd Kernels::*member) {
    const auto values_of = [member](const std::vector<Kernels>& list) {
      std::vector<Eigen::MatrixXd> values;
      for (const Kernels& replica : list) values.push_back(replica.*member);
      const auto is_empty = [](const Eigen::MatrixXd& value) { return value.size() == 0; };
      return std::ranges::any_of(values, is_empty) ? std::vector<Eigen::MatrixXd>() : values;
    };
    const auto values = values_of(replicas), coarse_values = values_of(coarse);
    if (values.empty()) return;
    auto [mean, error] = mean_and_error(values);
    if (!coarse_values.empty()) {
      const Eigen::MatrixXd bias = bias_share * (mean_and_error(coarse_values).mean - mean);
      for (Eigen::Index i = 0; i < bias.size(); ++i) add_bias(bias.data()[i], error.data()[i]);
    }
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
  const int weight_columns = reading.target_spread() != 1 ? 1 : 0;
  const bool always_forgets = schedule.lives().size() == 1;
  return peak_over_lives(schedule, [&](int b, const Schedule::Life& life) {
    if (life.n_uses == 1) return 0.0;
    const int first_direction = always_forgets ? life.first_use : 0;
    const int evaluations = algorithm.displacement != 0 ? 2 : 1;
    const double columns = k + 1 + weight_columns +
                           p * evaluations * (life.last_use + 1 - first_direction + life.n_uses);
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

  struct Ensemble {
    std::vector<Trajectory> trajectories = {};
    std::vector<Kernels> kernels = {};
  };
  const auto ensemble_of = [](int count) {
    const auto size = static_cast<std::size_t>(count);
    return Ensemble{std::vector<Trajectory>(size), std::vector<Kernels>(size)};
  };
  Ensemble fine = ensemble_of(replicas.count), coarse = ensemble_of(replicas.coarse_count);
  const int n_steps = algorithm.schedule.n_steps();
  const auto on_step = step_counter(replicas.progress, double(replicas.count) * (n_steps + 1));
  const std::size_t count = fine.trajectories.size();
  // Coarse replicas have the second layers of the fine ones: their differences are no bias.
  const auto run_one = [&](Reading& reading, const NormalSource& test_normals,
                           std::size_t test_points, const std::function<void()>& progress,
                           std::size_t replica, Trajectory& trajectory, Kernels& kernels) {
    GeneralisationError error(problem, test_normals, test_points);
    const Problem own = problem_of_run(problem, replicas.seed, replica % count);
    RevealedRun run(own, algorithm, reading, is_large ? replicas.threads : 1);
    if (replicas.kernels) run.descent().keep_path();
    trajectory = record(run, problem, algorithm, error, progress);
    if (replicas.kernels && trajectory.n_times == n_steps + 1) {
      kernels = kernels_of(run.descent().path(), algorithm, inverse(problem.target.gram));
    }
  };
  parallel_for(count + coarse.trajectories.size(), outer, [&](std::size_t, std::size_t task) {
    if (task < count) {
      run_one(*replicas.reading(task), *replicas.test_normals(task), replicas.test_points, on_step,
              task, fine.trajectories[task], fine.kernels[task]);
    } else {
      const std::size_t replica = task - count;
      run_one(
          *replicas.coarse_reading(replica), *replicas.coarse_test_normals(replica),
          replicas.coarse_test_points, [] {}, replica, coarse.trajectories[replica],
          coarse.kernels[replica]);
    }
  });
  Solution solution = average(batch_quantities(problem, algorithm), fine.trajectories);
  if (replicas.coarse_count > 0) add_bias(coarse.trajectories, replicas.bias_share, solution);
  if (replicas.kernels && solution.ending.is_completed()) {
    solution.kernels =
        average_kernels(problem, fine.kernels, coarse.kernels,
                        replicas.bias_share.empty() ? 0 : replicas.bias_share.back());
  }
  solution.cost.samples_per_replica =
      first_reading->n_samples(algorithm.samples_per_dimension.front());
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

}  // namespace reprise
