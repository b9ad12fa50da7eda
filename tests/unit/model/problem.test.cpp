#include "reprise/model/problem.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>
#include <functional>
#include <string>

#include "reprise/core/error.hpp"
#include "support/benchmark_a.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Eigen::Matrix2d;
using Eigen::MatrixXd;

const double nan_value = std::nan("");

std::string rejection_of(const std::function<void(Problem&)>& change) {
  Problem problem = uninformed_problem("z1*z2", 2, "tanh", 3);
  change(problem);
  return message_of([&] { check(problem); });
}

MatrixXd matrix(double a, double b, double c, double d) {
  return (Matrix2d() << a, b, c, d).finished();
}

// Largest entry of L L^T - A.
double residual(const MatrixXd& factor, const MatrixXd& a) {
  return (factor * factor.transpose() - a).cwiseAbs().maxCoeff();
}

// (4, rank) with generic entries.
MatrixXd generic(Eigen::Index rank) {
  MatrixXd result(4, rank);
  for (Eigen::Index i = 0; i < result.size(); ++i) {
    result.data()[i] = std::sin(1.0 + 2.3 * static_cast<double>(i * i));
  }
  return result;
}

}  // namespace

TEST_CASE("check(Problem): accepts valid problems, degenerate ones included") {
  CHECK(rejection_of([](Problem&) {}) == "(no error)");
  CHECK(rejection_of([](Problem& p) { p.initial.Q.setZero(); }) == "(no error)");
  CHECK(rejection_of([](Problem& p) { p.initial.Q.setOnes(); }) == "(no error)");
  CHECK(rejection_of([](Problem& p) { p.input_covariance = matrix(1, 1, 1, 1); }) == "(no error)");
  CHECK(rejection_of([](Problem& p) {  // students in the span of the targets, P not the identity
          p.target.gram = matrix(1, 0.5, 0.5, 2);
          p.initial.M << 1, 0.3, -0.2, 0.5, 0.1, 0.1;
          p.initial.Q = p.initial.M * p.target.gram.inverse() * p.initial.M.transpose();
        }) == "(no error)");
}

TEST_CASE("check(Problem): the target must fit its Gram matrix") {
  CHECK(rejection_of([](Problem& p) { p.target.g = Expression::parse("z1*z3"); }) ==
        "target: number of directions must be at least 3, got 2");
  CHECK(rejection_of([](Problem& p) { p.target.gram.resize(0, 0); }) ==
        "target: gram must be given (completed(problem) and Problem::of fill in what is left out), "
        "got none");
  CHECK(rejection_of([](Problem& p) { p.target.gram = MatrixXd::Identity(2, 3); }) ==
        "target: gram must be square, got (2, 3)");
  CHECK(rejection_of([](Problem& p) { p.target.gram(0, 1) = 0.5; }) ==
        "target: gram must be symmetric, got gram[2, 1], transposed = 0 and 0.5");
  CHECK(rejection_of([](Problem& p) { p.target.gram(0, 0) = nan_value; }) ==
        "target: gram[1, 1] must be finite, got nan");
  CHECK(rejection_of([](Problem& p) { p.target.gram = matrix(1, 2, 2, 1); }) ==
        "target: gram must be positive definite, got a lowest eigenvalue of -1");
  CHECK(contains(rejection_of([](Problem& p) { p.target.gram = matrix(1, 1, 1, 1); }),
                 "target: gram must be positive definite, got a lowest eigenvalue of "));
  CHECK(rejection_of([](Problem& p) { p.target.noise_variance = -0.1; }) ==
        "target: noise_variance must be finite and >= 0, got -0.1");
}

TEST_CASE("check(Problem): the student needs neurons with finite weights") {
  CHECK(rejection_of([](Problem& p) { p.student.second_layer.resize(0); }) ==
        "student: neurons must be at least 1, got 0");
  CHECK(rejection_of([](Problem& p) { p.student.second_layer[1] = nan_value; }) ==
        "student: second_layer[2, 1] must be finite, got nan");
}

