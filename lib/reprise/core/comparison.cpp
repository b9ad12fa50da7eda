#include "reprise/core/comparison.hpp"

#include <algorithm>
#include <array>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <sstream>

namespace reprise {

namespace {

constexpr std::array<std::string_view, 5> compared_quantities{"M", "Q", "a", "generalisation_error",
                                                              "training_loss"};

/// An estimate: mean, its standard error, and the replicas behind both (0: a deterministic number).
struct Estimate {
  double value = 0;
  double standard_error = 0;
  std::int64_t replicas = 0;
};

Estimate estimate(const Solution& solution, const Series& series, Eigen::Index row,
                  Eigen::Index entry) {
  return {series.value(row, entry),
          series.has_standard_error() ? series.standard_error(row, entry) : 0.0,
          series.has_standard_error() ? solution.cost.replicas : 0};
}

double variance_over_freedom(const Estimate& e) {
  const double variance = e.standard_error * e.standard_error;
  return e.replicas > 1 ? variance * variance / static_cast<double>(e.replicas - 1) : 0.0;
}

struct Difference {
  double z = 0;
  double p = 1;
};

Difference difference(const Estimate& a, const Estimate& b, double scale) {
  const double gap = std::abs(a.value - b.value);
  const double error = std::hypot(a.standard_error, b.standard_error);
  if (!std::isfinite(gap + error)) return {std::numeric_limits<double>::infinity(), 0};
  if (!(error > 1e-12 * scale)) {
    const bool agrees = gap <= 1e-9 * scale;
    return {agrees ? 0 : std::numeric_limits<double>::infinity(), agrees ? 1.0 : 0.0};
  }
  const double z = gap / error;
  const double freedom = std::pow(error, 4) / (variance_over_freedom(a) + variance_over_freedom(b));
  // Without replicas on either side the standard errors are taken as known: a normal deviate.
  if (!std::isfinite(freedom)) return {z, std::erfc(z / std::sqrt(2.0))};
  const boost::math::students_t distribution(freedom);
  return {z, 2 * boost::math::cdf(boost::math::complement(distribution, z))};
}

/// The size of a quantity at one time, at least 1.
double scale_of(const Series& a, const Series& b, Eigen::Index row_a, Eigen::Index row_b) {
  return std::max(
      {1.0, a.value.row(row_a).cwiseAbs().maxCoeff(), b.value.row(row_b).cwiseAbs().maxCoeff()});
}

/// A curve of one run has a mean, but nothing says how far from the truth it is.
bool has_unknown_error(const Solution& solution) {
  return solution.cost.replicas == 1 ||
         (solution.cost.replicas > 1 &&
          std::none_of(solution.series.begin(), solution.series.end(),
                       [](const Series& s) { return s.has_standard_error(); }));
}

void compare_row(const Solution& first, const Solution& second, const Series& a, const Series& b,
                 Eigen::Index row_a, Eigen::Index row_b, Comparison& result) {
  const double scale = scale_of(a, b, row_a, row_b);
  const Eigen::Index cols = std::max<Eigen::Index>(a.cols, 1);
  for (Eigen::Index entry = 0; entry < a.n_entries(); ++entry) {
    const Eigen::Index i = entry / cols, j = entry % cols;
    if (a.quantity == "Q" && j < i) continue;
    const Difference found =
        difference(estimate(first, a, row_a, entry), estimate(second, b, row_b, entry), scale);
    result.p_value = std::min(result.p_value, found.p);
    if (result.n_values++ == 0 || !(found.z <= result.largest_z)) {
      result.largest_z = found.z;
      result.quantity = a.quantity;
      result.i = a.is_scalar() ? 0 : i + 1;
      result.j = a.cols == 0 ? 0 : j + 1;
      result.step = first.step[static_cast<std::size_t>(row_a)];
    }
  }
}

std::string place(const Comparison& comparison) {
  std::ostringstream text;
  text << comparison.quantity;
  if (comparison.i > 0) text << "_" << comparison.i;
  if (comparison.j > 0)
    text << (std::max(comparison.i, comparison.j) > 9 ? "," : "") << comparison.j;
  text << " at step " << comparison.step;
  return text.str();
}

}  // namespace

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::agree:
      return "agree";
    case Verdict::disagree:
      return "disagree";
    case Verdict::undecided:
      return "undecided";
  }
  return "unknown";
}

Comparison compare(const Solution& first, const Solution& second) {
  Comparison result;
  if (has_unknown_error(first) || has_unknown_error(second)) return result;
  for (const std::string_view quantity : compared_quantities) {
    const Series* a = first.find(quantity);
    const Series* b = second.find(quantity);
    if (a == nullptr || b == nullptr || a->n_entries() != b->n_entries()) continue;
    for (Eigen::Index row = 0; row < a->n_times(); ++row) {
      const auto found = std::lower_bound(second.step.begin(), second.step.end(),
                                          first.step[static_cast<std::size_t>(row)]);
      const Eigen::Index other = found - second.step.begin();
      if (found == second.step.end() || *found != first.step[static_cast<std::size_t>(row)])
        continue;
      if (other < b->n_times()) compare_row(first, second, *a, *b, row, other, result);
    }
  }
  if (result.n_values == 0) return result;
  result.p_value = std::min(1.0, result.p_value * static_cast<double>(result.n_values));
  const bool agrees = result.p_value >= disagreement_p_value && std::isfinite(result.largest_z);
  result.verdict = agrees ? Verdict::agree : Verdict::disagree;
  return result;
}

std::string Comparison::brief_report() const {
  if (n_values == 0) {
    return "undecided: no value with a standard error that both curves have (a simulation needs at "
           "least 2 runs)";
  }
  std::ostringstream text;
  text.precision(3);
  if (std::isfinite(largest_z)) {
    text << "largest |difference| = " << largest_z << " standard errors (" << place(*this) << ")";
  } else {
    text << "exact values differ (" << place(*this) << ")";
  }
  text << " of " << n_values << " values: " << name(verdict);
  if (verdict == Verdict::disagree) {
    text.precision(1);
    text << " (p = " << std::scientific << p_value << ")";
  }
  return text.str();
}

}  // namespace reprise
