// How far a step of the ODE may be off: relative to the overlaps and to what is left to learn.
#pragma once

#include <Eigen/Core>
#include <optional>

#include "reprise/integration/integrate.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/ode_state.hpp"

namespace reprise {

/// The tolerance of each entry y_i of the state, of which OdeSystem::sizes() says the natural size
/// s_i and the reach r_i (of M and Q both are sqrt(Q_jj) times sqrt(Q_ll) or sqrt(P_rr)):
///
///   tau_i = min(rtol |y_i| + min(rtol / 100, rtol s_i), 100 rtol r_i x), at least 4e-15 s_i
///
/// E is the generalisation error at y and E_0 that of a student that is 0. An error is a difference
/// of terms of order E_0, so that one of tau_i / r_i in the overlaps can be E_0 tau_i / r_i in E:
/// x = E / E_0. Where every state is one of weights it is sqrt(E E_0) tau_i / r_i, because E is
/// least where it is 0: x = sqrt(E / E_0). Where E is below 4e-15 E_0 (4e-32 of weights), rounding
/// itself, 1e-12 s_i is enough. With options.atol, which makes the tolerance absolute,
/// tau_i = rtol |y_i| + atol. Where G jumps with the overlaps (ReLU on points) E is left out: there
/// the right-hand side itself has steps.
class OdeTolerance {
 public:
  /// The system must outlive this.
  OdeTolerance(const Problem& problem, const OdeOptions& options, OdeSystem& system);

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

  OdeSystem& system_;
  double rtol_;
  std::optional<double> atol_;
  double error_of_nothing_;
  bool follows_error_;
  EntrySizes sizes_;
  StepScale scale_;
};

}  // namespace reprise
