#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "reprise/model/hermite.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/output_times.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::make_problem;

// Unit neurons of overlap m with one direction, independent otherwise.
void start_at(Problem& problem, double m) {
  const Eigen::Index p = problem.n_neurons();
  problem.initial.M = MatrixXd::Constant(p, 1, m);
  problem.initial.Q = MatrixXd::Constant(p, p, m * m) + (1 - m * m) * MatrixXd::Identity(p, p);
}

std::vector<std::int64_t> all_steps(std::int64_t last) {
  std::vector<std::int64_t> steps;
  for (std::int64_t t = 0; t <= last; ++t) steps.push_back(t);
  return steps;
}

// The paper's w <- w + (gamma / (n_b p)) sum sigma' E z, |w| = 1, is gamma_here = gamma d / n_b
// with output scale 1/p.
double learning_rate(double gamma, double dimension, double batch) {
  return gamma * dimension / batch;
}

}  // namespace

TEST_CASE("Arnaboldi2024: He2 with correlation loss is learned in log d steps of 3 d samples") {
  const std::vector<int> expected = {1, 5, 8, 11, 14, 17, 21, 24, 27, 30};
  std::vector<int> seen;
  for (int exponent = 5; exponent <= 32; exponent += 3) {
    const double d = std::pow(2.0, exponent);
    Problem problem = make_problem("He2", VectorXd::Ones(1), "He2(z1)", 1);
    problem.loss = Loss::correlation();
    problem.target.noise_variance = 1e-6;
    start_at(problem, 1 / std::sqrt(d));
    const OnePassSgd sgd{.learning_rate = learning_rate(0.1, d, 3 * d),
                         .batch_size = static_cast<std::int64_t>(3 * d),
                         .normalise = Normalise::projected};
    const Solution solution =
        solve(problem, sgd, FiniteBatchOptions{.dimension = d, .steps = all_steps(60)});
    int step = 0;
    while (step <= 60 && solution.value("generalisation_error", step)(0, 0) >= 1.9) ++step;
    seen.push_back(step);
  }
  CHECK(seen == expected);
}

TEST_CASE("Arnaboldi2024: at mu = 1.75 correlation loss learns He3 where plain SGD stays stuck") {
  const double d = 256, batch = std::round(std::pow(d, 1.75));
  Problem problem = make_problem("He3", VectorXd::Ones(4), "He3(z1)", 1);
  problem.student.output_scale = OutputScale::inverse;
  problem.target.noise_variance = 1e-6;
  start_at(problem, 1 / std::sqrt(d));
  const double gamma = 0.032 * batch * 4 * std::pow(d, -1.5);
  const OnePassSgd sgd{.learning_rate = learning_rate(gamma, d, batch),
                       .batch_size = static_cast<std::int64_t>(batch),
                       .normalise = Normalise::projected};
  const FiniteBatchOptions options{.dimension = d, .steps = all_steps(50)};
  // Plain SGD passes 0.9 around step 10 as well, but does not stay: at step 50 its overlap is 0.
  const auto final_overlap = [&](std::string_view loss) {
    problem.loss = Loss::parse(loss);
    const Solution solution = solve(problem, sgd, options);
    REQUIRE(solution.ending.is_completed());
    return solution.at("max_overlap").value(50, 0);
  };
  CHECK(final_overlap("correlation") > 0.9);
  CHECK(final_overlap("square") < 1 / std::sqrt(d));
}

TEST_CASE("Arnaboldi2024b: drift coefficients of the displaced gradient") {
  // mu_l = E[psi He_l(z) He_{l-1}(h)], psi = sigma'(h') (y - sigma(h')), h' = h + rho sigma'(h)(y -
  // sigma(h)), z and h independent; values to the digits of the source.
  const auto coefficients = [](int order, double rho) {
    const std::string he = "He" + std::to_string(order);
    Problem problem = make_problem("relu", VectorXd::Ones(1), he + "(z1)", 1);
    // The midpoint rule on a square: psi jumps along curves, where its error is of second order
    // too.
    constexpr std::size_t n = 2000;
    constexpr double step = 20.0 / n;
    std::vector<double> z(n), h(n), y(n), weight(n, 1.0), gradient(n), fields(n);
    for (std::size_t i = 0; i < n; ++i) z[i] = -10 + (static_cast<double>(i) + 0.5) * step;
    hermite(order, z.data(), n, y.data());
    SampleGradient maker(problem, {.displacement = rho}, n);
    double* field = fields.data();
    double* g = gradient.data();
    const double* w = weight.data();
    std::vector<double> mu(4, 0.0);
    for (const double h_here : z) {
      std::fill(fields.begin(), fields.end(), h_here);
      maker.total({&field, 1}, {&w, 1}, y.data(), nullptr, n, {&g, 1});
      for (std::size_t i = 0; i < n; ++i) {
        const double density =
            std::exp(-0.5 * (z[i] * z[i] + h_here * h_here)) / (2 * M_PI) * step * step;
        for (int l = 1; l <= 4; ++l) {
          mu[static_cast<std::size_t>(l - 1)] -=
              density * gradient[i] * hermite(l, z[i]) * hermite(l - 1, h_here);
        }
      }
    }
    return mu;
  };
  const std::vector<double> plain = coefficients(3, 0), displaced = coefficients(3, 0.1);
  const double expected[4] = {-0.11417, 0.23766, 0.26212, -1.4128};
  for (std::size_t l = 0; l < 4; ++l) {
    CHECK(close(plain[l], 0, {.atol = 1e-3}));
    CHECK(close(displaced[l], expected[l], {.rtol = 5e-3}));
  }
  CHECK(close(coefficients(4, 0)[3], -9.57, {.rtol = 5e-3}));
}

