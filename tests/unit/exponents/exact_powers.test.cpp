// Exponents of polynomials far from 1: exact tables know zeros from small moments.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "reprise/core/error.hpp"
#include "reprise/exponents/exponents.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using test::contains;

constexpr ExponentOptions quick{.log2_points = 8, .max_order = 4};

Exponents exact_of(const std::string& text, const ExponentOptions& options = quick) {
  return find_exponents({.g = Expression::parse(text)}, options);
}

std::string refusal_of(const std::string& text, const ExponentOptions& options = quick) {
  try {
    exact_of(text, options);
  } catch (const InputError& error) {
    return error.what();
  }
  return "none";
}

}  // namespace

TEST_CASE("find_exponents: zeros of high powers are decided by digits, not by the label's scale") {
  // A floor of 1e-6 of the label's size gave 6, 5, never, never.
  struct Case {
    const char* text;
    int leap;
  };
  for (const Case& known :
       {Case{"z1^60", 2}, Case{"z1^61", 1}, Case{"z1^151", 1}, Case{"z1^170", 2},
        Case{"z1^20 + z2", 2}, Case{"z1^20 + 1e-9*z2", 2}, Case{"(0.6*z1 + 0.8*z2)^60 + z1", 1},
        Case{"He3(z1) + 1e-10*z1", 1}, Case{"1e60*He2(z1) + 1e-60*He3(z2)", 3},
        Case{"z1^60 + z2^3 - 3*z2", 3}, Case{"-He5(z2) + 1e-120*z1^23*z2^30", 2}}) {
    CAPTURE(known.text);
    const Exponents exponents = exact_of(known.text);
    CHECK(exponents.leap() == known.leap);
    CHECK(exponents.correlational.never_reached.cols() == 0);
    for (const auto& stage : exponents.correlational.stages) {
      CHECK(stage.strength.allFinite());
      CHECK(stage.strength.minCoeff() > 0);
      CHECK(stage.direction_error.allFinite());
    }
  }
  // E[z^62] = 61!!: 61! / (2^30 30!).
  const double double_factorial =
      std::exp(std::lgamma(62.0) - 30 * std::log(2.0) - std::lgamma(31.0));
  CHECK(test::close(exact_of("z1^61").correlational.stages.at(0).strength[0], double_factorial,
                    {.rtol = 1e-11}));
}

TEST_CASE("find_exponents: what cancels up to rounding errors is zero") {
  for (const char* text :
       {"0.1*z1 + 0.2*z1 - 0.3*z1 + He3(z1)", "(z1 - 0.1)^3 + 0.3*z1^2 - 3.03*z1",
        "He3(0.6*z1 + 0.8*z2)", "1e7*(z1 + 1/3)^3 - 1e7*z1^2 - 1e7*10/3*z1"}) {
    CAPTURE(text);
    CHECK(exact_of(text).leap() == 3);
  }
}

TEST_CASE("find_exponents: what rounding errors hide is undecided, never a wrong leap") {
  // The part z2 of z1^60 in turned coordinates: 1 beside moments of 1e45.
  const Eigen::Matrix2d turn{{0.6, 0.8}, {-0.8, 0.6}};
  for (const char* text : {"z1^60 + z2", "z1^90 + He2(z2)"}) {
    CAPTURE(text);
    const Exponents exponents =
        find_exponents({.g = Expression::parse(text), .input_map = turn}, quick);
    CHECK_FALSE((exponents.leap().has_value() && exponents.leap() != 2));
    CHECK(exponents.correlational.never_reached.cols() == 0);
  }
  const Exponents turned =
      find_exponents({.g = Expression::parse("z1^8 + z2"), .input_map = turn}, quick);
  CHECK(turned.leap() == 2);
}

TEST_CASE("find_exponents: exponents do not depend on the scale of the label") {
  const Exponents plain = exact_of("He3(z1)");
  for (const char* text : {"1e-165*He3(z1)", "1e-280*He3(z1)", "1e150*He3(z1)"}) {
    CAPTURE(text);
    const Exponents exponents = exact_of(text);
    CHECK(exponents.leap() == 3);
    CHECK(exponents.generative_leap() == plain.generative_leap());
    CHECK(exponents.alpha_c() == plain.alpha_c());
  }
  const double factor = std::ldexp(1.0, -500);
  const Exponents small = exact_of("2^-500*tanh(z1^2 + z1*z2)");
  const Exponents one = exact_of("tanh(z1^2 + z1*z2)");
  CHECK(small.leap() == one.leap());
  REQUIRE(small.correlational.stages.size() == one.correlational.stages.size());
  CHECK(small.correlational.stages[0].strength == factor * one.correlational.stages[0].strength);
}

TEST_CASE("find_exponents: what is beyond the range of numbers is refused in our own words") {
  CHECK(contains(refusal_of("z1^172"), "power of z1 in the target must be at most 170"));
  CHECK(contains(refusal_of("z2^171"), "power of z2 in the target must be at most 170"));
  CHECK(contains(refusal_of("z1 + z2^86*z2^86"), "power of z2"));
  CHECK(
      contains(refusal_of("z1^300"), "variance of the label must be within the range of numbers"));
  CHECK(contains(refusal_of("exp(8*z1^2)", {.max_order = 4}),
                 "variance of the label must be within the range"));
  CHECK(contains(refusal_of("1e200*z1"), "variance of the label must be within the range"));
  CHECK(contains(refusal_of("1e-300*He3(z1)"), "standard deviation of the label must be"));
  CHECK(contains(refusal_of("1e100*z1^160"), "within the range of numbers"));
}
