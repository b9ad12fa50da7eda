#include "reprise/integration/strides.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "support/close.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using test::close;

constexpr std::int64_t million = 1'000'000;

OdeFunction growth(double rate) {
  return [rate](const OdeVector& x, OdeVector& change) { change[0] = rate * x[0]; };
}

// Grows like an overlap of exponent 3 and saturates: a logistic map of x^2.
void escape(const OdeVector& x, OdeVector& change) {
  change[0] = 1e-3 * x[0] * x[0] * (1 - x[0] * x[0]);
}

OdeVector plain(const OdeFunction& change, OdeVector x, std::int64_t n) {
  Strides steps(change, x.size(), {});
  CHECK(steps.advance(x, n) == n);
  CHECK(steps.n_evaluations() == n);
  return x;
}

}  // namespace

TEST_CASE("IterateDifferences: on a polynomial sequence they are its differences, then zero") {
  // x_n = n^3 from x_2 = 8: f from the cube root. Differences 19, 18, 6, 0.
  const OdeFunction next = [](const OdeVector& x, OdeVector& change) {
    const double n = std::round(std::cbrt(x[0]));
    change[0] = std::pow(n + 1, 3) - n * n * n;
  };
  IterateDifferences differences;
  for (int twice = 0; twice < 2; ++twice) {  // the second start forgets the first
    differences.start({8});
    const double expected[] = {19, 18, 6, 0, 0};
    for (int k = 1; k <= 5; ++k) {
      differences.extend(next);
      CHECK(differences.count() == k);
      CHECK(differences(k)[0] == expected[k - 1]);
    }
  }
}

TEST_CASE("Strides: a linear map is its power, whatever the size of its steps") {
  // (1 + r)^n exactly; some hundred strides of error 1e-10 each.
  for (const double rate : {1e-2, 1e-4, -1e-4, 1e-7, -1e-9}) {
    for (const Integrator integrator :
         {Integrator::dormand_prince_5_4, Integrator::rosenbrock_4_3}) {
      const auto n = static_cast<std::int64_t>(3 / std::abs(rate));
      OdeVector x = {1};
      Strides strides(growth(rate), 1, {.rtol = 1e-10, .integrator = integrator});
      INFO("rate " << rate << ", integrator " << static_cast<int>(integrator));
      CHECK(strides.advance(x, n) == n);
      CHECK(close(x[0], std::exp(static_cast<double>(n) * std::log1p(rate)), {.rtol = 1e-8}));
      if (std::abs(rate) < 1e-3) CHECK(strides.n_strides() > 0);
    }
  }
}

