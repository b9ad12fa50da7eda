// Quoted errors of exponents' numbers are honest, and the default effort is quick.
#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "reprise/exponents/exponents.hpp"

namespace {

using namespace reprise;

struct Coverage {
  int within_two = 0;  // estimates within 2.04 standard errors, 95 % of Student's t with 31 degrees
  int within_three = 0;  // within 3.15: 99.6 %
};

constexpr int n_runs = 200;
// Binomial: 190 +- 3.1 of 200 at 95 %. Four standard deviations below, and one for what 32
// scrambles do not know of their own spread.
constexpr int least_within_two = 175;
constexpr int least_within_three = 192;

// The long-run value: its own error is 1 / sqrt(200) of one run's.
double mean_of(const std::vector<double>& estimates) {
  double mean = 0;
  for (double x : estimates) mean += x / static_cast<double>(estimates.size());
  return mean;
}

Coverage coverage(const std::vector<double>& estimates, const std::vector<double>& errors,
                  double value) {
  Coverage result;
  for (std::size_t i = 0; i < estimates.size(); ++i) {
    result.within_two += std::abs(estimates[i] - value) <= 2.04 * errors[i] ? 1 : 0;
    result.within_three += std::abs(estimates[i] - value) <= 3.15 * errors[i] ? 1 : 0;
  }
  return result;
}

void check_coverage(const std::vector<double>& estimates, const std::vector<double>& errors,
                    double value) {
  const Coverage covered = coverage(estimates, errors, value);
  MESSAGE(covered.within_two << " of 200 within 2.04, " << covered.within_three << " within 3.15");
  CHECK(covered.within_two >= least_within_two);
  CHECK(covered.within_three >= least_within_three);
}

}  // namespace

TEST_CASE("find_exponents: over 200 seeds the intervals cover the long-run values") {
  const std::string text = "tanh(z1 + He3(z2)) + abs(z1)";
  CAPTURE(text);
  const ExponentTarget target{.g = Expression::parse(text)};
  std::vector<double> estimate[3];
  std::vector<double> error[3];
  for (int run = 0; run < n_runs; ++run) {
    const auto exponents = find_exponents(target, {.log2_points = 12,
                                                   .max_order = 3,
                                                   .n_cosines = 6,
                                                   .seed = static_cast<std::uint64_t>(run) + 1});
    const auto& correlational = exponents.correlational.stages.at(0);
    const auto& statistical = exponents.statistical.stages.at(0);
    estimate[0].push_back(correlational.strength[0]);
    error[0].push_back(correlational.error[0]);
    estimate[1].push_back(statistical.strength[0]);
    error[1].push_back(statistical.error[0]);
    // The angle of the first correlational direction.
    estimate[2].push_back(
        std::atan2(correlational.directions(1, 0), correlational.directions(0, 0)));
    error[2].push_back(correlational.direction_error[0]);
  }
  for (int i = 0; i < 3; ++i) check_coverage(estimate[i], error[i], mean_of(estimate[i]));
}

TEST_CASE("recovery_rate: over 200 seeds the intervals cover the exact value") {
  // sign(z1*z2): E[z1 z2 | y] = 2 y / pi. z1*z2: alpha_c = 0.5937511, the width of the bins counts.
  const double pi = std::acos(-1.0);
  for (const auto& known :
       {std::pair{"sign(z1*z2)", 4 / (pi * pi)}, std::pair{"z1*z2", 1 / 0.5937511}}) {
    CAPTURE(known.first);
    const ExponentTarget target{.g = Expression::parse(known.first)};
    std::vector<double> estimates;
    std::vector<double> errors;
    for (int run = 0; run < n_runs; ++run) {
      const auto rate =
          recovery_rate(target, {.log2_points = 12, .seed = static_cast<std::uint64_t>(run) + 1});
      estimates.push_back(rate.value);
      errors.push_back(rate.error());
    }
    check_coverage(estimates, errors, known.second);
  }
}

TEST_CASE("find_exponents: over 200 seeds no zero is taken for a signal") {
  // E[h_l|y] = 0 for l <= 3 by cancellation between branches, and for the odd ones by symmetry.
  const ExponentTarget target{.g = Expression::parse("z1^2*exp(-z1^2)")};
  int n_right = 0;
  for (int run = 0; run < n_runs; ++run) {
    const auto exponents = find_exponents(target, {.log2_points = 12,
                                                   .max_order = 4,
                                                   .n_cosines = 6,
                                                   .seed = static_cast<std::uint64_t>(run) + 1000});
    n_right += exponents.leap() == 4 && exponents.generative_leap() == 4 ? 1 : 0;
  }
  CHECK(n_right == n_runs);
}
