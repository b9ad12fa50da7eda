// Hermite moments of a target: exact for polynomials, by randomised quasi-Monte Carlo for the rest.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "reprise/exponents/hermite_moments.hpp"
#include "reprise/exponents/label_functions.hpp"
#include "reprise/exponents/label_points.hpp"

namespace reprise {

/// How expectations over the inputs are integrated.
struct EstimationOptions {
  int log2_points = 14;  ///< of each scrambled Sobol' set
  int scrambles = 32;    ///< independent ones; their spread is the error; >= 8
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
};

/// E[(y - mean) h_alpha] (function 0) and E[tau_j(y') h_alpha] for every function of the families,
/// |alpha| <= max_degree; one replicate a scramble. y' is the label of `told`, a function of the
/// same inputs and noise whose ranks the families have; mean is E y.
HermiteMoments estimate_moments(const ExponentTarget& target, double mean,
                                const ExponentTarget& told,
                                const std::vector<LabelFunctions>& families, int max_degree,
                                const EstimationOptions& options);

/// E[y h_alpha] without error for a polynomial g (degree, 256 terms and more, is limited by
/// Expression::as_polynomial, or given by a callable) with no input map or an orthogonal one,
/// |alpha| <= degree of g but at most max_degree; two equal replicates. Empty for other targets.
std::optional<HermiteMoments> exact_moments(const ExponentTarget& target, int max_degree);

}  // namespace reprise
