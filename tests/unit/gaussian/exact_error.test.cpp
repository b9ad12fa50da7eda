#include "reprise/gaussian/exact_error.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "support/close.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::make_problem;

// Simpson's rule on both sides of 0, where kinks are.
struct Grid {
  std::vector<double> x, weight;

  explicit Grid(double reach) {
    constexpr int n = 200;
    const double step = reach / n;
    for (const int side : {-1, 1}) {
      for (int i = 0; i <= n; ++i) {
        x.push_back(side * i * step);
        weight.push_back(step / 3 * (i == 0 || i == n ? 1 : i % 2 == 1 ? 4 : 2));
      }
    }
  }
};

// p = k = 1: 1/2 E (a sigma(h) - g(z))^2 over the density of (h, z), variances q and s, covariance
// c.
double by_quadrature(const Problem& problem, double q, double c, double s) {
  const Grid h(10 * std::sqrt(q)), z(10 * std::sqrt(s));
  const double determinant = q * s - c * c;
  double sum = 0;
  std::vector<double> g;
  for (const double x : z.x) g.push_back(problem.target.g(std::span<const double>(&x, 1)));
  for (std::size_t i = 0; i < h.x.size(); ++i) {
    const double f = problem.student.second_layer[0] * problem.student.activation.value(h.x[i]);
    for (std::size_t j = 0; j < z.x.size(); ++j) {
      const double form =
          (s * h.x[i] * h.x[i] - 2 * c * h.x[i] * z.x[j] + q * z.x[j] * z.x[j]) / determinant;
      sum += h.weight[i] * z.weight[j] * std::exp(-0.5 * form) * (f - g[j]) * (f - g[j]);
    }
  }
  return 0.5 * sum / (2 * std::numbers::pi * std::sqrt(determinant));
}

struct Pair {
  const char* activation;
  const char* target;
};

}  // namespace

TEST_CASE("ExactError: every closed form agrees with quadrature of the density") {
  const Pair pairs[] = {{"erf", "He4(z1) - 0.3*z1 + 0.2"},
                        {"erf", "2*erf(0.4*z1) - 0.3"},
                        {"relu", "He4(z1) - z1^3 + 0.2"},
                        {"relu", "relu(z1) - 0.3*abs(z1) + z1 - 0.4"},
                        {"leaky_relu(0.2)", "He3(z1) + z1^2"},
                        {"leaky_relu(0.2)", "relu(-z1) + 0.5"},
                        {"sin", "z1^3 + 1"},
                        {"cos", "z1^4 - z1"},
                        {"polynomial([0.3, 1, -0.5, 0.2])", "z1^3 - z1^2"},
                        {"He2", "abs(z1) + 0.1"},
                        {"He3", "erf(z1)"},
                        {"linear", "relu(z1)"}};
  for (const Pair& pair : pairs) {
    const std::string names = std::string(pair.activation) + " of " + pair.target;
    CAPTURE(names);
    Problem problem = make_problem(pair.activation, VectorXd::Constant(1, -0.7), pair.target, 1);
    problem.target.gram(0, 0) = 1.3;
    for (const double s : {1.3, 0.8}) {
      problem.input_covariance(0, 0) = s;
      const double m = 0.6, q = 0.9;
      REQUIRE(ExactError::covers(problem));
      ExactError error(problem);
      // h = (m / P) h* + xi with Q - m^2 / P left for xi.
      const double variance = q + m * m / 1.69 * (s - 1.3);
      CHECK(close(error({MatrixXd::Constant(1, 1, m), MatrixXd::Constant(1, 1, q)},
                        problem.student.second_layer),
                  by_quadrature(problem, variance, m * s / 1.3, s), {.rtol = 1e-6}));
    }
  }
}

