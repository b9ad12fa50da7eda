#include "reprise/core/check.hpp"

#include <doctest/doctest.h>

#include <limits>

#include "reprise/core/error.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

const double nan_value = std::numeric_limits<double>::quiet_NaN();

}  // namespace

TEST_CASE("check_positive: rejects zero, negatives, NaN and infinity, and says which") {
  CHECK(message_of([] { check_positive("training", "learning_rate", -1.5); }) ==
        "training: learning_rate must be finite and > 0, got -1.5");
  CHECK_THROWS_AS(check_positive("w", "n", 0), InputError);
  CHECK_THROWS_AS(check_positive("w", "n", nan_value), InputError);
  CHECK_THROWS_AS(check_positive("w", "n", std::numeric_limits<double>::infinity()), InputError);
  CHECK_NOTHROW(check_positive("w", "n", 1e-300));
}

TEST_CASE("check_shape: names both shapes") {
  CHECK(message_of([] { check_shape("initial", "M", Eigen::MatrixXd::Zero(2, 3), 2, 2); }) ==
        "initial: M must be of shape (2, 2), got (2, 3)");
}

TEST_CASE("check_finite: names the entry of a matrix, counted from one") {
  Eigen::MatrixXd m = Eigen::MatrixXd::Zero(2, 2);
  m(1, 0) = nan_value;
  CHECK(message_of([&] { check_finite("initial", "Q", m); }) ==
        "initial: Q[2, 1] must be finite, got nan");
}

TEST_CASE("check_symmetric: accepts rounding, rejects asymmetry and NaN") {
  Eigen::MatrixXd m = Eigen::MatrixXd::Identity(2, 2);
  m(0, 1) = 1e-14;
  CHECK_NOTHROW(check_symmetric("initial", "Q", m));
  m(0, 1) = 1e-3;
  CHECK_THROWS_AS(check_symmetric("initial", "Q", m), InputError);
  m(0, 1) = nan_value;
  CHECK_THROWS_AS(check_symmetric("initial", "Q", m), InputError);
}
