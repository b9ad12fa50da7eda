// The limit's standard errors for labels with heavy tails: whether they cover the truth.
#include <doctest/doctest.h>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/revealed_descent.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;

constexpr double overlap = 0.3, learning_rate = 0.05, alpha = 2;

// Loss and E[G^2] at step 0, overlaps and second layer after one step, without a point set.
struct FirstStep {
  double loss, square, M, Q, a;
};

// One tanh neuron, h = m z + sqrt(1 - m^2) xi. Trapezoidal rules over z and xi, exact to rounding:
//   M_1 = m - c E[G z],  Q_1 = 1 - 2 c E[G h] + c^2 (E[G z]^2 + E[G xi]^2) + c^2 E[G^2] / alpha,
//   a_1 = 1 - c E[(f - g) f],  c = eta alpha.
FirstStep first_step(const std::function<double(double)>& g) {
  constexpr double step = 0.08;
  const double outside = std::sqrt(1 - overlap * overlap);
  double loss = 0, gz = 0, gx = 0, gg = 0, ga = 0;
  for (double z = -14; z <= 14; z += step) {
    for (double x = -8; x <= 8; x += step) {
      const double weight = step * step * std::exp(-0.5 * (z * z + x * x)) / (2 * M_PI);
      const double f = std::tanh(overlap * z + outside * x);
      const double residual = f - g(z);
      const double gradient = residual * (1 - f * f);
      loss += 0.5 * weight * residual * residual;
      ga += weight * residual * f;
      gz += weight * gradient * z;
      gx += weight * gradient * x;
      gg += weight * gradient * gradient;
    }
  }
  const double c = learning_rate * alpha;
  return {loss, gg, overlap - c * gz,
          1 - 2 * c * (overlap * gz + outside * gx) + c * c * (gz * gz + gx * gx + gg / alpha),
          1 - c * ga};
}

// How often one of many runs misses a value at the 90 % level of Student's t for 8 scrambles.
struct Misses {
  double expected;
  int count = 0;

  void add(double value, double error) {
    const boost::math::students_t law(7);
    count += !(std::abs(value - expected) <= boost::math::quantile(law, 0.95) * error);
  }
};

void check_coverage(const std::string& label, const std::function<double(double)>& g) {
  constexpr int n_seeds = 80;
  Problem problem = test::make_problem("tanh", Eigen::VectorXd::Ones(1), label, 1);
  problem.initial.M.setConstant(overlap);
  const GradientDescent descent{.schedule = Schedule::reuse(1),
                                .learning_rate = {learning_rate},
                                .samples_per_dimension = {alpha}};
  const FirstStep truth = first_step(g);
  Misses loss{truth.loss}, M{truth.M}, Q{truth.Q};
  for (std::uint64_t seed = 0; seed < n_seeds; ++seed) {
    const Solution limit = solve(problem, descent, DmftOptions{.points = 1024, .seed = seed});
    loss.add(limit.value("training_loss", 0)(0, 0), limit.standard_error("training_loss", 0)(0, 0));
    M.add(limit.value("M", 1)(0, 0), limit.standard_error("M", 1)(0, 0));
    Q.add(limit.value("Q", 1)(0, 0), limit.standard_error("Q", 1)(0, 0));
  }
  const boost::math::binomial law(n_seeds, 0.1);
  const double most = boost::math::quantile(boost::math::complement(law, 1e-4));
  CAPTURE(label);
  CAPTURE(loss.count);
  CAPTURE(M.count);
  CAPTURE(Q.count);
  CHECK(loss.count <= most);
  CHECK(M.count <= most);
  CHECK(Q.count <= most);
}

}  // namespace

TEST_CASE("dmft: for labels with heavy tails its errors cover the truth as often as they claim") {
  const auto he4 = [](double z) { return (z * z - 6) * z * z + 3; };
  const auto he6 = [](double z) { return ((z * z - 15) * z * z + 45) * z * z - 15; };
  check_coverage("z1", [](double z) { return z; });
  check_coverage("He4(z1)", he4);
  check_coverage("He6(z1)", he6);
  check_coverage("exp(z1)", [](double z) { return std::exp(z); });
  check_coverage("exp(2*z1)", [](double z) { return std::exp(2 * z); });
  check_coverage("abs(z1)^3", [](double z) { return std::abs(z * z * z); });
}

TEST_CASE("dmft: kernels and a trained second layer carry the weights of points in the tails") {
  Problem problem = test::make_problem("tanh", Eigen::VectorXd::Ones(1), "He4(z1)", 1);
  problem.initial.M.setConstant(overlap);
  GradientDescent descent{.schedule = Schedule::reuse(2),
                          .learning_rate = {learning_rate},
                          .samples_per_dimension = {alpha}};
  descent.second_layer_learning_rate = {learning_rate};
  const FirstStep truth = first_step([](double z) { return (z * z - 6) * z * z + 3; });
  const Solution limit = solve(problem, descent, DmftOptions{.points = 16384, .kernels = true});
  const auto check_value = [](double value, double expected, double error) {
    CHECK(test::close(value, expected, {.atol = 5 * error}));  // 2e-3 of Student's t for 8
    CHECK(error < 0.01 * std::abs(expected));
  };
  check_value(limit.value("a", 1)(0, 0), truth.a, limit.standard_error("a", 1)(0, 0));
  REQUIRE(limit.kernels.size() == 3);
  const auto& [C, C_G, R] = std::tie(limit.kernels[0], limit.kernels[1], limit.kernels[2]);
  CHECK(test::close(C.value(1, 1), limit.value("Q", 1)(0, 0), {.rtol = 1e-12}));
  check_value(C_G.value(0, 0), alpha * truth.square, C_G.standard_error(0, 0));
  CHECK(test::close(R.value(1, 0), 1, {.rtol = 1e-9}));
  CHECK(test::close(R.value(2, 1), 1, {.rtol = 1e-9}));
}

TEST_CASE("recursion: points in the tails and points of the normals have one limit, step by step") {
  Problem problem = test::make_problem("tanh", Eigen::VectorXd::Ones(1), "z1 + He2(z1)", 1);
  problem.initial.M.setConstant(overlap);
  const GradientDescent descent{.schedule = Schedule::reuse(4),
                                .learning_rate = {0.2},
                                .samples_per_dimension = {alpha},
                                .momentum = 0.3};
  LimitReading normal(15, 1, 0), widened(15, 1, 1, std::sqrt(3.0));
  RevealedDescent one(problem, descent, normal, 1), other(problem, descent, widened, 1);
  for (int t = 1; t <= 4; ++t) {
    CAPTURE(t);
    CHECK(test::close(one.step(), other.step(), {.rtol = 5e-3}));  // the points' own errors
    CHECK(test::close(one.M()(0, 0), other.M()(0, 0), {.rtol = 5e-3}));
    CHECK(test::close(one.Q()(0, 0), other.Q()(0, 0), {.rtol = 5e-3}));
  }
}
