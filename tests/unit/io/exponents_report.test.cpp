#include "reprise/io/exponents_report.hpp"

#include <doctest/doctest.h>

#include <string>

#include "reprise/core/error.hpp"

namespace {

using namespace reprise;

const ExponentOptions quick{.log2_points = 11, .max_order = 4};

Exponents of(const char* text) { return find_exponents({.g = Expression::parse(text)}, quick); }

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("exponents_json: has the keys of the contract, null where infinite or never") {
  const std::string json = exponents_json(of("sign(z1*z2*z3)"), {});
  for (const char* key : {"\"leap\": 3", "\"generative_leap\": 3", "\"alpha_c\": null",
                          "\"correlational\": [", "\"statistical\": [", "\"never_reached\":",
                          "\"order\": 3", "\"directions\":", "\"strength\":", "\"error\":"}) {
    CAPTURE(std::string(key));
    CHECK(contains(json, key));
  }
  CHECK(contains(exponents_json(of("z1"), {}), "\"alpha_c\": 0"));
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
  CHECK_THROWS_AS(draw_exponents("figure.pdf", exponents, {}), InputError);
}
