// Exponents of a target: what it costs to learn, from its function alone.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "reprise/exponents/label_functions.hpp"
#include "reprise/exponents/label_points.hpp"
#include "reprise/exponents/moment_estimation.hpp"
#include "reprise/exponents/spectrum.hpp"
#include "reprise/exponents/staircase.hpp"
#include "reprise/exponents/weak_recovery.hpp"

namespace reprise {

struct ExponentOptions {
  int effort = 1;  ///< 1..6; each one more takes four times the points and 6 more cosines
  int log2_points =
      0;  ///< of each of 32 Sobol' sets, 4..24; 0: 13 for k <= 2, else 14, and by effort
  int max_order = 0;   ///< highest total degree of moments; 0: 16 for k = 1 down to 6 for k = 8
  int n_cosines = 12;  ///< functions of the label in statistical queries, 1..60
  double tolerance = 0.03;  ///< strengths below it, relative to the query's size, may count as zero
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the result does not depend on it
};

/// How alpha_c is known.
enum class RecoveryKind {
  zero,       ///< the first statistical stage has order 1
  finite,     ///< it has order 2: alpha_c and its error are given
  infinite,   ///< its order is higher, or there is none
  undecided,  ///< orders 1 or 2 could not be excluded
};

struct Exponents {
  std::string expression;  ///< the name of a callable
  int n_directions = 0;
  Staircase correlational;  ///< queries y phi(z_U): one pass over the data
  Staircase statistical;    ///< queries tau(y) phi(z_U): batches used more than once
  bool is_correlational_exact =
      false;  ///< polynomial target: Hermite algebra, no integration error
  RecoveryKind recovery = RecoveryKind::infinite;
  std::optional<RecoveryRate> recovery_rate;       ///< where the kind is finite
  std::vector<HermiteWeight> label_weights;        ///< of y in units of its standard deviation
  std::vector<HermiteWeight> statistical_weights;  ///< of functions of y, Lambda_n at U = {0}
  double tolerance = 0;
  double label_standard_deviation = 0;
  double wall_time_s = 0;

  /// Information leap; -1 where a direction is never reached; empty where undecided.
  std::optional<int> leap() const;
  std::optional<int> generative_leap() const;
  /// 0 or infinity where that is the answer; empty where undecided.
  std::optional<double> alpha_c() const;
};

/// Both staircases and the weak-recovery threshold of a target.
///
/// Moments are exact for the correlational queries of polynomials, else integrated over 32
/// scrambled Sobol' sets. Throws InputError for more than 8 directions, labels that are not finite,
/// or options out of range. The same seed gives the same result on any number of threads.
///
/// A callable is exact where it is said to be a polynomial. What only a tree can tell, one-to-one
/// functions around g and the roundings of a label, is then not known: alpha_c of exp(f) may be
/// less accurate as a callable than as a text.
Exponents find_exponents(const ExponentTarget& target, const ExponentOptions& options = {});

/// The same of a learning problem's target, exponent_target(target). (A template, so that a braced
/// list stays an ExponentTarget.)
template <std::same_as<Target> T>
Exponents find_exponents(const T& target, const ExponentOptions& options = {}) {
  return find_exponents(exponent_target(target), options);
}

/// Conditional moments along the first direction of the statistical staircase (z1 if there is
/// none), in 100 bins of the label.
ConditionalMoments first_conditional_moments(const ExponentTarget& target,
                                             const Exponents& exponents,
                                             const ExponentOptions& options);

/// What find_exponents uses, for callers that go further.
int default_max_order(int n_directions);
EstimationOptions moment_options(const ExponentTarget& target, const ExponentOptions& options);
int n_label_functions(const ExponentOptions& options);
StaircaseOptions staircase_options(const ExponentOptions& options);
/// The functions of a family as queries: cosines at all degrees of moments, the tails of y up to
/// degree 4 (beyond it, products of two unbounded factors have too large errors). first: that of
/// the family's first function in the table; allowed_degrees as in QueryFunctions.
std::vector<QueryFunctions> queries_of(const LabelFunctions& family, int first,
                                       const std::vector<bool>& allowed_degrees = {});
/// The standard deviation of the label, by the table of a polynomial as far as it goes.
double label_scale(const std::optional<HermiteMoments>& exact, const LabelRanks& ranks);
Dependence dependence_of(const ExponentTarget& target, const LabelRanks& ranks);
void check(const ExponentOptions& options);

}  // namespace reprise
