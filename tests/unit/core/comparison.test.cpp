#include "reprise/core/comparison.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "support/close.hpp"

namespace {

using namespace reprise;
using test::close;

constexpr int n_steps = 5;

Series series(const std::string& quantity, Eigen::Index rows, Eigen::Index cols, double value,
              double error) {
  Series result;
  result.quantity = quantity;
  result.rows = rows;
  result.cols = cols;
  const Eigen::Index entries = std::max<Eigen::Index>(rows, 1) * std::max<Eigen::Index>(cols, 1);
  result.value = Eigen::MatrixXd::Constant(n_steps, entries, value);
  result.standard_error = Eigen::MatrixXd::Constant(n_steps, entries, error);
  return result;
}

Solution solution(std::int64_t replicas, std::vector<Series> all) {
  Solution result;
  for (int t = 0; t < n_steps; ++t) {
    result.step.push_back(t);
    result.time.push_back(t);
  }
  result.series = std::move(all);
  result.cost.replicas = replicas;
  return result;
}

/// M and Q (2 x 2) with means over `replicas` normal draws and the standard errors seen in them.
Solution noisy(std::int64_t replicas, double sigma, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0.3, sigma);
  std::vector<Series> all{series("M", 2, 2, 0, 0), series("Q", 2, 2, 0, 0)};
  for (Series& s : all) {
    for (Eigen::Index t = 0; t < n_steps; ++t) {
      for (Eigen::Index entry = 0; entry < 4; ++entry) {
        double sum = 0, squares = 0;
        for (int r = 0; r < replicas; ++r) {
          const double draw = normal(engine);
          sum += draw;
          squares += draw * draw;
        }
        const double n = static_cast<double>(replicas);
        const double mean = sum / n;
        s.value(t, entry) = mean;
        s.standard_error(t, entry) = std::sqrt((squares / n - mean * mean) / (n - 1));
      }
    }
  }
  return solution(replicas, std::move(all));
}

}  // namespace

TEST_CASE("compare: finds the largest difference and where it is") {
  Solution theory = solution(8, {series("M", 2, 2, 0.5, 0.003)});
  Solution simulation = solution(32, {series("M", 2, 2, 0.5, 0.004)});
  simulation.series[0].value(3, 1) = 0.51;  // M_12 at step 3
  const Comparison result = compare(theory, simulation);
  CHECK(close(result.largest_z, 2, {.rtol = 1e-12}));  // 0.01 / hypot(0.003, 0.004)
  CHECK(result.quantity == "M");
  CHECK(result.i == 1);
  CHECK(result.j == 2);
  CHECK(result.step == 3);
  CHECK(result.n_values == 20);
  CHECK(result.brief_report() ==
        "largest |difference| = 2 standard errors (M_12 at step 3) of 20 values: agree");
}

TEST_CASE("compare: what is allowed is Student's quantile, weighted by the variances") {
  Solution theory = solution(8, {series("generalisation_error", 0, 0, 0, 0.1)});
  Solution simulation = solution(32, {series("generalisation_error", 0, 0, 0, 0.2)});
  simulation.series[0].value(2, 0) = 0.8;
  // Two-sided tail 1e-3 / 5: Student's quantiles by bisection of the integrated density
  // are 7.0634 for 7 degrees of freedom and 4.2155 for 31.
  CHECK(close(compare(theory, simulation).allowed_z, (7.0634 + 4 * 4.2155) / 5, {.rtol = 1e-4}));
}

TEST_CASE("compare: values without error must agree to 1e-9") {
  Solution theory = solution(8, {series("M", 1, 1, 0.5, 0)});
  Solution simulation = solution(32, {series("M", 1, 1, 0.5 + 1e-10, 1e-18)});
  CHECK(compare(theory, simulation).verdict == Verdict::agree);
  simulation.series[0].value(4, 0) = 0.5 + 1e-8;
  const Comparison result = compare(theory, simulation);
  CHECK(result.verdict == Verdict::disagree);
  CHECK(std::isinf(result.largest_z));
  CHECK(result.brief_report() == "exact values differ (M_11 at step 4) of 5 values: disagree");
}