TEST_CASE("check(Problem): the input covariance must be positive semidefinite of P's shape") {
  CHECK(rejection_of([](Problem& p) { p.input_covariance = MatrixXd::Identity(3, 3); }) ==
        "inputs: covariance must be of shape (2, 2), got (3, 3)");
  CHECK(rejection_of([](Problem& p) { p.input_covariance(1, 0) = 0.5; }) ==
        "inputs: covariance must be symmetric, got covariance[2, 1], transposed = 0.5 and 0");
  CHECK(rejection_of([](Problem& p) { p.input_covariance(1, 1) = nan_value; }) ==
        "inputs: covariance[2, 2] must be finite, got nan");
  CHECK(rejection_of([](Problem& p) { p.input_covariance = matrix(1, 2, 2, 1); }) ==
        "inputs: covariance must be positive semidefinite, got a lowest eigenvalue of -1");
}

TEST_CASE("check(Problem): the start must have overlaps that exist") {
  CHECK(rejection_of([](Problem& p) { p.initial.M = MatrixXd::Zero(2, 3); }) ==
        "initial: M must be of shape (3, 2), got (2, 3)");
  CHECK(rejection_of([](Problem& p) { p.initial.M(2, 1) = HUGE_VAL; }) ==
        "initial: M[3, 2] must be finite, got inf");
  CHECK(rejection_of([](Problem& p) { p.initial.Q = MatrixXd::Identity(2, 2); }) ==
        "initial: Q must be of shape (3, 3), got (2, 2)");
  CHECK(rejection_of([](Problem& p) { p.initial.Q(0, 0) = nan_value; }) ==
        "initial: Q[1, 1] must be finite, got nan");
  CHECK(rejection_of([](Problem& p) { p.initial.Q(2, 0) = 0.1; }) ==
        "initial: Q must be symmetric, got Q[3, 1], transposed = 0.1 and 0");
  CHECK(rejection_of([](Problem& p) { p.initial.M(0, 0) = 1.5; }) ==
        "initial: Q - M P^-1 M^T must be positive semidefinite, got a lowest eigenvalue of -1.25");
}

TEST_CASE("semidefinite_factor: L L^T = A with as many columns as the rank") {
  for (Eigen::Index rank = 0; rank <= 4; ++rank) {
    const MatrixXd a = generic(rank) * generic(rank).transpose();
    for (const double size : {1.0, 1e-20, 1e20}) {
      const MatrixXd factor = semidefinite_factor("w", "A", size * a);
      CAPTURE(rank);
      CAPTURE(size);
      CHECK(factor.rows() == 4);
      CHECK(factor.cols() == rank);
      // Some 10 roundings of entries below 3 size. What is left of a row that makes no column is
      // known to that over the smallest pivot, here above 0.1 size.
      CHECK(residual(factor, size * a) <= 10 * 3 * 2.3e-16 * size / (rank < 4 ? 0.1 : 1));
    }
  }
  CHECK(semidefinite_factor("w", "A", MatrixXd(0, 0)).size() == 0);
}

TEST_CASE("semidefinite_factor: eigenvalues below 1e-12 of the scale count as zero") {
  const MatrixXd tiny = 1e-14 * MatrixXd::Identity(2, 2);
  CHECK(semidefinite_factor("w", "A", tiny).cols() == 2);
  CHECK(semidefinite_factor("w", "A", tiny, 1).cols() == 0);
  CHECK(semidefinite_factor("w", "A", matrix(1, 0, 0, 1e-11)).cols() == 2);
  CHECK(semidefinite_factor("w", "A", matrix(1, 0, 0, 1e-13)).cols() == 1);
  CHECK(semidefinite_factor("w", "A", matrix(1, 0, 0, -1e-13)).cols() == 1);
}

TEST_CASE("semidefinite_factor: rejects negative eigenvalues beyond rounding, and NaN") {
  CHECK(message_of([] { semidefinite_factor("w", "A", matrix(1, 0, 0, -1e-11)); }) ==
        "w: A must be positive semidefinite, got a lowest eigenvalue of -1e-11");
  CHECK(message_of([] { semidefinite_factor("w", "A", matrix(-1e-13, 0, 0, -1e-13)); }) ==
        "w: A must be positive semidefinite, got a lowest eigenvalue of -1e-13");
  CHECK_NOTHROW(semidefinite_factor("w", "A", matrix(-1e-13, 0, 0, -1e-13), 1));
  CHECK(message_of([] { semidefinite_factor("w", "A", matrix(1, 0, 0, nan_value)); }) ==
        "w: A[2, 2] must be finite, got nan");
}

