#include "reprise/core/nearest_name.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace reprise;

namespace {

constexpr std::array<std::string_view, 5> known = {"tan", "tanh", "relu", "sigmoid", "sin"};

}  // namespace

TEST_CASE("nearest_name: finds the name behind common slips") {
  CHECK(nearest_name("tahn", known) == "tanh");
  CHECK(nearest_name("Tanh", known) == "tanh");
  CHECK(nearest_name("rellu", known) == "relu");
  CHECK(nearest_name("sigmiod", known) == "sigmoid");
  CHECK(nearest_name("sinn", known) == "sin");
  CHECK(nearest_name("tan", known) == "tan");
  CHECK(nearest_name("x", {}) == "");
}

TEST_CASE("did_you_mean: stays silent where nothing is near") {
  CHECK(did_you_mean("tahn", known) == ", did you mean tanh?");
  CHECK(did_you_mean("quicksort", known) == "");
  CHECK(did_you_mean("swish", known) == "");
  CHECK(did_you_mean("sgn", known) == "");
  CHECK(did_you_mean("Sin", known) == ", did you mean sin?");
  CHECK(did_you_mean("sgn", known, std::array{UsualName{"sgn", "sign"}}) == ", did you mean sign?");
  CHECK(did_you_mean("x", {}) == "");
}
