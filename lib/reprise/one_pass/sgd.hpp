// One-pass stochastic gradient descent as data: what the ODE, the chain, the recursion and the
// dense simulation all follow.
#pragma once

#include <cstdint>
#include <string>

#include "reprise/core/described.hpp"
#include "reprise/model/normalise.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/sample_gradient.hpp"

namespace reprise {

/// W <- W - gamma sum_mu Gtot_mu x_mu^T / sqrt(d) with a fresh batch at every step: a sum, not a
/// mean, over its samples. Time is samples / d.
///
/// A batch is used `repeats` times in a row, and each sample's gradient is taken at fields
/// displaced by -rho s G (SampleGradient); rescaling comes after the last use.
struct OnePassSgd {
  double learning_rate = 0;     ///< gamma >= 0
  std::int64_t batch_size = 1;  ///< n_b >= 1
  int repeats = 1;              ///< r >= 1
  double displacement = 0;      ///< rho
  Normalise normalise = Normalise::none;
  /// a_j <- a_j - (eta_a / d) sum_mu dl/da_j; 0: the second layer is not trained
  double second_layer_learning_rate = 0;

  SampleUse use() const {
    return {.repeats = repeats, .learning_rate = learning_rate, .displacement = displacement};
  }
  bool trains_second_layer() const { return second_layer_learning_rate != 0; }
};
template <>
const Schema& schema<OnePassSgd>();

/// How much a batch feels itself when it is used again, beyond what each sample does to its own
/// fields: (repeats - 1) (n_b - 1) / d. The ODE and the recursion leave that out.
double self_coupling(const OnePassSgd& algorithm, double dimension);

/// The largest for which they are meant (measured: lib/THEORY.md, "One-pass SGD").
extern const double largest_self_coupling;

/// What training.repeats must be for them, and who does the rest.
std::string self_coupling_rule(const OnePassSgd& algorithm, double dimension);

/// Throws InputError with that rule where the coupling is larger.
void check_self_coupling(const OnePassSgd& algorithm, double dimension);

/// Throws InputError naming the first value out of range, or a neuron of norm 0 that is to be
/// rescaled.
void check(const OnePassSgd& algorithm, const Problem& problem);

}  // namespace reprise
