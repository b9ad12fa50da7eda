#include "reprise/phase/observable.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

#include "reprise/core/ensemble.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

using namespace reprise;
using namespace reprise::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

// Two replicas of a scalar and of a 1 x 2 matrix at times 0, 1, 2.
Solution two_replicas() {
  std::vector<Trajectory> runs(2);
  runs[0].values.resize(3, 3);
  runs[0].values << 0, 1, 5, 0.2, 2, 6, 0.6, 3, 7;
  runs[1].values = runs[0].values;
  runs[1].values.col(0) << 0, 0.4, 0.8;
  for (Trajectory& run : runs) run.n_times = 3;
  return average({{"max_overlap"}, {"M", 1, 2}}, runs);
}

}  // namespace

TEST_CASE("parse_observable: quantities, entries and passages") {
  CHECK(parse_observable("max_overlap").kind == Observable::Kind::last);
  const Observable entry = parse_observable("M[1, 2]");
  CHECK(entry.quantity == "M");
  CHECK(entry.i == 1);
  CHECK(entry.j == 2);
  CHECK(parse_observable("a[3]").i == 3);
  const Observable passage = parse_observable("samples to generalisation_error <= 1e-2");
  CHECK(passage.kind == Observable::Kind::passage);
  CHECK(passage.unit == Observable::Unit::samples);
  CHECK_FALSE(passage.is_upward);
  CHECK(passage.level == 0.01);
  CHECK(parse_observable("steps to Q[1,1] >= 2").j == 1);
  CHECK(parse_observable("diverged").kind == Observable::Kind::diverged);
  CHECK(parse_observable("squared_overlap").kind == Observable::Kind::last);
  CHECK(contains(message_of([] { parse_observable("time to squared_overlap >= 0.2"); }),
                 "known at the end only"));
  for (const char* wrong :
       {"", "overlap", "M", "M[1]", "M[0,1]", "M[1,2", "M[1,2,3]", "max_overlap[1]",
        "time to max_overlap", "time to max_overlap > 0.5", "time to max_overlap >= much",
        "squared_overlap[1]", "max_overlap >= 0.5", "Q[1 1]"}) {
    CAPTURE(wrong);
    CHECK(contains(message_of([&] { parse_observable(wrong); }), "is no observable"));
  }
}

TEST_CASE("measure: the end of a curve with its standard error") {
  const Solution solution = two_replicas();
  const Measurement m = measure(parse_observable("max_overlap"), solution, 0);
  CHECK(m.outcome == Outcome::measured);
  CHECK(close(m.value, 0.7, {.rtol = 1e-15, .atol = 0}));
  CHECK(close(m.error, 0.1, {.rtol = 1e-12, .atol = 0}));
  CHECK(measure(parse_observable("M[1,2]"), solution, 0).value == 7);
  CHECK_THROWS_AS(measure(parse_observable("M[2,1]"), solution, 0), InputError);
  CHECK_THROWS_AS(measure(parse_observable("training_loss"), solution, 0), InputError);
}

TEST_CASE("measure: passages are those of the replicas, interpolated") {
  const Solution solution = two_replicas();
  // At 0.5 the replicas pass at t = 1.75 and 1.25; the mean curve would at 1.5 as well, at 0.3 not:
  // 1.25 and 0.75 against 1.
  const Measurement m = measure(parse_observable("time to max_overlap >= 0.5"), solution, 0);
  CHECK(close(m.value, 1.5, {.rtol = 1e-14, .atol = 0}));
  CHECK(close(m.error, 0.25, {.rtol = 1e-14, .atol = 0}));
  CHECK(close(measure(parse_observable("samples to M[1,1] >= 2.5"), solution, 10).value, 15,
              {.rtol = 1e-14, .atol = 0}));
  CHECK(measure(parse_observable("time to M[1,1] >= 0"), solution, 0).value == 0);
  const Measurement never = measure(parse_observable("steps to M[1,2] >= 9"), solution, 0);
  CHECK(never.outcome == Outcome::censored);
  CHECK(never.value == 2);
  CHECK(measure(parse_observable("time to M[1,2] <= 4"), solution, 0).outcome == Outcome::censored);
}

TEST_CASE("measure: a diverged curve is told by diverged and has no end") {
  Solution solution = two_replicas();
  CHECK(measure(parse_observable("diverged"), solution, 0).value == 0);
  solution.ending.termination = Termination::diverged;
  CHECK(measure(parse_observable("diverged"), solution, 0).value == 1);
  CHECK(measure(parse_observable("max_overlap"), solution, 0).outcome == Outcome::missing);
  CHECK(measure(parse_observable("time to M[1,2] >= 9"), solution, 0).outcome == Outcome::missing);
  // What was reached before stays reached.
  CHECK(measure(parse_observable("time to M[1,2] >= 6"), solution, 0).value == 1);
}

namespace {

/// M (1, 2) and Q (1, 1) of n replicas at one time: M_1r = mean[r] + 0.1 noise, Q = 4.
Solution overlaps_of(int n, Eigen::Vector2d mean, std::mt19937_64& engine) {
  std::normal_distribution<double> normal(0, 0.1);
  std::vector<Trajectory> runs(static_cast<std::size_t>(n));
  for (Trajectory& run : runs) {
    run.values.resize(1, 4);
    const double a = mean[0] + normal(engine), b = mean[1] + normal(engine);
    run.values << a, b, 4, std::max(std::abs(a), std::abs(b)) / 2;
    run.n_times = 1;
  }
  return average({{"M", 1, 2}, {"Q", 1, 1}, {"max_overlap"}}, runs);
}

}  // namespace

