// Batch gradient descent where the answer is known by another route: quadrature over the
// Marchenko-Pastur law, the population's dynamics, gradient flow.
#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <utility>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/gaussian/moments.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "support/close.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using test::close;

Problem problem_of(const std::string& target, const std::string& activation,
                   const Eigen::VectorXd& second_layer, int k, double noise_variance = 0) {
  const Eigen::Index p = second_layer.size();
  return {.target = {Expression::parse(target), noise_variance, MatrixXd::Identity(k, k)},
          .student = {Activation::parse(activation), second_layer},
          .initial = {MatrixXd::Zero(p, k), MatrixXd::Identity(p, p)},
          .input_covariance = MatrixXd::Identity(k, k)};
}

struct Ridge {
  double alpha, eta, decay, momentum, noise_variance;
};

// One linear neuron, a = 1, target z1: W_t = c_t(H) W* + g_t(H) W_0 + s_t(H) X^T xi / sqrt d with
// H = X^T X / d, whose spectrum follows Marchenko and Pastur. On an eigenvalue x each factor obeys
// u <- u - eta [(x + lambda) u - source] + beta (u - u_previous).
class RidgeCurve {
 public:
  explicit RidgeCurve(const Ridge& r) : r_(r) {
    const double centre = 1 + r.alpha, half = 2 * std::sqrt(r.alpha);
    for (int i = 1; i <= n_nodes; ++i) {  // Gauss-Chebyshev, second kind
      const double theta = i * std::numbers::pi / (n_nodes + 1);
      const double x = centre + half * std::cos(theta);
      const double weight = std::numbers::pi / (n_nodes + 1) * std::pow(half * std::sin(theta), 2);
      x_.push_back(x);
      weight_.push_back(weight / (2 * std::numbers::pi * x));
    }
    if (r.alpha < 1) {  // the null space of H
      x_.push_back(0);
      weight_.push_back(1 - r.alpha);
    }
    signal_.assign(x_.size(), 0);
    start_.assign(x_.size(), 1);
    noise_.assign(x_.size(), 0);
    signal_before_ = signal_, start_before_ = start_, noise_before_ = noise_;
  }

  void step() {
    advance(signal_, signal_before_, [](double x) { return x; });
    advance(start_, start_before_, [](double) { return 0.0; });
    advance(noise_, noise_before_, [](double) { return 1.0; });
  }
  double M() const {
    double sum = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) sum += weight_[i] * signal_[i];
    return sum;
  }
  double Q() const {
    double sum = 0;
    for (std::size_t i = 0; i < x_.size(); ++i) {
      sum += weight_[i] * (signal_[i] * signal_[i] + start_[i] * start_[i] +
                           r_.noise_variance * x_[i] * noise_[i] * noise_[i]);
    }
    return sum;
  }
  double total_mass() const {
    double sum = 0;
    for (const double w : weight_) sum += w;
    return sum;
  }

 private:
  static constexpr int n_nodes = 400;

  template <class Source>
  void advance(std::vector<double>& u, std::vector<double>& before, const Source& source) {
    for (std::size_t i = 0; i < x_.size(); ++i) {
      const double next = u[i] - r_.eta * ((x_[i] + r_.decay) * u[i] - source(x_[i])) +
                          r_.momentum * (u[i] - before[i]);
      before[i] = u[i];
      u[i] = next;
    }
  }

  Ridge r_;
  std::vector<double> x_, weight_, signal_, start_, noise_;
  std::vector<double> signal_before_, start_before_, noise_before_;
};

GradientDescent descent(const Ridge& r, int steps) {
  return {.schedule = Schedule::reuse(steps),
          .learning_rate = {r.eta},
          .samples_per_dimension = {r.alpha},
          .weight_decay = r.decay,
          .momentum = r.momentum};
}

// Gaps at successive halvings fall by 2^1.
void check_first_order(const std::vector<double>& gaps, double tolerance) {
  for (std::size_t i = 1; i < gaps.size(); ++i) {
    const double order = std::log2(gaps[i - 1] / gaps[i]);
    CAPTURE(order);
    CHECK(std::abs(order - 1) < tolerance);
  }
}

double largest_difference(const Solution& a, const Solution& b, const char* quantity, int steps) {
  double worst = 0;
  for (int t = 0; t <= steps; ++t) {
    worst = std::max(worst, (a.value(quantity, t) - b.value(quantity, t)).cwiseAbs().maxCoeff());
  }
  return worst;
}

}  // namespace

TEST_CASE("dmft: ridge descent follows the Marchenko-Pastur integral to 1e-5 over 50 steps") {
  constexpr int steps = 50;
  for (const Ridge& ridge : {Ridge{2, 0.1, 0.1, 0, 0.25}, Ridge{0.5, 0.2, 0.05, 0.5, 0}}) {
    CAPTURE(ridge.alpha);
    const Problem problem =
        problem_of("z1", "linear", Eigen::VectorXd::Ones(1), 1, ridge.noise_variance);
    const Solution limit =
        solve(problem, descent(ridge, steps), DmftOptions{.points = 1 << 19, .scrambles = 4});
    RidgeCurve curve(ridge);
    REQUIRE(close(curve.total_mass(), 1, {.atol = 1e-12}));
    double worst = 0;
    for (int t = 0; t <= steps; ++t, curve.step()) {
      worst = std::max(worst, std::abs(limit.value("M", t)(0, 0) - curve.M()));
      worst = std::max(worst, std::abs(limit.value("Q", t)(0, 0) - curve.Q()));
    }
    MESSAGE("alpha = " << ridge.alpha << ": largest difference " << worst);
    CHECK(worst < 1e-5);
  }
}

