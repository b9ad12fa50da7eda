#include "reprise/dense/dense_sgd.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/column_kernels.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/simulation.hpp"
#include "reprise/one_pass/start.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::RowVectorXd;

}  // namespace

template <>
const Schema& schema<DenseSgdSimulation>() {
  using S = DenseSgdSimulation;
  static const Schema result = describe<S>(
      {"simulation (dense)", "curve", "weights in R^d, samples drawn and multiplied"},
      {field(&S::dimension, dimension_facts(1, std::int64_t{1} << 40)), hidden(&S::times),
       field(&S::runs, runs_facts()), hidden(&S::seed), hidden(&S::start_seed), hidden(&S::threads),
       hidden(&S::test_points), hidden(&S::progress)});
  return result;
}

void check(const Problem& problem, const OnePassSgd& algorithm, const DenseSgdSimulation& options) {
  check_simulation(problem, algorithm, options.times, options.runs, options.test_points);
  check_at_least("simulation", "dimension", options.dimension, least_dimension(problem));
  check_last_step(options.times, algorithm, static_cast<double>(options.dimension));
  check_memory("dense simulation", 8.0 * static_cast<double>(options.dimension) *
                                       static_cast<double>(algorithm.batch_size));
}

DenseSgd::DenseSgd(const Problem& problem, const OnePassSgd& algorithm, std::int64_t dimension,
                   const Overlaps& start, std::uint64_t seed, std::uint64_t run)
    : problem_(problem),
      algorithm_(algorithm),
      d_(dimension),
      samples_(seed, Purpose::dense_samples, run),
      targets_(MatrixXd::Zero(d_, problem.n_directions())),
      w_(MatrixXd::Zero(d_, problem.n_neurons())),
      output_weights_(problem.student.output_weights()),
      x_(d_, static_cast<Index>(algorithm.batch_size)),
      labels_(static_cast<Index>(algorithm.batch_size)) {
  const Index p = problem.n_neurons(), k = problem.n_directions();
  const double length = std::sqrt(static_cast<double>(dimension));
  const MatrixXd gram_factor = cholesky(problem.target.gram);
  const MatrixXd coefficients = matrix_product(start.M, inverse(problem.target.gram));
  targets_.topRows(k) = length * gram_factor.transpose();
  w_.topRows(k) = matrix_product(targets_.topRows(k), coefficients.transpose());
  MatrixXd rest = start.Q - matrix_product(coefficients, start.M.transpose());
  const Index room = std::min(p, d_ - k);
  MatrixXd rest_factor;
  if (room == p) {
    semidefinite_cholesky(rest, rest_factor);
  } else {
    low_rank_cholesky(rest, start.Q.diagonal().maxCoeff(), room, rest_factor);
  }
  w_.middleRows(k, room) = length * rest_factor.transpose();
  input_factor_ = solve_lower(gram_factor, semidefinite_cholesky(problem.input_covariance));
}

Overlaps DenseSgd::overlaps() const {
  const auto d = static_cast<double>(d_);
  return {inner_products(w_, targets_) / d, inner_products(w_, w_) / d};
}

void DenseSgd::draw() {
  const std::size_t length = padded(static_cast<std::size_t>(d_) + 1);
  AlignedArray normals(length);
  const Index k = problem_.n_directions();
  for (Index mu = 0; mu < x_.cols(); ++mu) {
    const auto sample =
        step_ * static_cast<std::uint64_t>(x_.cols()) + static_cast<std::uint64_t>(mu);
    fill_normals(samples_, sample, 0, length, normals.data());
    x_.col(mu) = Eigen::Map<const Eigen::VectorXd>(normals.data(), d_);
    const Eigen::VectorXd along = input_factor_ * x_.col(mu).head(k);
    x_.col(mu).head(k) = along;
    const Eigen::VectorXd h_star =
        targets_.transpose() * x_.col(mu) / std::sqrt(static_cast<double>(d_));
    labels_[mu] =
        problem_.target.g(std::span<const double>(h_star.data(), static_cast<std::size_t>(k))) +
        std::sqrt(problem_.target.noise_variance) * normals.data()[d_];
  }
}