TEST_CASE("compare: a NaN is never agreement, wherever it stands") {
  for (const Eigen::Index row : {0, 4}) {
    Solution theory = solution(8, {series("M", 1, 1, 0.5, 0.1)});
    theory.series[0].value(row, 0) = std::numeric_limits<double>::quiet_NaN();
    CHECK(compare(theory, solution(32, {series("M", 1, 1, 0.5, 0.1)})).verdict ==
          Verdict::disagree);
  }
}

TEST_CASE("compare: a huge value at one step does not loosen the others") {
  Solution theory = solution(8, {series("M", 1, 1, 0.5, 0)});
  Solution simulation = solution(32, {series("M", 1, 1, 0.5, 0)});
  theory.series[0].value(4, 0) = simulation.series[0].value(4, 0) = 1e30;
  simulation.series[0].value(0, 0) = 0.6;
  CHECK(compare(theory, simulation).verdict == Verdict::disagree);
}

TEST_CASE("compare: only shared quantities and steps count, max_overlap never") {
  Solution theory = solution(8, {series("max_overlap", 0, 0, 0.5, 0.1), series("a", 3, 0, 1, 0.1)});
  Solution simulation = solution(32, {series("max_overlap", 0, 0, 9, 0.1),
                                      series("a", 3, 0, 1, 0.1), series("Q", 2, 2, 1, 1)});
  theory.step.resize(2);
  theory.time.resize(2);
  theory.series[1].value.conservativeResize(2, Eigen::NoChange);
  theory.series[1].standard_error.conservativeResize(2, Eigen::NoChange);
  const Comparison result = compare(theory, simulation);
  CHECK(result.n_values == 6);
  CHECK(result.verdict == Verdict::agree);
}

TEST_CASE("compare: Q counts once per pair of neurons") {
  CHECK(compare(solution(8, {series("Q", 3, 3, 1, 0.1)}), solution(8, {series("Q", 3, 3, 1, 0.1)}))
            .n_values == 6 * n_steps);
}

TEST_CASE("compare: one run, or nothing in common, is undecided") {
  Solution single = solution(1, {series("M", 1, 1, 0.5, 0)});
  single.series[0].standard_error.resize(0, 0);
  const Solution theory = solution(8, {series("M", 1, 1, 0.5, 0.1)});
  CHECK(compare(theory, single).verdict == Verdict::undecided);
  CHECK(compare(theory, solution(8, {series("Q", 1, 1, 0.5, 0.1)})).verdict == Verdict::undecided);
}

TEST_CASE("compare: disagrees by chance no more often than it promises, with few replicas too") {
  // The family-wise level is 1e-3: of 4000 pairs of equal truth 4 are expected to disagree, and
  // more than 12 with probability below 1e-3. A normal instead of Student's law would give
  // hundreds.
  std::mt19937_64 engine(20240301);
  int disagreements = 0;
  for (int pair = 0; pair < 4000; ++pair) {
    const Solution first = noisy(4, 0.1, engine);
    const Solution second = noisy(8, 0.05, engine);
    disagreements += compare(first, second).verdict == Verdict::disagree ? 1 : 0;
  }
  CHECK(disagreements <= 12);
}

TEST_CASE("compare: notices a shift of six standard errors and more in one of many values") {
  std::mt19937_64 engine(7);
  int noticed = 0;
  for (int pair = 0; pair < 200; ++pair) {
    const Solution first = noisy(64, 0.08, engine);  // standard error 0.01
    Solution second = noisy(64, 0.08, engine);
    second.series[0].value(2, 3) += 6 * std::sqrt(2.0) * 0.01;
    noticed += compare(first, second).verdict == Verdict::disagree ? 1 : 0;
  }
  // The threshold is 4.3 standard errors, the shift lies 1.7 above it: noticed in 95 of 100.
  CHECK(noticed >= 170);
}
