#include "reprise/one_pass/sgd.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

template <>
const Schema& schema<OnePassSgd>() {
  using S = OnePassSgd;
  static const Schema result = describe<S>(
      {"sgd", "training", "one sample, or a batch of a fixed number, at a time, each once"},
      {field(&S::learning_rate, {.key = "learning_rate",
                                 .symbol = "gamma",
                                 .range = at_least(0),
                                 .is_required = true,
                                 .meaning = "Of the sum over the batch",
                                 .aliases = "lr eta gamma"}),
       field(&S::batch_size, {.key = "batch_size",
                              .symbol = "n_b",
                              .range = integers_from(1, std::int64_t{1} << 53),
                              .meaning = "Fresh samples of a step",
                              .aliases = "n_b batch"}),
       field(&S::repeats, {.key = "repeats",
                           .symbol = "r",
                           .range = integers_from(1, 1'000'000),
                           .meaning = "Times that a batch is used in a row",
                           .aliases = "repetitions"}),
       field(&S::displacement,
             {.key = "displacement",
              .symbol = "rho",
              .meaning = "A sample's gradient is taken at h - rho s G: > 0 extragradient, < 0 SAM",
              .aliases = "rho"}),
       field(&S::normalise,
             {.key = "normalise", .meaning = "What a step does to the norms of the neurons"}),
       field(&S::second_layer_learning_rate, {.key = "student.second_layer_learning_rate",
                                              .symbol = "eta_a",
                                              .range = at_least(0),
                                              .otherwise = "not trained",
                                              .meaning = "Where the second layer is trained"})});
  return result;
}

void check(const OnePassSgd& algorithm, const Problem& problem) {
  check_fields(algorithm);
  if (algorithm.normalise == Normalise::none) return;
  for (Eigen::Index j = 0; j < problem.n_neurons(); ++j) {
    if (problem.initial.Q(j, j) > 0) continue;
    reject("initial", "Q[" + std::to_string(j + 1) + ", " + std::to_string(j + 1) + "]",
           "> 0 for normalise = \"" + std::string(name(algorithm.normalise)) + "\"",
           problem.initial.Q(j, j));
  }
}

const double largest_self_coupling = 0.02;

double self_coupling(const OnePassSgd& algorithm, double dimension) {
  return static_cast<double>(algorithm.repeats - 1) *
         static_cast<double>(algorithm.batch_size - 1) / dimension;
}

std::string self_coupling_rule(const OnePassSgd& algorithm, double dimension) {
  const double per_repeat = static_cast<double>(algorithm.batch_size - 1) / dimension;
  const double most = std::min(1 + std::floor(largest_self_coupling / per_repeat), 1e6);
  std::string rule = "at most " + shortest(most) +
                     " for batch_size = " + std::to_string(algorithm.batch_size) +
                     " at d = " + shortest(dimension) +
                     ", where a batch used again feels itself, (repeats - 1) (batch_size - 1) / d "
                     "> " +
                     shortest(largest_self_coupling) + ": a simulation does that";
  const bool is_gradient_descent = algorithm.displacement == 0 &&
                                   algorithm.normalise == Normalise::none &&
                                   !algorithm.trains_second_layer();
  if (!is_gradient_descent) return rule;
  return rule +
         ", and so does the theory of algorithm = \"gradient_descent\" with schedule = "
         "\"repeat " +
         std::to_string(algorithm.repeats) + "\", samples_per_dimension = " +
         shortest(static_cast<double>(algorithm.batch_size) / dimension) +
         " and the same learning_rate";
}

void check_self_coupling(const OnePassSgd& algorithm, double dimension) {
  if (!(self_coupling(algorithm, dimension) > largest_self_coupling)) return;
  reject("training", "repeats", self_coupling_rule(algorithm, dimension),
         static_cast<double>(algorithm.repeats));
}

}  // namespace reprise
