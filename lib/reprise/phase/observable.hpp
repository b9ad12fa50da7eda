// One number read off a curve: a quantity at its end, the time it takes to reach a level, or
// whether it diverged.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/solution.hpp"

namespace reprise {

struct Observable {
  enum class Kind {
    last,      ///< the quantity at the last output time
    passage,   ///< when the quantity first reaches `level`
    diverged,  ///< 1 for a curve that diverged, else 0
  };
  enum class Unit {
    time,     ///< of the curve's clock
    steps,    ///< of the algorithm
    samples,  ///< one pass: time * d
  };

  std::string text;  ///< as it was given, and as results name it
  Kind kind = Kind::last;
  Unit unit = Unit::time;
  std::string quantity;   ///< "squared_overlap", "max_overlap", "M", ...
  Eigen::Index i = 0;     ///< from 1; 0: the quantity is a scalar
  Eigen::Index j = 0;     ///< from 1; 0: a scalar or a vector
  bool is_upward = true;  ///< ">=", else "<="
  double level = 0;
};

/// "squared_overlap", "max_overlap", "generalisation_error", "M[1, 2]", "a[1]", "diverged", and
/// with "time to ", "steps to " or "samples to " before and " >= 0.5" or " <= 0.1" behind, a first
/// passage (not of squared_overlap, which no single run has). Throws InputError saying what is
/// allowed.
Observable parse_observable(std::string_view text);

/// How a measurement came out.
enum class Outcome {
  measured,
  censored,  ///< the level was not reached: the value is the last time that was looked at
  missing,   ///< the curve ended before its end, or failed
};
std::string_view name(Outcome outcome);

struct Measurement {
  Outcome outcome = Outcome::missing;
  double value = std::numeric_limits<double>::quiet_NaN();
  double error = std::numeric_limits<double>::quiet_NaN();  ///< NaN: none
  /// Whether an overlap is more than the noise of a zero; empty where that is not known, or no
  /// question.
  std::optional<bool> is_above_noise = {};
};

/// The square of the overlaps with the noise of the average subtracted,
///   sum over i, r of  (mean m_ir)^2 - se(m_ir)^2,   m_ir = M_ir / sqrt(Q_ii P_rr),
/// which is the mean of m_a m_b over pairs of different replicas: unbiased, and 0 on average where
/// the overlaps are 0, where max_overlap has the size of the noise. Its error is the jackknife's
/// over replicas, none for two. Without replicas the sum of squares itself.
///
/// time_index     from 0
/// squared_norms  P_rr, (k); empty: 1
/// NOTE: runs that end at +1 and -1 by chance have mean 0, and so has this.
Measurement squared_overlap(const Solution& solution, std::size_t time_index,
                            const Eigen::VectorXd& squared_norms = {});

/// A measurement as the curve has it. Passages are those of the replicas one by one: their median,
/// with half the distance of the order statistics at n/2 -+ sqrt(n)/2 as its error, censored where
/// half of them do not arrive. Between output times a passage is interpolated linearly; a curve
/// that starts behind the level has passed at 0. Curves without replicas have one passage and no
/// error.
///
/// is_above_noise: |M_ir| beyond three standard errors, squared_overlap beyond three of its own;
/// max_overlap where squared_overlap is, or where it exceeds 5 d^-1/2, as in runs that end at +1
/// and -1 by chance.
///
/// dimension      d of the curve for Unit::samples and the noise of max_overlap; 0: none
/// squared_norms  P_rr, as above
/// Throws InputError if the curve has no such quantity or entry.
Measurement measure(const Observable& observable, const Solution& solution, double dimension,
                    const Eigen::VectorXd& squared_norms = {});

/// The median of passages (infinity: censored at `last`) with its error, as above.
Measurement median_passage(std::vector<double> passages, double last);

/// One measurement of independent repeats: their mean with its standard error from their spread,
/// the median of passages, above the noise where more than half are; missing where one is missing.
Measurement over_repeats(const Observable& observable, const std::vector<Measurement>& repeats);

}  // namespace reprise
