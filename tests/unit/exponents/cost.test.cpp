#include "reprise/exponents/cost.hpp"

#include <doctest/doctest.h>

#include "reprise/core/error.hpp"

using namespace reprise;

TEST_CASE("sgd_samples: d, d log d, d^(l-1)") {
  CHECK(sgd_samples(1).power == 1);
  CHECK_FALSE(sgd_samples(1).has_logarithm);
  CHECK(sgd_samples(2).power == 1);
  CHECK(sgd_samples(2).has_logarithm);
  CHECK(sgd_samples(5).power == 4);
  CHECK_THROWS_AS(sgd_samples(0), InputError);
}

TEST_CASE("best_samples: d^max(1, l/2)") {
  CHECK(best_samples(1).power == 1);
  CHECK(best_samples(2).power == 1);
  CHECK(best_samples(5).power == 2.5);
}

TEST_CASE("steps_power: falls with the batch size down to the corner at d^(l/2)") {
  CHECK(steps_power(4, 0) == 3);
  CHECK(steps_power(4, 1) == 2);
  CHECK(steps_power(4, best_batch_power(4).value()) == 1);
  CHECK(steps_power(4, 3) == 1);
  CHECK_FALSE(best_batch_power(1).has_value());
}
