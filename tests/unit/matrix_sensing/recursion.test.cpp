#include "reprise/matrix_sensing/recursion.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "reprise/matrix_sensing/simulation.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using test::close;
using test::contains;

const MatrixSensing informed{.overlap = {.6, .5}, .norm = {.9, 1.1}};
const MatrixSensing uninformed{.noise_variance = .09, .overlap = {.05, .05}, .norm = {1, 1}};

MatrixSensing with_noise(MatrixSensing problem, double variance) {
  problem.noise_variance = variance;
  return problem;
}

double error_of(const Solution& solution, std::size_t t) {
  return solution.value("error", t)(0, 0);
}

}  // namespace

TEST_CASE("sensing recursion: trajectories of an independent program, to all their digits") {
  struct Row {
    double kappa, penalty, variance;
    int step;
    double al, rh, al2, rh2, error;
  };
  const Row table[] = {{4, 1, 0, 1, .5964177, .8911325, .5338849, 1.0943478, 1.3141955},
                       {4, 1, 0, 3, .5977602, .8775541, .5963674, 1.0853743, 1.1942385},
                       {4, 1, 0, 6, .6156591, .8649731, .6794519, 1.0762576, 1.0300165},
                       {1, .5, .01, 1, .5856095, .8463687, .6080682, 1.0666477, 1.1028256},
                       {1, .5, .01, 4, .6869436, .8114214, .8632751, 1.0519064, .5424868},
                       {1, .5, .01, 8, .8257477, .8533208, 1.0492248, 1.0914220, .1345913},
                       {.125, 1, .01, 4, .7937467, .8011894, 1.0358084, 1.0691793, .0894504},
                       {.125, 1, .01, 8, .8758045, .8761204, 1.1314793, 1.1325723, .0026898}};
  for (const Row& row : table) {
    INFO(row.kappa, " ", row.step);
    const Solution solution =
        solve(with_noise(informed, row.variance),
              {.penalty = row.penalty, .samples_per_dimension = 1 / row.kappa, .steps = row.step},
              SensingRecursionOptions{});
    REQUIRE(solution.ending.is_completed());
    const auto t = static_cast<std::size_t>(row.step);
    const Eigen::MatrixXd overlap = solution.value("overlap", t), norm = solution.value("norm", t);
    const test::Tolerance digits{.atol = .6e-7};
    CHECK(close(overlap(0, 0), row.al, digits));
    CHECK(close(norm(0, 0), row.rh, digits));
    CHECK(close(overlap(1, 0), row.al2, digits));
    CHECK(close(norm(1, 0), row.rh2, digits));
    CHECK(close(error_of(solution, t), row.error, digits));
    CHECK(close(solution.value("overlap_product", t)(0, 0), overlap(0, 0) * overlap(1, 0),
                {.rtol = 1e-15}));
  }
}

TEST_CASE("sensing recursion: from the uninformed start, symmetric in mu and nu") {
  struct Row {
    std::size_t step;
    double overlap, norm, error;
  };
  const Solution solution =
      solve(uninformed, {.penalty = .1, .samples_per_dimension = 4, .steps = 10},
            SensingRecursionOptions{});
  for (const Row& row :
       {Row{1, .0686430, .8306689, 1.4666913}, Row{3, .1963407, .8163715, 1.3670728},
        Row{5, .5286514, .8620656, .9933377}, Row{7, .9208233, .9721580, .1973663},
        Row{10, .9970895, 1.0129128, .0642852}}) {
    const test::Tolerance digits{.atol = .6e-7};
    for (const Eigen::Index i : {0, 1}) {
      CHECK(close(solution.value("overlap", row.step)(i, 0), row.overlap, digits));
      CHECK(close(solution.value("norm", row.step)(i, 0), row.norm, digits));
    }
    CHECK(close(error_of(solution, row.step), row.error, digits));
  }
}

TEST_CASE("sensing recursion: one step as kappa -> 0 is ridge regression in expectation") {
  // D = 1 and no variance is left: dmu, dnu by hand from E b^2, E c^2, E b^2 c^2.
  const double penalty = .5, kappa = 1e-9;
  const Solution solution =
      solve(informed, {.penalty = penalty, .samples_per_dimension = 1 / kappa, .steps = 1},
            SensingRecursionOptions{});
  const double mu = .9, nu = 1.1, a = .6 / mu, b = .5 / nu;
  const double x = (a * b - mu * nu) / (mu * mu + nu * nu + penalty);
  const double side_a = std::sqrt(1 - a * a);
  const double u2 = nu * side_a * b / (nu * nu + penalty);
  CHECK(close(solution.value("overlap", 1)(0, 0), a * (mu + nu * x) + side_a * u2, {.rtol = 1e-7}));
  CHECK(close(solution.value("norm", 1)(0, 0), std::hypot(mu + nu * x, u2), {.rtol = 1e-7}));
}

