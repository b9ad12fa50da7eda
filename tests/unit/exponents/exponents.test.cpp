#include "reprise/exponents/exponents.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using reprise::test::close;

Exponents exponents_of(const std::string& text, ExponentOptions options = {}) {
  return find_exponents({.g = Expression::parse(text)}, options);
}

std::vector<int> orders(const Staircase& staircase) {
  std::vector<int> result;
  for (const auto& stage : staircase.stages) result.push_back(stage.order);
  return result;
}

struct Oracle {
  const char* text;
  int leap;
  int generative_leap;
};

void check_oracles(const std::vector<Oracle>& oracles, ExponentOptions options = {}) {
  for (const Oracle& oracle : oracles) {
    CAPTURE(oracle.text);
    const Exponents exponents = exponents_of(oracle.text, options);
    REQUIRE(exponents.leap().has_value());
    REQUIRE(exponents.generative_leap().has_value());
    CHECK(*exponents.leap() == oracle.leap);
    CHECK(*exponents.generative_leap() == oracle.generative_leap);
  }
}

}  // namespace

// All of them, at the default effort, are in verification/exponents_oracles.test.cpp.
TEST_CASE("find_exponents: oracles in one, two and three dimensions") {
  check_oracles({{"relu(z1)", 1, 1},
                 {"abs(z1)", 2, 2},
                 {"He3(z1)", 3, 1},
                 {"He4(z1)", 4, 2},
                 {"z1^2*exp(-z1^2)", 4, 4},
                 {"z1*z2", 2, 2},
                 {"z1 + He3(z2)", 3, 1},
                 {"z1 + z2 + z1*z2", 2, 2},
                 {"sign(z1*z2*z3)", 3, 3},
                 {"z1*z2*z3", 3, 2}},
                {.log2_points = 11, .max_order = 4});
}

TEST_CASE("find_exponents: directions and moments of benchmark A") {
  const auto exponents = exponents_of("tanh(z1 + He3(z2))");
  const auto& stage = exponents.correlational.stages.at(0);
  // theory.md section 4: E[y z] = (0.357662053, -0.298419811).
  const double strength = std::hypot(0.357662053, 0.298419811);
  CHECK(close(stage.strength[0], strength, {.atol = 4 * stage.error[0]}));
  CHECK(close(stage.directions(0, 0), 0.767832, {.atol = 4 * stage.direction_error[0]}));
  CHECK(close(stage.directions(1, 0), -0.640651, {.atol = 4 * stage.direction_error[0]}));
  CHECK(stage.error[0] < 1e-4);
  CHECK(orders(exponents.correlational) == std::vector<int>{1, 1});
}

TEST_CASE("find_exponents: stages of z1^2 + sign(z1*z2*z3) are z1, then z2 and z3 together") {
  const auto exponents = exponents_of("z1^2 + sign(z1*z2*z3)", {.log2_points = 11, .max_order = 4});
  for (const Staircase* staircase : {&exponents.correlational, &exponents.statistical}) {
    REQUIRE(orders(*staircase) == std::vector<int>{2, 2});
    CHECK(close(staircase->stages[0].directions(0, 0), 1, {.atol = 1e-4}));
    REQUIRE(staircase->stages[1].directions.cols() == 2);
    CHECK(close(staircase->stages[1].directions(1, 0), 1, {.atol = 1e-4}));
    CHECK(close(staircase->stages[1].directions(2, 1), 1, {.atol = 1e-4}));
  }
}

TEST_CASE("find_exponents: tanh(z1) + tanh(z2) starts with the direction (1, 1)") {
  const auto exponents = exponents_of("tanh(z1) + tanh(z2)");
  for (const Staircase* staircase : {&exponents.correlational, &exponents.statistical}) {
    REQUIRE(orders(*staircase) == std::vector<int>{1, 2});
    const auto& stage = staircase->stages[0];
    CHECK(close(stage.directions(0, 0), std::sqrt(0.5), {.atol = 5 * stage.direction_error[0]}));
  }
}

TEST_CASE("find_exponents: strengths are the norms of the tensors") {
  // E[y h_l] of sign(z1*z2*z3): sqrt(2/pi)^3 in one entry, shared by three directions at l = 3.
  const auto parity = exponents_of("sign(z1*z2*z3)", {.log2_points = 11, .max_order = 3});
  const double moment = std::pow(2 / std::acos(-1.0), 1.5);
  for (int i = 0; i < 3; ++i) {
    const auto& stage = parity.statistical.stages.at(0);
    CHECK(close(stage.strength[i], moment / std::sqrt(3.0), {.atol = 4 * stage.error[i]}));
  }
  const auto polynomial = exponents_of("3*He2(z1) + z2");
  CHECK(polynomial.is_correlational_exact);
  CHECK(close(polynomial.correlational.stages.at(1).strength[0], 3 * std::sqrt(2.0),
              {.rtol = 1e-12}));
  CHECK(polynomial.correlational.stages.at(1).error[0] == 0);
}

