#include <cmath>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"

namespace reprise {

namespace {

using Values = std::map<Sites, PointValues>;

std::string judged(const std::optional<double>& expected, bool is_right) {
  if (!expected) return "";
  return ", expected " + rounded(*expected, 4) + (is_right ? ": as expected" : ": NOT as expected");
}

std::string place(const Sweep& sweep, const Sites& sites, std::size_t curve, std::size_t observable,
                  const std::vector<std::size_t>& used_up) {
  const std::string rest = describe_rest(sweep, sites, used_up);
  return "  " + sweep.curves[curve] + ", " + sweep.observables[observable].text +
         (rest.empty() ? "" : ", " + rest) + ": ";
}

std::string boundary_text(const Sweep& sweep, const Values& values) {
  if (!sweep.boundary) return "";
  const BoundaryRule& rule = *sweep.boundary;
  std::string text = "boundary along " + sweep.axes[rule.axis].name() + " at level " +
                     rounded(rule.level, 6) + "\n";
  for (const Reduced& b : boundary(sweep, values)) {
    const std::optional<double> expected = expected_boundary(sweep, b.sites);
    text += place(sweep, b.sites, b.curve, b.observable, {rule.axis});
    const std::string measured = rounded(b.value.value, 5) + " +- " + rounded(b.value.error, 2);
    text += (b.value.outcome == Outcome::measured ? measured : "none") +
            judged(expected, is_as_expected(sweep, b)) + "\n";
  }
  return text;
}

std::string fits_text(const Sweep& sweep, const Values& values) {
  if (!sweep.fit) return "";
  std::string text =
      "exponents along " + sweep.axes[sweep.fit->axis].name() +
      (sweep.fit->divide_by.empty() ? "" : ", of the values over " + sweep.fit->divide_by) + "\n";
  for (const SweepFit& fit : fits(sweep, values)) {
    text += place(sweep, fit.sites, fit.curve, fit.observable, used_up_by_fit(sweep));
    if (!fit.law) {
      text += "fewer than two points, not judged\n";
      continue;
    }
    text += with_error(fit.law->exponent, fit.law->error) + " from " +
            std::to_string(fit.law->n_points) + " points";
    if (fit.n_left_out > 0) text += " (" + std::to_string(fit.n_left_out) + " left out)";
    if (fit.law->n_points > 2 && fit.law->chi_squared > 0) {
      text += ", chi^2 / " + std::to_string(fit.law->n_points - 2) + " = " +
              rounded(fit.law->chi_squared / (fit.law->n_points - 2), 3);
    }
    text += judged(fit.expected, fit.is_as_expected) + "\n";
  }
  return text;
}

}  // namespace

std::string brief_report(const Sweep& sweep, const SweepRecords& records) {
  const std::map<Sites, PointValues> values = values_of(sweep, records);
  std::string text = sweep.title + "\n" + std::to_string(values.size()) + " points";
  if (sweep.seeds > 1) text += " of " + std::to_string(sweep.seeds) + " experiments each";
  std::size_t n_missing = 0, n_censored = 0, n_noise = 0;
  for (const auto& [sites, point] : values) {
    for (const auto& curve : point) {
      for (const Measurement& m : curve) {
        n_missing += m.outcome == Outcome::missing ? 1 : 0;
        n_censored += m.outcome == Outcome::censored ? 1 : 0;
        n_noise += m.is_above_noise.value_or(true) ? 0 : 1;
      }
    }
  }
  if (n_censored > 0) text += ", " + std::to_string(n_censored) + " values censored";
  if (n_noise > 0) text += ", " + std::to_string(n_noise) + " overlaps not above their noise";
  if (n_missing > 0) text += ", " + std::to_string(n_missing) + " missing (reasons in sweep.json)";
  text += "\n";
  text += boundary_text(sweep, values) + fits_text(sweep, values);
  for (const Claim& claim : sweep.claims) {
    text += "expected of " + claim.text +
            (holds(sweep, claim, values) ? ": as expected\n" : ": NOT as expected\n");
  }
  return text;
}

}  // namespace reprise
