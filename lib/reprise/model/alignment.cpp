#include "reprise/model/alignment.hpp"

#include <algorithm>
#include <limits>

#include "reprise/core/assignment.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/model/symmetry.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

/// New neuron i is old neuron from[i], times sign[i].
struct Move {
  std::vector<Index> from;
  Eigen::VectorXd sign;
};

/// What becomes of the output where a neuron is turned round.
enum class Turning { none, even, odd };

Turning turning_of(const Activation& activation) {
  if (has_parity(activation, 1)) return Turning::even;
  return has_parity(activation, -1) ? Turning::odd : Turning::none;
}

/// The moves that a network allows, and the best of them.
class Matcher {
 public:
  Matcher(const Problem& problem, bool trains_second_layer)
      : weights_(problem.student.second_layer),
        are_weights_free_(trains_second_layer),
        turning_(turning_of(problem.student.activation)) {}

  Turning turning() const { return turning_; }

  Move best(const MatrixXd& M, const MatrixXd& reference) const {
    const Index p = M.rows();
    const double forbidden =
        1e3 * static_cast<double>(p) * (1 + M.squaredNorm() + reference.squaredNorm());
    MatrixXd cost = MatrixXd::Constant(p, p, forbidden), sign = MatrixXd::Ones(p, p);
    for (Index i = 0; i < p; ++i) {
      for (Index j = 0; j < p; ++j) {
        for (const double s : {1.0, -1.0}) {
          if (!is_allowed(i, j, s)) continue;
          const double distance = (s * M.row(j) - reference.row(i)).squaredNorm();
          if (!(distance < cost(i, j))) continue;
          cost(i, j) = distance;
          sign(i, j) = s;
        }
      }
    }
    Move move{cheapest_assignment(cost), Eigen::VectorXd::Ones(p)};
    for (Index i = 0; i < p; ++i) move.sign[i] = sign(i, move.from[static_cast<std::size_t>(i)]);
    return move;
  }

 private:
  bool is_allowed(Index i, Index j, double s) const {
    if (s < 0 && turning_ == Turning::none) return false;
    if (are_weights_free_) return true;
    return weights_[i] == (turning_ == Turning::odd ? s : 1.0) * weights_[j];
  }

  const Eigen::VectorXd& weights_;
  bool are_weights_free_;
  Turning turning_;
};

/// Moves the neurons of one series; `values` has its entries at each time.
MatrixXd moved(const Series& series, const MatrixXd& values, const Move& move, Turning turning,
               bool is_signed) {
  const QuantityRow* row = find_quantity(series.quantity);
  if (row == nullptr || row->rows != "p") return values;
  const bool has_neuron_columns = row->cols == "p";
  const bool turns = is_signed && (row->is_overlap || row->name == "Q" ||
                                   (row->name == "a" && turning == Turning::odd));
  const Index cols = std::max<Index>(series.cols, 1);
  const auto from = [&](Index i) { return move.from[static_cast<std::size_t>(i)]; };
  MatrixXd result(values.rows(), values.cols());
  for (Index i = 0; i < series.rows; ++i) {
    for (Index j = 0; j < cols; ++j) {
      const double sign = turns ? move.sign[i] * (has_neuron_columns ? move.sign[j] : 1.0) : 1.0;
      const Index old = from(i) * cols + (has_neuron_columns ? from(j) : j);
      result.col(i * cols + j) = sign * values.col(old);
    }
  }
  return result;
}

void apply(const Move& move, Turning turning, const std::vector<Series>& series,
           MatrixXd& replica) {
  Index first = 0;
  for (const Series& one : series) {
    const MatrixXd values = replica.middleCols(first, one.n_entries());
    replica.middleCols(first, one.n_entries()) = moved(one, values, move, turning, true);
    first += one.n_entries();
  }
}

MatrixXd last_M(const Series& M, const MatrixXd& table, Index first) {
  MatrixXd result(M.rows, M.cols);
  for (Index i = 0; i < M.rows; ++i) {
    result.row(i) = table.row(M.n_times() - 1).segment(first + i * M.cols, M.cols);
  }
  return result;
}

/// Whether means and errors are those of the replicas.
bool is_plain_average(const Solution& solution, const Series& M, Index first) {
  if (solution.replicas.size() < 2 || !M.has_standard_error()) return false;
  const MatrixXd error =
      mean_and_error(solution.replicas).error.block(0, first, M.n_times(), M.n_entries());
  return (error - M.standard_error).cwiseAbs().maxCoeff() <=
         1e-9 * M.standard_error.cwiseAbs().maxCoeff();
}

void match_replicas(Solution& solution, const Matcher& matcher, const Series& M, Index first) {
  MatrixXd reference = last_M(M, solution.replicas.front(), first);
  for (int round = 0; round < 2; ++round) {
    MatrixXd mean = MatrixXd::Zero(M.rows, M.cols);
    for (MatrixXd& replica : solution.replicas) {
      const Move move = matcher.best(last_M(M, replica, first), reference);
      apply(move, matcher.turning(), solution.series, replica);
      mean += last_M(M, replica, first);
    }
    reference = mean / static_cast<double>(solution.replicas.size());
  }
  const auto [mean, error] = mean_and_error(solution.replicas);
  Index at = 0;
  for (Series& series : solution.series) {
    const Index n_times = series.n_times(), n_entries = series.n_entries();
    const QuantityRow* row = find_quantity(series.quantity);
    if (row != nullptr && row->rows == "p") {
      series.value = mean.block(0, at, n_times, n_entries);
      series.standard_error = error.block(0, at, n_times, n_entries);
    }
    at += n_entries;
  }
}

/// Neuron i along direction i mod k, as large as the largest overlap.
MatrixXd in_order(const MatrixXd& M) {
  MatrixXd reference = MatrixXd::Zero(M.rows(), M.cols());
  const double largest = M.cwiseAbs().maxCoeff();
  for (Index i = 0; i < M.rows(); ++i) reference(i, i % M.cols()) = largest;
  return reference;
}

}  // namespace

void align_neurons(Solution& solution, const Problem& problem, bool trains_second_layer) {
  const Series* M = solution.find("M");
  if (M == nullptr || M->n_times() == 0) return;
  const Matcher matcher(problem, trains_second_layer);
  const Index first = solution.first_column("M");
  if (is_plain_average(solution, *M, first)) match_replicas(solution, matcher, *M, first);
  const MatrixXd last = last_M(*M, M->value, 0);
  const Move move = matcher.best(last, in_order(last));
  for (MatrixXd& replica : solution.replicas) {
    apply(move, matcher.turning(), solution.series, replica);
  }
  for (Series& series : solution.series) {
    series.value = moved(series, series.value, move, matcher.turning(), true);
    if (!series.has_standard_error()) continue;
    series.standard_error = moved(series, series.standard_error, move, matcher.turning(), false);
  }
}

}  // namespace reprise