TEST_CASE("ExactError: several neurons and directions agree with points within their spread") {
  const Pair pairs[] = {{"leaky_relu(0.2)", "z1*z2^2 - He3(z2) + 0.5*z3"},
                        {"erf", "z1*z2*z3 + z1"},
                        {"relu", "relu(z1 - z2) + abs(z3) - 0.5"},
                        {"He2", "z1*z2 + z3^2"}};
  for (const Pair& pair : pairs) {
    CAPTURE(pair.target);
    Problem problem =
        make_problem(pair.activation, (VectorXd(2) << 0.7, -1.1).finished(), pair.target, 3);
    problem.student.output_scale = OutputScale::inverse_sqrt;
    problem.target.noise_variance = 0.4;
    problem.target.gram << 1.2, 0.3, 0, 0.3, 0.8, -0.1, 0, -0.1, 1;
    problem.input_covariance << 2.0, -0.2, 0.3, -0.2, 0.7, 0, 0.3, 0, 1.1;
    problem.initial.M << 0.4, -0.2, 0.1, 0.1, 0.3, 0.5;
    problem.initial.Q << 1.0, 0.2, 0.2, 0.9;
    std::vector<double> points;
    for (std::uint64_t s = 0; s < 12; ++s) {
      const Stream stream(5, Purpose::generalisation, s);
      points.push_back(
          GeneralisationError(problem, stream, 1 << 12, ErrorRoute::points)(problem.initial));
    }
    const test::SampleMoments mean = test::moments(points);
    ExactError exact(problem);
    CHECK(close(mean.mean, exact(problem.initial, problem.student.output_weights()),
                {.atol = 5 * mean.mean_error}));
    CHECK(mean.mean_error < 2e-3 * mean.mean);
  }
}

TEST_CASE("ExactError: an uninformed relu student of He_l has (l! + 1/2) / 2, to rounding") {
  for (int l = 2; l <= 20; ++l) {
    const Problem problem =
        make_problem("relu", VectorXd::Ones(1), "He" + std::to_string(l) + "(z1)", 1);
    CHECK(close(ExactError(problem)(problem.initial, VectorXd::Ones(1)),
                0.5 * std::tgamma(l + 1) + 0.25, {.rtol = 1e-14}));
  }
}

TEST_CASE("ExactError: never below 0, and the square of a small distance from the target") {
  const Pair pairs[] = {{"relu", "relu(z1)"},
                        {"erf", "erf(z1/sqrt(2))"},
                        {"He3", "He3(z1)"},
                        {"linear", "z1"},
                        {"relu", "0.5*abs(z1) + 0.5*z1"}};
  for (const Pair& pair : pairs) {
    CAPTURE(pair.target);
    const Problem problem = make_problem(pair.activation, VectorXd::Ones(1), pair.target, 1);
    ExactError error(problem);
    const auto at = [&](double m, double q) {
      return error({MatrixXd::Constant(1, 1, m), MatrixXd::Constant(1, 1, q)}, VectorXd::Ones(1));
    };
    CHECK(at(1, 1) == 0);
    // An integrator's M and Q have errors of their own: these are no overlaps of any weights.
    for (const double off : {1e-10, 1e-8, 1e-6}) {
      CAPTURE(off);
      for (const double q : {1 - off, 1.0, 1 + off}) {
        CHECK(at(1 + off, q) >= 0);
        CHECK(at(1 + off, q) <= 60 * off * off + 1e-13);
      }
    }
    // Such a Q gives way to M P^-1 M^T.
    CHECK(close(at(1.001, 1), at(1.001, 1.001 * 1.001), {.rtol = 1e-6}));
    // Along the target, sigma(h) - sigma(z) = (m - 1) z sigma'(z): 2 E ratios are the same square.
    CHECK(close(at(1.002, 1.002 * 1.002) / at(1.001, 1.001 * 1.001), 4, {.rtol = 2e-2}));
    CHECK(std::isnan(at(std::nan(""), 1)));
  }
}

TEST_CASE("ExactError: covers no student or target without closed forms") {
  const Pair pairs[] = {
      {"tanh", "z1"}, {"relu", "exp(z1)"}, {"sin", "relu(z1)"}, {"erf", "relu(z1)"}};
  for (const Pair& pair : pairs) {
    CHECK_FALSE(
        ExactError::covers(make_problem(pair.activation, VectorXd::Ones(1), pair.target, 1)));
  }
}
