#include "reprise/dense/flow_descent.hpp"

#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

namespace {

template <class S>
Schema describe_descent(std::string_view name, std::string_view meaning, MemberOf<S> dimension) {
  return describe<S>(
      {name, "curve", meaning},
      {std::move(dimension),
       field(&S::step_size, {.key = "step_size",
                             .symbol = "dt",
                             .range = above(0),
                             .is_required = true,
                             .meaning = "Time of the flow that a step of descent takes",
                             .aliases = "dt"}),
       field(&S::batch_size, {.key = "batch_size",
                              .symbol = "n_b",
                              .range = integers_from(1, std::int64_t{1} << 40),
                              .is_required = true,
                              .meaning = "Fresh samples at each step, in place of the population"}),
       hidden(&S::times), field(&S::runs, runs_facts()), hidden(&S::seed), hidden(&S::start_seed),
       hidden(&S::threads), hidden(&S::test_points), hidden(&S::progress)});
}

/// Samples / d in which the flow's time passes by 1.
template <class Simulation>
double samples_of_unit_time(const FlowDescent<Simulation>& options) {
  return static_cast<double>(options.batch_size) /
         (options.step_size * static_cast<double>(options.dimension));
}

template <class Simulation>
OnePassSgd descent_of(const Problem& problem, const PopulationFlow& flow,
                      const FlowDescent<Simulation>& options) {
  return descent_of(flow, problem.n_neurons(), static_cast<double>(options.dimension),
                    options.step_size, options.batch_size);
}

template <class Simulation>
Simulation simulation_of(const FlowDescent<Simulation>& options) {
  Simulation simulation;
  simulation.dimension = options.dimension;
  for (const double time : options.times) {
    simulation.times.push_back(time * samples_of_unit_time(options));
  }
  simulation.runs = options.runs;
  simulation.seed = options.seed;
  simulation.start_seed = options.start_seed;
  simulation.threads = options.threads;
  simulation.test_points = options.test_points;
  simulation.progress = options.progress;
  return simulation;
}

template <class Simulation>
void check_descent(const Problem& problem, const PopulationFlow& flow,
                   const FlowDescent<Simulation>& options) {
  check_fields(flow);
  check_fields(options);
  check(problem, descent_of(problem, flow, options), simulation_of(options));
}

template <class Simulation>
Solution descend(const Problem& problem, const PopulationFlow& flow,
                 const FlowDescent<Simulation>& options) {
  check(problem, flow, options);
  Solution solution = solve(problem, descent_of(problem, flow, options), simulation_of(options));
  solution.clock = Clock::flow;
  for (std::size_t t = 0; t < solution.time.size(); ++t) {
    solution.time[t] = static_cast<double>(solution.step[t]) * options.step_size;
  }
  return solution;
}

}  // namespace

template <>
const Schema& schema<FlowChain>() {
  static const Schema result = describe_descent<FlowChain>(
      "simulation (exact)", "the flow in steps on fresh batches, exact in law at any d",
      whole_field(&FlowChain::dimension, dimension_facts(1, std::int64_t{1} << 53)));
  return result;
}

template <>
const Schema& schema<DenseFlowDescent>() {
  static const Schema result = describe_descent<DenseFlowDescent>(
      "simulation (dense)", "the flow in steps on fresh batches, with weights in R^d",
      field(&DenseFlowDescent::dimension, dimension_facts(1, std::int64_t{1} << 40)));
  return result;
}

OnePassSgd descent_of(const PopulationFlow& flow, Eigen::Index n_neurons, double dimension,
                      double step_size, std::int64_t batch_size) {
  OnePassSgd sgd = flow.as_sgd(n_neurons);
  const double rate = step_size * dimension / static_cast<double>(batch_size);
  sgd.batch_size = batch_size;
  sgd.learning_rate *= rate;
  sgd.second_layer_learning_rate *= rate;
  return sgd;
}

void check(const Problem& problem, const PopulationFlow& flow, const FlowChain& options) {
  check_descent(problem, flow, options);
}

void check(const Problem& problem, const PopulationFlow& flow, const DenseFlowDescent& options) {
  check_descent(problem, flow, options);
}

Solution solve(const Problem& problem, const PopulationFlow& flow, const FlowChain& options) {
  return descend(problem, flow, options);
}

Solution solve(const Problem& problem, const PopulationFlow& flow,
               const DenseFlowDescent& options) {
  return descend(problem, flow, options);
}

}  // namespace reprise
