// Theory against simulation: do two curves agree within their standard errors?
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/solution.hpp"

namespace reprise {

enum class Verdict {
  agree,
  disagree,
  undecided,  ///< nothing to compare, too few runs, or a start that cannot tell
};
std::string_view name(Verdict verdict);

/// The largest difference between two curves, in combined standard errors.
struct Comparison {
  Verdict verdict = Verdict::undecided;
  double largest_z = 0;       ///< |difference| / sqrt(se_1^2 + se_2^2); infinite where two exact
                              ///< values differ
  double allowed_z = 0;       ///< above this there is a disagreement
  std::string quantity;       ///< where that is: largest in units of what is allowed there
  Eigen::Index i = 0, j = 0;  ///< from 1; 0: the quantity has no such index
  std::int64_t step = 0;
  std::string moment;                   ///< "step 6" or "t = 2.5"
  std::int64_t n_values = 0;            ///< how many numbers were compared
  std::vector<std::string> notes = {};  ///< what was compared and why, full sentences

  /// "largest |difference| = 2.31 standard errors (Q_12 at step 6) of 71 values: agree", and below
  /// it the notes, a line each.
  std::string brief_report() const;
};

/// Entries of a quantity that symmetries of a problem carry into each other, up to signs.
struct Orbit {
  std::string quantity;               ///< "M", "Q" or "a"
  std::vector<Eigen::Index> entries;  ///< positions in the quantity's row of a Series
  std::vector<double> signs;          ///< relative to each other
  bool is_odd =
      false;  ///< a symmetry carries an entry into its negative: its mean is 0 by symmetry
};

/// A symmetry of the problem that the start has, so that each run may break it in its own way.
struct StartSymmetry {
  enum class Start {
    exact,  ///< a theory keeps the symmetry for ever, runs as long as they do not amplify noise
    drawn,  ///< every run from another start, of which none is preferred
    near,   ///< given, but so near to the symmetric point that noise decides where a run goes
  };
  Start start = Start::exact;
  std::string name;           ///< "z -> -z; neurons 1 and 2 exchanged"
  std::vector<Orbit> orbits;  ///< those that are odd or have several entries
  double dimension = 0;       ///< of the runs: noise is of order dimension^-1/2
};

/// What is known about a pair of curves besides their numbers.
struct ComparisonContext {
  std::optional<StartSymmetry> symmetry = {};
  bool has_infinite_variance = false;  ///< the labels: no mean over runs has a standard error
};

/// The output time of a curve that is `time`, to 1e-9 of it; -1 if there is none.
Eigen::Index find_time(const Solution& solution, double time);

/// How often curves of equal truth may be called different by chance.
inline constexpr double false_alarm_rate = 1e-3;

/// Compares every number that both curves have, at every time that both have (to 1e-9 of it).
///
/// Compared are the quantities whose rows say so (reprise/core/quantity.hpp), symmetric ones at
/// i <= j; not max_overlap: the maximum of noisy overlaps is biased upwards where one is 0.
///
/// A standard error from few replicas is itself uncertain, so what is allowed follows Student's t,
/// at false_alarm_rate divided by the number of values (Bonferroni: however correlated they are):
///   z <= (se_1^2 t_1 + se_2^2 t_2) / (se_1^2 + se_2^2),                        (Cochran1957)
/// t_i the quantile with (replicas of curve i) - 1 degrees of freedom. Welch's test has too light a
/// tail this far out: with 4 and 8 replicas it gave ten times the false alarms.
/// Where both standard errors vanish (<= 1e-12 of the quantity's largest entry then, or of 1), the
/// values must agree to 1e-9 of it.
///
/// A difference below what is allowed is no agreement yet. It is `undecided` where it is beyond
/// `convincing_z` standard errors, which only few runs allow, and where no value's larger error
/// comes from `fewest_replicas` or more. Values whose variance a single replica dominates are left
/// out (is_dominated): their standard error is as random as that replica.
///
/// Broken symmetries. The orbit of an entry splits into its mean, which no symmetry changes, and
/// what is left, whose mean square E is not changed either. Where E of either curve exceeds the
/// noise 25 / d and some run goes another way than the theory, the mean and E are compared in place
/// of the entries. Below the noise the entries are, unless the start is `near`: then the theory has
/// a direction that the runs do not have. A theory from an `exact` start keeps E = 0, and E is left
/// out. From a start that is `near` the time of escape is random, so that a difference beyond what
/// is allowed is `undecided`. Needs Solution::replicas where there are several.
///
/// NOTE: a simulation at finite d differs from the limit by O(1/d) besides its noise of O(1/sqrt
/// d); with very many runs that difference is resolved and rightly called a disagreement.
///
/// first   the theory, where there is one
Comparison compare(const Solution& first, const Solution& second,
                   const ComparisonContext& context = {});

/// A difference of more standard errors than this convinces nobody of agreement.
inline constexpr double convincing_z = 10;
/// Student's quantile at false_alarm_rate for one value: 636, 32, 13 and 8.6 for 2 to 5 replicas.
inline constexpr std::int64_t fewest_replicas = 4;

/// Whether one of the values holds more than half of their sum of squared deviations, and more than
/// chance gives to the largest of as many normal ones at this rate (Grubbs1950).
bool is_dominated(const Eigen::Ref<const Eigen::VectorXd>& values, double rate);

}  // namespace reprise