TEST_CASE("orthogonal_factor: the students' part outside the targets' span, none inside it") {
  const MatrixXd gram = matrix(1, 0.5, 0.5, 2);
  const MatrixXd inside = matrix(1, 0.3, -0.2, 0.5);
  const MatrixXd parallel = inside * gram.inverse() * inside.transpose();
  CHECK(orthogonal_factor({inside, parallel}, gram.inverse()).cols() == 0);
  const MatrixXd outside = matrix(0.3, 0.1, 0.1, 0.2);
  const MatrixXd factor = orthogonal_factor({inside, parallel + outside}, gram.inverse());
  CHECK(residual(factor, outside) <= 20 * 2.3e-16);  // entries near 1, some 20 roundings
}

TEST_CASE(
    "orthogonal_factor: students in the targets' span stay valid for nearly parallel targets") {
  for (const double overlap : {0.9, 0.999, 0.999999}) {
    const MatrixXd gram = matrix(1, overlap, overlap, 1);
    CAPTURE(overlap);
    CHECK_NOTHROW(orthogonal_factor({gram, gram}, gram.inverse()));
    const MatrixXd mixed = matrix(0.7, -0.4, 0.3, 0.9);  // W = mixed W*
    CHECK_NOTHROW(
        orthogonal_factor({mixed * gram, mixed * gram * mixed.transpose()}, gram.inverse()));
  }
}

TEST_CASE("OutputScale: factors and names, and the weights of the output") {
  CHECK(factor(OutputScale::none, 4) == 1);
  CHECK(factor(OutputScale::inverse_sqrt, 4) == 0.5);
  CHECK(factor(OutputScale::inverse, 4) == 0.25);
  CHECK(name(OutputScale::none) == "none");
  CHECK(name(OutputScale::inverse_sqrt) == "inverse_sqrt");
  CHECK(name(OutputScale::inverse) == "inverse");
  Student student = uninformed_problem("z1", 1, "tanh", 2).student;
  student.second_layer << 3, -1;
  student.output_scale = OutputScale::inverse;
  CHECK(student.output_weights() == Eigen::Vector2d(1.5, -0.5));
}

TEST_CASE("draw_second_layer: normals and signs, other ones in every run") {
  const Eigen::Index n = 20000;
  const Eigen::VectorXd a = draw_second_layer(SecondLayerDraw::gaussian, n, 7, 3);
  CHECK(std::abs(a.mean()) < 4.5 / std::sqrt(double(n)));
  CHECK(std::abs(a.squaredNorm() / double(n) - 1) < 4.5 * std::sqrt(2.0 / double(n)));
  const Eigen::VectorXd signs = draw_second_layer(SecondLayerDraw::rademacher, n, 7, 3);
  CHECK((signs.array().abs() == 1).all());
  CHECK(std::abs(signs.mean()) < 4.5 / std::sqrt(double(n)));
  const Eigen::VectorXd other = draw_second_layer(SecondLayerDraw::gaussian, n, 7, 4);
  CHECK(std::abs(a.dot(other)) < 4.5 * std::sqrt(double(n)));
}

TEST_CASE("problem_of_run: only a second layer that is drawn in every run changes with it") {
  Problem problem = test::make_problem("erf", Eigen::VectorXd::Ones(5), "z1", 1);
  CHECK(problem_of_run(problem, 1, 2).student.second_layer == problem.student.second_layer);
  problem.student.second_layer_draw = SecondLayerDraw::gaussian;
  const Eigen::VectorXd one = problem_of_run(problem, 1, 2).student.second_layer;
  CHECK(one == problem_of_run(problem, 1, 2).student.second_layer);
  CHECK(one != problem_of_run(problem, 1, 3).student.second_layer);
  CHECK(one != problem_of_run(problem, 2, 2).student.second_layer);
}

TEST_CASE("least_dimension: room for what the start spans, however many neurons there are") {
  Problem problem = test::make_problem("erf", Eigen::VectorXd::Ones(4), "z1*z2", 2);
  CHECK(least_dimension(problem) == 6);
  problem.initial.Q.setOnes();  // four equal neurons
  CHECK(least_dimension(problem) == 3);
  problem.initial.Q.setZero();
  CHECK(least_dimension(problem) == 3);
  problem.initial.Q.setIdentity();
  problem.has_random_start = true;
  CHECK(least_dimension(problem) == 3);
}
