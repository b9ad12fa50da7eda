// Comparison of numbers in tests: CHECK(close(a, b, {.rtol = 1e-12})) prints both and the error.
#pragma once

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <sstream>
#include <string>

namespace reprise::test {

struct Tolerance {
  double rtol = 0;
  double atol = 0;
};

struct Closeness {
  bool is_close = false;
  std::string text;
  explicit operator bool() const { return is_close; }
};

/// |actual - expected| <= atol + rtol |expected|; NaN is close to nothing.
inline Closeness close(double actual, double expected, Tolerance tolerance) {
  const double error = std::abs(actual - expected);
  const double allowed = tolerance.atol + tolerance.rtol * std::abs(expected);
  std::ostringstream text;
  text.precision(std::numeric_limits<double>::max_digits10);
  text << actual << " vs " << expected << ", error " << error << ", allowed " << allowed;
  return {error <= allowed, text.str()};
}

inline doctest::String toString(const Closeness& closeness) { return closeness.text.c_str(); }

}  // namespace reprise::test