TEST_CASE("find_exponents: a direction that the target ignores is irrelevant, not unreachable") {
  const auto exponents = exponents_of("tanh(z2)");
  CHECK(exponents.leap() == 1);
  CHECK(exponents.statistical.irrelevant.cols() == 1);
  CHECK(exponents.statistical.never_reached.cols() == 0);
  const auto constant = exponents_of("3 + 0*z1");
  CHECK(constant.leap() == 0);
  CHECK(constant.correlational.irrelevant.cols() == 1);
}

TEST_CASE("find_exponents: an order beyond the highest tried is never reached") {
  const auto exponents = exponents_of("sign(z1*z2)", {.max_order = 1});
  CHECK(exponents.leap() == -1);
  CHECK(exponents.correlational.never_reached.cols() == 2);
}

TEST_CASE("find_exponents: what the tolerance cannot exclude is undecided, not zero") {
  const auto exponents = exponents_of("sin(9*z1)*sin(9*z2)", {.max_order = 2, .tolerance = 1e-9});
  CHECK_FALSE(exponents.leap().has_value());
  bool has_bound = false;
  for (const auto& zero : exponents.correlational.zeros) {
    has_bound = has_bound || (!zero.is_decided && zero.bound > 1e-9);
  }
  CHECK(has_bound);
}

TEST_CASE("find_exponents: labels beside an atom do not blow up its functions") {
  // Order 1 was undecided with a bound of 0.14, and of 0.6 at effort 2.
  const auto exponents = exponents_of("max(abs(z1) - 1, 0)", {.log2_points = 12, .max_order = 4});
  CHECK(exponents.generative_leap() == 2);
  for (const auto& zero : exponents.statistical.zeros) CHECK(zero.bound < 5e-3);
}

TEST_CASE("find_exponents: label noise keeps the exponents and lowers the strengths") {
  const ExponentOptions quick{.log2_points = 11, .max_order = 6};
  const auto clean = exponents_of("He4(z1)", quick);
  const auto noisy =
      find_exponents({.g = Expression::parse("He4(z1)"), .noise_variance = 10}, quick);
  CHECK(noisy.leap() == 4);
  CHECK(noisy.generative_leap() == 2);
  CHECK(noisy.statistical.stages[0].strength[0] < clean.statistical.stages[0].strength[0]);
  CHECK(noisy.alpha_c().value() > clean.alpha_c().value());
}

TEST_CASE("find_exponents: the same on any number of threads") {
  const auto one = exponents_of("tanh(z1 + z2^2)", {.log2_points = 10, .threads = 1});
  const auto two = exponents_of("tanh(z1 + z2^2)", {.log2_points = 10, .threads = 2});
  CHECK(one.statistical.stages[0].strength == two.statistical.stages[0].strength);
  CHECK(one.correlational.stages[0].directions == two.correlational.stages[0].directions);
}

TEST_CASE("find_exponents: rejects labels that are not finite, and options out of range") {
  CHECK_THROWS_AS(exponents_of("log(z1)"), InputError);
  CHECK_THROWS_AS(exponents_of("z9"), InputError);
  CHECK_THROWS_AS(exponents_of("z1", {.effort = 0}), InputError);
  CHECK_THROWS_AS(exponents_of("z1", {.max_order = 99}), InputError);
  CHECK_THROWS_AS(exponents_of("z1", {.tolerance = std::nan("")}), InputError);
  CHECK_THROWS_AS(find_exponents({.g = Expression::parse("z1"), .noise_variance = -1}), InputError);
}

TEST_CASE("canonical_basis: projected axes, nearest first, positive there") {
  Eigen::MatrixXd span(3, 2);
  span << 0, 0.6, 1, 0, 0, 0.8;
  const Eigen::MatrixXd basis = canonical_basis(span);
  CHECK(close(basis(1, 0), 1, {.atol = 1e-14}));
  CHECK(close(basis(2, 1), 0.8, {.atol = 1e-14}));
  const Eigen::MatrixXd flipped = canonical_basis(-span);
  CHECK((basis - flipped).norm() < 1e-14);
}

TEST_CASE("find_exponents: one-to-one functions around a label change no statistical query") {
  // Both round far labels to one value, of which nothing is left to ask, where the last bit says.
  const Exponents plain = exponents_of("z1 + He3(z2)");
  for (const char* text : {"tanh(z1 + He3(z2))", "3*erf(z1 + He3(z2)) + 1"}) {
    CAPTURE(text);
    const Exponents around = exponents_of(text);
    REQUIRE(around.statistical.stages.size() == plain.statistical.stages.size());
    for (std::size_t s = 0; s < plain.statistical.stages.size(); ++s) {
      const auto &a = around.statistical.stages[s], &b = plain.statistical.stages[s];
      CHECK(a.order == b.order);
      CHECK((a.strength - b.strength).cwiseAbs().maxCoeff() < 1e-3 * b.strength.maxCoeff());
    }
  }
  // The label itself is another.
  CHECK(*plain.leap() == 3);
  CHECK(*exponents_of("tanh(z1 + He3(z2))").leap() == 1);
}
