#include "reprise/batch_reuse/record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace reprise {

namespace {

using Eigen::Index;

constexpr double none = std::numeric_limits<double>::quiet_NaN();

Eigen::RowVectorXd row_of(const Overlaps& overlaps, double generalisation_error, double loss,
                          const Eigen::MatrixXd& gram) {
  const Index p = overlaps.M.rows();
  const Index k = overlaps.M.cols();
  Eigen::RowVectorXd row(p * k + p * p + 3);
  for (Index i = 0; i < p; ++i) {
    row.segment(i * k, k) = overlaps.M.row(i);
    row.segment(p * k + i * p, p) = overlaps.Q.row(i);
  }
  row.tail(3) << generalisation_error, loss, max_overlap(overlaps, gram);
  return row;
}

}  // namespace

std::vector<Quantity> batch_quantities(const Problem& problem) {
  const Index p = problem.n_neurons();
  return {{"M", p, problem.n_directions()},
          {"Q", p, p},
          {"generalisation_error"},
          {"training_loss"},
          {"max_overlap"}};
}

int log2_test_points(const GradientDescent& algorithm, std::int64_t dimension) {
  const double n = algorithm.samples_per_dimension.front() * static_cast<double>(dimension);
  const auto points = static_cast<std::uint64_t>(std::clamp(n, 4096.0, 262144.0));
  return std::bit_width(points - 1);
}

std::unique_ptr<NormalSource> test_normals(const Problem& problem, std::uint64_t seed,
                                           std::uint64_t run, int log2_points) {
  return std::make_unique<ScrambledSobolNormals>(Stream(seed, Purpose::generalisation, run),
                                                 log2_points,
                                                 GeneralisationError::n_columns(problem));
}

Trajectory record(BatchRun& run, int n_steps, const Problem& problem, GeneralisationError& error,
                  const std::function<void()>& on_step) {
  Trajectory trajectory;
  const Index p = problem.n_neurons();
  trajectory.values.setConstant(n_steps + 1, p * problem.n_directions() + p * p + 3, none);
  for (int t = 0; t <= n_steps; ++t) {
    const Overlaps overlaps = run.overlaps();
    if (!overlaps.M.allFinite() || !overlaps.Q.allFinite()) {
      trajectory.detail = "overlaps stopped being finite at step " + std::to_string(t);
      return trajectory;
    }
    const double test_error = error(overlaps);
    const std::optional<double> loss = t < n_steps ? run.step() : run.final_loss();
    if (!std::isfinite(test_error) || !std::isfinite(loss.value_or(0))) {
      trajectory.detail = "the loss stopped being finite at step " + std::to_string(t);
      return trajectory;
    }
    trajectory.values.row(t) =
        row_of(overlaps, test_error, loss.value_or(none), problem.target.gram);
    trajectory.n_times = t + 1;
    on_step();
  }
  return trajectory;
}

}  // namespace reprise
