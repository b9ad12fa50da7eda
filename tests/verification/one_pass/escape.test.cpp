#include <doctest/doctest.h>

#include "support/close.hpp"
#include "support/escape.hpp"

namespace {

using namespace reprise;
using test::close;

}  // namespace

TEST_CASE("escape: samples to leave m_0 = 1/sqrt d scale as d, d log d, d^2, d^3 up to d = 2^60") {
  for (int l = 1; l <= 4; ++l) {
    std::vector<double> x, y;
    for (int exponent = 20; exponent <= 60; exponent += 8) {
      const double d = std::pow(2.0, exponent);
      const OnePassSgd sgd = test::escape_sgd(l, d, 0.01);
      // From 100 m_0 on, 1e-2 or 1e-4 of the time is left for l = 3, 4: at d = 2^60 less than a
      // double's resolution of it, so that the run itself ends in step_underflow there.
      const double level = l > 2 ? 100 / std::sqrt(d) : 0.5;
      // After the escape it relaxes 2^30 times faster than it escaped: stiff.
      const OdeOptions options{.times = {3 * test::drift_time(l, d, sgd.learning_rate)},
                               .rtol = 1e-6,
                               .atol = 1e-7 / std::sqrt(d),
                               .integrator = Integrator::rosenbrock_4_3,
                               .events = {{.level = level}}};
      const Solution solution = solve(test::escape_problem(l, d), sgd, options);
      REQUIRE(solution.events.size() == 1);
      x.push_back(std::log(d));
      y.push_back(l == 2 ? solution.events[0].time : std::log(solution.events[0].time * d));
    }
    if (l == 2) {  // samples / d is linear in log d
      const double first = y[1] - y[0], last = y.back() - y[y.size() - 2];
      CHECK(close(last, first, {.rtol = 1e-3}));
      continue;
    }
    MESSAGE("He_" << l << ": ODE exponent " << test::slope(x, y));
    CHECK(close(test::slope(x, y), std::max(1, l - 1), {.atol = 0.02}));
  }
}

TEST_CASE("escape: for He_1 the chain takes the time of the ODE from the same start") {
  for (const double d : {256.0, 1024.0}) {
    const OnePassSgd sgd = test::escape_sgd(1, d, 0.02);
    const OdeOptions options{.times = {10 * test::drift_time(1, d, sgd.learning_rate)},
                             .events = {{.level = 0.5}}};
    const Solution solution = solve(test::escape_problem(1, d), sgd, options);
    REQUIRE(solution.events.size() == 1);
    const test::SampleMoments seen = test::moments(test::chain_escapes(1, d, 0.02, 64));
    CHECK(close(seen.mean, solution.events[0].time, {.atol = 4.5 * seen.mean_error + 10 / d}));
  }
}

TEST_CASE("escape: the chain's time for He_2 grows by log d / (2 rate)") {
  std::vector<double> x;
  std::vector<test::SampleMoments> y;
  for (const double d : {128.0, 256.0, 512.0, 1024.0}) {
    x.push_back(std::log(d));
    y.push_back(test::moments(test::chain_escapes(2, d, 0.02, 64)));
  }
  const test::Line line = test::fit_line(x, y);
  MESSAGE("He_2: " << line.slope << " +- " << line.error << " a unit of log d");
  CHECK(close(line.slope, 0.5 / (4 * 0.02), {.atol = 4.5 * line.error}));
}
