#include "reprise/core/vector_math.hpp"

#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "support/allocations.hpp"

using namespace reprise;

namespace {

using Real = long double;

struct Function {
  std::string name;
  void (*vector)(const double* x, std::size_t n, double* out);
  Real (*reference)(Real x);
};

Real sigmoid(Real x) { return x > 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x)); }
Real softplus(Real x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); }
void power_2_5(const double* x, std::size_t n, double* out) { vector_math::pow(x, 2.5, n, out); }
void power_minus_3(const double* x, std::size_t n, double* out) { vector_math::pow(x, -3, n, out); }

const std::vector<Function> functions = {
    {"exp", vector_math::exp, [](Real x) { return std::exp(x); }},
    {"log", vector_math::log, [](Real x) { return std::log(x); }},
    {"sin", vector_math::sin, [](Real x) { return std::sin(x); }},
    {"cos", vector_math::cos, [](Real x) { return std::cos(x); }},
    {"tan", vector_math::tan, [](Real x) { return std::tan(x); }},
    {"tanh", vector_math::tanh, [](Real x) { return std::tanh(x); }},
    {"erf", vector_math::erf, [](Real x) { return std::erf(x); }},
    {"erfc", vector_math::erfc, [](Real x) { return std::erfc(x); }},
    {"sqrt", vector_math::sqrt, [](Real x) { return std::sqrt(x); }},
    {"sigmoid", vector_math::sigmoid, sigmoid},
    {"softplus", vector_math::softplus, softplus},
    {"pow(x, 2.5)", power_2_5, [](Real x) { return std::pow(x, Real(2.5)); }},
    {"pow(x, -3)", power_minus_3, [](Real x) { return std::pow(x, Real(-3)); }},
};

// Both signs, every magnitude from 1e-22 to 100: what fields and labels can be, and more.
std::vector<double> points(std::size_t n) {
  std::mt19937_64 generator(20240501);
  std::uniform_real_distribution<double> mantissa(-1, 1), exponent(-22, 2);
  std::vector<double> x(n);
  for (double& value : x) value = mantissa(generator) * std::pow(10.0, exponent(generator));
  return x;
}

// The error in units of the last place of the expected double, 0 if both are NaN.
double error_in_ulp(double actual, Real expected) {
  const auto rounded = static_cast<double>(expected);
  if (std::isnan(rounded)) return std::isnan(actual) ? 0 : INFINITY;
  if (std::isinf(rounded) || rounded == 0) return actual == rounded ? 0 : INFINITY;
  const double ulp = std::nextafter(std::abs(rounded), INFINITY) - std::abs(rounded);
  return static_cast<double>(std::abs(static_cast<Real>(actual) - expected)) / ulp;
}

}  // namespace

TEST_CASE("vector_math: within 4 ulp of the long double functions over 24 decades") {
  const std::vector<double> x = points(100000);
  std::vector<double> out(x.size());
  for (const Function& function : functions) {
    CAPTURE(function.name);
    function.vector(x.data(), x.size(), out.data());
    double worst = 0, worst_at = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double error = error_in_ulp(out[i], function.reference(x[i]));
      if (error > worst) worst = error, worst_at = x[i];
    }
    CAPTURE(worst_at);
    CHECK(worst <= 4);
  }
}

TEST_CASE("vector_math: zeros, infinities, NaN, subnormal and huge arguments come out as in std") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> edges = {0.0,    -0.0,  inf,    -inf,  nan,    1e308,  -1e308, 5e-324,
                                     1e-310, 709.7, -745.0, 710.0, -746.0, 1e15,   -1e22,  1.0,
                                     -1.0,   40.0,  -40.0,  1e3,   -1e3,   -1e-310};
  for (const Function& function : functions) {
    CAPTURE(function.name);
    for (const double x : edges) {
      CAPTURE(x);
      double out = 0;
      function.vector(&x, 1, &out);
      const Real expected = function.reference(x);
      CHECK(error_in_ulp(out, expected) <= 4);
      if (expected == 0) CHECK(std::signbit(out) == std::signbit(expected));
    }
  }
}

TEST_CASE("vector_math: the bits depend neither on the place in the array nor on its length") {
  const std::vector<double> x = points(300);
  std::vector<double> whole(x.size()), part(x.size());
  for (const Function& function : functions) {
    CAPTURE(function.name);
    function.vector(x.data(), x.size(), whole.data());
    int n_different = 0;
    for (std::size_t offset = 0; offset < 17; ++offset) {
      for (std::size_t n = 1; n < 40; ++n) {
        function.vector(x.data() + offset, n, part.data() + 3);
        for (std::size_t i = 0; i < n; ++i) {
          n_different += std::bit_cast<std::uint64_t>(part[3 + i]) !=
                         std::bit_cast<std::uint64_t>(whole[offset + i]);
        }
      }
    }
    CHECK(n_different == 0);
  }
}

TEST_CASE("vector_math: works in place, on nothing, and without allocation") {
  const std::vector<double> x = points(77);
  std::vector<double> out(x.size());
  for (const Function& function : functions) {
    CAPTURE(function.name);
    std::vector<double> in_place = x;
    CHECK(test::allocations_of([&] {
            function.vector(x.data(), x.size(), out.data());
            function.vector(in_place.data(), x.size(), in_place.data());
            function.vector(nullptr, 0, nullptr);
          }) == 0);
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK(std::bit_cast<std::uint64_t>(in_place[i]) == std::bit_cast<std::uint64_t>(out[i]));
    }
  }
}

TEST_CASE("allocations_of: sees an allocation") {
  // By a plain call: compilers may leave out a new-expression whose memory is not used.
  CHECK(test::allocations_of([] { ::operator delete(::operator new(8)); }) == 1);
}
