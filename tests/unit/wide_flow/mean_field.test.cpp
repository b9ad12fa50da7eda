#include "reprise/wide_flow/mean_field.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/wide_flow/mean_field_equations.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/problems.hpp"
#include "support/wide_starts.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::contains;
using test::passage;
using test::set_a;
using test::time_of;

// Some state with nothing special about it.
VectorXd generic_state() {
  VectorXd y(16);
  for (Eigen::Index i = 0; i < 16; ++i)
    y[i] = i < 8 ? std::sin(3.0 * double(i)) : 0.8 * std::cos(5.0 * double(i));
  return y;
}

}  // namespace

TEST_CASE("mean field: the passage times of set A for epsilon = 1e-2 to 1e-12") {
  // Radau with tolerances of 1e-11, checked by Gragg-Bulirsch-Stoer in long double.
  struct Row {
    double epsilon, t_0, t_1, t_2, t_3;
  };
  const Row table[] = {{1e-2, 4.1246007, .1505216837, .1871621627, .2068286423},
                       {1e-4, 4.3302285, .02961268752, .06468199514, .1012300010},
                       {1e-6, 4.3321505, .004216416596, .03491863502, .04953786572},
                       {1e-8, 4.3321697, 5.383117489e-4, .01222497184, .05669462252},
                       {1e-10, 4.3321699, 6.536481443e-5, .003995172870, .02588675384},
                       {1e-12, 4.3321699, 7.688041057e-6, .001284567277, .01159997349}};
  for (const Row& row : table) {
    INFO(row.epsilon);
    const WideFlow flow{.epsilon = row.epsilon};
    const Solution solution =
        solve(set_a(), flow, MeanFieldOptions{.times = wide_flow_times(flow, 10, 4)});
    REQUIRE(solution.ending.is_completed());
    CHECK(close(passage(solution, 0) / row.epsilon, row.t_0, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 1), row.t_1, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 2), row.t_2, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 3), row.t_3, {.rtol = 1e-6}));
    CHECK(solution.cost.samples_per_replica < 20'000);
  }
}

TEST_CASE("mean field: the risk at a given time to eight digits, and on its plateaus") {
  const WideFlow flow{.epsilon = 1e-6};
  const Solution solution = solve(set_a(), flow, MeanFieldOptions{.times = {0, 0.1}});
  CHECK(close(solution.value("generalisation_error", 0)(0, 0), 0.5 * (0.09 + 1 + 0.64 + 0.49),
              {.rtol = 1e-15}));
  CHECK(close(solution.value("generalisation_error", 1)(0, 0), .0417596099420, {.rtol = 1e-6}));
  // Between t_l and t_(l+1) the risk rests near sum_{k > l} phi_k^2 / 2.
  const WideFlow slow{.epsilon = 1e-12};
  const Solution late = solve(set_a(), slow, MeanFieldOptions{.times = {1e-9, 1e-4}});
  CHECK(close(late.value("generalisation_error", 0)(0, 0), 1.065, {.rtol = 1e-4}));
  CHECK(close(late.value("generalisation_error", 1)(0, 0), 0.565, {.rtol = 1e-3}));
}

TEST_CASE("mean field: its Jacobian against differences, and Woodbury's solve against the matrix") {
  const WideStart start = set_a();
  VectorXd weights{{1, 2, 3, 1, 1, 2, 1, 1}};
  weights /= weights.sum();
  MeanFieldEquations equations(start, weights, 0.1);
  const VectorXd y = generic_state();
  const MatrixXd jacobian = equations.jacobian(y);
  VectorXd above, below;
  for (Eigen::Index j = 0; j < 16; ++j) {
    VectorXd shifted = y;
    shifted[j] += 1e-5;
    equations.derivative(shifted, above);
    shifted[j] -= 2e-5;
    equations.derivative(shifted, below);
    CHECK(((above - below) / 2e-5 - jacobian.col(j)).norm() < 1e-8 * jacobian.norm());
  }
  const VectorXd right = generic_state().reverse();
  for (const double shift : {1e-3, 0.5, 40.0, 1e4}) {  // dense for the first, Woodbury for the last
    VectorXd solved = right;
    equations.linearise(y);
    equations.factorise(shift);
    equations.solve(solved);
    const VectorXd back = shift * solved - jacobian * solved;
    CHECK((back - right).norm() < 1e-11 * (1 + solved.norm() * jacobian.norm()));
  }
}

