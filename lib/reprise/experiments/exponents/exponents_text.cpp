#include <algorithm>
#include <cmath>
#include <iomanip>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/exponents/exponents_report.hpp"
#include "reprise/exponents/cost.hpp"

namespace reprise {

namespace {

// "(0.76783, -0.64065)" with the decimals that the angle's error leaves, four without an error.
std::string vector_text(const Eigen::VectorXd& direction, double angle = 0) {
  const int decimals =
      angle > 0 ? std::clamp(static_cast<int>(std::floor(-std::log10(angle))), 1, 6) : 4;
  const double unit = std::pow(10.0, -decimals);
  std::string text = "(";
  for (Eigen::Index v = 0; v < direction.size(); ++v) {
    const double value = std::round(direction[v] / unit) * unit;
    text += (v == 0 ? "" : ", ") + rounded(value == 0 ? 0 : value, decimals + 1);
  }
  return text + ")";
}

std::string power_text(double power) {
  if (power == 0) return "O(1)";
  if (power == 1) return "d";
  return "d^" + rounded(power, 4);
}

std::string samples_text(SampleCost cost) {
  return power_text(cost.power) + (cost.has_logarithm ? " log d" : "");
}

std::string leap_text(const Staircase& staircase, std::optional<int> leap) {
  if (!leap) {
    if (staircase.never_reached.cols() + staircase.undecided.cols() > 0) return "undecided";
    return "undecided, at most " + std::to_string(staircase.largest_order());
  }
  if (*leap < 0) return "none: a direction is never reached";
  return std::to_string(*leap);
}

std::string alpha_text(const Exponents& exponents) {
  switch (exponents.recovery) {
    case RecoveryKind::zero:
      return "0";
    case RecoveryKind::infinite:
      return "infinite";
    case RecoveryKind::undecided:
      return "undecided";
    case RecoveryKind::finite:
      break;
  }
  return with_error(exponents.recovery_rate->alpha_c(), exponents.recovery_rate->alpha_c_error());
}

enum class Family { correlational, statistical };

std::string stage_sentence(const StaircaseStage& stage, Family family, bool is_first) {
  const int l = stage.order;
  const auto n = stage.directions.cols();
  const bool is_statistical = family == Family::statistical;
  std::string text = is_first ? "From a random start, " : "Then ";
  text += n == 1 ? "one direction: " : std::to_string(n) + " directions together: ";
  text += samples_text(sgd_samples(l)) + " samples";
  text += is_statistical ? " used more than once, or " : " in one pass, or ";
  if (l == 1) {
    text += "O(1) steps of batches of order d";
  } else {
    const double batch = *best_batch_power(l);
    text += l == 2 ? "about log d" : power_text(steps_power(l, batch));
    text += " steps of the best batch size " + power_text(batch);
  }
  if (!is_statistical) return text + ".";
  text += ".\n         The best algorithms need " + samples_text(best_samples(l)) + " samples";
  if (stage.recovery_rate > 0 && !is_first) {
    text += ", alpha = n/d of at most " + rounded(1 / stage.recovery_rate, 4);
  }
  return text + ".";
}

// Neighbouring undecided orders share a line.
void write_zeros(const Staircase& staircase, std::size_t stage, std::ostream& out) {
  const auto is_open = [&](const ZeroOrder& zero) {
    return zero.stage == stage && !zero.is_decided;
  };
  for (auto zero = staircase.zeros.begin(); zero != staircase.zeros.end();) {
    if (!is_open(*zero)) {
      ++zero;
      continue;
    }
    const int first = zero->order;
    int last = first;
    double bound = 0;
    for (; zero != staircase.zeros.end() && is_open(*zero); ++zero) {
      last = zero->order;
      bound = std::max(bound, zero->bound);
    }
    out << "         " << (first == last ? "order " : "orders ") << first;
    if (last > first) out << " to " << last;
    out << " undecided: only |moments| <= " << rounded(bound, 2)
        << " is known; more --effort may tell\n";
  }
}

void write_directions(const char* what, const Eigen::MatrixXd& directions, std::ostream& out) {
  if (directions.cols() == 0) return;
  out << "  " << what;
  for (Eigen::Index i = 0; i < directions.cols(); ++i) out << " " << vector_text(directions.col(i));
  out << "\n";
}

void write_staircase(const Staircase& staircase, Family family, std::ostream& out) {
  out << "  stage  order  strength      direction\n";
  double angle = 0;  // errors of earlier directions tilt the later ones
  for (std::size_t s = 0; s < staircase.stages.size(); ++s) {
    const StaircaseStage& stage = staircase.stages[s];
    write_zeros(staircase, s, out);
    for (Eigen::Index i = 0; i < stage.strength.size(); ++i) {
      out << "  " << std::left << std::setw(7) << (i == 0 ? std::to_string(s + 1) : "")
          << std::setw(7) << (i == 0 ? std::to_string(stage.order) : "") << std::setw(14)
          << with_error(stage.strength[i], stage.error[i]) + " "
          << vector_text(stage.directions.col(i), std::max(angle, stage.direction_error[i]))
          << "\n";
    }
    angle = std::hypot(angle, stage.direction_error.norm());
    out << "         " << stage_sentence(stage, family, s == 0) << "\n";
  }
  write_zeros(staircase, staircase.stages.size(), out);
  const std::string never =
      "never reached up to order " + std::to_string(staircase.max_order) + ":";
  write_directions(never.c_str(), staircase.never_reached, out);
  const std::string open =
      "not reached up to order " + std::to_string(staircase.max_order) + ", undecided:";
  write_directions(open.c_str(), staircase.undecided, out);
  write_directions("the target does not depend on:", staircase.irrelevant, out);
}

// Empty where no moment had to be called zero.
std::optional<double> largest_zero(const Exponents& exponents) {
  std::optional<double> largest;
  for (const Staircase* staircase : {&exponents.correlational, &exponents.statistical}) {
    for (const ZeroOrder& zero : staircase->zeros) {
      if (zero.is_decided) largest = std::max(largest.value_or(0), zero.bound);
    }
  }
  return largest;
}

std::string zeros_text(const Exponents& exponents) {
  const auto largest = largest_zero(exponents);
  if (!largest) return "none";
  if (*largest == 0) return "exact";
  return "known to be below " + rounded(*largest, 2) + " of their scale (tolerance " +
         rounded(exponents.tolerance, 2) + ")";
}

void write_reached(const char* what, const Staircase& staircase, std::ostream& out) {
  const Eigen::MatrixXd reached = staircase.reached_in_one_order();
  out << "  " << what << ": ";
  if (reached.cols() == 0) out << "none";
  for (Eigen::Index i = 0; i < reached.cols(); ++i) {
    out << (i == 0 ? "" : " ") << vector_text(reached.col(i));
  }
  out << "\n";
}

}  // namespace

std::string exponents_text(const Exponents& exponents, const std::optional<Reach>& reach) {
  std::ostringstream out;
  out << exponents.expression << "\n\n"
      << "  leap (one pass)               " << leap_text(exponents.correlational, exponents.leap())
      << "\n"
      << "  generative leap (reuse)       "
      << leap_text(exponents.statistical, exponents.generative_leap()) << "\n"
      << "  alpha_c (best algorithms)     " << alpha_text(exponents) << "\n"
      << "  moments called zero           " << zeros_text(exponents) << "\n\n"
      << "A stage learns the directions that show first in E[psi He_l(z)], l the order; z without "
         "what\n"
      << "was learned before. Strength: the size of these moments, with its error in the last "
         "digits.\n";
  out << "\nOne pass over the data: psi = y times functions of what was learned"
      << (exponents.is_correlational_exact ? " (exact)" : "") << "\n";
  write_staircase(exponents.correlational, Family::correlational, out);
  out << "\nBatches used again: psi any function of y and of what was learned\n";
  write_staircase(exponents.statistical, Family::statistical, out);
  out << "\nIn O(1) steps of full-batch gradient descent at n = alpha d, generic activation\n";
  write_reached("a fresh batch each step", exponents.correlational, out);
  write_reached("one batch reused", exponents.statistical, out);
  if (!reach) return out.str();
  out << "\nWith activation " << reach->queries.activation << " and " << reach->queries.loss
      << " loss, one pass\n";
  write_staircase(reach->one_pass, Family::correlational, out);
  out << "\nThe same, batches used again\n";
  write_staircase(reach->reuse, Family::statistical, out);
  return out.str();
}

}  // namespace reprise
