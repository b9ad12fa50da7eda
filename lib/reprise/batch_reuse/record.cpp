#include "reprise/batch_reuse/record.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "reprise/model/cosines.hpp"

namespace reprise {

namespace {

constexpr double none = std::numeric_limits<double>::quiet_NaN();

}  // namespace

std::vector<Quantity> batch_quantities(const Problem& problem, const GradientDescent& algorithm) {
  std::vector<std::string_view> names = {"M", "Q"};
  if (algorithm.trains_second_layer()) names.push_back("a");
  names.insert(names.end(), {"generalisation_error", "training_loss"});
  for (const std::string_view name : cosine_names(problem)) names.push_back(name);
  return quantities_of(names, {{"p", problem.n_neurons()}, {"k", problem.n_directions()}});
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
  const std::vector<Quantity> quantities = batch_quantities(problem, algorithm);
  Trajectory trajectory;
  trajectory.values.setConstant(n_steps + 1, n_entries(quantities), none);
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
    Record row(quantities);
    row.put("M", overlaps.M)
        .put("Q", overlaps.Q)
        .put("a", a)
        .put("generalisation_error", test_error)
        .put("training_loss", loss.value_or(none));
    trajectory.values.row(t) = put_cosines(row, problem, overlaps).entries();
    trajectory.n_times = t + 1;
    on_step();
  }
  return trajectory;
}

}  // namespace reprise
