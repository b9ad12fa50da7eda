// Moments of any student, target and loss, on a fixed scrambled Sobol' point set.
#pragma once

#include <memory>

#include "reprise/gaussian/moments.hpp"

namespace reprise {

/// The points lie in the tails of the label and the student (widen_for_moments()). Cost
/// O(points p (k + p)) a call, memory 8 points (k + p + 2) bytes, as much again for the
/// generalisation error. The problem must outlive them.
std::unique_ptr<GaussianMoments> point_moments(const Problem& problem, const SampleUse& use,
                                               const MomentOptions& options);

}  // namespace reprise
