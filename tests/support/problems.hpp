// Problems that several tests start from.
#pragma once

#include <string_view>

#include "reprise/model/problem.hpp"

namespace reprise::test {

/// Student and target with P = I, square loss; M = 0 and Q = I unless set afterwards.
inline Problem make_problem(std::string_view activation, Eigen::VectorXd second_layer,
                            std::string_view target, Eigen::Index n_directions) {
  const Eigen::Index p = second_layer.size();
  Problem problem{
      .target = {.g = Expression::parse(target),
                 .noise_variance = 0,
                 .gram = Eigen::MatrixXd::Identity(n_directions, n_directions)},
      .student = {.activation = Activation::parse(activation), .second_layer = second_layer},
      .loss = Loss::square(),
      .initial = {.M = Eigen::MatrixXd::Zero(p, n_directions),
                  .Q = Eigen::MatrixXd::Identity(p, p)},
      .input_covariance = Eigen::MatrixXd::Identity(n_directions, n_directions)};
  return problem;
}

}  // namespace reprise::test
