#include "reprise/batch_reuse/record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace reprise {

namespace {

using Eigen::Index;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

// The entries of the quantities, matrices in row-major order, side by side.
Eigen::RowVectorXd row_of(const Overlaps& overlaps, const Eigen::VectorXd& second_layer,
                          double generalisation_error, double loss, double max_overlap) {
  const Index p = overlaps.M.rows();
  const Index k = overlaps.M.cols();
  const Index a = second_layer.size();
  Eigen::RowVectorXd row(p * k + p * p + a + 3);
  for (Index i = 0; i < p; ++i) {
    row.segment(i * k, k) = overlaps.M.row(i);
    row.segment(p * k + i * p, p) = overlaps.Q.row(i);
  }
  row.segment(p * k + p * p, a) = second_layer.transpose();
  row.tail(3) << generalisation_error, loss, max_overlap;
  return row;
}

}  // namespace

std::vector<Quantity> batch_quantities(const Problem& problem, const GradientDescent& algorithm) {
  const Index p = problem.n_neurons();
  std::vector<Quantity> quantities = {{"M", p, problem.n_directions()}, {"Q", p, p}};
  if (algorithm.trains_second_layer()) quantities.push_back({"a", p});
  for (const char* scalar : {"generalisation_error", "training_loss", "max_overlap"}) {
    quantities.push_back({scalar});
  }
  return quantities;
}

int log2_test_points(const GradientDescent& algorithm, std::int64_t dimension) {
  const double n = algorithm.samples_per_dimension.front() * static_cast<double>(dimension);
  const auto points = static_cast<std::uint64_t>(std::clamp(0.5 * n, 4096.0, 262144.0));
  return static_cast<int>(std::bit_width(points - 1));
}

std::unique_ptr<NormalSource> test_normals(const Problem& problem, std::uint64_t seed,
                                           std::uint64_t run, int log2_points) {
  return std::make_unique<ScrambledSobolNormals>(Stream(seed, Purpose::generalisation, run),
                                                 log2_points,
                                                 GeneralisationError::n_columns(problem));
}

Trajectory record(BatchRun& run, const Problem& problem, const GradientDescent& algorithm,
                  GeneralisationError& error, const std::function<void()>& on_step) {
  const int n_steps = algorithm.schedule.n_steps();
  Index n_entries = 0;
  for (const Quantity& quantity : batch_quantities(problem, algorithm)) {
    n_entries += quantity.n_entries();
  }
  Trajectory trajectory;
  trajectory.values.setConstant(n_steps + 1, n_entries, none);
  for (int t = 0; t <= n_steps; ++t) {
    const Overlaps overlaps = run.overlaps();
    const Eigen::VectorXd a = run.second_layer();
    if (!overlaps.M.allFinite() || !overlaps.Q.allFinite() || !a.allFinite()) {
      trajectory.detail = "the weights stopped being finite at step " + std::to_string(t);
      return trajectory;
    }
    const double test_error = error(overlaps, a);
    const std::optional<double> loss = t < n_steps ? run.step() : run.final_loss();
    if (!std::isfinite(test_error) || !std::isfinite(loss.value_or(0))) {
      trajectory.detail = "the loss stopped being finite at step " + std::to_string(t);
      return trajectory;
    }
    trajectory.values.row(t) =
        row_of(overlaps, algorithm.trains_second_layer() ? a : Eigen::VectorXd(), test_error,
               loss.value_or(none), max_overlap(overlaps, problem.target.gram));
    trajectory.n_times = t + 1;
    on_step();
  }
  return trajectory;
}

}  // namespace reprise
