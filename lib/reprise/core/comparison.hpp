// Theory against simulation: do two curves agree within their standard errors?
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "reprise/core/solution.hpp"

namespace reprise {

enum class Verdict {
  agree,
  disagree,
  undecided,  ///< nothing to compare, or a curve of one run, which has no standard error
};
std::string_view name(Verdict verdict);

/// The largest difference between two curves, in combined standard errors.
struct Comparison {
  Verdict verdict = Verdict::undecided;
  double largest_z = 0;       ///< |difference| / sqrt(se_1^2 + se_2^2); infinite where two exact
                              ///< values differ
  std::string quantity;       ///< where that is
  Eigen::Index i = 0, j = 0;  ///< from 1; 0: the quantity has no such index
  std::int64_t step = 0;
  std::int64_t n_values = 0;  ///< how many numbers were compared
  double p_value = 1;         ///< of the whole family: how often chance alone does as badly

  /// "largest |difference| = 2.31 standard errors (Q_12 at step 6) of 71 values: agree"
  std::string brief_report() const;
};

/// A family of differences that chance produces less often than this is a disagreement.
inline constexpr double disagreement_p_value = 1e-3;

/// Compares every number that both curves have, at every step that both reached.
///
/// Compared are M, Q (i <= j, it is symmetric), a, generalisation_error and training_loss, not
/// max_overlap: the maximum of noisy overlaps is biased upwards where an overlap is 0.
/// With few replicas an estimated standard error is itself uncertain, so every difference is a
/// Welch test: Student's t with Welch and Satterthwaite's degrees of freedom. The p-values are
/// corrected for their number after Bonferroni, which holds however correlated the numbers are.
/// Where both standard errors vanish (<= 1e-12 of the quantity's largest entry then, or of 1), the
/// values must agree to 1e-9 of it.
///
/// NOTE: a simulation at finite d differs from the limit by O(1/d) besides its noise of O(1/sqrt
/// d); with very many runs that difference is resolved and rightly called a disagreement.
Comparison compare(const Solution& first, const Solution& second);

}  // namespace reprise
