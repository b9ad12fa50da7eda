#include "reprise/matrix_sensing/simulation.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/column_kernels.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/memory.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/random.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

template <>
const Schema& schema<SensingSimulation>() {
  using S = SensingSimulation;
  static const Schema result = describe<S>(
      {"simulation", "curve", "vectors in R^d, samples drawn, least squares solved"},
      {field(&S::dimension, dimension_facts(2, std::int64_t{1} << 40, "Of the inputs x and z")),
       field(&S::runs, runs_facts()), hidden(&S::seed), hidden(&S::threads), hidden(&S::progress)});
  return result;
}

namespace {

double samples(const ProxLinear& algorithm, std::int64_t dimension) {
  return std::round(algorithm.samples_per_dimension * static_cast<double>(dimension));
}

// A run; mu* and nu* are the first axis, mu and nu start in the plane of the first two.
class SensingRun {
 public:
  SensingRun(const MatrixSensing& problem, const ProxLinear& algorithm,
             const SensingSimulation& options, std::uint64_t run)
      : noise_(std::sqrt(problem.noise_variance)),
        penalty_(algorithm.penalty),
        d_(static_cast<Index>(options.dimension)),
        m_(static_cast<Index>(samples(algorithm, options.dimension))),
        stream_(options.seed, Purpose::dense_samples, run),
        normals_(padded(static_cast<std::size_t>(2 * d_) + 1)),
        x_(d_, m_),
        z_(d_, m_),
        labels_(m_),
        parameters_(VectorXd::Zero(2 * d_)) {
    const SensingState start = start_of(problem);
    for (const Index i : {0, 1}) {
      const auto at = static_cast<std::size_t>(i);
      const double norm = start.norm[at], overlap = start.overlap[at];
      parameters_[i * d_] = overlap;
      parameters_[i * d_ + 1] = std::sqrt(std::max((norm - overlap) * (norm + overlap), 0.0));
    }
  }

  SensingState state() const {
    return {.overlap = {parameters_[0], parameters_[d_]},
            .norm = {parameters_.head(d_).norm(), parameters_.tail(d_).norm()}};
  }

  /// False where the least squares were not solved.
  bool step() {
    draw();
    c_.noalias() = x_.transpose() * parameters_.head(d_);
    b_.noalias() = z_.transpose() * parameters_.tail(d_);
    return descend(labels_ - b_.cwiseProduct(c_));
  }

 private:
  void draw() {
    for (Index mu = 0; mu < m_; ++mu) {
      fill_normals(stream_, n_drawn_++, 0, normals_.size(), normals_.data());
      x_.col(mu) = Eigen::Map<const VectorXd>(normals_.data(), d_);
      z_.col(mu) = Eigen::Map<const VectorXd>(normals_.data() + d_, d_);
      labels_[mu] = x_(0, mu) * z_(0, mu) + noise_ * normals_.data()[2 * d_];
    }
  }

  // out (m) = b <x, .> + c <z, .> of a direction (2d), and its transpose.
  void apply(const VectorXd& direction, VectorXd& out) const {
    out.noalias() = x_.transpose() * direction.head(d_);
    out = out.cwiseProduct(b_) + c_.cwiseProduct(z_.transpose() * direction.tail(d_));
  }
  void apply_transposed(const VectorXd& values, VectorXd& out) const {
    out.head(d_).noalias() = x_ * b_.cwiseProduct(values);
    out.tail(d_).noalias() = z_ * c_.cwiseProduct(values);
  }

  // Conjugate gradients for least squares with a ridge (CGLS): the parameters move by the
  // minimiser.
  bool descend(VectorXd rest) {
    const double ridge = penalty_ * static_cast<double>(m_);
    VectorXd change = VectorXd::Zero(2 * d_), gradient(2 * d_), image(m_);
    apply_transposed(rest, gradient);
    VectorXd direction = gradient;
    double size = gradient.squaredNorm();
    const double enough = 1e-24 * size;
    for (Index i = 0; size > enough; ++i) {
      if (!std::isfinite(size) || i > 20 * (2 * d_ + 10)) return false;
      apply(direction, image);
      const double length = size / (image.squaredNorm() + ridge * direction.squaredNorm());
      change += length * direction;
      rest -= length * image;
      apply_transposed(rest, gradient);
      gradient -= ridge * change;
      const double next = gradient.squaredNorm();
      direction = gradient + next / size * direction;
      size = next;
    }
    parameters_ += change;
    return parameters_.allFinite();
  }

  double noise_, penalty_;
  Index d_, m_;
  Stream stream_;
  std::uint64_t n_drawn_ = 0;
  AlignedArray normals_;
  MatrixXd x_, z_;  // samples by columns, (d, m)
  VectorXd labels_, b_, c_;
  VectorXd parameters_;  // mu, nu
};

Trajectory trajectory_of(SensingRun& run, int steps, const std::function<void()>& on_step) {
  Trajectory result{.values = MatrixXd::Zero(steps + 1, 6), .detail = ""};
  for (int t = 0;; ++t) {
    result.values.row(t) = sensing_row(run.state());
    result.n_times = t + 1;
    on_step();
    if (t == steps) return result;
    if (run.step()) continue;
    result.detail = "least squares without a solution at step " + std::to_string(t + 1);
    return result;
  }
}

}  // namespace

void check(const MatrixSensing& problem, const ProxLinear& algorithm,
           const SensingSimulation& options) {
  check(problem, algorithm);
  check_fields(options);
  const double m = samples(algorithm, options.dimension);
  if (m < 1) {
    reject("training", "samples_per_dimension", "one sample a step at least",
           algorithm.samples_per_dimension);
  }
  check_memory("simulation", 16 * m * static_cast<double>(options.dimension) *
                                 std::min(resolve_threads(options.threads), options.runs));
}

Solution solve(const MatrixSensing& problem, const ProxLinear& algorithm,
               const SensingSimulation& options) {
  const auto begin = std::chrono::steady_clock::now();
  check(problem, algorithm, options);
  std::vector<Trajectory> trajectories(static_cast<std::size_t>(options.runs));
  const auto on_step = step_counter(options.progress, double(options.runs) * (algorithm.steps + 1));
  parallel_for(trajectories.size(), resolve_threads(options.threads),
               [&](std::size_t, std::size_t index) {
                 SensingRun run(problem, algorithm, options, index);
                 trajectories[index] = trajectory_of(run, algorithm.steps, on_step);
               });
  Solution solution = average(sensing_quantities(), trajectories);
  solution.method = "simulation";
  solution.cost.samples_per_replica =
      std::llround(samples(algorithm, options.dimension)) * algorithm.steps;
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return solution;
}

}  // namespace reprise
