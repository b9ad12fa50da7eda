#include "reprise/one_pass/ode.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/integration/output_times.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::make_problem;

Problem erf_problem() {
  Problem problem = make_problem("erf", VectorXd::Ones(2), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))", 2);
  problem.initial.M << 0.1, 0.05, -0.02, 0.1;
  return problem;
}

// Correlation loss, one neuron, He_2 teacher and student on the sphere: dm/dt = gamma * 4 m (1 -
// m^2).
Problem he2() {
  Problem problem = make_problem("He2", VectorXd::Ones(1), "He2(z1)", 1);
  problem.loss = Loss::correlation();
  problem.initial.M(0, 0) = 1e-3;
  return problem;
}

}  // namespace

TEST_CASE("ode: the drift of He2 on the sphere is solved exactly, and its level found to 1e-7") {
  const double gamma = 0.01;
  const Problem problem = he2();
  OdeOptions options{
      .times = {0, 50, 150, 200}, .terms = OdeTerms::drift_only, .events = {{.level = 0.5}}};
  const Solution solution =
      solve(problem, {.learning_rate = gamma, .normalise = Normalise::spherical}, options);
  REQUIRE(solution.ending.is_completed());
  CHECK(solution.moments == "Hermite algebra");
  const double odds = 1e-6 / (1 - 1e-6);  // m^2 / (1 - m^2) grows as exp(8 gamma t)
  for (std::size_t t = 0; t < options.times.size(); ++t) {
    const double now = odds * std::exp(8 * gamma * options.times[t]);
    CHECK(close(solution.value("M", t)(0, 0), std::sqrt(now / (1 + now)), {.rtol = 1e-6}));
    CHECK(solution.value("Q", t)(0, 0) == 1);
  }
  REQUIRE(solution.events.size() == 1);
  CHECK(solution.events[0].name == "max_overlap above 0.5");
  CHECK(close(solution.events[0].time, std::log(1.0 / 3 / odds) / (8 * gamma), {.rtol = 1e-7}));
}

TEST_CASE("ode: the integrators agree, and so do one output time and many") {
  const OnePassSgd sgd{.learning_rate = 1.0};
  OdeOptions options{.times = {20}};
  const MatrixXd expected = solve(erf_problem(), sgd, options).value("Q", 0);
  for (const Integrator integrator : {Integrator::cash_karp_5_4, Integrator::fehlberg_7_8,
                                      Integrator::rosenbrock_4_3, Integrator::rodas_4_3}) {
    options.integrator = integrator;
    CHECK((solve(erf_problem(), sgd, options).value("Q", 0) - expected).cwiseAbs().maxCoeff() <
          1e-6);
  }
  options.integrator = Integrator::dormand_prince_5_4;
  options.times = linear_times(20, 400);
  CHECK((solve(erf_problem(), sgd, options).value("Q", 400) - expected).cwiseAbs().maxCoeff() <
        1e-6);
}

TEST_CASE("ode: plateau entered and left are reported in the soft committee machine") {
  Problem problem = erf_problem();
  problem.initial.M << 0.01, 0.0, 0.0, 0.011;
  OdeOptions options{.times = log_times(0.1, 1000, 5),
                     .events = {{.kind = OdeEvent::Kind::plateau, .level = 0.1}}};
  const Solution solution = solve(problem, {.learning_rate = 1.0}, options);
  REQUIRE(solution.ending.is_completed());
  bool entered = false, left = false;
  for (const Event& event : solution.events) {
    if (event.name == "plateau entered") entered = true;
    if (event.name == "plateau left" && entered) left = true;
  }
  CHECK(entered);
  CHECK(left);
}

TEST_CASE(
    "ode: the closed route and the point set agree within the reported error along the curve") {
  const OnePassSgd sgd{.learning_rate = 0.8};
  OdeOptions options{.times = {2, 10, 30}, .rtol = 1e-6, .atol = 1e-8};
  const Solution exact = solve(erf_problem(), sgd, options);
  options.moments = {.route = MomentRoute::points, .points = 1 << 12};
  const Solution points = solve(erf_problem(), sgd, options);
  CHECK(points.moments == "points");
  CHECK_FALSE(exact.at("M").has_standard_error());
  for (std::size_t t = 0; t < 3; ++t) {
    const MatrixXd error = points.standard_error("M", t);
    const MatrixXd gap = points.value("M", t) - exact.value("M", t);
    for (Eigen::Index i = 0; i < 4; ++i) CHECK(std::abs(gap(i)) < 5 * error(i) + 1e-9);
    CHECK(error.maxCoeff() < 0.02);
  }
}

