// Results made up for the tests of what is written and drawn.
#pragma once

#include "reprise/experiments/results/results.hpp"

namespace reprise::test {

/// A quantity with entries value + 0.1 t + 0.01 entry at time t.
inline Series some_series(const std::string& quantity, Eigen::Index rows, Eigen::Index cols,
                          Eigen::Index n_times, double value, double error) {
  Series series;
  series.quantity = quantity;
  series.rows = rows;
  series.cols = cols;
  const Eigen::Index entries = std::max<Eigen::Index>(rows, 1) * std::max<Eigen::Index>(cols, 1);
  series.value.resize(n_times, entries);
  for (Eigen::Index t = 0; t < n_times; ++t) {
    for (Eigen::Index e = 0; e < entries; ++e) {
      series.value(t, e) = value + 0.1 * static_cast<double>(t) + 0.01 * static_cast<double>(e);
    }
  }
  if (error > 0) series.standard_error = Eigen::MatrixXd::Constant(n_times, entries, error);
  return series;
}

/// M (2, 3), Q (2, 2), generalisation error and a training loss that is one step shorter.
inline CurveResult some_curve(const std::string& name, Role role, double error) {
  constexpr int n_times = 4;
  CurveResult curve{name, role, {}};
  for (int t = 0; t < n_times; ++t) {
    curve.solution.step.push_back(2 * t);
    curve.solution.time.push_back(2 * t);
  }
  curve.solution.method = role == Role::theory ? "dmft" : "simulation (exact)";
  curve.solution.series = {some_series("M", 2, 3, n_times, 1.0 / 3, error),
                           some_series("Q", 2, 2, n_times, 0.7, error),
                           some_series("generalisation_error", 0, 0, n_times, 0.2, error),
                           some_series("training_loss", 0, 0, n_times - 1, 1e-7, error)};
  curve.solution.cost = {.wall_time_s = 0.5, .replicas = 8, .samples_per_replica = 1024};
  return curve;
}

inline Results some_results() {
  Results results;
  results.title = "Made up";
  results.version = "0.0.0";
  results.resolved_experiment = "{}";
  results.curves = {some_curve("theory", Role::theory, 0.001),
                    some_curve("d = 9, n = 3", Role::simulation, 0.01)};
  results.comparisons = compare_pairs(results.curves);
  return results;
}

}  // namespace reprise::test
