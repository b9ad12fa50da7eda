// One number read off a curve: a quantity at its end, the time it takes to reach a level, or
// whether it diverged.
#pragma once

#include <cstdint>
#include <limits>
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
  std::string quantity;   ///< "max_overlap", "M", ...
  Eigen::Index i = 0;     ///< from 1; 0: the quantity is a scalar
  Eigen::Index j = 0;     ///< from 1; 0: a scalar or a vector
  bool is_upward = true;  ///< ">=", else "<="
  double level = 0;
};

/// "max_overlap", "generalisation_error", "M[1, 2]", "a[1]", "diverged", and with "time to ",
/// "steps to " or "samples to " before and " >= 0.5" or " <= 0.1" behind, a first passage.
/// Throws InputError saying what is allowed.
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
};

/// A measurement as the curve has it. Passages are those of the replicas one by one: their median,
/// with half the distance of the order statistics at n/2 -+ sqrt(n)/2 as its error, censored where
/// half of them do not arrive. Between output times a passage is interpolated linearly; a curve
/// that starts behind the level has passed at 0. Curves without replicas have one passage and no
/// error.
///
/// dimension  d of the curve for Unit::samples, else unused
/// Throws InputError if the curve has no such quantity or entry.
Measurement measure(const Observable& observable, const Solution& solution, double dimension);

/// The median of passages (infinity: censored at `last`) with its error, as above.
Measurement median_passage(std::vector<double> passages, double last);

}  // namespace reprise
