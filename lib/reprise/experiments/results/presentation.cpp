#include "reprise/experiments/results/presentation.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/ensemble.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/results/tables.hpp"
#include "reprise/model/alignment.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// M v for each direction v, at each time.
MatrixXd projected(const MatrixXd& M, Index p, const MatrixXd& directions) {
  const Index k = directions.cols(), n = directions.rows();
  MatrixXd result(M.rows(), p * n);
  for (Index i = 0; i < p; ++i) {
    result.middleCols(i * n, n) = M.middleCols(i * k, k) * directions.transpose();
  }
  return result;
}

void add_projections(Solution& solution, const MatrixXd& directions) {
  const Series* M = solution.find("M");
  if (M == nullptr) return;
  const Index p = M->rows, first = solution.first_column("M"), n_entries = M->n_entries();
  Series series{.quantity = "projection", .rows = p, .cols = directions.rows()};
  series.value = projected(M->value, p, directions);
  std::vector<MatrixXd> replicas;
  for (MatrixXd& replica : solution.replicas) {
    replicas.push_back(projected(replica.middleCols(first, n_entries), p, directions));
    MatrixXd longer(replica.rows(), replica.cols() + replicas.back().cols());
    longer << replica, replicas.back();
    replica = std::move(longer);
  }
  if (!replicas.empty()) {
    series.standard_error = mean_and_error(replicas).error.topRows(series.n_times());
  }
  solution.series.push_back(std::move(series));
}

/// Between the values of order that it lies between.
double quantile(const std::vector<double>& sorted, double share) {
  const double at = std::clamp(share, 0.0, 1.0) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t next = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[next] - sorted[below]);
}

/// Of the replicas at each time; the error is half the distance of the quantiles that a share of
/// q (1 - q) / n, the variance of how many lie below, leads to.
Series statistic_of(const Solution& solution, const Series& series, Index first,
                    const Statistic& statistic) {
  Series result{.quantity = statistic_name(series.quantity, statistic),
                .rows = series.rows,
                .cols = series.cols,
                .value = MatrixXd(series.n_times(), series.n_entries()),
                .standard_error = MatrixXd(series.n_times(), series.n_entries())};
  std::vector<double> values(solution.replicas.size());
  const double q = statistic.quantile;
  const double spread = std::sqrt(q * (1 - q) / static_cast<double>(values.size()));
  for (Index t = 0; t < series.n_times(); ++t) {
    for (Index e = 0; e < series.n_entries(); ++e) {
      std::ranges::transform(solution.replicas, values.begin(),
                             [&](const MatrixXd& replica) { return replica(t, first + e); });
      std::ranges::sort(values);
      result.value(t, e) = quantile(values, q);
      result.standard_error(t, e) =
          0.5 * (quantile(values, q + spread) - quantile(values, q - spread));
    }
  }
  return result;
}

void add_statistics(Solution& solution, const std::vector<Statistic>& statistics) {
  if (solution.replicas.size() < 2) return;
  std::vector<Series> added;
  Index first = 0;
  for (const Series& series : solution.series) {
    for (const Statistic& statistic : statistics) {
      added.push_back(statistic_of(solution, series, first, statistic));
    }
    first += series.n_entries();
  }
  std::ranges::move(added, std::back_inserter(solution.series));
}

bool is_kept(const std::vector<std::string>& quantities, const Series& series) {
  const std::string quantity = series.quantity.substr(0, series.quantity.find(':'));
  return std::ranges::find(quantities, quantity) != quantities.end();
}

void keep_quantities(Solution& solution, const std::vector<std::string>& quantities) {
  std::vector<Index> columns;
  Index first = 0;
  for (const Series& series : solution.series) {
    if (is_statistic(series)) continue;
    for (Index e = 0; e < series.n_entries(); ++e) {
      if (is_kept(quantities, series)) columns.push_back(first + e);
    }
    first += series.n_entries();
  }
  for (MatrixXd& replica : solution.replicas) replica = MatrixXd(replica(Eigen::all, columns));
  std::erase_if(solution.series,
                [&](const Series& series) { return !is_kept(quantities, series); });
}

}  // namespace

std::string statistic_name(std::string_view quantity, const Statistic& statistic) {
  return std::string(quantity) + ":" + statistic.name;
}

void present(Solution& solution, const Experiment& experiment, const OutputChoice& choice) {
  if (choice.aligns) {
    const bool trains =
        row_of(experiment.algorithm).trains_second_layer(experiment.algorithm).value_or(false);
    align_neurons(solution, experiment.two_layer(), trains);
  }
  if (choice.directions.size() > 0) add_projections(solution, choice.directions);
  if (!choice.statistics.empty()) add_statistics(solution, choice.statistics);
  if (!choice.quantities.empty()) keep_quantities(solution, choice.quantities);
}

}  // namespace reprise
