#include "reprise/experiments/exponents/exponents_report.hpp"

#include <doctest/doctest.h>

#include <string>

#include "reprise/core/error.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using test::contains;

const ExponentOptions quick{.log2_points = 11, .max_order = 4};

Exponents of(const char* text) { return find_exponents({.g = Expression::parse(text)}, quick); }

}  // namespace

TEST_CASE("exponents_json: has the keys of the contract, null where infinite or never") {
  const std::string json = exponents_json(of("sign(z1*z2*z3)"), {});
  for (const char* key : {"\"leap\": 3", "\"generative_leap\": 3", "\"alpha_c\": null",
                          "\"correlational\": [", "\"statistical\": [", "\"never_reached\": []",
                          "\"order\": 3", "\"directions\":", "\"strength\":", "\"error\":"}) {
    CAPTURE(std::string(key));
    CHECK(contains(json, key));
  }
  CHECK(contains(exponents_json(of("z1"), {}), "\"alpha_c\": 0"));
  const auto never = find_exponents({.g = Expression::parse("sign(z1)*sign(z2)")},
                                    {.log2_points = 10, .max_order = 1});
  const std::string without_leap = exponents_json(never, {});
  for (const char* key :
       {"\"leap\": null", "\"generative_leap\": null", "\"never_reached\": [\n    [\n",
        "\"never_reached_in_one_pass\": [\n    [\n"}) {
    CAPTURE(std::string(key));
    CHECK(contains(without_leap, key));
  }
}

TEST_CASE("exponents_json and exponents_text: the undecided is neither a leap nor never reached") {
  const auto open = find_exponents({.g = Expression::parse("sin(9*z1)*sin(9*z2)")},
                                   {.log2_points = 10, .max_order = 2, .tolerance = 1e-9});
  const std::string json = exponents_json(open, {});
  for (const char* key :
       {"\"leap\": null", "\"never_reached\": []", "\"decided\": false", "\"bound\": "}) {
    CAPTURE(std::string(key));
    CHECK(contains(json, key));
  }
  const std::string text = exponents_text(open, {});
  CHECK(contains(text, "leap (one pass)               undecided\n"));
  CHECK(contains(text, "orders 1 to 2 undecided: only |moments| <= "));
  CHECK(contains(text, "not reached up to order 2, undecided: (1, 0) (0, 1)"));
}

TEST_CASE("exponents_text: one sentence a stage, and what the student reaches") {
  const ExponentTarget target{.g = Expression::parse("tanh(z1 + He3(z2))")};
  const auto reach = find_reach(target, Activation::parse("relu"), Loss::square(), quick);
  const std::string text = exponents_text(find_exponents(target, quick), reach);
  CHECK(contains(text, "leap (one pass)               1"));
  CHECK(contains(text, "From a random start"));
  CHECK(contains(text, "With activation relu and square loss"));
  CHECK(contains(text, "never reached up to order 4: (0.64"));
}

TEST_CASE("draw_exponents: rejects a suffix that it cannot draw") {
  const auto exponents = of("z1");
  CHECK_THROWS_AS(draw_exponents("figure.jpg", exponents, {}), InputError);
}