TEST_CASE("mean field: dR/dt is minus the squared speed of all particles") {
  VectorXd weights{{1, 2, 3, 1, 1, 2, 1, 1}};
  weights /= weights.sum();
  MeanFieldEquations equations(set_a(), weights, 0.1);
  const VectorXd y = generic_state();
  VectorXd dydt;
  equations.derivative(y, dydt);
  const double h = 1e-6;
  const double difference = (equations.risk(y + h * dydt) - equations.risk(y - h * dydt)) / (2 * h);
  CHECK(equations.risk_derivative(y) < 0);
  CHECK(close(difference, equations.risk_derivative(y), {.rtol = 1e-8}));
  // Along a curve it only falls, down to the floor.
  const WideFlow flow{.epsilon = 1e-3};
  const Solution solution =
      solve(set_a(), flow, MeanFieldOptions{.times = wide_flow_times(flow, 100, 20)});
  const auto& risk = solution.at("generalisation_error").value;
  for (Eigen::Index t = 1; t < risk.rows(); ++t) CHECK(risk(t, 0) <= risk(t - 1, 0));
}

TEST_CASE("mean field: one degree l keeps l epsilon a^2 + ln(1 - s^2) of every particle") {
  for (const int l : {1, 2, 3}) {
    INFO(l);
    WideStart start = set_a();
    start.sigma = VectorXd::Zero(4);
    start.sigma[l] = 1.3;
    start.s = VectorXd{{.1, -.2, .3, .05, .2, -.1, .4, .15}};
    const WideFlow flow{.epsilon = 0.05};
    const Solution solution = solve(start, flow, MeanFieldOptions{.times = {0, 0.1, 0.3}});
    for (Eigen::Index i = 0; i < 8; ++i) {
      const auto kept = [&](std::size_t t) {
        const double a = solution.value("a", t)(i, 0), s = solution.value("M", t)(i, 0);
        return l * flow.epsilon * a * a + std::log1p(-s * s);
      };
      CHECK(close(kept(1), kept(0), {.atol = 1e-8}));
      CHECK(close(kept(2), kept(0), {.atol = 1e-8}));
    }
    CHECK((solution.value("M", 2) - solution.value("M", 0)).norm() > 0.1);
  }
}

TEST_CASE("mean field: degree 0 decays as exp(-sigma_0^2 t / epsilon)") {
  WideStart start = set_a();
  start.phi.tail(3).setZero();
  const WideFlow flow{.epsilon = 1e-3};
  const Solution solution = solve(start, flow, MeanFieldOptions{.times = {0.002, 0.01}});
  for (const std::size_t t : {0, 1}) {
    const double expected = 0.3 * std::exp(-0.16 * solution.time[t] / 1e-3);
    CHECK(close(solution.value("residual", t)(0, 0), expected, {.rtol = 1e-6}));
  }
}

TEST_CASE(
    "mean field: a degree that the target lacks delays the next, one that sigma lacks stays") {
  WideStart start = set_a();
  start.phi[2] = 0;
  const WideFlow flow{.epsilon = 1e-6};
  const Solution delayed = solve(start, flow, MeanFieldOptions{.times = {0.5}});
  CHECK(close(passage(delayed, 3), 0.4, {.atol = 0.05}));
  CHECK(std::isnan(passage(delayed, 2)));
  start = set_a();
  start.sigma[2] = 0;
  const Solution stays = solve(start, flow, MeanFieldOptions{.times = {100}});
  CHECK(close(stays.value("residual", 0)(2, 0), 0.8, {.rtol = 1e-15}));
  CHECK(close(stays.value("generalisation_error", 0)(0, 0), 0.32, {.rtol = 1e-4}));
}

