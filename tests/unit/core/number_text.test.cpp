#include "reprise/core/number_text.hpp"

#include <doctest/doctest.h>

#include <limits>
#include <random>

namespace {

using namespace reprise;

}  // namespace

TEST_CASE("shortest: reads back to the same double, at the edges of the range too") {
  std::mt19937_64 engine(11);
  std::normal_distribution<double> normal;
  for (int i = 0; i < 1000; ++i) {
    const double value = std::exp(40 * normal(engine)) * normal(engine);
    CHECK(parse_finite(shortest(value)) == value);
  }
  using Limits = std::numeric_limits<double>;
  for (const double value : {0.0, Limits::max(), Limits::lowest(), Limits::denorm_min()}) {
    CHECK(parse_finite(shortest(value)) == value);
  }
  CHECK(shortest(0.1) == "0.1");
}

TEST_CASE("with_error: the error is in units of the last digit") {
  CHECK(with_error(0.228146, 0.00009) == "0.22815(9)");
  CHECK(with_error(0.228146, 0.00012) == "0.22815(12)");
  CHECK(with_error(-1.5, 0.04) == "-1.50(4)");
  CHECK(with_error(2, std::nullopt) == "2");
  CHECK(with_error(2, 0.0) == "2");
  CHECK(with_error(1e30, 1e29) == "1e+30 +- 1e+29");
}

TEST_CASE("parse_finite: takes whole finite numbers only") {
  CHECK_FALSE(parse_finite("nan"));
  CHECK_FALSE(parse_finite("inf"));
  CHECK_FALSE(parse_finite("1.5x"));
  CHECK_FALSE(parse_finite(""));
  CHECK(parse_finite("1.5e3") == 1500.0);
}
