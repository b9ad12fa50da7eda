#include "reprise/batch_reuse/gradient_descent.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>

#include "reprise/core/error.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

GradientDescent valid() {
  return {.schedule = Schedule::cyclic(2, 3),
          .learning_rate = {0.1, 0.2, 0.3},
          .samples_per_dimension = {1.5, 3},
          .weight_decay = 0.1,
          .momentum = 0.5};
}

std::string rejection(const std::function<void(GradientDescent&)>& change) {
  GradientDescent algorithm = valid();
  change(algorithm);
  return message_of([&] { check(algorithm); });
}

}  // namespace

TEST_CASE("GradientDescent: one value serves all steps or blocks, later blocks have the last") {
  GradientDescent algorithm = valid();
  CHECK(algorithm.learning_rate_at(2) == 0.3);
  CHECK(algorithm.samples_per_dimension_of(0) == 1.5);
  CHECK(algorithm.samples_per_dimension_of(1) == 3);
  CHECK(algorithm.samples_per_dimension_of(7) == 3);
  algorithm.learning_rate = {0.1};
  algorithm.samples_per_dimension = {2};
  CHECK(algorithm.learning_rate_at(2) == 0.1);
  CHECK(algorithm.samples_per_dimension_of(1) == 2);
}

TEST_CASE("check(GradientDescent): accepts valid settings and their limits") {
  CHECK_NOTHROW(check(valid()));
  CHECK(rejection([](auto& a) {
          a.learning_rate = {0};
          a.weight_decay = 0;
          a.momentum = 0;
        }) == "(no error)");
}

TEST_CASE("check(GradientDescent): lists must have one number, or one for each step or block") {
  CHECK(rejection([](auto& a) {
          a.learning_rate = {0.1, 0.2};
        }) ==
        "training: learning_rate must be one number or a list of 3, one a step, got a list of 2");
  CHECK(rejection([](auto& a) { a.learning_rate = {}; }) == "training: learning_rate is missing");
  CHECK(
      rejection([](auto& a) {
        a.samples_per_dimension = {1, 2, 3};
      }) ==
      "training: samples_per_dimension must be one number or a list of 2, one a block, got a list "
      "of 3");
}

TEST_CASE("check(GradientDescent): numbers out of range are named") {
  CHECK(rejection([](auto& a) { a.learning_rate[1] = -0.5; }) ==
        "training: learning_rate[2] must be finite and >= 0, got -0.5");
  CHECK(rejection([](auto& a) { a.learning_rate[2] = std::nan(""); }) ==
        "training: learning_rate[3] must be finite and >= 0, got nan");
  CHECK(rejection([](auto& a) { a.samples_per_dimension[1] = 0; }) ==
        "training: samples_per_dimension[2] must be finite and > 0, got 0");
  CHECK(rejection([](auto& a) { a.weight_decay = HUGE_VAL; }) ==
        "training: weight_decay must be finite and >= 0, got inf");
  CHECK(rejection([](auto& a) { a.momentum = -0.1; }) ==
        "training: momentum must be at least 0 and below 1, got -0.1");
  CHECK(rejection([](auto& a) { a.momentum = 1; }) ==
        "training: momentum must be at least 0 and below 1, got 1");
}
