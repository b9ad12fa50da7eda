#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

// A second layer that every run draws: with correlation loss and a linear student G = -a y, so that
// M moves by eta a E[y z] a unit of time. From M = 0 its law over the runs is that of a, whatever
// else is random: M = a (m + noise) and the mean square over runs of M is E[a^2] = 1 times that of
// a = 1.

namespace {

using namespace reprise;
using Eigen::Index;

Problem drawn(SecondLayerDraw law) {
  Problem problem = test::make_problem("linear", Eigen::VectorXd::Ones(2), "z1", 1);
  problem.loss = Loss::correlation();
  problem.student.second_layer_draw = law;
  return problem;
}

// Over the runs: M_11 and M_21 at the last time, which are eta a_1 and eta a_2 but for the noise.
void check_law(const Solution& solution, SecondLayerDraw law, double move, double noise) {
  INFO(solution.method);
  REQUIRE(solution.ending.is_completed());
  std::vector<double> m, square, product;
  for (const Eigen::MatrixXd& run : solution.replicas) {
    const Index last = static_cast<Index>(solution.step.size()) - 1;
    m.push_back(run(last, 0) / move);
    square.push_back(m.back() * m.back());
    product.push_back(m.back() * run(last, 1) / move);
  }
  const test::SampleMoments mean = test::moments(m), second = test::moments(square),
                            mixed = test::moments(product);
  INFO("mean " << mean.mean << " +- " << mean.mean_error << ", square " << second.mean << " +- "
               << second.mean_error << ", product " << mixed.mean << " +- " << mixed.mean_error);
  CHECK(std::abs(mean.mean) < 4.5 * mean.mean_error);
  CHECK(std::abs(mixed.mean) < 4.5 * mixed.mean_error);
  CHECK(std::abs(second.mean - 1) < 4.5 * second.mean_error + noise);
  CHECK(mean.deviation > 0.7);  // the runs differ in a, not in their data alone
  if (law == SecondLayerDraw::gaussian) {
    CHECK(second.deviation > 0.9);  // sqrt(2) for normals
  } else {
    CHECK(second.deviation < 0.6);  // 0 for signs
  }
}

}  // namespace

TEST_CASE("second layers drawn in every run: all engines have the law of a") {
  for (const SecondLayerDraw law : {SecondLayerDraw::gaussian, SecondLayerDraw::rademacher}) {
    const Problem problem = drawn(law);
    const OnePassSgd sgd{.learning_rate = 0.3};
    const std::vector<double> times = {0, 1};
    // M = a gamma mean(z1^2) after d samples: E[(mean z1^2)^2] = 1 + 2 / d.
    check_law(solve(problem, sgd, OdeOptions{.times = times, .starts = 600}), law, 0.3, 1e-3);
    check_law(
        solve(problem, sgd, FiniteBatchOptions{.dimension = 50, .steps = {0, 50}, .starts = 600}),
        law, 0.3, 1e-3);
    check_law(
        solve(
            problem, sgd,
            ExactChain{.dimension = 50, .times = times, .runs = 600, .seed = 2, .test_points = 32}),
        law, 0.3, 2.0 / 50);
    check_law(
        solve(problem, sgd,
              DenseSgdSimulation{
                  .dimension = 50, .times = times, .runs = 600, .seed = 3, .test_points = 32}),
        law, 0.3, 2.0 / 50);
    const GradientDescent descent{
        .schedule = Schedule::fresh(1), .learning_rate = {0.3}, .samples_per_dimension = {2}};
    check_law(solve(problem, descent, DmftOptions{.points = 256, .scrambles = 600}), law, 0.6,
              2e-3);
    check_law(solve(problem, descent, ExactSimulation{.dimension = 50, .runs = 600, .seed = 4}),
              law, 0.6, 2.0 / 100);
    check_law(solve(problem, descent, DenseSimulation{.dimension = 50, .runs = 600, .seed = 5}),
              law, 0.6, 2.0 / 100);
  }
}
