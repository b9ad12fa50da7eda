// Closed-form moments for a student and a target that are sums of the same ridge function.
#pragma once

#include <memory>

#include "reprise/gaussian/moments.hpp"
#include "reprise/model/ridge_target.hpp"

namespace reprise {

/// The moments for an erf or ReLU student, square or correlation loss, used once. The problem must
/// outlive them. Cost O(p^2 (p + m)^2) four-point functions for m ridge functions in the target.
std::unique_ptr<GaussianMoments> committee_moments(const Problem& problem, RidgeKind kind,
                                                   const RidgeTarget& target,
                                                   const MomentOptions& options);

}  // namespace reprise
