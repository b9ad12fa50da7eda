#include "reprise/model/student_evaluation.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "support/benchmark_a.hpp"
#include "support/close.hpp"
#include "support/columns.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

constexpr std::size_t n_neurons = 3;
constexpr std::size_t capacity = 112;

Problem example(const std::string& activation, OutputScale scale, const Loss& loss) {
  Problem problem = uninformed_problem("z1", 1, activation, n_neurons);
  problem.student.second_layer = Eigen::Vector3d(0.7, -1.3, 0.4);
  problem.student.output_scale = scale;
  problem.loss = loss;
  return problem;
}

// Sums of a few numbers of size 1 whose parts carry a few ulp each.
constexpr Tolerance few_ulp{.rtol = 1e-14, .atol = 1e-14};

struct Scalar {
  double output = 0;
  double loss = 0;
  std::vector<double> gradient;
};

// One sample by the definitions, without the class.
Scalar scalar(const Problem& problem, double multiplier, const std::vector<double>& h, double y) {
  Scalar result;
  for (std::size_t j = 0; j < h.size(); ++j) {
    result.output += multiplier * problem.student.second_layer[static_cast<Eigen::Index>(j)] *
                     problem.student.activation.value(h[j]);
  }
  double slope = 0;
  problem.loss.evaluate(&result.output, &y, 1, &result.loss, &slope);
  for (std::size_t j = 0; j < h.size(); ++j) {
    result.gradient.push_back(slope * multiplier *
                              problem.student.second_layer[static_cast<Eigen::Index>(j)] *
                              problem.student.activation.derivative(h[j]));
  }
  return result;
}

void check_against_scalar(const Problem& problem, double multiplier, std::size_t n) {
  Columns fields(capacity, n_neurons, 1);
  Columns labels(capacity, 1, 2);
  Columns gradient(capacity, n_neurons, 3);
  const double untouched = gradient.read()[0][n];
  StudentEvaluation student(problem, capacity);
  std::vector<double> f(n);
  student.output(fields.read(), n, f.data());
  const double total = student.gradient(fields.read(), labels.read()[0], n, gradient.write());
  double expected_total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> h;
    for (const double* column : fields.read()) h.push_back(column[i]);
    const Scalar expected = scalar(problem, multiplier, h, labels.read()[0][i]);
    CHECK(close(f[i], expected.output, few_ulp));
    for (std::size_t j = 0; j < n_neurons; ++j) {
      CHECK(close(gradient.read()[j][i], expected.gradient[j], few_ulp));
    }
    expected_total += expected.loss;
  }
  CHECK(close(total, expected_total, {.rtol = 1e-14, .atol = 1e-14 * static_cast<double>(n)}));
  CHECK(student.loss(fields.read(), labels.read()[0], n) == total);
  CHECK(gradient.read()[0][n] == untouched);
}

}  // namespace

TEST_CASE("StudentEvaluation: output, loss and gradient agree with a loop over single samples") {
  for (const std::string activation : {"tanh", "relu", "erf", "He3"}) {
    for (const Loss& loss :
         {Loss::square(), Loss::correlation(), Loss::logistic(), Loss::huber(1)}) {
      CAPTURE(activation);
      CAPTURE(loss.name());
      check_against_scalar(example(activation, OutputScale::none, loss), 1, 96);
    }
  }
}

TEST_CASE("StudentEvaluation: the output scale multiplies output and gradient") {
  const auto loss = Loss::square();
  check_against_scalar(example("tanh", OutputScale::inverse_sqrt, loss), 1 / std::sqrt(3.0), 48);
  check_against_scalar(example("tanh", OutputScale::inverse, loss), 1.0 / 3, 48);
}

TEST_CASE(
    "StudentEvaluation: weights multiply loss and second-layer sums, their roots the gradient") {
  constexpr std::size_t n = 48;
  const Problem problem = example("tanh", OutputScale::inverse_sqrt, Loss::square());
  Columns fields(capacity, n_neurons, 1), labels(capacity, 1, 2), roots(capacity, 1, 7);
  Columns gradient(capacity, n_neurons, 3), single(capacity, n_neurons, 3);
  const double* const root = roots.read()[0];
  StudentEvaluation student(problem, capacity);
  const double total = student.gradient(fields.read(), labels.read()[0], n, gradient.write(), root);
  std::vector<double> sums(n_neurons, 0.0), expected_sums(n_neurons, 0.0);
  student.add_second_layer_gradient(n, sums.data());
  CHECK(student.loss(fields.read(), labels.read()[0], n, root) == total);
  double expected = 0;
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<const double*> at;
    std::vector<double*> out;
    for (const double* column : fields.read()) at.push_back(column + i);
    for (double* column : single.write()) out.push_back(column + i);
    const double weight = root[i] * root[i];
    expected += weight * student.gradient(at, labels.read()[0] + i, 1, out);
    std::vector<double> own(n_neurons, 0.0);
    student.add_second_layer_gradient(1, own.data());
    for (std::size_t j = 0; j < n_neurons; ++j) {
      expected_sums[j] += weight * own[j];
      CHECK(close(gradient.read()[j][i], root[i] * out[j][0], few_ulp));
    }
  }
  CHECK(close(total, expected, {.rtol = 1e-13}));
  for (std::size_t j = 0; j < n_neurons; ++j) {
    CHECK(close(sums[j], expected_sums[j], {.rtol = 1e-12, .atol = 1e-13}));
  }
}

TEST_CASE("StudentEvaluation: any number of samples up to the capacity, none included") {
  const Problem problem = example("tanh", OutputScale::none, Loss::square());
  for (const std::size_t n : {0, 1, 2, 3, 5, 17, 111}) {
    CAPTURE(n);
    check_against_scalar(problem, 1, n);
  }
}

TEST_CASE("StudentEvaluation: the gradient is the central difference of the loss in each field") {
  const Problem problem = example("erf", OutputScale::inverse_sqrt, Loss::square());
  StudentEvaluation student(problem, 16);
  Columns fields(16, n_neurons, 4);
  Columns labels(16, 1, 5);
  Columns gradient(16, n_neurons, 6);
  student.gradient(fields.read(), labels.read()[0], 16, gradient.write());
  const double h = 1e-5;
  for (std::size_t j = 0; j < n_neurons; ++j) {
    for (std::size_t i = 0; i < 16; ++i) {
      double& field = fields.write()[j][i];
      const double centre = field;
      field = centre + h;
      const double above = student.loss(fields.read(), labels.read()[0], 16);
      field = centre - h;
      const double below = student.loss(fields.read(), labels.read()[0], 16);
      field = centre;
      // h^2/6 times a third derivative of some 5, and a sum of some 30 rounded, over h.
      CHECK(close(gradient.read()[j][i], (above - below) / (2 * h), {.atol = 1e-9}));
    }
  }
}
