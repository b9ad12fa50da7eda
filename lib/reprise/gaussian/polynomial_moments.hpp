// Exact moments for a polynomial student and a polynomial target, by Hermite (Wick) algebra.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "reprise/gaussian/moments.hpp"

namespace reprise {

/// Empty if polynomial_moments covers the problem, else the reason why not.
std::string reason_against_polynomial_moments(const Problem& problem);

/// The moments for square or correlation loss, samples used once. The problem must outlive them.
/// Small overlaps keep their relative accuracy: E[G h*^T] of He_l is m^(l-1) times a number.
std::unique_ptr<GaussianMoments> polynomial_moments(const Problem& problem,
                                                    const MomentOptions& options);

}  // namespace reprise
