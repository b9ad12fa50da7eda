// Networks of m neurons: an independent table, and the mean field as m grows.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/core/comparison.hpp"
#include "reprise/dense/flow_descent.hpp"
#include "reprise/wide_flow/finite_width.hpp"
#include "reprise/wide_flow/mean_field.hpp"
#include "support/close.hpp"
#include "support/wide_starts.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::passage;
using test::risk;
using test::set_a;

}  // namespace

TEST_CASE("finite width: passage times and risks of set A in groups, from r = 0") {
  // LSODA on the grouped system, tolerance 1e-10.
  struct Row {
    double epsilon, group, t_1, t_2, t_3, R_1, R_3, R_10;
  };
  for (const Row& row :
       {Row{1e-2, 1, .5877271, .6017415, .6096457, 1.0902431, 1.0593544, .0221642},
        Row{1e-2, 100, .1533029, .1894581, .2087518, .8813344, .0201743, .0021910},
        Row{1e-4, 100, .03702924, .06825443, .09132776, .0874199, .0068185, .0025263}}) {
    INFO(row.epsilon, " ", row.group);
    const Solution solution =
        solve(set_a(), MatrixXd::Identity(8, 8), {.epsilon = row.epsilon},
              {.times = {.1, .3, 1}, .group_size = {row.group}, .integration = {.rtol = 1e-7}});
    REQUIRE(solution.ending.is_completed());
    CHECK(close(passage(solution, 1), row.t_1, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 2), row.t_2, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 3), row.t_3, {.rtol = 1e-6}));
    CHECK(close(risk(solution, 0), row.R_1, {.rtol = 2e-6, .atol = 1e-7}));
    CHECK(close(risk(solution, 1), row.R_3, {.rtol = 2e-6, .atol = 1e-7}));
    CHECK(close(risk(solution, 2), row.R_10, {.rtol = 2e-6, .atol = 1e-7}));
  }
}

TEST_CASE("finite width: many neurons are the mean field, to order 1 / m") {
  const WideFlow flow{.epsilon = 1e-2};
  const Solution mean_field = solve(set_a(), flow, {.times = {.1, .15}});
  double difference[2];
  for (const int i : {0, 1}) {
    const Solution solution = solve(set_a(), MatrixXd::Identity(8, 8), flow,
                                    {.times = {.1, .15}, .group_size = {i == 0 ? 1e5 : 1e6}});
    difference[i] = risk(solution, 1) - risk(mean_field, 1);
  }
  CHECK(std::abs(difference[0]) < 1e-3);
  CHECK(close(difference[0] / difference[1], 10, {.rtol = 0.01}));
}

namespace {

// Set A with five neurons as a problem, from a start with overlaps of its own.
Problem five_neurons() {
  Problem problem = Problem::of(
      {.g = Expression::parse("0.3 + z1 + 0.8*He2(z1)/sqrt(2) + 0.7*He3(z1)/sqrt(6)")},
      {.activation = Activation::parse("polynomial([-0.30710678118654755, -0.22474487139158905, "
                                       "0.7071067811865475, 0.408248290463863])"),
       .second_layer = Eigen::VectorXd{{-1.6, -0.8, 0.3, 0.9, 1.7}},
       .output_scale = OutputScale::inverse});
  problem.initial.M = Eigen::VectorXd{{0.08, -0.05, 0.12, 0.1, -0.03}};
  problem.initial.Q = MatrixXd::Identity(5, 5);
  problem.initial.Q(0, 4) = problem.initial.Q(4, 0) = 0.1;
  return problem;
}

const PopulationFlow two_time_scales{.normalise = Normalise::spherical, .epsilon = 0.05};
const std::vector<double> some_times{0.1, 0.2, 0.3, 0.4, 0.6};

Solution descended(double dt, std::int64_t batch, std::uint64_t seed) {
  FlowChain chain;
  chain.dimension = 200;
  chain.step_size = dt;
  chain.batch_size = batch;
  chain.times = some_times;
  chain.runs = 48;
  chain.seed = seed;
  return solve(five_neurons(), two_time_scales, chain);
}

}  // namespace

TEST_CASE("finite width: descent on fresh batches comes to it in proportion to the step") {
  const Solution flow =
      solve(five_neurons(), two_time_scales, FiniteWidthOptions{.times = some_times});
  const Solution coarse = descended(0.02, 2000, 1), fine = descended(0.01, 2000, 2);
  double largest = 0;
  for (std::size_t t = 0; t < some_times.size(); ++t) {
    CAPTURE(t);
    CHECK(close(fine.time[t], some_times[t], {.rtol = 1e-12}));
    const auto error = [&](const Solution& solution) {
      return solution.standard_error("generalisation_error", t)(0, 0);
    };
    const double far = risk(coarse, t) - risk(flow, t), near = risk(fine, t) - risk(flow, t);
    const double noise = std::hypot(error(coarse), 2 * error(fine));
    largest = std::max(largest, std::abs(far) / error(coarse));
    // What is left of the halving is of the second order.
    CHECK(std::abs(far - 2 * near) < 4.5 * noise + 0.25 * std::abs(far));
  }
  CHECK(largest > 10);
}

TEST_CASE("finite width: descent with weights in R^d has the law of the exact chain") {
  DenseFlowDescent dense;
  dense.dimension = 60;
  dense.step_size = 0.02;
  dense.batch_size = 300;
  dense.times = {0.1, 0.3, 0.5};
  dense.runs = 48;
  FlowChain chain;
  chain.dimension = 60;
  chain.step_size = dense.step_size;
  chain.batch_size = dense.batch_size;
  chain.times = dense.times;
  chain.runs = 96;
  chain.seed = 5;
  const Comparison comparison = compare(solve(five_neurons(), two_time_scales, dense),
                                        solve(five_neurons(), two_time_scales, chain));
  INFO(comparison.brief_report());
  CHECK(comparison.verdict == Verdict::agree);
}

TEST_CASE("gradient flow: descent in small steps comes to it without epsilon as well") {
  Problem problem = Problem::of(
      {.g = Expression::parse("erf(z1/sqrt(2)) - 0.5*z2")},
      {.activation = Activation::parse("erf"), .second_layer = Eigen::Vector2d(1, -0.5)});
  problem.initial.M = MatrixXd{{0.2, 0.1}, {-0.1, 0.3}};
  problem.initial.Q = MatrixXd{{1, 0.1}, {0.1, 0.8}};
  const PopulationFlow flow{.second_layer_learning_rate = 0.3};
  OdeOptions ode;
  ode.times = {0.5, 1, 2};
  FlowChain chain;
  chain.dimension = 20;
  chain.step_size = 2e-3;
  chain.batch_size = 2000;  // Q grows by dt d / n_b E G^2 in a unit of time
  chain.times = ode.times;
  chain.runs = 64;
  const Solution expected = solve(problem, flow, ode);
  const Solution seen = solve(problem, flow, chain);
  for (const char* quantity : {"M", "Q", "a"}) {
    CAPTURE(quantity);
    const MatrixXd difference = seen.value(quantity, 2) - expected.value(quantity, 2);
    CHECK(difference.cwiseAbs().maxCoeff() < 4e-3);
    CHECK((expected.value(quantity, 2) - expected.value(quantity, 0)).cwiseAbs().maxCoeff() > 0.03);
  }
}
