#include "reprise/one_pass/finite_batch.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "reprise/core/linear_algebra.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using test::close;

Problem batch_problem() {
  Problem problem =
      test::make_problem("erf", Eigen::VectorXd::Ones(2), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))", 2);
  problem.initial.M << 0.3, 0.1, -0.2, 0.4;
  problem.initial.Q << 1.1, 0.2, 0.2, 0.9;
  problem.target.noise_variance = 0.1;
  return problem;
}

const OnePassSgd batches{.learning_rate = 0.7, .batch_size = 30};

MatrixXd change_of(const char* quantity, const RecursionTerms& terms) {
  const FiniteBatchOptions options{.dimension = 50, .steps = {0, 1}, .terms = terms};
  const Solution solution = solve(batch_problem(), batches, options);
  return solution.value(quantity, 1) - solution.value(quantity, 0);
}

}  // namespace

TEST_CASE("recursion: its three terms add up, each of its own order in the step") {
  const RecursionTerms linear{.noise = false, .batch = false},
      noise{.linear = false, .batch = false}, batch{.linear = false, .noise = false};
  const MatrixXd sum = change_of("Q", linear) + change_of("Q", noise) + change_of("Q", batch);
  CHECK((change_of("Q", {}) - sum).norm() < 1e-14);
  CHECK((change_of("M", {}) - change_of("M", linear)).norm() < 1e-15);
  CHECK(change_of("M", noise).norm() == 0);
  CHECK(change_of("M", batch).norm() == 0);
  // By hand: eta' = gamma n_b / d, A = E[G h*^T] from dM = -eta' A.
  const double eta = 0.7 * 30 / 50;
  const auto moments = gaussian_moments(batch_problem(), {});
  Moments values;
  moments->evaluate(batch_problem().initial, Eigen::VectorXd::Ones(2), values);
  CHECK((change_of("M", linear) + eta * values.g_target).norm() < 1e-14);
  CHECK((change_of("Q", noise) - eta * eta * 50 / 30 * values.g_g).norm() < 1e-14);
  const MatrixXd M = batch_problem().initial.M, Q = batch_problem().initial.Q;
  const MatrixXd B = values.g_field - values.g_target * M.transpose();
  const MatrixXd rest = Q - M * M.transpose();
  const MatrixXd expected =
      values.g_target * values.g_target.transpose() + B * inverse(rest) * B.transpose();
  CHECK((change_of("Q", batch) - eta * eta * (1 - 1 / 30.0) * expected).norm() < 1e-13);
}

TEST_CASE("recursion: the adaptive loss is correlation loss first, then the full one, slower") {
  Problem problem = test::make_problem("He3", Eigen::VectorXd::Ones(1), "He3(z1)", 1);
  problem.initial.M(0, 0) = 0.5;
  const OnePassSgd sgd{
      .learning_rate = 0.0005, .batch_size = 6400, .normalise = Normalise::projected};
  FiniteBatchOptions options{.dimension = 64, .steps = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10}};
  options.adaptive = AdaptiveLoss{.threshold = 0.8, .drop = 0.5, .decay = 0.8};
  const Solution adaptive = solve(problem, sgd, options);
  options.adaptive.reset();
  Problem correlation = problem;
  correlation.loss = Loss::correlation();
  const Solution early = solve(correlation, sgd, options);
  const Series& error = adaptive.at("generalisation_error");
  std::size_t change = 0;  // the first step that uses the full loss
  while (change < 10 && error.value(Eigen::Index(change), 0) >= 0.8 * error.value(0, 0)) ++change;
  REQUIRE(change > 0);
  REQUIRE(change < 9);
  for (std::size_t t = 0; t <= change; ++t) CHECK(adaptive.value("M", t) == early.value("M", t));
  // From there on: plain steps with gamma / 2, then 0.8 of it each time.
  for (std::size_t t = change; t + 1 < 10; ++t) {
    Problem here = problem;
    here.initial = {adaptive.value("M", t), adaptive.value("Q", t)};
    OnePassSgd slower = sgd;
    slower.learning_rate *= 0.5 * std::pow(0.8, double(t - change));
    const Solution step = solve(here, slower, FiniteBatchOptions{.dimension = 64, .steps = {1}});
    CHECK(close(step.value("M", 0)(0, 0), adaptive.value("M", t + 1)(0, 0), {.rtol = 1e-12}));
  }
}

