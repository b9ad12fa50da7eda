#include "reprise/one_pass/ode_tolerance.hpp"

#include <algorithm>
#include <cmath>

namespace reprise {

namespace {

constexpr double overlap_rounding = 4e-15;  // of s_i: some 20 units in the last place
constexpr double weight_rounding = 4e-32;   // of E_0, which is a square of weights: one such unit
// Once E itself is rounding nothing is left to follow, and to chase it would take ever smaller
// steps.
constexpr double when_all_is_learned = 1e-12;

bool jumps(const Problem& problem) {
  const ActivationKind kind = problem.student.activation.kind();
  return kind == ActivationKind::relu || kind == ActivationKind::leaky_relu ||
         kind == ActivationKind::custom || problem.loss.is_custom();
}

}  // namespace

OdeTolerance::OdeTolerance(const Problem& problem, const OdeOptions& options, OdeSystem& system)
    : system_(system),
      rtol_(options.rtol),
      atol_(options.atol),
      error_of_nothing_(system.error_of_nothing()),
      follows_error_(!options.atol && error_of_nothing_ > 0 &&
                     (system.is_exact() || !jumps(problem))) {}

void OdeTolerance::evaluate(const OdeVector& y, double error, StepScale& scale) {
  system_.sizes(y, sizes_);
  const double atol = atol_.value_or(0.01 * rtol_);
  double left =
      follows_error_ ? std::clamp(error / error_of_nothing_, 0.0, 1.0) : 1.0;  // NaN stays
  const bool is_learned =
      follows_error_ && left <= (system_.is_of_weights() ? weight_rounding : overlap_rounding);
  if (system_.is_of_weights()) left = std::sqrt(left);
  const double least = is_learned ? when_all_is_learned : overlap_rounding;
  scale.tolerance.resize(y.size());
  scale.size.resize(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double relative = rtol_ * std::abs(y[i]);
    scale.size[i] = std::min(std::sqrt(atol), sizes_.own[i]);
    if (atol_) {
      scale.tolerance[i] = relative + atol;
      continue;
    }
    double tolerance = relative + std::min(atol, rtol_ * sizes_.own[i]);
    if (follows_error_) tolerance = std::min(tolerance, 100 * rtol_ * left * sizes_.reach[i]);
    scale.tolerance[i] = std::max(tolerance, least * sizes_.own[i]);
  }
}

double OdeTolerance::largest_part(const OdeVector& y, double error) {
  evaluate(y, error, scale_);
  double part = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    part = std::max(part, scale_.tolerance[i] / sizes_.reach[i]);
  }
  return part;
}

double OdeTolerance::error_of_error(const OdeVector& y, double error) {
  const double part = largest_part(y, error);
  if (!system_.is_of_weights()) return error_of_nothing_ * part;
  return std::sqrt(error * error_of_nothing_) * part + error_of_nothing_ * part * part;
}

bool OdeTolerance::is_at_rounding(const OdeVector& y, double error) {
  return follows_error_ && largest_part(y, error) <= 1.001 * when_all_is_learned;
}

}  // namespace reprise