TEST_CASE("Arnaboldi2024b: displacement learns He3 in O(d), without it He3 is never learned") {
  Problem problem = make_problem("relu", VectorXd::Ones(1), "He3(z1)", 1);
  const auto overlap = [&](double rho, double dimension) {
    ExactChain options{.dimension = dimension, .times = {0, 50}, .runs = 64};
    options.error.points = 16;
    return solve(problem, {.learning_rate = 0.01, .displacement = rho}, options)
        .value("max_overlap", 1)(0, 0);
  };
  // mu_1 = -0.114 gives |m| = 0.01 * 0.114 * 50 = 0.057 at every d; without it 1 / sqrt d is left.
  const double small = overlap(0.1, 2048), large = overlap(0.1, 8192);
  CHECK(small > 0.05);
  CHECK(close(large, small, {.rtol = 0.1}));
  CHECK(close(overlap(0, 2048) / overlap(0, 8192), 2, {.atol = 0.5}));
}

TEST_CASE("escape: samples to leave m_0 = 1/sqrt d scale as d, d log d, d^2, d^3 for He_1..He_4") {
  for (int l = 1; l <= 4; ++l) {
    std::vector<double> x, y;
    for (int exponent = 20; exponent <= 60; exponent += 8) {
      const double d = std::pow(2.0, exponent);
      const std::string he = "He" + std::to_string(l);
      Problem problem = make_problem(he, VectorXd::Ones(1), he + "(z1)", 1);
      problem.loss = Loss::correlation();
      start_at(problem, 1 / std::sqrt(d));
      const double gamma = 0.01 * (l > 2 ? std::pow(d, 1 - 0.5 * l) : 1.0);
      // 3 times the time that the drift alone takes: dm/dt = gamma l l! m^(l-1).
      const double rate = gamma * l * std::tgamma(l + 1);
      const double drift = l == 1   ? 0.5 / rate
                           : l == 2 ? 0.5 * std::log(d) / rate
                                    : std::pow(d, 0.5 * (l - 2)) / ((l - 2) * rate);
      // From 100 m_0 on, 1e-2 or 1e-4 of the time is left for l = 3, 4: at d = 2^60 less than a
      // double's resolution of it, so that the run itself ends in step_underflow there.
      const double level = l > 2 ? 100 / std::sqrt(d) : 0.5;
      // After the escape it relaxes 2^30 times faster than it escaped: stiff.
      const OdeOptions options{.times = {3 * drift},
                               .rtol = 1e-6,
                               .atol = 1e-7 / std::sqrt(d),
                               .integrator = Integrator::rosenbrock_4_3,
                               .events = {{.level = level}}};
      const Solution solution =
          solve(problem, {.learning_rate = gamma, .normalise = Normalise::spherical}, options);
      REQUIRE(solution.events.size() == 1);
      x.push_back(std::log(d));
      y.push_back(l == 2 ? solution.events[0].time : std::log(solution.events[0].time * d));
    }
    if (l == 2) {  // samples / d is linear in log d
      const double first = y[1] - y[0], last = y.back() - y[y.size() - 2];
      CHECK(close(last, first, {.rtol = 1e-3}));
      continue;
    }
    MESSAGE("He_" << l << ": ODE exponent " << test::slope(x, y));
    CHECK(close(test::slope(x, y), std::max(1, l - 1), {.atol = 0.02}));
  }
}

TEST_CASE("escape: the chain's exponents agree with theory within their error bars") {
  for (int l = 1; l <= 3; ++l) {
    std::vector<double> x, y, variance;
    for (int exponent = 0; exponent < 4; ++exponent) {
      const double d = (l == 3 ? 20 : 256) * std::pow(2.0, exponent);
      const std::string he = "He" + std::to_string(l);
      Problem problem = make_problem(he, VectorXd::Ones(1), he + "(z1)", 1);
      problem.loss = Loss::correlation();
      start_at(problem, 1 / std::sqrt(d));
      const double gamma = 0.02 * (l > 2 ? std::pow(d, 1 - 0.5 * l) : 1.0);
      ExactChain options{.dimension = d,
                         .times = {(l == 3 ? 20 : 400) * std::pow(d, std::max(0, l - 2))},
                         .runs = 64};
      const std::vector<double> times =
          first_passage(problem, {.learning_rate = gamma, .normalise = Normalise::spherical},
                        options, 0.5, static_cast<std::int64_t>(d / 4));
      std::vector<double> logs;
      for (const double time : times) {
        if (!std::isfinite(time))
          continue;  // fell back below 0, where He3 pushes it to 0 and no further
        logs.push_back(std::log(time * d) - (l == 2 ? std::log(std::log(d)) : 0));
      }
      CHECK(logs.size() >= 0.9 * times.size());
      const test::Moments moments = test::moments(logs);
      x.push_back(std::log(d));
      y.push_back(moments.mean);
      variance.push_back(moments.mean_error * moments.mean_error);
    }
    double xx = 0, x_mean = 0, slope_variance = 0;
    for (const double v : x) x_mean += v / double(x.size());
    for (const double v : x) xx += (v - x_mean) * (v - x_mean);
    for (std::size_t i = 0; i < x.size(); ++i) {
      slope_variance += variance[i] * std::pow((x[i] - x_mean) / xx, 2);
    }
    MESSAGE("He_" << l << ": chain exponent " << test::slope(x, y) << " +- "
                  << std::sqrt(slope_variance));
    // A finite-d correction to the power law besides: 0.15.
    CHECK(close(test::slope(x, y), std::max(1, l - 1),
                {.atol = 4 * std::sqrt(slope_variance) + 0.15}));
  }
}
