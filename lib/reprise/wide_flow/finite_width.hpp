// Wide two-layer networks of m neurons as d -> infinity: how far the mean field holds.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/population_flow.hpp"
#include "reprise/wide_flow/wide_flow.hpp"

namespace reprise {

struct FiniteWidthOptions {
  std::vector<double> times;  ///< output times, increasing; wide_flow_times() suits them
  /// Equal neurons that a row of M and an entry of the second layer stand for: one number for all
  /// or one each, whole; none: 1.
  std::vector<double> group_size = {};
  WideIntegration integration = {};
  Progress progress = {};
};
template <>
const Schema& schema<FiniteWidthOptions>();

/// (a, s, r) of m = sum of group sizes neurons in G groups (FiniteWidthEquations). Two neurons of
/// one group begin with r = s^2.
///
/// Quantities: M (G, 1) = s, Q (G, G) = r between groups, within (G) = r of two neurons of one
/// group (1 in groups of one), a (G), residual and generalisation_error. Events, endings and
/// warnings as of the mean field. In output scale "inverse" time is the same as there.
///
/// overlaps (G, G) = r_gh at the start outside the diagonal, symmetric.
Solution solve(const WideStart& start, const Eigen::MatrixXd& overlaps, const WideFlow& flow,
               const FiniteWidthOptions& options);
/// r_gh = Q_gh of the problem's start.
Solution solve(const Problem& problem, const WideFlow& flow, const FiniteWidthOptions& options);

/// The same with the flow of other methods, whose epsilon must be given.
Solution solve(const Problem& problem, const PopulationFlow& flow,
               const FiniteWidthOptions& options);
void check(const Problem& problem, const PopulationFlow& flow, const FiniteWidthOptions& options);

/// Names and shapes of what it returns.
std::vector<Quantity> finite_width_quantities(const WideStart& start);

/// Throws InputError for what `solve` would refuse.
void check(const WideStart& start, const Eigen::MatrixXd& overlaps, const WideFlow& flow,
           const FiniteWidthOptions& options);
void check(const Problem& problem, const WideFlow& flow, const FiniteWidthOptions& options);

}  // namespace reprise
