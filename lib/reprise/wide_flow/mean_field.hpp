// The mean field of wide two-layer networks: learning time-scales as epsilon goes to 0.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/population_flow.hpp"
#include "reprise/wide_flow/wide_flow.hpp"

namespace reprise {

struct MeanFieldOptions {
  std::vector<double> times;         ///< output times, increasing; wide_flow_times() suits them
  std::vector<double> weights = {};  ///< (p) of the particles, > 0, any sum; none: equal
  WideIntegration integration = {};
  Progress progress = {};
};
template <>
const Schema& schema<MeanFieldOptions>();

/// (a, s) of particles that stand for infinitely many neurons (MeanFieldEquations), each neuron of
/// the problem one particle; Q_ij, i != j, is not looked at.
///
/// Quantities: M (p, 1) = s, a (p), residual (the degrees 0.., at most most_residual_degrees + 1)
/// = c_k, target minus student, and generalisation_error () = R. Deterministic. clock = flow.
///
/// Events: "residual l half", the first time at which |c_l| falls to |phi_l| / 2 where it began
/// above that, and "risk floor": there the curve ends, completed, at the last output time before;
/// ending.detail says so. Else it ends with max_steps, diverged or step_underflow as given there.
/// Degrees above max_degree are left out, and a warning says how much they are.
/// cost.samples_per_replica counts steps of the integrator.
Solution solve(const WideStart& start, const WideFlow& flow, const MeanFieldOptions& options);
Solution solve(const Problem& problem, const WideFlow& flow, const MeanFieldOptions& options);

/// The same with the flow of other methods, whose epsilon must be given.
Solution solve(const Problem& problem, const PopulationFlow& flow, const MeanFieldOptions& options);
void check(const Problem& problem, const PopulationFlow& flow, const MeanFieldOptions& options);

/// Names and shapes of what it returns.
std::vector<Quantity> mean_field_quantities(const WideStart& start);

/// Throws InputError for what `solve` would refuse.
void check(const WideStart& start, const WideFlow& flow, const MeanFieldOptions& options);
void check(const Problem& problem, const WideFlow& flow, const MeanFieldOptions& options);

}  // namespace reprise