TEST_CASE("squared_overlap: unbiased, with an error that covers it") {
  std::mt19937_64 engine(11);
  constexpr int n_samples = 4000;
  for (const double size : {0.0, 0.4}) {
    double mean = 0, squares = 0, variance = 0;
    for (int s = 0; s < n_samples; ++s) {
      const Measurement m = squared_overlap(overlaps_of(8, {size, -size}, engine), 0);
      mean += m.value / n_samples;
      squares += m.value * m.value / n_samples;
      variance += m.error * m.error / n_samples;
    }
    const double spread = squares - mean * mean;
    const double truth = 2 * size * size / 4;
    CAPTURE(size);
    CHECK(std::abs(mean - truth) < 4 * std::sqrt(spread / n_samples));
    // The jackknife is right where the mean dominates, and up to twice too large at zero.
    CHECK(variance > 0.9 * spread);
    CHECK(variance < (size > 0 ? 1.2 : 2.6) * spread);
  }
}

TEST_CASE("squared_overlap: norms of the targets count, curves without replicas are exact") {
  Solution curve = average(
      {{"M", 1, 2}, {"Q", 1, 1}},
      {{.values = (Eigen::MatrixXd(1, 3) << 0.6, 1, 4).finished(), .n_times = 1, .detail = ""}});
  const Measurement m = squared_overlap(curve, 0, Eigen::Vector2d(1, 0.25));
  CHECK(close(m.value, 0.09 + 1, {.rtol = 1e-14, .atol = 0}));
  CHECK(std::isnan(m.error));
  CHECK_FALSE(m.is_above_noise.has_value());
}

TEST_CASE("measure: overlaps that are noise are marked, real ones are not") {
  std::mt19937_64 engine(12);
  int n_false = 0, n_found = 0;
  for (int s = 0; s < 300; ++s) {
    const Solution zero = overlaps_of(16, {0, 0}, engine);
    const Measurement largest = measure(parse_observable("max_overlap"), zero, 0);
    CHECK(largest.value > 3 * largest.error);  // which looks like something
    n_false += *largest.is_above_noise ? 1 : 0;
    n_false += *measure(parse_observable("squared_overlap"), zero, 0).is_above_noise ? 1 : 0;
    const Solution real = overlaps_of(16, {0.5, 0}, engine);
    n_found += *measure(parse_observable("max_overlap"), real, 0).is_above_noise ? 1 : 0;
    n_found += *measure(parse_observable("squared_overlap"), real, 0).is_above_noise ? 1 : 0;
  }
  CHECK(n_false <= 3);
  CHECK(n_found == 600);
  const Measurement entry = measure(parse_observable("M[1,1]"), overlaps_of(16, {1, 0}, engine), 0);
  CHECK(*entry.is_above_noise);
  CHECK_FALSE(measure(parse_observable("Q[1,1]"), overlaps_of(16, {1, 0}, engine), 0)
                  .is_above_noise.has_value());
}

TEST_CASE("measure: runs that end on both sides are above the noise of their dimension") {
  std::vector<Trajectory> runs(8);
  for (std::size_t r = 0; r < runs.size(); ++r) {
    runs[r] = {.values = (Eigen::MatrixXd(1, 3) << (r % 2 == 0 ? 0.9 : -0.9), 1, 0.9).finished(),
               .n_times = 1,
               .detail = ""};
  }
  const Solution solution = average({{"M", 1, 1}, {"Q", 1, 1}, {"max_overlap"}}, runs);
  CHECK(*measure(parse_observable("max_overlap"), solution, 1000).is_above_noise);
  CHECK_FALSE(*measure(parse_observable("max_overlap"), solution, 0).is_above_noise);
}

TEST_CASE("median_passage: censored runs count as late ones") {
  CHECK(median_passage({3, 1, 2}, 9).value == 2);
  CHECK(median_passage({4, 1, 2, 3}, 9).value == 2.5);
  CHECK(median_passage({infinity, 1, 2}, 9).value == 2);
  CHECK(median_passage({infinity, 1}, 9).outcome == Outcome::censored);
  CHECK(median_passage({infinity, 1}, 9).value == 9);
  CHECK(std::isnan(median_passage({5}, 9).error));
}

TEST_CASE("median_passage: its error is that of a median") {
  // Of 400 normals the median has deviation sqrt(pi / 2) / 20 = 0.0627; quantiles at equal steps.
  std::vector<double> sample;
  for (int i = 0; i < 400; ++i) {
    double low = -6, high = 6;
    for (int bisection = 0; bisection < 60; ++bisection) {
      const double middle = (low + high) / 2;
      (0.5 * std::erfc(-middle / std::sqrt(2.0)) < (i + 0.5) / 400 ? low : high) = middle;
    }
    sample.push_back(10 + low);
  }
  const Measurement m = median_passage(sample, 99);
  CHECK(close(m.value, 10, {.rtol = 1e-10, .atol = 0}));
  CHECK(close(m.error, std::sqrt(M_PI / 2) / 20, {.rtol = 0.01, .atol = 0}));
}
