#include "reprise/core/comparison.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "reprise/core/ensemble.hpp"
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

namespace {

/// A curve of M (1, 1) at times 0 .. n_times - 1 whose replicas are the columns of `values`.
Solution of_replicas(const Eigen::MatrixXd& values) {
  std::vector<Trajectory> runs(static_cast<std::size_t>(values.cols()));
  for (std::size_t r = 0; r < runs.size(); ++r) {
    runs[r] = {
        .values = values.col(static_cast<Eigen::Index>(r)), .n_times = values.rows(), .detail = ""};
  }
  return average({{"M", 1, 1}}, runs);
}

/// A deterministic curve of the same.
Solution exact_curve(const Eigen::VectorXd& values) {
  Solution result = of_replicas(values);
  result.cost.replicas = 0;
  return result;
}

/// Runs that start at 0.02, grow to +-1 (a third of them to +1), with noise 0.01, at six times.
Eigen::MatrixXd runs_to_both_sides(double final_size = 1) {
  constexpr Eigen::Index n_runs = 60;
  std::mt19937_64 engine(5);
  std::normal_distribution<double> normal(0, 0.01);
  Eigen::MatrixXd values(6, n_runs);
  for (Eigen::Index r = 0; r < n_runs; ++r) {
    const double side = r % 3 == 0 ? 1 : -1;
    const double sizes[] = {0.02, 0.1, 0.5, 0.8, 0.9 * final_size, final_size};
    for (Eigen::Index t = 0; t < 6; ++t) values(t, r) = side * sizes[t] + normal(engine);
  }
  values.row(0).setConstant(-0.02);
  return values;
}

ComparisonContext odd_M(StartSymmetry::Start start) {
  return {.symmetry = StartSymmetry{
              .start = start,
              .name = "z -> -z",
              .orbits = {{.quantity = "M", .entries = {0}, .signs = {1}, .is_odd = true}},
              .dimension = 10000}};
}

const Eigen::VectorXd to_one_side =
    (Eigen::VectorXd(6) << -0.02, -0.1, -0.5, -0.8, -0.9, -1).finished();

}  // namespace

TEST_CASE("compare: runs that end at +1 and -1 are compared by their squares") {
  using Start = StartSymmetry::Start;
  const Solution theory = exact_curve(to_one_side);
  const Solution runs = of_replicas(runs_to_both_sides());
  CHECK(compare(theory, runs).verdict == Verdict::disagree);
  // Squares of noise 0.01 are 1e-4 too large, 0.4 of their standard error at M = 1.
  const Comparison near = compare(theory, runs, odd_M(Start::near));
  CHECK(near.verdict == Verdict::agree);
  CHECK(near.quantity == "M^2");
  CHECK(near.n_values == 5);  // not the start, which is below the noise 25 / d
  REQUIRE(near.notes.size() == 1);
  CHECK(near.notes[0].find("z -> -z") != std::string::npos);
  CHECK(near.brief_report().find(": agree\n  each run breaks a symmetry") != std::string::npos);
  // An end at 0.97 is seen; from a start that noise decides about it may be a matter of time.
  const Solution shorter = of_replicas(runs_to_both_sides(0.97));
  CHECK(compare(theory, shorter, odd_M(Start::near)).verdict == Verdict::undecided);
  CHECK(compare(theory, shorter, odd_M(Start::drawn)).verdict == Verdict::disagree);
}

TEST_CASE("compare: runs that all follow the theory are compared as they are") {
  Eigen::MatrixXd values = runs_to_both_sides();
  values = -values.cwiseAbs();
  const Comparison result =
      compare(exact_curve(to_one_side), of_replicas(values), odd_M(StartSymmetry::Start::near));
  CHECK(result.notes.empty());
  CHECK(result.quantity == "M");
  CHECK(result.n_values == 6);
}

TEST_CASE("compare: a theory that keeps a symmetry is not blamed for the runs' squares") {
  const Comparison result =
      compare(exact_curve(Eigen::VectorXd::Zero(6)),
              of_replicas(runs_to_both_sides().rightCols(59)), odd_M(StartSymmetry::Start::exact));
  // All that is left is the time below the noise, where the starts differ by 0.02 exactly.
  CHECK(result.n_values == 1);
  CHECK(result.step == 0);
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0].find("keeps the symmetry for ever") != std::string::npos);
}

