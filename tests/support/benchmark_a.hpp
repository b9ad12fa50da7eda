// Benchmark A and small relatives of it, as problems for tests and benchmarks.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <string_view>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/model/problem.hpp"

namespace reprise::test {

/// Student weights +1, -1, +1, ... over sqrt(p), uninformed start, identity Gram matrices.
inline Problem uninformed_problem(std::string_view target, Eigen::Index k,
                                  std::string_view activation, Eigen::Index p) {
  Eigen::VectorXd second_layer(p);
  for (Eigen::Index j = 0; j < p; ++j) second_layer[j] = (j % 2 ? -1 : 1) / std::sqrt(double(p));
  return {.target = {Expression::parse(target), 0, Eigen::MatrixXd::Identity(k, k)},
          .student = {Activation::parse(activation), second_layer},
          .initial = {Eigen::MatrixXd::Zero(p, k), Eigen::MatrixXd::Identity(p, p)},
          .input_covariance = Eigen::MatrixXd::Identity(k, k)};
}

/// p = k = 2, a = (1, -1)/sqrt 2, relu, tanh(z1 + He3(z2)).
inline Problem benchmark_a_problem() {
  return uninformed_problem("tanh(z1 + He3(z2))", 2, "relu", 2);
}

/// alpha = 3, eta = 0.2.
inline GradientDescent benchmark_a_algorithm(Schedule schedule) {
  return {.schedule = std::move(schedule), .learning_rate = {0.2}, .samples_per_dimension = {3}};
}

}  // namespace reprise::test
