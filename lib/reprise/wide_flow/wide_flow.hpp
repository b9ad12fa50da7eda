// Gradient flow of wide two-layer networks whose second layer has a time-scale of its own, as data:
// what the mean field and the system of finite width both follow.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/population_flow.hpp"

namespace reprise {

/// Neurons of unit norm, f = (1/m) sum_i a_i sigma(u_i . x), y = phi(u* . x); risk R =
/// E (y - f)^2 / 2 (Berthier2023):
///
///   du_i/dt = -m (1 - u_i u_i^T) dR/du_i,   da_i/dt = -(m / epsilon) dR/da_i
struct WideFlow {
  double epsilon = 1;  ///< > 0
};
/// Throws InputError unless epsilon is finite and above 0.
void check(const WideFlow& flow);

/// How a curve of a wide flow is integrated, and where it ends.
struct WideIntegration {
  int max_degree = 200;      ///< of the series of activations and targets
  double rtol = 1e-8;        ///< below 1e-9 it follows rounding where epsilon < 1e-10
  double atol = 1e-10;       ///< of overlaps in units of sqrt(epsilon) where that is below 1
  double risk_floor = 1e-9;  ///< where a curve ends: below it the integrator follows noise
  std::int64_t max_steps = 1'000'000;
};
template <>
const Schema& schema<WideIntegration>();

/// The flow of other methods as that of a wide network. Throws InputError unless its epsilon is
/// given.
WideFlow wide_flow(const PopulationFlow& flow);

/// sigma, phi as series sum_k c_k He_k / sqrt(k!) and the neurons at t = 0.
struct WideStart {
  Eigen::VectorXd sigma;  ///< (K + 1) coefficients of the activation
  Eigen::VectorXd phi;    ///< (K + 1) coefficients of the target
  Eigen::VectorXd a;      ///< (p) second layer
  Eigen::VectorXd s;      ///< (p) overlaps u_i . u*, within [-1, 1]
  /// What the degrees above K have of the squared norms: it is neither learned nor in the risk.
  double sigma_tail = 0;
  double phi_tail = 0;
};

/// The start of a problem with one direction: sigma and phi to the degree that they need, at most
/// max_degree. Throws InputError unless k = 1, P = 1, the inputs are isotropic, Q_ii = 1, the loss
/// is the square loss, the output scale is "inverse" and there is one second layer for all runs.
WideStart wide_start(const Problem& problem, int max_degree);

/// The largest degree that `residual` lists.
inline constexpr Eigen::Index most_residual_degrees = 32;
/// The sizes of its quantities: p neurons, one direction, degrees from 0 of the series.
Sizes sizes_of(const WideStart& start);

/// Throws InputError unless shapes agree, numbers are finite and |s_i| <= 1.
void check(const WideStart& start);

/// 0, then `per_decade` times a decade from epsilon / 100, where a_i begins to move, to duration.
std::vector<double> wide_flow_times(const WideFlow& flow, double duration, int per_decade);

}  // namespace reprise
