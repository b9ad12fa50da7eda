// What must not change when a problem is written differently.
#include <doctest/doctest.h>

#include <cmath>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using test::close;

Problem base() {
  Problem problem{.target = {Expression::parse("tanh(z1 + z2*z2)"), 0.1, MatrixXd::Identity(2, 2)},
                  .student = {Activation::parse("relu"), Eigen::Vector3d(1, -0.5, 0.7)},
                  .initial = {MatrixXd::Zero(3, 2), MatrixXd::Identity(3, 3)},
                  .input_covariance = MatrixXd::Identity(2, 2)};
  problem.initial.M << 0.2, -0.1, 0, 0.3, 0.1, 0.1;
  return problem;
}

GradientDescent descent(Schedule schedule, std::vector<double> alpha) {
  return {.schedule = std::move(schedule),
          .learning_rate = {0.1},
          .samples_per_dimension = std::move(alpha),
          .momentum = 0.3};
}

constexpr int steps = 6;

// Largest difference in standard errors of M' and Q' with what `map` makes of M and Q.
template <class MapM, class MapQ>
double worst_z(const Solution& changed, const Solution& original, const MapM& map_M,
               const MapQ& map_Q) {
  double worst = 0;
  for (int t = 1; t <= steps; ++t) {
    const MatrixXd M = changed.value("M", t) - map_M(original.value("M", t));
    const MatrixXd Q = changed.value("Q", t) - map_Q(original.value("Q", t));
    const double error_M = std::hypot(changed.standard_error("M", t).maxCoeff(),
                                      original.standard_error("M", t).maxCoeff());
    const double error_Q = std::hypot(changed.standard_error("Q", t).maxCoeff(),
                                      original.standard_error("Q", t).maxCoeff());
    worst = std::max({worst, M.cwiseAbs().maxCoeff() / error_M, Q.cwiseAbs().maxCoeff() / error_Q});
  }
  return worst;
}

constexpr auto same = [](const MatrixXd& x) -> MatrixXd { return x; };

template <class Options, class Check>
void both_readings(const Options& limit_options, const ExactSimulation& simulation,
                   const Check& check) {
  SUBCASE("limit") { check(limit_options); }
  SUBCASE("exact simulation") { check(simulation); }
}

const DmftOptions limit_options{.points = 1 << 15, .scrambles = 16};
const ExactSimulation simulation{.dimension = 100, .runs = 400};

}  // namespace

TEST_CASE("invariance: rotating the target's coordinates rotates M and leaves Q") {
  const double c = std::cos(0.7), s = std::sin(0.7);
  MatrixXd rotation(2, 2);  // z = rotation z'
  rotation << c, -s, s, c;
  Problem turned = base();
  turned.target.g = Expression::parse(
      "tanh(0.7648421872844885*z1 - 0.644217687237691*z2 + (0.644217687237691*z1 + "
      "0.7648421872844885*z2)^2)");
  turned.initial.M = base().initial.M * rotation;
  const auto algorithm = descent(Schedule::cyclic(2, steps), {2, 1});
  both_readings(limit_options, simulation, [&](auto options) {
    const Solution original = solve(base(), algorithm, options);
    options.seed = 2;
    const Solution changed = solve(turned, algorithm, options);
    const double z = worst_z(
        changed, original, [&](const MatrixXd& M) -> MatrixXd { return M * rotation; }, same);
    CAPTURE(z);
    CHECK(z < 5);
  });
}

TEST_CASE("invariance: permuting the neurons permutes M and Q") {
  MatrixXd swap(3, 3);
  swap << 0, 1, 0, 0, 0, 1, 1, 0, 0;
  Problem permuted = base();
  permuted.student.second_layer = swap * base().student.second_layer;
  permuted.initial.M = swap * base().initial.M;
  permuted.initial.Q = swap * base().initial.Q * swap.transpose();
  const auto algorithm = descent(Schedule::reuse(steps), {2});
  both_readings(limit_options, simulation, [&](auto options) {
    const Solution original = solve(base(), algorithm, options);
    options.seed = 2;
    const Solution changed = solve(permuted, algorithm, options);
    const double z = worst_z(
        changed, original, [&](const MatrixXd& M) -> MatrixXd { return swap * M; },
        [&](const MatrixXd& Q) -> MatrixXd { return swap * Q * swap.transpose(); });
    CAPTURE(z);
    CHECK(z < 5);
  });
}

// With sigma = relu, a -> a / c at output_scale c and W unchanged is the same network; and relu(c
// h) = c relu(h), so that a -> a / c with h -> c h trains alike when eta is scaled by c^2.
TEST_CASE("invariance: a / c with weights c W and learning rate c^2 eta gives c M and c^2 Q") {
  const double c = 1.7;
  Problem scaled = base();
  scaled.student.second_layer /= c;
  scaled.initial.M *= c;
  scaled.initial.Q *= c * c;
  auto algorithm = descent(Schedule::reuse(steps), {2});
  both_readings(limit_options, simulation, [&](auto options) {
    const Solution original = solve(base(), algorithm, options);
    auto faster = algorithm;
    faster.learning_rate = {0.1 * c * c};
    const Solution changed = solve(scaled, faster, options);
    // The same points and the same data: equal up to rounding.
    for (int t = 1; t <= steps; ++t) {
      CHECK(close((changed.value("M", t) - c * original.value("M", t)).norm(), 0, {.atol = 1e-10}));
      CHECK(close((changed.value("Q", t) - c * c * original.value("Q", t)).norm(), 0,
                  {.atol = 1e-10}));
    }
  });
}

TEST_CASE("invariance: a custom activation c sigma with a / c is sigma with a") {
  Problem scaled = base();
  scaled.student.activation = Activation::custom(
      "3 relu", [](double x) { return x > 0 ? 3 * x : 0.0; },
      [](double x) { return x > 0 ? 3.0 : 0.0; });
  scaled.student.second_layer /= 3;
  const auto algorithm = descent(Schedule::reuse(steps), {2});
  const Solution original = solve(base(), algorithm, limit_options);
  const Solution changed = solve(scaled, algorithm, limit_options);
  for (int t = 1; t <= steps; ++t) {
    CHECK(close((changed.value("Q", t) - original.value("Q", t)).norm(), 0, {.atol = 1e-10}));
  }
}

TEST_CASE("invariance: equal schedules under other block numbers give the same curves") {
  const auto one = descent(Schedule::explicit_blocks({0, 0, 1, 0, 1, 1}), {2, 1});
  const auto other = descent(Schedule::explicit_blocks({1, 1, 0, 1, 0, 0}), {1, 2});
  both_readings(limit_options, simulation, [&](auto options) {
    const Solution original = solve(base(), one, options);
    options.seed = 3;
    const Solution changed = solve(base(), other, options);
    const double z = worst_z(changed, original, same, same);
    CAPTURE(z);
    CHECK(z < 5);
  });
}

TEST_CASE("invariance: after one fresh step M depends on eta alpha alone, Q does not") {
  Problem problem = base();
  const Solution whole = solve(problem, descent(Schedule::fresh(1), {2}), limit_options);
  auto split = descent(Schedule::fresh(1), {1});
  split.learning_rate = {0.2};
  const Solution half = solve(problem, split, limit_options);
  CHECK(close((whole.value("M", 1) - half.value("M", 1)).norm(), 0, {.atol = 1e-10}));
  CHECK((whole.value("Q", 1) - half.value("Q", 1)).norm() > 1e-3);
}