TEST_CASE("compare: equal neurons by their mean and by what is left of it") {
  // Neurons at (1, 0) or (0, 1), by turns; the theory has them at (1, 0).
  std::mt19937_64 engine(8);
  std::normal_distribution<double> normal(0, 0.01);
  std::vector<Trajectory> runs(20);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const double first = r % 2 == 0 ? 1 : 0;
    runs[r].values.resize(1, 2);
    runs[r].values << first + normal(engine), 1 - first + normal(engine);
    runs[r].n_times = 1;
  }
  const Solution simulation = average({{"M", 2, 1}}, runs);
  std::vector<Trajectory> one(1);
  one[0].values = (Eigen::MatrixXd(1, 2) << 1, 0).finished();
  one[0].n_times = 1;
  Solution theory = average({{"M", 2, 1}}, one);
  theory.cost.replicas = 0;
  const ComparisonContext context{
      .symmetry = StartSymmetry{.start = StartSymmetry::Start::drawn,
                                .name = "neurons 1 and 2 exchanged",
                                .orbits = {{.quantity = "M", .entries = {0, 1}, .signs = {1, 1}}},
                                .dimension = 10000}};
  CHECK(compare(theory, simulation).largest_z > 4);
  const Comparison result = compare(theory, simulation, context);
  CHECK(result.n_values == 2);
  CHECK(result.verdict == Verdict::agree);
  // Both at 1/2 has the right mean, and no difference between the neurons.
  theory.series[0].value << 0.5, 0.5;
  CHECK(compare(theory, simulation, context).verdict == Verdict::disagree);
  CHECK(compare(theory, simulation, context).quantity == "variance of M over 2 entries");
}

TEST_CASE("compare: few runs give no verdict where chance reaches far") {
  Solution theory = solution(0, {series("M", 2, 2, 0.5, 0)});
  theory.series[0].standard_error.resize(0, 0);
  Solution simulation = solution(4, {series("M", 2, 2, 0.5, 0.01)});
  CHECK(compare(theory, simulation).verdict == Verdict::agree);
  simulation.series[0].value(3, 1) = 0.8;  // 30 standard errors, of 34 that chance reaches
  const Comparison far = compare(theory, simulation);
  CHECK(far.verdict == Verdict::undecided);
  CHECK(far.allowed_z > 30);
  CHECK(far.brief_report().find("too few runs for a verdict: with 4 replicas chance alone") !=
        std::string::npos);
  simulation.series[0].value(3, 1) = 0.5;
  simulation.cost.replicas = 3;
  CHECK(compare(theory, simulation).verdict == Verdict::undecided);
  simulation.cost.replicas = 64;
  simulation.series[0].value(3, 1) = 0.8;
  CHECK(compare(theory, simulation).verdict == Verdict::disagree);
}

TEST_CASE("is_dominated: one far value of many, never normal ones") {
  Eigen::VectorXd values = Eigen::VectorXd::Zero(16);
  std::mt19937_64 engine(3);
  std::normal_distribution<double> normal;
  int n_alarms = 0;
  for (int sample = 0; sample < 2000; ++sample) {
    for (double& value : values) value = normal(engine);
    n_alarms += is_dominated(values, 1e-3) ? 1 : 0;
  }
  CHECK(n_alarms <= 8);  // 2 expected at most
  values[3] = 40;
  CHECK(is_dominated(values, 1e-5));
  CHECK_FALSE(is_dominated(Eigen::VectorXd::LinSpaced(16, -1, 1), 0.5));
  Eigen::VectorXd both_sides = Eigen::VectorXd::Ones(16);
  both_sides.head(8) *= -1;
  CHECK_FALSE(is_dominated(both_sides, 0.5));
  CHECK_FALSE(is_dominated(Eigen::Vector3d(0, 0.1, 1), 1e-3));  // of three, who knows
}

TEST_CASE("compare: values that a single run dominates are left out") {
  Eigen::MatrixXd values = -runs_to_both_sides().cwiseAbs();
  values(5, 7) = 3000;
  const Comparison result = compare(exact_curve(to_one_side), of_replicas(values));
  CHECK(result.n_values == 5);
  REQUIRE(result.notes.size() == 1);
  CHECK(result.notes[0].find("1 of 6 values are left out") == 0);
}

TEST_CASE("compare: labels of infinite variance get no verdict") {
  const Solution same = of_replicas(-runs_to_both_sides().cwiseAbs());
  CHECK(compare(same, same).verdict == Verdict::agree);
  CHECK(compare(same, same, {.has_infinite_variance = true}).verdict == Verdict::undecided);
}

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
