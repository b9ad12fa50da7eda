#include "reprise/one_pass/population_flow.hpp"

#include "reprise/core/schema.hpp"

namespace reprise {

template <>
const Schema& schema<PopulationFlow>() {
  using S = PopulationFlow;
  static const Schema result = describe<S>(
      {"gradient_flow", "training", "the population loss descended continuously"},
      {field(&S::normalise,
             {.key = "normalise", .meaning = "What the flow does to the norms of the neurons"}),
       field(&S::second_layer_learning_rate,
             {.key = "student.second_layer_learning_rate",
              .symbol = "eta_a",
              .range = at_least(0),
              .otherwise = "not trained",
              .meaning = "Speed of the second layer beside that of the first"}),
       field(
           &S::epsilon,
           {.key = "epsilon",
            .range = above(0),
            .otherwise = "second_layer_learning_rate counts",
            .meaning = "Time-scale of the second layer: dw_i = -p grad_i dt, da_i = -(p / epsilon) "
                       "grad dt"})},
      {},
      {rule<S>("epsilon",
               [](const S& flow) -> std::optional<Complaint> {
                 if (!flow.epsilon || flow.second_layer_learning_rate == 0) return std::nullopt;
                 return Complaint{"left out where student.second_layer_learning_rate is given", ""};
               }),
       rule<S>("normalise", [](const S& flow) -> std::optional<Complaint> {
         if (!flow.epsilon || flow.normalise == Normalise::spherical) return std::nullopt;
         return Complaint{"\"spherical\" where training.epsilon is given",
                          std::string(name(flow.normalise))};
       })});
  return result;
}

Solution solve(const Problem& problem, const PopulationFlow& flow, OdeOptions options) {
  options.terms = OdeTerms::drift_only;
  Solution solution = solve(problem, flow.as_sgd(problem.n_neurons()), options);
  solution.clock = Clock::flow;
  return solution;
}

void check(const Problem& problem, const PopulationFlow& flow, const OdeOptions& options) {
  check(problem, flow.as_sgd(problem.n_neurons()), options);
}

}  // namespace reprise