TEST_CASE("ode: the recursion with small batches follows it") {
  // n_b = 1 at d = 1e5 is an Euler scheme with dt = 1e-5.
  const OnePassSgd sgd{.learning_rate = 1.0};
  const Solution ode = solve(erf_problem(), sgd, OdeOptions{.times = {1}});
  const Solution recursion =
      solve(erf_problem(), sgd, FiniteBatchOptions{.dimension = 1e5, .steps = {100000}});
  CHECK((ode.value("Q", 0) - recursion.value("Q", 0)).cwiseAbs().maxCoeff() < 3e-5);
  CHECK((ode.value("M", 0) - recursion.value("M", 0)).cwiseAbs().maxCoeff() < 3e-5);
}

TEST_CASE("ode: random starts give an ensemble with standard errors") {
  Problem problem = erf_problem();
  problem.initial.M.setZero();
  problem.has_random_start = true;
  OdeOptions options{.times = {0, 5}, .starts = 16, .start_dimension = 100};
  const Solution solution = solve(problem, {.learning_rate = 0.5}, options);
  CHECK(solution.cost.replicas == 16);
  CHECK(solution.standard_error("M", 0)(0, 0) > 0.005);  // 1 / sqrt(100 * 16) = 0.025
  ExactChain chain{.dimension = 100, .times = {0}, .runs = 16};
  const Solution simulated = solve(problem, {.learning_rate = 0.5}, chain);
  CHECK((simulated.value("M", 0) - solution.value("M", 0)).cwiseAbs().maxCoeff() < 1e-15);
  const FiniteBatchOptions batches{.dimension = 100, .steps = {0}, .starts = 16};
  const Solution recursion = solve(problem, {.learning_rate = 0.5}, batches);
  CHECK((recursion.value("M", 0) - solution.value("M", 0)).cwiseAbs().maxCoeff() < 1e-15);
  // The limit of random starts is one run from M = 0.
  const Solution limit = solve(problem, {.learning_rate = 0.5}, OdeOptions{.times = {0}});
  CHECK(limit.value("M", 0) == Eigen::MatrixXd::Zero(2, 2));
  CHECK_FALSE(limit.at("M").has_standard_error());
}

TEST_CASE("one pass: normalised neurons have Q_jj = 1 from the start on, with every method") {
  Problem problem = erf_problem();
  problem.initial.Q << 1.5, 0.2, 0.2, 0.7;
  const double cosine = problem.initial.M(0, 1) / std::sqrt(1.5);
  for (const Normalise rule : {Normalise::projected, Normalise::spherical}) {
    const OnePassSgd sgd{.learning_rate = 0.3, .batch_size = 2, .normalise = rule};
    for (const Solution& solution :
         {solve(problem, sgd, OdeOptions{.times = {0, 1}}),
          solve(problem, sgd, FiniteBatchOptions{.dimension = 50, .steps = {0, 25}}),
          solve(problem, sgd, ExactChain{.dimension = 50, .times = {0, 1}, .runs = 4}),
          solve(problem, sgd, DenseSgdSimulation{.dimension = 50, .times = {0, 1}, .runs = 4})}) {
      INFO(solution.method);
      CHECK(close(solution.value("M", 0)(0, 1), cosine, {.rtol = 1e-12}));
      for (std::size_t t = 0; t < 2; ++t) {
        for (Eigen::Index j = 0; j < 2; ++j) {
          CHECK(close(solution.value("Q", t)(j, j), 1, {.rtol = 1e-12}));
        }
      }
    }
  }
}