namespace {

struct StrideCase {
  std::string name;
  Problem problem;
  OnePassSgd algorithm;
  double dimension;
  std::int64_t steps;
};

// One of each kind: what is a polynomial, closed forms, and points.
std::vector<StrideCase> stride_cases() {
  std::vector<StrideCase> cases;
  Problem he3 = test::make_problem("He3", Eigen::VectorXd::Ones(1), "He3(z1)", 1);
  he3.initial.M(0, 0) = 0.05;
  he3.loss = Loss::correlation();
  OnePassSgd sgd{.learning_rate = 2e-3, .normalise = Normalise::projected};
  cases.push_back({"correlation, projected", he3, sgd, 400, 200'000});
  sgd.normalise = Normalise::spherical;
  cases.push_back({"correlation, spherical", he3, sgd, 400, 200'000});
  he3.loss = Loss::square();
  sgd.learning_rate = 1e-4;
  sgd.batch_size = 50;
  cases.push_back({"square, spherical", he3, sgd, 400, 100'000});
  OnePassSgd free{.learning_rate = 0.05, .batch_size = 2};
  free.second_layer_learning_rate = 0.02;
  cases.push_back({"erf, p = 2, trained", batch_problem(), free, 2000, 100'000});
  Problem tanh = test::make_problem("tanh", Eigen::VectorXd::Ones(1), "z1^3", 1);
  tanh.initial.M(0, 0) = 0.1;
  OnePassSgd slow{.learning_rate = 0.01, .normalise = Normalise::projected};
  cases.push_back({"tanh, points", tanh, slow, 200, 10'000});
  return cases;
}

}  // namespace

TEST_CASE("recursion: strides agree with every step taken") {
  for (const StrideCase& one : stride_cases()) {
    INFO(one.name);
    FiniteBatchOptions options{.dimension = one.dimension,
                               .steps = {0, one.steps / 100, one.steps / 3, one.steps},
                               .moments = {.points = 1024},
                               .scrambles = 2};
    const Solution plain = solve(one.problem, one.algorithm, options);
    options.rtol = 1e-8;
    for (const Integrator integrator :
         {Integrator::rosenbrock_4_3, Integrator::dormand_prince_5_4}) {
      options.integrator = integrator;
      const Solution strides = solve(one.problem, one.algorithm, options);
      REQUIRE(strides.step == plain.step);
      REQUIRE(plain.ending.is_completed());
      if (plain.moments != "points") {  // there the cost counts points
        CHECK(strides.cost.samples_per_replica < one.steps / 2);
      }
      // Fewer than 500 strides of 1e-8, the errors of the first of which grow as overlaps that
      // escape do, by a factor below 50.
      for (const Series& series : plain.series) {
        const Eigen::MatrixXd difference = strides.at(series.quantity).value - series.value;
        CHECK(difference.cwiseAbs().maxCoeff() < 500 * 50 * 1e-8 / 10);
      }
      const Series& M = plain.at("M");
      CHECK((M.value.row(3) - M.value.row(0)).norm() > 0.1);  // something has happened
    }
  }
}

TEST_CASE("recursion: steps that are large are taken one by one, with the same numbers") {
  FiniteBatchOptions options{.dimension = 50, .steps = {0, 7, 200}};
  const Solution plain = solve(batch_problem(), batches, options);
  options.rtol = 1e-8;
  const Solution strides = solve(batch_problem(), batches, options);
  for (const Series& series : plain.series) {
    CHECK(strides.at(series.quantity).value.row(1) == series.value.row(1));
  }
  // 200 steps bring it so near to its fixed point that strides begin.
  CHECK((strides.value("M", 2) - plain.value("M", 2)).norm() < 1e-6);
}

TEST_CASE("recursion: 1e12 steps with strides, from overlap 0.001") {
  Problem problem = test::make_problem("He3", Eigen::VectorXd::Ones(1), "He3(z1)", 1);
  problem.loss = Loss::correlation();
  problem.initial.M(0, 0) = 1e-3;
  // Without the noise dm/dn = 18 eta' m^2 while m is small: eta' = gamma / d.
  const OnePassSgd sgd{.learning_rate = 8e-4, .normalise = Normalise::projected};
  const double d = 1e7, rate = 18 * sgd.learning_rate / d;
  const std::int64_t half = std::llround(0.5 / (1e-3 * rate));  // m = 2 m_0
  FiniteBatchOptions options{.dimension = d, .steps = {0, half, 1'000'000'000'000}, .rtol = 1e-9};
  options.terms.noise = false;
  const Solution solution = solve(problem, sgd, options);
  REQUIRE(solution.ending.is_completed());
  // (1 - m^2) takes off some m_0^2.
  CHECK(close(solution.value("M", 1)(0, 0), 2e-3, {.rtol = 1e-5}));
  CHECK(close(solution.value("M", 2)(0, 0), 1, {.atol = 1e-6}));
  CHECK(solution.cost.samples_per_replica < 50'000);
}

TEST_CASE("recursion: a blow-up and a spent budget say where, and what to try") {
  Problem problem = test::make_problem("He3", Eigen::VectorXd::Ones(1), "He3(z1)", 1);
  problem.initial.M(0, 0) = 0.01;
  problem.loss = Loss::correlation();  // its noise grows like Q^2, and nothing holds it
  const OnePassSgd sgd{.learning_rate = 2e-3};
  FiniteBatchOptions options{.dimension = 100, .steps = {0, 10, 10'000'000}};
  const Solution plain = solve(problem, sgd, options);
  options.rtol = 1e-8;
  const Solution strides = solve(problem, sgd, options);
  for (const Solution* solution : {&plain, &strides}) {
    CHECK(solution->ending.termination == Termination::diverged);
    CHECK(solution->ending.step == 10);
    CHECK(solution->ending.detail.find("stopped being finite at step ") != std::string::npos);
    CHECK(advice(solution->ending.termination).find("learning_rate") != std::string::npos);
  }
  CHECK(strides.ending.detail == plain.ending.detail);
  options.rtol = 0;
  options.max_steps = 25;
  const Solution short_of = solve(problem, sgd, options);
  CHECK(short_of.ending.termination == Termination::max_steps);
  CHECK(short_of.ending.detail.find("the budget of 25 evaluations ended at step 25") !=
        std::string::npos);
}

TEST_CASE("recursion: tolerances and steps out of range are refused") {
  FiniteBatchOptions options{.dimension = 50, .steps = {0, 7}, .rtol = 1e-13};
  const auto message = [&] {
    return test::message_of([&] { check(batch_problem(), batches, options); });
  };
  CHECK(message().find("rtol must be 0 (every step is taken) or 1e-12 to 0.01, got 1e-13") !=
        std::string::npos);
  options.rtol = 1e-8;
  options.adaptive = AdaptiveLoss{};
  CHECK(message().find("rtol must be 0 with `adaptive`") != std::string::npos);
  options.adaptive.reset();
  options.steps.back() = most_recursion_steps + 1;
  CHECK(message().find("steps must be at most 2^62") != std::string::npos);
  options.steps.back() = most_recursion_steps;
  options.max_steps = 0;
  CHECK(message().find("max_steps must be") != std::string::npos);
}
