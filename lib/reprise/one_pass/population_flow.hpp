// Gradient flow of the population loss: what one-pass SGD becomes as its step size goes to zero.
#pragma once

#include <optional>

#include "reprise/core/solution.hpp"
#include "reprise/model/normalise.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"

namespace reprise {

/// dW/dt = -E[G x^T] / sqrt(d): the ODE of one-pass SGD without its noise, t standing for its gamma
/// t. With epsilon, and p neurons of fixed norm whose output is their mean,
///
///   dw_i/dt = -p grad_i,   da_i/dt = -(p / epsilon) grad                         (Berthier2023)
struct PopulationFlow {
  Normalise normalise = Normalise::none;
  double second_layer_learning_rate = 0;  ///< speed of a beside that of W; 0: it is not trained
  /// Time-scale of the second layer, > 0; then its rate is left at 0 and normalise is spherical.
  std::optional<double> epsilon = {};

  bool trains_second_layer() const { return epsilon || second_layer_learning_rate != 0; }
  /// Where a second layer as fast as epsilon has not moved yet; 0 without one.
  double first_time() const { return epsilon ? *epsilon / 100 : 0; }
  /// The same as SGD with gamma = 1, with epsilon gamma = p, of which only the drift is taken.
  OnePassSgd as_sgd(Eigen::Index n_neurons) const {
    const double speed = epsilon ? static_cast<double>(n_neurons) : 1;
    return {.learning_rate = speed,
            .normalise = normalise,
            .second_layer_learning_rate = epsilon ? speed / *epsilon : second_layer_learning_rate};
  }
};

template <>
const Schema& schema<PopulationFlow>();

/// Whatever options.terms say, the drift alone.
Solution solve(const Problem& problem, const PopulationFlow& flow, OdeOptions options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const PopulationFlow& flow, const OdeOptions& options);

}  // namespace reprise
