#include "reprise/gaussian/generalisation_error.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

#include "support/benchmark_a.hpp"
#include "support/close.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// E sigma(x) sigma(y) of Gaussian x, y with the given variances and covariance.
using Moment = std::function<double(double xx, double xy, double yy)>;

// An activation, the target with the same one, and their second moment.
struct Family {
  std::string activation;
  std::string target;
  Moment moment;
};

double arc_cosine(double xx, double xy, double yy) {  // Cho and Saul 2009, n = 1
  const double size = std::sqrt(xx * yy);
  if (size == 0) return 0;
  const double cosine = std::clamp(xy / size, -1.0, 1.0);
  const double angle = std::acos(cosine);
  return size / (2 * std::numbers::pi) * (std::sin(angle) + (std::numbers::pi - angle) * cosine);
}

const std::vector<Family> families{
    {"linear", "z1 - 0.5*z2", [](double, double xy, double) { return xy; }},
    {"erf", "erf(z1/sqrt(2)) - 0.5*erf(z2/sqrt(2))",  // Saad and Solla 1995, I2
     [](double xx, double xy, double yy) {
       return 2 / std::numbers::pi * std::asin(xy / std::sqrt((1 + xx) * (1 + yy)));
     }},
    {"relu", "relu(z1) - 0.5*relu(z2)", arc_cosine}};

constexpr Index p = 3;

Problem student_of(const Family& family) {
  Problem problem = uninformed_problem(family.target, 2, family.activation, p);
  problem.student.second_layer << 0.8, -0.6, 0.5;
  return problem;
}

MatrixXd matrix(double a, double b, double c, double d) {
  return (Eigen::Matrix2d() << a, b, c, d).finished();
}

// Q = M P^-1 M^T + B B^T with B of the given rank.
void set_start(Problem& problem, Index rank) {
  problem.initial.M << 0.7, 0.2, -0.3, 0.5, 0.1, -0.4;
  MatrixXd orthogonal(p, rank);
  for (Index i = 0; i < orthogonal.size(); ++i) {
    orthogonal.data()[i] = std::cos(1 + 1.7 * static_cast<double>(i * i));
  }
  problem.initial.Q =
      problem.initial.M * problem.target.gram.inverse() * problem.initial.M.transpose() +
      orthogonal * orthogonal.transpose();
}

// 1/2 E (sum_j a_j sigma(h_j) - sum_r b_r sigma(z_r))^2 as a quadratic form of second moments.
double closed_form(const Problem& problem, const Moment& moment) {
  const MatrixXd projection = problem.initial.M * problem.target.gram.inverse();
  const MatrixXd orthogonal = problem.initial.Q - problem.initial.M *
                                                      problem.target.gram.inverse() *
                                                      problem.initial.M.transpose();
  MatrixXd covariance(p + 2, p + 2);
  covariance.topLeftCorner(p, p) =
      projection * problem.input_covariance * projection.transpose() + orthogonal;
  covariance.topRightCorner(p, 2) = projection * problem.input_covariance;
  covariance.bottomLeftCorner(2, p) = covariance.topRightCorner(p, 2).transpose();
  covariance.bottomRightCorner(2, 2) = problem.input_covariance;
  VectorXd weights(p + 2);
  weights << problem.student.output_weights(), -1, 0.5;
  double sum = 0;
  for (Index i = 0; i < p + 2; ++i) {
    for (Index j = 0; j < p + 2; ++j) {
      sum += weights[i] * weights[j] * moment(covariance(i, i), covariance(i, j), covariance(j, j));
    }
  }
  return sum / 2;
}

// Mean over independent scrambles against the closed form.
void check_closed_form(const Problem& problem, const Family& family) {
  check(problem);
  std::vector<double> errors;
  for (std::uint64_t s = 0; s < 16; ++s) {
    const Stream stream(1, Purpose::generalisation, s);
    errors.push_back(
        GeneralisationError(problem, stream, 4096, ErrorRoute::points)(problem.initial));
  }
  const test::SampleMoments mean = moments(errors);
  CAPTURE(family.activation);
  // 16 scrambles: 5 estimated errors are a two-sided tail of 2e-4 of Student's t.
  CHECK(close(mean.mean, closed_form(problem, family.moment), {.atol = 5 * mean.mean_error}));
  CHECK(mean.mean_error < 1e-3 * mean.mean);  // sharp enough to see a wrong term
  const Stream stream(1, Purpose::generalisation);
  GeneralisationError exact(problem, stream, 16);
  CHECK(exact.is_exact());
  CHECK(close(exact(problem.initial), closed_form(problem, family.moment), {.rtol = 1e-13}));
}

}  // namespace