TEST_CASE("sensing recursion: without noise the truth stays, and is approached") {
  const ProxLinear algorithm{.penalty = .2, .samples_per_dimension = 8, .steps = 40};
  const MatrixSensing truth{.overlap = {2, .5}, .norm = {2, .5}};
  const Solution stays = solve(truth, algorithm, SensingRecursionOptions{});
  CHECK(error_of(stays, 40) < 1e-12);
  CHECK(close(stays.value("norm", 40)(0, 0), 2, {.rtol = 1e-12}));
  CHECK(error_of(solve(informed, algorithm, SensingRecursionOptions{}), 40) < 1e-10);
}

TEST_CASE("sensing recursion: its quadrature converges at every batch size, also at kappa = 1e6") {
  for (const double kappa : {1e-3, 1.0, 100.0, 1e4, 1e6}) {
    for (const double penalty : {1e-3, 1.0}) {
      INFO(kappa, " ", penalty);
      const ProxLinear algorithm{
          .penalty = penalty, .samples_per_dimension = 1 / kappa, .steps = 1};
      const Solution coarse = solve(informed, algorithm, SensingRecursionOptions{});
      const Solution fine = solve(informed, algorithm, SensingRecursionOptions{.spacing = .06});
      REQUIRE(coarse.ending.is_completed());
      REQUIRE(coarse.time.size() == 2);
      for (const char* quantity : {"overlap", "norm", "error"}) {
        CHECK((coarse.value(quantity, 1) - fine.value(quantity, 1)).norm() < 1e-10);
      }
    }
  }
}

TEST_CASE("sensing recursion: many samples at once are not many steps, and few change little") {
  const ProxLinear few{.penalty = 1, .samples_per_dimension = 1e-6, .steps = 1};
  const Solution solution = solve(informed, few, SensingRecursionOptions{});
  CHECK((solution.value("norm", 1) - solution.value("norm", 0)).norm() < 1e-4);
}

TEST_CASE("sensing: starts and settings that cannot be are refused") {
  const ProxLinear algorithm{.penalty = .1, .samples_per_dimension = 4, .steps = 2};
  const auto message = [](const MatrixSensing& problem, const ProxLinear& with) {
    return test::message_of([&] { check(problem, with, SensingRecursionOptions{}); });
  };
  CHECK(message(informed, algorithm) == "(no error)");
  CHECK(contains(message({.overlap = {.6}, .norm = {1, 1}}, algorithm),
                 "overlap must be two numbers, of mu and of nu, got 1 of them"));
  CHECK(contains(message({.overlap = {.6, 2}, .norm = {1, 1}}, algorithm),
                 "overlap must be at most norm in size, 1, got 2"));
  CHECK(contains(message({.overlap = {0, 0}, .norm = {1, 0}}, algorithm), "norm"));
  CHECK(contains(message(with_noise(informed, -1), algorithm), "noise_variance must be"));
  CHECK(contains(message(informed, {.penalty = 0, .samples_per_dimension = 4, .steps = 2}),
                 "penalty must be"));
  CHECK(contains(test::message_of([&] {
                   check(informed, {.penalty = 1, .samples_per_dimension = .01, .steps = 2},
                         SensingSimulation{.dimension = 20});
                 }),
                 "samples_per_dimension must be one sample a step at least"));
  CHECK(contains(
      test::message_of([&] { check(informed, algorithm, SensingSimulation{.dimension = 1}); }),
      "dimension must be"));
}

TEST_CASE("sensing recursion: a fixed point that is not reached ends the curve") {
  const Solution solution = solve(informed, {.penalty = .1, .samples_per_dimension = 4, .steps = 2},
                                  SensingRecursionOptions{.max_rounds = 2});
  CHECK(solution.ending.termination == Termination::not_converged);
  CHECK(solution.time.size() == 1);
  CHECK(contains(solution.ending.detail, "at step 1"));
}

TEST_CASE("sensing simulation: the step solves its normal equations, same bytes on any threads") {
  // d = 2, many samples: the least squares of one run against those of the expectation.
  const ProxLinear algorithm{.penalty = .5, .samples_per_dimension = 20'000, .steps = 1};
  const Solution wide = solve(informed, algorithm, SensingSimulation{.dimension = 2, .runs = 2});
  const Solution limit = solve(informed, algorithm, SensingRecursionOptions{});
  CHECK((wide.value("overlap", 1) - limit.value("overlap", 1)).norm() < .05);
  const ProxLinear small{.penalty = .5, .samples_per_dimension = 1.5, .steps = 3};
  SensingSimulation options{.dimension = 24, .runs = 5, .threads = 1};
  const Solution one = solve(with_noise(informed, .1), small, options);
  options.threads = 3;
  const Solution three = solve(with_noise(informed, .1), small, options);
  for (const Series& series : one.series) {
    CHECK(series.value == three.at(series.quantity).value);
    CHECK(series.standard_error == three.at(series.quantity).standard_error);
  }
  CHECK((one.value("norm", 0) - Eigen::Vector2d(.9, 1.1)).norm() < 1e-14);
}