// Over 40 seeds, how often 95 % intervals hold the truth: those of the spread over 8 scrambles
// alone, which leave out the bias of 256 points, and those of the errors that are reported.
TEST_CASE("dmft: the errors of few points count their bias, ridge descent over 40 steps") {
  constexpr int steps = 40, seeds = 40;
  constexpr double student_95 = 2.365;  // 7 degrees of freedom
  const Ridge ridge{2, 0.2, 0.05, 0, 0.25};
  const Problem problem = problem_of("z1", "linear", Eigen::VectorXd::Ones(1), 1, 0.25);
  RidgeCurve curve(ridge);
  for (int t = 0; t < steps; ++t) curve.step();
  int n = 0, by_spread = 0, by_error = 0;
  for (int seed = 1; seed <= seeds; ++seed) {
    const Solution limit =
        solve(problem, descent(ridge, steps),
              DmftOptions{.points = 256, .scrambles = 8, .seed = static_cast<std::uint64_t>(seed)});
    for (const auto& [name, truth] : {std::pair{"M", curve.M()}, std::pair{"Q", curve.Q()}}) {
      std::vector<double> values;
      for (const MatrixXd& replica : limit.replicas) {
        values.push_back(replica(steps, limit.first_column(name)));
      }
      const double miss = std::abs(limit.value(name, steps)(0, 0) - truth);
      n += 1;
      by_spread += miss <= student_95 * test::moments(values).mean_error;
      by_error += miss <= student_95 * limit.standard_error(name, steps)(0, 0);
    }
  }
  MESSAGE("of " << n << " values the spread covers " << by_spread << ", the error " << by_error);
  CHECK(by_error >= 0.9 * n);  // 95 % of 80 correlated values, less two standard deviations
  CHECK(by_spread < 0.8 * n);
}

// Regression: gradients that are almost combinations of earlier ones lost their orthogonality, and
// the weights grew without bound from step 45 on.
TEST_CASE("exact simulation: a converged ridge descent stays where it is for 2000 steps") {
  const Ridge ridge{2, 0.2, 0.1, 0, 0.25};
  const Problem problem = problem_of("z1", "linear", Eigen::VectorXd::Ones(1), 1, 0.25);
  const Solution run =
      solve(problem, descent(ridge, 2000), ExactSimulation{.dimension = 60, .runs = 4, .seed = 3});
  REQUIRE(run.ending.is_completed());
  CHECK(close(run.value("Q", 2000)(0, 0), run.value("Q", 400)(0, 0), {.rtol = 1e-9}));
  CHECK(close(run.value("M", 2000)(0, 0), run.value("M", 400)(0, 0), {.rtol = 1e-9}));
}

TEST_CASE("exact simulation: with fresh batches step 10,000 costs what step 1 costs") {
  Problem problem = problem_of("z1 + He2(z2)", "relu", Eigen::Vector2d(1, -1), 2);
  const auto time_of = [&](int steps) {
    const Solution run = solve(problem,
                               GradientDescent{.schedule = Schedule::fresh(steps),
                                               .learning_rate = {0.02},
                                               .samples_per_dimension = {1},
                                               .momentum = 0.5},
                               ExactSimulation{.dimension = 200, .runs = 2, .threads = 1});
    REQUIRE(run.ending.is_completed());
    return run.cost.wall_time_s;
  };
  time_of(100);
  const double early = time_of(1000), all = time_of(10000);
  CAPTURE(all / early);
  CHECK(all / early <
        20);  // 10 steps of equal cost; a cost that grows with the step would give 100
}