TEST_CASE("one pass: divergence is located and keeps what was finished") {
  Problem problem = make_problem("He3", VectorXd::Ones(1), "He3(z1)", 1);
  problem.initial.M(0, 0) = 0.3;
  const OnePassSgd sgd{.learning_rate = 0.5};
  const Solution ode = solve(problem, sgd, OdeOptions{.times = {0, 1e-5, 100}});
  CHECK(ode.ending.termination == Termination::diverged);
  CHECK(ode.time.size() == 2);
  CHECK(ode.ending.detail.find("at t = ") != std::string::npos);
  CHECK(ode.at("M").value.allFinite());
  const Solution chain =
      solve(problem, sgd, ExactChain{.dimension = 100, .times = {0, 0.01, 100}, .runs = 16});
  CHECK(chain.ending.termination == Termination::diverged);
  CHECK(chain.ending.detail.find("by step 10000") != std::string::npos);
  CHECK(chain.at("M").value.allFinite());
  const Solution recursion =
      solve(problem, sgd, FiniteBatchOptions{.dimension = 100, .steps = {0, 1, 100000}});
  CHECK(recursion.ending.termination == Termination::diverged);
}

TEST_CASE("one pass: bad input is named with its value") {
  const Problem problem = erf_problem();
  const OnePassSgd sgd{.learning_rate = 1.0};
  CHECK_THROWS_WITH_AS(solve(problem, {.learning_rate = -1}, OdeOptions{.times = {1}}),
                       "training: learning_rate must be finite and >= 0, got -1", InputError);
  CHECK_THROWS_WITH_AS(solve(problem, sgd, OdeOptions{.times = {1, 0.5}}),
                       "ode: times[2] must be above the time before it, got 0.5", InputError);
  CHECK_THROWS_WITH_AS(solve(problem, sgd, OdeOptions{.times = {}}),
                       "ode: times must be one at least, got none", InputError);
  CHECK_THROWS_WITH_AS(solve(problem, sgd, OdeOptions{.times = {1}, .rtol = 0}),
                       "ode: rtol must be finite and > 0, got 0", InputError);
  CHECK_THROWS_WITH_AS(solve(problem, sgd, ExactChain{.dimension = 3, .times = {1}}),
                       "simulation: dimension must be a whole number, at least 4, got 3",
                       InputError);
  CHECK_THROWS_WITH_AS(solve(problem, sgd, ExactChain{.dimension = 10.5, .times = {1}}),
                       "simulation: dimension must be a whole number, at least 4, got 10.5",
                       InputError);
  CHECK_THROWS_AS(solve(problem, sgd, ExactChain{.dimension = 10, .times = {0.04}}), InputError);
  const OnePassSgd again{.learning_rate = 1, .batch_size = 3, .repeats = 2};
  CHECK_NOTHROW(check(problem, again, FiniteBatchOptions{.dimension = 100, .steps = {1}}));
  CHECK_THROWS_AS(check(problem, again, FiniteBatchOptions{.dimension = 99, .steps = {1}}),
                  InputError);
  CHECK_NOTHROW(check(problem, again, OdeOptions{.times = {1}, .start_dimension = 100}));
  CHECK_THROWS_AS(check(problem, again, OdeOptions{.times = {1}, .start_dimension = 99}),
                  InputError);
  CHECK_THROWS_AS(solve(problem, {.learning_rate = 1, .batch_size = 5000, .repeats = 2},
                        ExactChain{.dimension = 100, .times = {1}}),
                  InputError);
  CHECK_THROWS_AS(solve(problem, {.learning_rate = 1, .batch_size = 0}, OdeOptions{.times = {1}}),
                  InputError);
  Problem dead = problem;
  dead.initial.M.setZero();
  dead.initial.Q << 1, 0, 0, 0;
  CHECK_THROWS_WITH_AS(solve(dead, {.learning_rate = 1, .normalise = Normalise::spherical},
                             OdeOptions{.times = {1}}),
                       "initial: Q[2, 2] must be > 0 for normalise = \"spherical\", got 0",
                       InputError);
}

TEST_CASE("OverlapChain: the same bytes for any number of threads and any number of other runs") {
  ExactChain options{.dimension = 1e12, .times = {0, 2e-10}, .runs = 70, .threads = 1};
  const OnePassSgd sgd{.learning_rate = 1.0};
  const auto one = trajectories(erf_problem(), sgd, options);
  options.threads = 3;
  const auto three = trajectories(erf_problem(), sgd, options);
  options.runs = 5;
  const auto few = trajectories(erf_problem(), sgd, options);
  for (std::size_t run = 0; run < one.size(); ++run) CHECK(one[run].values == three[run].values);
  for (std::size_t run = 0; run < few.size(); ++run) CHECK(few[run].values == one[run].values);
}