TEST_CASE("Strides: differences that are rounding are left out, at 1e12 steps of 1e-12") {
  OdeVector x = {1};
  Strides strides(growth(1e-12), 1, {.rtol = 1e-12});
  CHECK(strides.advance(x, million * million) == million * million);
  // ln(1 + r) n = 1 - 5e-13. One difference: were others in, their rounding of 1e-16 of x, which is
  // 1e-4 of a change, would show.
  CHECK(close(x[0], std::exp(1 - 5e-13), {.rtol = 1e-10}));
  CHECK(strides.n_evaluations() < 20'000);
}

TEST_CASE("Strides: the error against plain steps follows rtol") {
  const OdeVector exact = plain(escape, {0.02}, 48'000);
  CHECK(exact[0] > 0.1);
  CHECK(exact[0] < 0.9);
  for (const Integrator integrator : {Integrator::dormand_prince_5_4, Integrator::rosenbrock_4_3}) {
    std::vector<double> tolerances, errors;
    for (const double rtol : {1e-5, 1e-6, 1e-7, 1e-8, 1e-9}) {
      OdeVector x = {0.02};
      Strides strides(escape, 1, {.rtol = rtol, .integrator = integrator});
      CHECK(strides.advance(x, 48'000) == 48'000);
      CHECK(strides.n_evaluations() < 30'000);
      tolerances.push_back(std::log(rtol));
      errors.push_back(std::log(std::abs(x[0] - exact[0])));
      // Each stride may add rtol |x|, and an early one has grown by (x / x_0)^2 < 2500 at the end;
      // in fact their errors are smaller the fewer there are.
      CHECK(std::exp(errors.back()) < 2500 * rtol);
    }
    INFO("integrator " << static_cast<int>(integrator));
    // Between rtol, and what strides that use up their tolerance add up to: there are rtol^(-1/4)
    // of the method of order 4. An eighth for the scatter.
    CHECK(close(test::slope(tolerances, errors), 0.875, {.atol = 0.25}));
  }
}

TEST_CASE("Strides: steps that are large are taken one by one, with the same numbers") {
  const OdeFunction large = [](const OdeVector& x, OdeVector& change) {
    change[0] = 2.5 * x[0] * (1 - x[0]);  // the logistic map at 3.5: period 4
  };
  OdeVector x = {0.3};
  Strides strides(large, 1, {.rtol = 1e-2});
  CHECK(strides.advance(x, 10'007) == 10'007);
  CHECK(strides.n_strides() == 0);
  CHECK(x[0] == plain(large, {0.3}, 10'007)[0]);
  // The vain attempts cost little.
  CHECK(strides.n_evaluations() < 11'500);
  // Too few steps for any stride.
  OdeVector y = {0.3};
  Strides few(growth(1e-9), 1, {.rtol = 1e-2});
  CHECK(few.advance(y, 12) == 12);
  CHECK(few.n_evaluations() == 12);
  CHECK(y[0] == plain(growth(1e-9), {0.3}, 12)[0]);
}

TEST_CASE("Strides: the stiff method strides along a slow part while a fast one has relaxed") {
  const OdeFunction stiff = [](const OdeVector& x, OdeVector& change) {
    change[0] = -0.02 * (x[0] - x[1] * x[1]);
    change[1] = 1e-7 * x[1];
  };
  const std::int64_t n = 10 * million;
  OdeVector x = {0.5, 1};
  Strides strides(stiff, 2, {.rtol = 1e-8, .atol = 1e-8});
  CHECK(strides.advance(x, n) == n);
  CHECK(strides.n_evaluations() < n / 50);
  const double slow = std::exp(static_cast<double>(n) * std::log1p(1e-7));
  CHECK(close(x[1], slow, {.rtol = 1e-6}));
  // Lags by the 2e-7 that x_1^2 gains a step, over 0.02.
  CHECK(close(x[0], slow * slow * (1 - 1e-5), {.rtol = 1e-6}));
}

TEST_CASE(
    "Strides: a mode that alternates and grows is not strode over, though its flow is stable") {
  // x_0 follows x_1 with the multiplier 1 - x_1, which drifts through -1 where x_1 = 2: from there
  // on z alternates, to a cycle z -> -z with z^2 = x_1 - 2 that the cube keeps.
  const OdeFunction edge = [](const OdeVector& x, OdeVector& change) {
    const double z = x[0] - x[1];
    change[0] = -x[1] * z + z * z * z;
    change[1] = 1e-6;
  };
  const std::int64_t n = 2 * million;  // x_1 from 0.5 to 2.5
  const OdeVector exact = plain(edge, {0.51, 0.5}, n);
  CHECK(close(std::abs(exact[0] - exact[1]), std::sqrt(0.5), {.rtol = 1e-4}));
  for (const Integrator integrator : {Integrator::rosenbrock_4_3, Integrator::dormand_prince_5_4}) {
    for (const double rtol : {1e-8, 1e-4, 1e-2}) {
      OdeVector x = {0.51, 0.5};
      Strides strides(edge, 2, {.rtol = rtol, .atol = rtol, .integrator = integrator});
      CHECK(strides.advance(x, n) == n);
      INFO("integrator " << static_cast<int>(integrator) << ", rtol " << rtol);
      CHECK(strides.n_strides() > 0);
      // The cycle is stable and follows x_1; the sign of z is what the start leaves of it.
      CHECK(close(std::abs(x[0] - x[1]), std::sqrt(0.5), {.rtol = 1e-4}));
      CHECK(strides.n_evaluations() <
            1.25 * n);  // a tenth in vain, some more where strides are short
    }
  }
}

TEST_CASE("Strides: output intervals do not disturb each other") {
  OdeVector once = {0.02}, often = {0.02};
  Strides one(escape, 1, {.rtol = 1e-9}), many(escape, 1, {.rtol = 1e-9});
  one.advance(once, 48'000);
  for (int i = 0; i < 40; ++i) CHECK(many.advance(often, 1200) == 1200);
  CHECK(close(often[0], once[0], {.rtol = 1e-6}));  // 2500 rtol, as above
}

TEST_CASE("Strides: a blow-up ends at the step at which plain steps end") {
  const OdeFunction explode = [](const OdeVector& x, OdeVector& change) {
    change[0] = 1e-5 * x[0] * x[0] * x[0];
  };
  OdeVector x = {1}, y = {1};
  Strides strides(explode, 1, {.rtol = 1e-8}), steps(explode, 1, {});
  const std::int64_t made = strides.advance(x, million);
  CHECK_FALSE(std::isfinite(x[0]));
  CHECK(strides.n_strides() > 10);
  // 5e4 (1 + corrections); an error of 1e-8 a stride moves it by less than a step.
  CHECK(std::abs(made - steps.advance(y, million)) <= 1);
  // A map that is not a number anywhere ends at its first step.
  const OdeFunction nothing = [](const OdeVector&, OdeVector& change) {
    change[0] = std::numeric_limits<double>::quiet_NaN();
  };
  OdeVector z = {1};
  CHECK(Strides(nothing, 1, {.rtol = 1e-8}).advance(z, million) == 1);
}

TEST_CASE("Strides: the budget of evaluations ends them between whole steps") {
  OdeVector x = {1};
  Strides strides(growth(-0.3), 1, {.rtol = 1e-8, .max_evaluations = 1000});
  const std::int64_t made = strides.advance(x, million);
  CHECK(strides.is_exhausted());
  CHECK(made > 800);
  CHECK(made <= 1000);
  CHECK(close(x[0], std::pow(0.7, static_cast<double>(made)), {.rtol = 1e-12}));
  // 2^62 steps are not too many to count.
  const std::int64_t most = std::int64_t{1} << 62;
  OdeVector y = {1};
  Strides far(growth(1e-19), 1, {.rtol = 1e-8});
  CHECK(far.advance(y, most) == most);
  CHECK(close(y[0], std::exp(1e-19 * std::ldexp(1.0, 62)), {.rtol = 1e-6}));
}
