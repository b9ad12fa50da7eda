#include "reprise/core/ensemble.hpp"

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>
#include <utility>

#include "reprise/core/check.hpp"
#include "reprise/core/stop.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

Ending ending_of(const std::vector<Trajectory>& replicas, Index n_times) {
  Ending ending{.termination = Termination::completed, .step = n_times - 1, .detail = ""};
  if (n_times < replicas.front().values.rows()) {
    ending.termination = Termination::diverged;
    ending.detail = "the averages overflow at step " + std::to_string(n_times);
  }
  for (std::size_t r = 0; r < replicas.size(); ++r) {
    if (replicas[r].n_times == n_times && n_times < replicas[r].values.rows()) {
      ending.detail = replicas[r].detail + " (replica " + std::to_string(r + 1) + " of " +
                      std::to_string(replicas.size()) + ")";
      break;
    }
  }
  return ending;
}

}  // namespace

Solution average(const std::vector<Quantity>& quantities, const std::vector<Trajectory>& replicas) {
  check_at_least("ensemble", "replicas", static_cast<std::int64_t>(replicas.size()), 1);
  Index n_times = replicas.front().n_times;
  for (const Trajectory& replica : replicas) n_times = std::min(n_times, replica.n_times);
  std::vector<MatrixXd> tables;
  for (const Trajectory& replica : replicas) tables.push_back(replica.values.topRows(n_times));
  const auto [mean, error] = mean_and_error(tables);
  // Values on their way to infinity overflow in their average, or in its error, first.
  for (Index t = n_times - 1; t >= 0; --t) {
    if (mean.row(t).array().isInf().any() || error.row(t).array().isInf().any()) n_times = t;
  }

  Solution solution;
  for (Index t = 0; t < n_times; ++t) {
    solution.step.push_back(t);
    solution.time.push_back(static_cast<double>(t));
  }
  Index first = 0;
  for (const Quantity& quantity : quantities) {
    const Index entries = quantity.n_entries();
    const Index times = n_times > 0 && std::isnan(mean(n_times - 1, first)) ? n_times - 1 : n_times;
    Series series{.quantity = quantity.name, .rows = quantity.rows, .cols = quantity.cols};
    series.value = mean.block(0, first, times, entries);
    if (replicas.size() > 1) series.standard_error = error.block(0, first, times, entries);
    solution.series.push_back(std::move(series));
    first += entries;
  }
  if (replicas.size() > 1) {
    for (MatrixXd& table : tables) table.conservativeResize(n_times, Eigen::NoChange);
    solution.replicas = std::move(tables);
  }
  solution.ending = ending_of(replicas, n_times);
  solution.cost.replicas = static_cast<std::int64_t>(replicas.size());
  return solution;
}

MeanAndError mean_and_error(const std::vector<MatrixXd>& replicas) {
  const auto count = static_cast<double>(replicas.size());
  MatrixXd mean = MatrixXd::Zero(replicas.front().rows(), replicas.front().cols());
  for (const MatrixXd& replica : replicas) mean += replica;
  mean /= count;
  MatrixXd squares = MatrixXd::Zero(mean.rows(), mean.cols());
  for (const MatrixXd& replica : replicas) squares += (replica - mean).cwiseAbs2();
  return {std::move(mean), (squares / (count * (count - 1))).cwiseSqrt()};
}

std::function<void()> step_counter(const Progress& progress, double n_steps) {
  if (!progress) return check_stop;
  struct State {
    std::mutex mutex;
    double done = 0;
  };
  return [progress, n_steps, state = std::make_shared<State>()] {
    check_stop();
    const std::lock_guard lock(state->mutex);
    progress(std::min(1.0, ++state->done / n_steps));
  };
}

}  // namespace reprise
