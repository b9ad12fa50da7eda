#include "reprise/matrix_sensing/recursion.hpp"

#include <Eigen/Core>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <numbers>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

template <>
const Schema& schema<SensingRecursionOptions>() {
  using S = SensingRecursionOptions;
  static const Schema result = describe<S>(
      {"recursion", "curve", "overlaps and norms step by step as d goes to infinity"},
      {field(&S::spacing, {.key = "spacing",
                           .symbol = "h",
                           .range = {.low = 0, .high = 1, .is_low_allowed = false},
                           .meaning = "Of the quadrature; half of it squares the error"}),
       field(&S::max_rounds, {.key = "max_rounds",
                              .range = integers_from(1, 1'000'000'000),
                              .meaning = "Iterations of the fixed point of one step"}),
       hidden(&S::progress)});
  return result;
}

void check(const MatrixSensing& problem, const ProxLinear& algorithm,
           const SensingRecursionOptions& options) {
  check(problem, algorithm);
  check_fields(options);
}

namespace {

using Eigen::ArrayXd;
using Eigen::Index;

// E f(B), f even and B a standard normal: squares of nodes and their weights. f may have poles at
// B = i r, r >= width, however small that is: with B = width sinh u they are a distance pi/2 from
// the axis of u, the Gaussian decays up to pi/4, and the trapezoidal rule converges like
// exp(-pi^2 / (2 spacing)).
struct HalfLine {
  ArrayXd square, weight;

  HalfLine(double width, double spacing) {
    constexpr double reach = 9;
    const auto n = static_cast<Index>(std::ceil(std::asinh(reach / width) / spacing)) + 1;
    const ArrayXd u = spacing * ArrayXd::LinSpaced(n, 0, static_cast<double>(n - 1));
    const ArrayXd node = width * u.sinh();
    square = node.square();
    weight = std::numbers::sqrt2 * std::numbers::inv_sqrtpi * spacing * width * u.cosh() *
             (-0.5 * square).exp();
    weight[0] *= 0.5;
  }
};

// E D B^i C^j, E D^2 B^i C^j for the D of one step. B = b / |nu|, C = c / |mu|.
class StepAverages {
 public:
  StepAverages(const SensingState& at, double penalty, double kappa, double spacing)
      : b2_(at.norm[1] * at.norm[1]),
        c2_(at.norm[0] * at.norm[0]),
        penalty_(penalty),
        kappa_(kappa),
        // t <= kappa / penalty bounds where D has its poles.
        b_(std::min(1.0, std::sqrt(penalty / (kappa * b2_))), spacing),
        c_(std::min(1.0, std::sqrt(penalty / (kappa * c2_))), spacing),
        d_(b_.square.size(), c_.square.size()) {}

  /// The fixed point t1 = kappa / (penalty + E b^2 D), t2 = kappa / (penalty + E c^2 D) of
  /// D = 1 / (1 + b^2 t1 + c^2 t2). False if max_rounds did not reach it.
  bool iterate(int max_rounds) {
    double t1 = kappa_ / (penalty_ + b2_), t2 = kappa_ / (penalty_ + c2_);
    for (int round = 0; round < max_rounds; ++round) {
      for (Index j = 0; j < d_.cols(); ++j) {
        d_.col(j) = (1 + t1 * b2_ * b_.square + t2 * c2_ * c_.square[j]).inverse();
      }
      const double new_t1 = kappa_ / (penalty_ + b2_ * of_d(1, 0));
      const double new_t2 = kappa_ / (penalty_ + c2_ * of_d(0, 1));
      const bool is_reached =
          std::abs(new_t1 - t1) <= 1e-14 * t1 && std::abs(new_t2 - t2) <= 1e-14 * t2;
      t1 = new_t1;
      t2 = new_t2;
      if (is_reached) return true;
    }
    return false;
  }
  /// E D B^(2i) C^(2j), i, j <= 1.
  double of_d(int i, int j) const { return average(d_, i, j); }
  /// E D^2 B^(2i) C^(2j), i, j <= 2.
  double of_d2(int i, int j) const { return average(d_.square(), i, j); }

 private:
  template <class Array>
  double average(const Array& f, int i, int j) const {
    const ArrayXd of_b = b_.weight * b_.square.pow(i), of_c = c_.weight * c_.square.pow(j);
    return of_b.matrix().dot(f.matrix() * of_c.matrix());
  }

  double b2_, c2_, penalty_, kappa_;
  HalfLine b_, c_;
  Eigen::ArrayXXd d_;
};

struct StepOutcome {
  SensingState state;
  Termination termination = Termination::completed;
};

// One step (Lou2024). a = <mu, mu*> / |mu| and b = <nu, nu*> / |nu| are cosines, a_ and b_ sines; u
// and w are the steps of mu and nu along their own direction (1) and along what the target has
// outside of it (2); V is the variance of the rest.
StepOutcome step(const SensingState& at, double noise, double penalty, double kappa,
                 const SensingRecursionOptions& options) {
  const double mu = at.norm[0], nu = at.norm[1];
  const double a = at.overlap[0] / mu, b = at.overlap[1] / nu;
  const double a_ = std::sqrt(std::max(1 - a * a, 0.0)), b_ = std::sqrt(std::max(1 - b * b, 0.0));
  StepAverages of(at, penalty, kappa, options.spacing);
  if (!of.iterate(options.max_rounds)) return {at, Termination::not_converged};

  // The part of the step in the plane of estimate and target: ridge regression weighted by D.
  const double DB = of.of_d(1, 0), DC = of.of_d(0, 1), DBC = of.of_d(1, 1);
  const double x = (a * b - mu * nu) * DBC / ((mu * mu + nu * nu) * DBC + penalty);
  const double u1 = nu * x, w1 = mu * x;
  const double u2 = nu * a_ * b * DB / (nu * nu * DB + penalty);
  const double w2 = mu * a * b_ * DC / (mu * mu * DC + penalty);

  // What it leaves of the labels, E[e^2 | B, C] = p^2 B^2 C^2 + q^2 B^2 + r^2 C^2 + rest.
  const double p = a * b - mu * nu - nu * u1 - mu * w1;
  const double q = a_ * b - nu * u2, r = a * b_ - mu * w2;
  const double rest = a_ * a_ * b_ * b_ + noise;
  const auto of_e2 = [&](int i, int j) {  // E e^2 D^2 B^(2i) C^(2j)
    return p * p * of.of_d2(i + 1, j + 1) + q * q * of.of_d2(i + 1, j) +
           r * r * of.of_d2(i, j + 1) + rest * of.of_d2(i, j);
  };

  // (1 - A) V = kappa (g1^2 E b^2 e^2 D^2, g2^2 E c^2 e^2 D^2).
  const double b2 = nu * nu, c2 = mu * mu;
  const double g1 = 1 / (penalty + b2 * DB), g2 = 1 / (penalty + c2 * DC);
  const double k1 = kappa * g1 * g1, k2 = kappa * g2 * g2;
  const double crossed = b2 * c2 * of.of_d2(1, 1);
  const double m11 = 1 - k1 * b2 * b2 * of.of_d2(2, 0), m12 = -k1 * crossed;
  const double m21 = -k2 * crossed, m22 = 1 - k2 * c2 * c2 * of.of_d2(0, 2);
  const double f1 = k1 * b2 * of_e2(1, 0), f2 = k2 * c2 * of_e2(0, 1);
  const double determinant = m11 * m22 - m12 * m21;
  const double V1 = (m22 * f1 - m12 * f2) / determinant;
  const double V2 = (m11 * f2 - m21 * f1) / determinant;

  const SensingState next{
      .overlap = {a * (mu + u1) + a_ * u2, b * (nu + w1) + b_ * w2},
      .norm = {std::hypot(mu + u1, u2, std::sqrt(V1)), std::hypot(nu + w1, w2, std::sqrt(V2))}};
  const bool is_valid = determinant > 0 && V1 >= 0 && V2 >= 0 && next.norm[0] > 0 &&
                        next.norm[1] > 0 && std::isfinite(next.error());
  return {next, is_valid ? Termination::completed : Termination::diverged};
}

}  // namespace

Solution solve(const MatrixSensing& problem, const ProxLinear& algorithm,
               const SensingRecursionOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  check(problem, algorithm, options);
  Trajectory trajectory{.values = Eigen::MatrixXd::Zero(algorithm.steps + 1, 6), .detail = ""};
  StepOutcome outcome{start_of(problem)};
  for (int t = 0;; ++t) {
    trajectory.values.row(t) = sensing_row(outcome.state);
    trajectory.n_times = t + 1;
    if (options.progress) options.progress((t + 1.0) / (algorithm.steps + 1.0));
    if (t == algorithm.steps) break;
    outcome = step(outcome.state, problem.noise_variance, algorithm.penalty,
                   1 / algorithm.samples_per_dimension, options);
    if (outcome.termination == Termination::completed) continue;
    trajectory.detail = (outcome.termination == Termination::not_converged
                             ? "the fixed point of a step was not reached in max_rounds, at step "
                             : "overlaps or norms stopped being finite at step ") +
                        std::to_string(t + 1);
    break;
  }
  Solution solution = average(sensing_quantities(), {trajectory});
  solution.method = "recursion";
  solution.ending.termination = outcome.termination;
  solution.ending.detail = trajectory.detail;
  solution.cost = {.replicas = 0, .samples_per_replica = trajectory.n_times - 1};
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return solution;
}

}  // namespace reprise
