// Gradient flow of the population loss: what one-pass SGD becomes as its step size goes to zero.
#pragma once

#include "reprise/core/solution.hpp"
#include "reprise/model/normalise.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"

namespace reprise {

/// dW/dt = -E[G x^T] / sqrt(d): the ODE of one-pass SGD without its noise, t standing for its gamma
/// t.
struct PopulationFlow {
  Normalise normalise = Normalise::none;
  double second_layer_learning_rate = 0;  ///< speed of a beside that of W; 0: it is not trained

  bool trains_second_layer() const { return second_layer_learning_rate != 0; }
  /// The same as SGD with gamma = 1, of which only the drift is taken.
  OnePassSgd as_sgd() const {
    return {.learning_rate = 1,
            .normalise = normalise,
            .second_layer_learning_rate = second_layer_learning_rate};
  }
};

template <>
const Schema& schema<PopulationFlow>();

/// Whatever options.terms say, the drift alone.
Solution solve(const Problem& problem, const PopulationFlow& flow, OdeOptions options);

/// Throws InputError for what `solve` would refuse.
void check(const Problem& problem, const PopulationFlow& flow, const OdeOptions& options);

}  // namespace reprise
