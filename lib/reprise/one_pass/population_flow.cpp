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
              .meaning = "Speed of the second layer beside that of the first"})});
  return result;
}

Solution solve(const Problem& problem, const PopulationFlow& flow, OdeOptions options) {
  options.terms = OdeTerms::drift_only;
  Solution solution = solve(problem, flow.as_sgd(), options);
  solution.clock = Clock::flow;
  return solution;
}

void check(const Problem& problem, const PopulationFlow& flow, const OdeOptions& options) {
  check(problem, flow.as_sgd(), options);
}

}  // namespace reprise