TEST_CASE("GeneralisationError: closed forms of linear, erf and relu from an uninformed start") {
  for (const Family& family : families) check_closed_form(student_of(family), family);
}

TEST_CASE("GeneralisationError: closed forms with an informed start and P not the identity") {
  for (const Family& family : families) {
    Problem problem = student_of(family);
    problem.target.gram = problem.input_covariance = matrix(1, 0.3, 0.3, 1.5);
    set_start(problem, 3);
    check_closed_form(problem, family);
  }
}

TEST_CASE(
    "GeneralisationError: closed forms with structured inputs, of full rank and of rank one") {
  for (const Family& family : families) {
    Problem problem = student_of(family);
    problem.target.gram = matrix(1, 0.3, 0.3, 1.5);
    set_start(problem, 3);
    problem.input_covariance = matrix(2, -0.4, -0.4, 0.7);
    check_closed_form(problem, family);
    problem.input_covariance = matrix(1, -0.5, -0.5, 0.25);
    check_closed_form(problem, family);
  }
}

TEST_CASE("GeneralisationError: closed forms where the students' orthogonal part has rank 1 or 0") {
  for (const Family& family : families) {
    Problem problem = student_of(family);
    problem.target.gram = problem.input_covariance = matrix(1, 0.3, 0.3, 1.5);
    for (const Index rank : {1, 0}) {
      CAPTURE(rank);
      set_start(problem, rank);
      check_closed_form(problem, family);
    }
  }
}

TEST_CASE("GeneralisationError: the output scale multiplies the student") {
  Problem problem = student_of(families[1]);
  problem.student.output_scale = OutputScale::inverse_sqrt;
  set_start(problem, 2);
  check_closed_form(problem, families[1]);
}

TEST_CASE("GeneralisationError: zero for a student equal to its target, and label noise left out") {
  Problem problem = uninformed_problem("relu(z1) - 0.5*relu(z2)", 2, "relu", 2);
  problem.student.second_layer << 1, -0.5;
  problem.target.gram = problem.input_covariance = matrix(1, 0.3, 0.3, 1.5);
  problem.target.noise_variance = 0.7;
  problem.initial = {problem.target.gram, problem.target.gram};
  const RandomNormals normals(Stream(2, Purpose::generalisation));
  // More than one chunk, the last one not full.
  GeneralisationError error(problem, normals, 1600, ErrorRoute::points);
  CHECK(error(problem.initial) < 1e-30);  // squared roundings of numbers near 1
  problem.initial.M.setZero();
  const double first = error(problem.initial);
  CHECK(first > 0.1);
  CHECK(error(problem.initial) == first);
}

TEST_CASE("GeneralisationError: the weighted mean over the widened source, divided by two") {
  // p = k = 1: the definition on the same numbers.
  Problem problem = uninformed_problem("z1^2", 1, "tanh", 1);
  problem.initial.M(0, 0) = 0.6;
  const RandomNormals normals(Stream(3, Purpose::generalisation));
  const std::size_t n = 2064;
  std::vector<double> z(n);
  std::vector<double> xi(n);
  normals.fill(0, 0, n, z.data());
  normals.fill(1, 0, n, xi.data());
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double x = std::sqrt(3.0) * z[i];  // of density e^(x^2 / 2 - z^2 / 2) / sqrt 3 less
    const double residual = std::tanh(0.6 * x + 0.8 * xi[i]) - x * x;
    sum += 0.5 * std::sqrt(3.0) * std::exp(-z[i] * z[i]) * residual * residual /
           static_cast<double>(n);
  }
  const double error = GeneralisationError(problem, normals, n)(problem.initial);
  CHECK(close(error, sum, {.rtol = 1e-13}));  // 2064 terms of one sign
}

TEST_CASE("GeneralisationError: not finite where the target is not") {
  const Problem problem = uninformed_problem("log(z1)", 1, "tanh", 1);
  const RandomNormals normals(Stream(4, Purpose::generalisation));
  CHECK_FALSE(std::isfinite(GeneralisationError(problem, normals, 16)(problem.initial)));
}
