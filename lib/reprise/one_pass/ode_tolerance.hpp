// How far a step of the ODE may be off: relative to the overlaps and to what is left to learn.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "reprise/integration/integrate.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"

namespace reprise {

/// The tolerance of each entry y_i of the state as OverlapLayout has it, whose natural size s_i is
/// sqrt(Q_jj) times sqrt(Q_ll) or sqrt(P_rr), the largest that the entry can be:
///
///   tau_i = min(rtol |y_i| + min(rtol / 100, rtol s_i), 100 rtol s_i E / E_0), at least 4e-15 s_i
///
/// E is the generalisation error at y and E_0 that of a student that is 0. An error is a difference
/// of terms of order E_0, so that one of tau_i / s_i in the overlaps can be E_0 tau_i / s_i in E.
/// Where E is below 4e-15 E_0, rounding itself, 1e-12 s_i is enough.
/// With options.atol, which makes the tolerance absolute, tau_i = rtol |y_i| + atol. Where G jumps
/// with the overlaps (ReLU on points) E is left out: there the right-hand side itself has steps.
class OdeTolerance {
 public:
  OdeTolerance(const Problem& problem, const OdeOptions& options, double error_of_nothing,
               bool is_exact);

  /// Whether it needs E.
  bool follows_error() const { return follows_error_; }
  /// error is E at y.
  void evaluate(const OdeVector& y, double error, StepScale& scale);
  /// By about how much a step's error may change E there.
  double error_of_error(const OdeVector& y, double error);
  /// Whether it is as small as rounding lets it be.
  bool is_at_rounding(const OdeVector& y, double error);

 private:
  double largest_part(const OdeVector& y, double error);
  void measure(const OdeVector& y);

  double rtol_;
  std::optional<double> atol_;
  double error_of_nothing_;
  bool follows_error_;
  double weight_size_;
  Eigen::VectorXd norms_, target_norms_;
  OdeVector sizes_;  // s_i
  StepScale scale_;
};

}  // namespace reprise
