// The weak-recovery threshold of the best algorithms, n = alpha d samples.
#pragma once

#include "reprise/exponents/label_points.hpp"
#include "reprise/exponents/moment_estimation.hpp"

namespace reprise {

/// 1 / alpha_c with its errors.
struct RecoveryRate {
  double value = 0;                 ///< largest eigenvalue of F; alpha_c = 1 / value
  double standard_error = 0;        ///< of the integration, from the scrambles
  double discretisation_error = 0;  ///< of the bins of y, from bins of two and four times the width

  double error() const;
  double alpha_c() const { return 1 / value; }
  double alpha_c_error() const { return error() / (value * value); }
};

/// The largest eigenvalue of F(A) = E[G(y) A G(y)] on symmetric A, G(y) = E[z z^T - I | y]
/// (Troiani2024, Defilippis2025; theory.md section 4).
///
/// E[.|y] is taken over about 1000 narrow bins of y: whatever cancels between branches of g cancels
/// within a bin, so zeros stay zero; what a bin averages away is of second order in its width and
/// is extrapolated. Labels where E[.|y] jumps, images of critical points, kinks and jumps of g, get
/// a bin of their own, as narrow as their place is known. Bins by quantiles do not change when the
/// label is replaced by an increasing function of itself; one-to-one functions around the target
/// are taken off first. Products of two conditional means use different scrambles, so noise does
/// not add to them. NOTE: where F = 0 the value is zero within a few standard errors, of either
/// sign.
RecoveryRate recovery_rate(const ExponentTarget& target, const EstimationOptions& options);

}  // namespace reprise