TEST_CASE("mean field: ReLU learns a quadratic, with the series in place of U on all pairs") {
  VectorXd a = set_a().a;
  Problem problem = test::make_problem("relu", a, "1 - z1 + (2/3)*(z1^2 - 1)/sqrt(2)", 1);
  problem.student.output_scale = OutputScale::inverse;
  const WideFlow flow{.epsilon = 1e-4};
  const Solution solution = solve(problem, flow, MeanFieldOptions{.times = {0.1, 1, 10}});
  REQUIRE(solution.ending.is_completed());
  CHECK(close(passage(solution, 0), 4.3546797e-4, {.rtol = 1e-6}));
  CHECK(close(passage(solution, 1), .065713165, {.rtol = 1e-6}));
  CHECK(close(passage(solution, 2), .29534277, {.rtol = 1e-6}));
  CHECK(close(solution.value("generalisation_error", 0)(0, 0), .13518132, {.rtol = 1e-6}));
  CHECK(close(solution.value("generalisation_error", 1)(0, 0), .01094847, {.rtol = 1e-4}));
  CHECK(close(solution.value("generalisation_error", 2)(0, 0), .0011899, {.rtol = 1e-2}));
  REQUIRE(solution.warnings.size() == 1);
  CHECK(contains(solution.warnings[0], "degrees of the activation above max_degree"));
}

TEST_CASE("mean field: particles split or merged at will, by their weights") {
  const WideFlow flow{.epsilon = 1e-2};
  const WideStart whole = set_a();
  WideStart split = whole;
  split.a.conservativeResize(9);
  split.s = VectorXd::Zero(9);
  split.a[8] = whole.a[0];
  const Solution one = solve(whole, flow, MeanFieldOptions{.times = {0.15, 0.2}});
  const Solution two = solve(
      split, flow, MeanFieldOptions{.times = {0.15, 0.2}, .weights = {1, 3, 3, 3, 3, 3, 3, 3, 2}});
  CHECK((one.value("residual", 1) - two.value("residual", 1)).norm() < 1e-7);
  CHECK(close(two.value("a", 1)(8, 0), two.value("a", 1)(0, 0), {.rtol = 1e-12}));
}

TEST_CASE("mean field: a curve ends at the risk floor or with its budget, and says so") {
  const WideFlow flow{.epsilon = 1e-2};
  const Solution floor =
      solve(set_a(), flow,
            MeanFieldOptions{.times = {0.1, 1e4, 1e9}, .integration = {.risk_floor = 1e-3}});
  CHECK(floor.ending.is_completed());
  CHECK(contains(floor.ending.detail, "risk came down to risk_floor = 0.001"));
  CHECK(floor.time == std::vector<double>{0.1});
  const double reached = time_of(floor, "risk floor");
  const Solution there = solve(set_a(), flow, MeanFieldOptions{.times = {reached}});
  CHECK(close(there.value("generalisation_error", 0)(0, 0), 1e-3, {.rtol = 1e-6}));
  const Solution budget =
      solve(set_a(), flow, MeanFieldOptions{.times = {1e-4, 10}, .integration = {.max_steps = 40}});
  CHECK(budget.ending.termination == Termination::max_steps);
  CHECK(budget.time == std::vector<double>{1e-4});
}

TEST_CASE("mean field: what is no wide flow is refused") {
  Problem problem = test::make_problem("tanh", VectorXd::Ones(2), "z1", 1);
  const WideFlow flow{.epsilon = 1e-2};
  const auto message = [&](const WideFlow& with = {.epsilon = 1e-2}) {
    return test::message_of([&] { check(problem, with, MeanFieldOptions{.times = {1}}); });
  };
  CHECK(contains(message(), "student: output_scale must be \"inverse\" for a wide flow, got"));
  problem.student.output_scale = OutputScale::inverse;
  CHECK(message() == "(no error)");
  CHECK(contains(message({.epsilon = 0}), "epsilon must be"));
  problem.initial.Q(1, 1) = 2;
  CHECK(contains(message(), "Q[2, 2] must be 1 for a wide flow, got 2"));
  problem.initial.Q(1, 1) = 1;
  problem.loss = Loss::correlation();
  CHECK(contains(message(), "loss must be \"square\""));
  WideStart start = set_a();
  const auto of_start = [&](const MeanFieldOptions& options) {
    return test::message_of([&] { check(start, flow, options); });
  };
  CHECK(contains(of_start({.times = {1}, .weights = {1, 2}}), "weights must be one number for"));
  CHECK(contains(of_start({.times = {}}), "times must be"));
  start.s[3] = -1.5;
  CHECK(contains(of_start({.times = {1}}), "M[4, 1] must be -1 to 1"));
  start.s.conservativeResize(3);
  CHECK(contains(of_start({.times = {1}}), "s must be as long as a"));
}