// G at these fields of a sample, and what it adds to dl/da.
RowVectorXd DenseSgd::gradient(Index sample, const RowVectorXd& fields) {
  const Index p = problem_.n_neurons();
  RowVectorXd value(p), result(p);
  for (Index j = 0; j < p; ++j) value[j] = problem_.student.activation.value(fields[j]);
  const double f = value.dot(output_weights_.transpose());
  double loss = 0, slope = 0;
  problem_.loss.evaluate(&f, &labels_[sample], 1, &loss, &slope);
  for (Index j = 0; j < p; ++j) {
    result[j] = slope * output_weights_[j] * problem_.student.activation.derivative(fields[j]);
  }
  output_gradient_ = slope * value.transpose();
  return result;
}

void DenseSgd::step() {
  check_stop();
  const Index p = problem_.n_neurons(), n = x_.cols();
  const double length = std::sqrt(static_cast<double>(d_));
  const double gamma = algorithm_.learning_rate;
  draw();
  const MatrixXd before = w_;
  Eigen::VectorXd second_layer = Eigen::VectorXd::Zero(p);
  for (int use = 0; use < algorithm_.repeats; ++use) {
    MatrixXd gradients(n, p);
    for (Index mu = 0; mu < n; ++mu) {
      const RowVectorXd fields = x_.col(mu).transpose() * w_ / length;
      gradients.row(mu) = gradient(mu, fields);
      if (algorithm_.displacement != 0) {
        const double norm = x_.col(mu).squaredNorm() / static_cast<double>(d_);
        gradients.row(mu) =
            gradient(mu, fields - algorithm_.displacement * norm * gradients.row(mu)).eval();
      }
      second_layer += output_gradient_;
    }
    w_.noalias() -= gamma / length * x_ * gradients;
  }
  if (algorithm_.normalise == Normalise::spherical) {
    for (Index j = 0; j < p; ++j) {
      const auto change = w_.col(j) - before.col(j);
      const double along = change.dot(before.col(j)) / before.col(j).squaredNorm();
      w_.col(j) -= along * before.col(j);
    }
  }
  if (algorithm_.normalise != Normalise::none) {
    for (Index j = 0; j < p; ++j) w_.col(j) *= length / w_.col(j).norm();
  }
  if (algorithm_.trains_second_layer()) {
    const double scale = factor(problem_.student.output_scale, p);
    output_weights_ -= algorithm_.second_layer_learning_rate / static_cast<double>(d_) * scale *
                       scale * second_layer;
  }
  ++step_;
}

std::vector<Trajectory> trajectories(const Problem& problem, const OnePassSgd& algorithm,
                                     const DenseSgdSimulation& options) {
  check(problem, algorithm, options);
  const double d = static_cast<double>(options.dimension);
  const auto steps = steps_at(options.times, algorithm, d);
  const std::vector<Quantity> quantities =
      one_pass_quantities(problem, algorithm.trains_second_layer());
  std::vector<Trajectory> result =
      empty_trajectories(quantities, static_cast<std::size_t>(options.runs), steps.size());
  const auto on_run = step_counter(options.progress, static_cast<double>(result.size()));
  parallel_for(result.size(), resolve_threads(options.threads), [&](std::size_t, std::size_t run) {
    const Problem own = problem_of_run(problem, options.start_seed, run);
    DenseSgd sgd(own, algorithm, options.dimension,
                 start_of_run(problem, algorithm.normalise, d, options.start_seed, run),
                 options.seed, run);
    std::int64_t step = 0;
    for (const std::int64_t until : steps) {
      for (; step < until; ++step) sgd.step();
      if (!record(result[run], problem, quantities, sgd.overlaps(), sgd.weights(), step)) break;
    }
    fill_errors(result[run], own, quantities, steps, options.test_points, options.seed, run);
    on_run();
  });
  return result;
}

Solution solve(const Problem& problem, const OnePassSgd& algorithm,
               const DenseSgdSimulation& options) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Trajectory> runs = trajectories(problem, algorithm, options);
  const double d = static_cast<double>(options.dimension);
  Solution solution =
      average_of_runs(problem, algorithm, d, steps_at(options.times, algorithm, d), runs);
  solution.method = "simulation (dense)";
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return solution;
}

}  // namespace reprise
