// What the literature says about targets, at the default effort. Correlational / statistical.
#include <doctest/doctest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "reprise/exponents/exponents.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;

struct Oracle {
  std::string text;
  int leap;
  int generative_leap;
};

void check_oracles(const std::vector<Oracle>& oracles, ExponentOptions options = {},
                   double noise_variance = 0) {
  for (const Oracle& oracle : oracles) {
    CAPTURE(oracle.text);
    const auto exponents = find_exponents(
        {.g = Expression::parse(oracle.text), .noise_variance = noise_variance}, options);
    REQUIRE(exponents.leap().has_value());
    REQUIRE(exponents.generative_leap().has_value());
    CHECK(*exponents.leap() == oracle.leap);
    CHECK(*exponents.generative_leap() == oracle.generative_leap);
  }
}

// The generative leap alone, where correlations are not in question.
void check_at_most_two(const std::vector<std::string>& targets, ExponentOptions options) {
  for (const auto& text : targets) {
    CAPTURE(text);
    const auto exponents = find_exponents({.g = Expression::parse(text)}, options);
    REQUIRE(exponents.generative_leap().has_value());
    CHECK(*exponents.generative_leap() >= 1);
    CHECK(*exponents.generative_leap() <= 2);
    if (exponents.leap().value_or(-1) > 0) {
      CHECK(*exponents.generative_leap() <= *exponents.leap());
    }
  }
}

}  // namespace

TEST_CASE("oracles: one direction (BenArous2021, Damian2024)") {
  check_oracles({{"z1", 1, 1},
                 {"sigmoid(z1)", 1, 1},
                 {"relu(z1)", 1, 1},
                 {"z1^3", 1, 1},
                 {"z1^2", 2, 2},
                 {"abs(z1)", 2, 2},
                 {"z1^3 - 3*z1", 3, 1},
                 {"z1^2*exp(-z1^2)", 4, 4}});
  for (int l = 1; l <= 8; ++l) {
    check_oracles({{"He" + std::to_string(l) + "(z1)", l, l % 2 == 1 ? 1 : 2}});
  }
}

TEST_CASE("oracles: two and three directions") {
  check_oracles({{"z1*z2", 2, 2},
                 {"sign(z1*z2)", 2, 2},
                 {"z1 + He3(z2)", 3, 1},
                 {"z1 + z1*z2", 1, 1},
                 {"tanh(z1 + He3(z2))", 1, 1},
                 {"tanh(z1) + tanh(z2)", 2, 2},
                 {"z1 + z2 + z1*z2", 2, 2}});
  check_oracles({{"sign(z1*z2*z3)", 3, 3},
                 {"z1*z2*z3", 3, 2},
                 {"z1^2 + sign(z1*z2*z3)", 2, 2},
                 {"He4(z1) + sign(z1*z2*z3)", 3, 2}},
                {.max_order = 6});
}

TEST_CASE("oracles: parities of r signs cost r either way, r = 2..6") {
  std::string product = "z1";
  for (int r = 2; r <= 6; ++r) {
    product += "*z" + std::to_string(r);
    check_oracles({{"sign(" + product + ")", r, r}},
                  {.log2_points = r < 6 ? 12 : 14, .max_order = r});
  }
}

TEST_CASE("oracles: leaps in the worst basis of targets of Abbe et al. 2022 and 2023") {
  const auto check_leap = [](const std::string& text, int leap, int max_order) {
    CAPTURE(text);
    const auto exponents =
        find_exponents({.g = Expression::parse(text)}, {.log2_points = 11, .max_order = max_order});
    CHECK(exponents.leap() == leap);
    REQUIRE(exponents.generative_leap().has_value());
    CHECK(*exponents.generative_leap() <= leap);
  };
  check_leap("z1 + z1*z2 + z1*z2*z3 + z1*z2*z3*z4", 1, 4);
  check_leap("z1 + z2 + z2*z3*z4", 2, 4);
  check_leap("z1 + z1*z2 + z2*z3 + z3*z4", 1, 4);
  check_leap("z1 + z1*z2*z3 + z1*z2*z3*z4", 2, 4);
  check_leap("He2(z1) + He2(z2) + He2(z3) + He3(z1)*He8(z3)", 2, 4);
}

TEST_CASE("oracles: intersections of half-spaces and piecewise linear functions cost 2 at most") {
  check_at_most_two({"(z1 > 0)*(z2 > 0)", "(z1 > 0.3)*(z1 + z2 > -0.5)", "max(z1, z2) - abs(z1)",
                     "abs(z1) - abs(z2)", "min(abs(z1), abs(z2))",
                     "relu(z1 + 0.5) - 2*relu(z1 - 0.7)", "max(abs(z1) - 1, 0)"},
                    {.log2_points = 12, .max_order = 6});
  check_at_most_two({"(z1 > 0)*(z2 > 0)*(z3 > 0)", "max(z1, max(z2, z3))",
                     "(z1 + z2 > 0)*(z2 - z3 > 0.2)*(z1 + z3 > -1)"},
                    {.log2_points = 12, .max_order = 4});
}