TEST_CASE("dmft: fresh batches follow the closed recursion of the moments") {
  // The recursion's last two terms and its first are all there is at n_b = alpha d, d -> infinity:
  // with d finite in it (1 - 1/n_b) differs from 1 by 1e-9.
  constexpr double alpha = 3, d = 1e9, eta = 0.15;
  Problem problem = problem_of("tanh(z1) + He2(z2)/3", "erf", Eigen::Vector2d(1, -0.7), 2, 0.1);
  problem.initial.M << 0.2, 0.1, -0.1, 0.3;
  problem.initial.Q << 1, 0.2, 0.2, 1.1;
  const int steps = 8;
  const Solution limit = solve(problem,
                               GradientDescent{.schedule = Schedule::fresh(steps),
                                               .learning_rate = {eta},
                                               .samples_per_dimension = {alpha}},
                               DmftOptions{.points = 1 << 17, .scrambles = 8});
  FiniteBatchOptions options{.dimension = d};
  for (int t = 0; t <= steps; ++t) options.steps.push_back(t);
  options.moments.points = 1 << 17;
  const Solution closed = solve(
      problem, OnePassSgd{.learning_rate = eta, .batch_size = static_cast<std::int64_t>(alpha * d)},
      options);
  for (int t = 0; t <= steps; ++t) {
    for (const char* quantity : {"M", "Q"}) {
      const MatrixXd error = (limit.standard_error(quantity, t).array().square() +
                              closed.standard_error(quantity, t).array().square())
                                 .sqrt();
      const MatrixXd gap = (limit.value(quantity, t) - closed.value(quantity, t)).cwiseAbs();
      // five errors, and the bias of the points, some units of 1 / points
      CHECK((gap.array() <= 5 * error.array() + 10.0 / (1 << 17)).all());
    }
  }
  CHECK(std::abs(limit.value("M", steps)(0, 0) - 0.2) > 0.05);  // something was learned
}

TEST_CASE("dmft: alpha -> infinity at fixed eta alpha is population gradient descent, as 1/alpha") {
  const int steps = 5;
  Problem problem = problem_of("z1 + He2(z1)/2", "erf", Eigen::VectorXd::Ones(1), 1);
  problem.initial.M << 0.3;
  problem.initial.Q << 1.09;
  const double rate = 0.5;  // eta alpha
  // W <- W - rate E[G x^T]: the finite-batch recursion without the terms of finite n / d.
  FiniteBatchOptions options{.dimension = 1, .terms = {.noise = false}};
  for (int t = 0; t <= steps; ++t) options.steps.push_back(t);
  options.moments.points = 1 << 17;
  constexpr std::int64_t huge = std::int64_t{1} << 40;
  const Solution population = solve(
      problem, OnePassSgd{.learning_rate = rate / static_cast<double>(huge), .batch_size = huge},
      options);
  std::vector<double> gaps;
  for (const double alpha : {50.0, 100.0, 200.0}) {
    const Solution limit = solve(problem,
                                 GradientDescent{.schedule = Schedule::reuse(steps),
                                                 .learning_rate = {rate / alpha},
                                                 .samples_per_dimension = {alpha}},
                                 DmftOptions{.points = 1 << 17, .scrambles = 8});
    gaps.push_back(largest_difference(limit, population, "Q", steps));
  }
  check_first_order(gaps, 0.15);
}

TEST_CASE("dmft: eta -> 0 at fixed eta t converges to gradient flow at first order") {
  // Gradient flow on the reused batch: the ridge factors of a linear neuron at continuous time,
  // u(T) = (1 - exp(-(x + lambda) T)) x / (x + lambda), by a step far below those compared.
  constexpr double time = 2;
  const Ridge flow{2, time / 20000, 0.1, 0, 0.25};
  RidgeCurve curve(flow);
  for (int t = 0; t < 20000; ++t) curve.step();
  const Problem problem = problem_of("z1", "linear", Eigen::VectorXd::Ones(1), 1, 0.25);
  std::vector<double> gaps;
  for (const int steps : {8, 16, 32}) {
    const Ridge ridge{2, time / steps, 0.1, 0, 0.25};
    const Solution limit =
        solve(problem, descent(ridge, steps), DmftOptions{.points = 1 << 17, .scrambles = 4});
    gaps.push_back(std::abs(limit.value("M", steps)(0, 0) - curve.M()));
  }
  check_first_order(gaps, 0.2);
}

TEST_CASE("dmft: two linear neurons learn a linear target as their product network does") {
  // f = v . x with v = a^T W / sqrt d: with equal a, W^T a / |a| is one linear neuron of output
  // weight |a| and the difference of the neurons never moves.
  const int steps = 20;
  const Problem pair = problem_of("0.6*z1 - 0.8*z2", "linear", Eigen::Vector2d(0.6, 0.8), 2);
  const Problem single = problem_of("0.6*z1 - 0.8*z2", "linear", Eigen::VectorXd::Ones(1), 2);
  const GradientDescent algorithm{.schedule = Schedule::cyclic(2, steps),
                                  .learning_rate = {0.1},
                                  .samples_per_dimension = {2, 1}};
  const DmftOptions options{.points = 1 << 16, .scrambles = 8};
  const Solution two = solve(pair, algorithm, options);
  const Solution one = solve(single, algorithm, options);
  const Eigen::Vector2d a(0.6, 0.8), across(-0.8, 0.6);
  for (int t = 0; t <= steps; ++t) {
    const MatrixXd M = two.value("M", t), Q = two.value("Q", t);
    // biases of both point sets, some units of directions / points
    CHECK(close((a.transpose() * M - one.value("M", t)).norm(), 0, {.atol = 2e-4}));
    CHECK(close(a.dot(Q * a), one.value("Q", t)(0, 0), {.atol = 4e-4}));
    CHECK(close((across.transpose() * M).norm(), 0, {.atol = 1e-12}));
    CHECK(close(across.dot(Q * across), 1, {.atol = 1e-12}));
  }
}