TEST_CASE("oracles: five and six directions") {
  check_oracles({{"z1 + z2*z3 + z4*z5", 2, 2}, {"z1*z2 + z3*z4 + z5*z6", 2, 2}},
                {.log2_points = 12, .max_order = 4});
  // Each product shows the next direction.
  check_oracles({{"z1 + z1*z2 + z2*z3 + z3*z4 + z4*z5 + z5*z6", 1, 1}},
                {.log2_points = 12, .max_order = 3});
}

TEST_CASE("oracles: label noise changes no exponent") {
  check_oracles({{"He3(z1)", 3, 1}, {"He4(z1)", 4, 2}, {"z1^2*exp(-z1^2)", 4, 4}}, {}, 0.1);
  check_oracles({{"z1 + He3(z2)", 3, 1}, {"sign(z1*z2)", 2, 2}}, {.max_order = 6}, 1.0);
}

TEST_CASE("oracles: discrete labels") {
  // 0.6744897501960817 is the median of |z|. In the third, z1 + z2 comes first; z1 - z2 has no odd
  // moments, by symmetry.
  check_oracles({{"sign(z1)", 1, 1},
                 {"sign(z1^2 - 1)", 2, 2},
                 {"sign(z1) + sign(z2) + sign(z1*z2)", 2, 2},
                 {"sign(z1) + 2*sign(z2)", 1, 1},
                 {"(abs(z1) > 0.5) + (abs(z1) > 1.5)", 2, 2},
                 {"sign(z1)*sign(z2^2 - 1)", 2, 2},
                 {"sign(z1)*sign(abs(z2) - 0.6744897501960817)", 3, 3}},
                {.max_order = 8});
}

TEST_CASE("oracles: heavy tails") {
  // E[y z] exists for 1/z although E[y] does not. The moments of exp(z^2) do not: undecided. Those
  // of its bounded functions do.
  check_oracles({{"1/z1", 1, 1}, {"exp(z1)", 1, 1}, {"z1^7", 1, 1}, {"He8(z1)", 8, 2}});
  const auto exponents = find_exponents({.g = Expression::parse("exp(z1^2)")});
  CHECK_FALSE(exponents.leap().has_value());
  CHECK(exponents.correlational.never_reached.cols() == 0);
  CHECK(exponents.correlational.undecided.cols() == 1);
  CHECK(exponents.generative_leap() == 2);
  CHECK(test::close(exponents.alpha_c().value(), 0.5, {.rtol = 1e-3}));
}

TEST_CASE("oracles: alpha_c of the literature to 1e-3") {
  const auto alpha_c = [](const char* text) {
    return find_exponents({.g = Expression::parse(text)}, {.max_order = 4}).alpha_c().value();
  };
  CHECK(test::close(alpha_c("abs(z1)"), 0.5, {.rtol = 1e-3}));
  CHECK(test::close(alpha_c("z1^2"), 0.5, {.rtol = 1e-3}));
  CHECK(test::close(alpha_c("z1*z2"), 0.5937511, {.rtol = 1e-3}));
  CHECK(std::isinf(alpha_c("sign(z1*z2*z3)")));
  CHECK(alpha_c("z1 + z1*z2") == 0);
}

TEST_CASE("find_exponents: invertible functions of the label change nothing statistical") {
  const std::vector<std::string> labels{"He3(z1)", "z1*z2", "z1^2 - 0.5*z2^2",
                                        "tanh(z1) + abs(z2)"};
  const ExponentOptions options{.log2_points = 12, .max_order = 6};
  const auto of = [&](const std::string& text) {
    return find_exponents({.g = Expression::parse(text)}, options);
  };
  for (const std::string& y : labels) {
    const auto plain = of(y);
    for (const std::string& transformed : {"tanh(0.3*(" + y + "))", "exp(-0.2*(" + y + "))",
                                           "(" + y + ")^3", "-5*(" + y + ") + 2"}) {
      CAPTURE(transformed);
      const auto other = of(transformed);
      REQUIRE(other.generative_leap().has_value());
      CHECK(other.generative_leap() == plain.generative_leap());
      REQUIRE(other.statistical.stages.size() == plain.statistical.stages.size());
      for (std::size_t s = 0; s < plain.statistical.stages.size(); ++s) {
        const auto& a = plain.statistical.stages[s];
        const auto& b = other.statistical.stages[s];
        CHECK(a.order == b.order);
        // The same queries up to the interpolation between the knots of the ranks.
        CHECK((a.strength - b.strength).norm() < 0.02 * a.strength.norm());
      }
      if (plain.recovery == RecoveryKind::finite) {
        const auto& rate = *plain.recovery_rate;
        CHECK(test::close(other.recovery_rate->value, rate.value,
                          {.rtol = 1e-3, .atol = 5 * rate.error()}));
      }
    }
  }
}
