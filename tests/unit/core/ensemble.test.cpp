#include "reprise/core/ensemble.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

const double no_number = std::nan("");

// A vector "a" of two entries and a scalar "loss", at three times.
const std::vector<Quantity> quantities{{.name = "a", .rows = 2, .cols = 0},
                                       {.name = "loss", .rows = 0, .cols = 0}};

Trajectory trajectory(double shift) {
  Trajectory result{.values = Eigen::MatrixXd(3, 3), .n_times = 3, .detail = ""};
  result.values << 1, 2, 3, 4, 5, 6, 7, 8, 9;
  result.values.array() += shift;
  return result;
}

}  // namespace

TEST_CASE("average: mean and deviation over sqrt(replicas), quantity by quantity") {
  const Solution solution = average(quantities, {trajectory(0), trajectory(1), trajectory(5)});
  CHECK(solution.step == std::vector<std::int64_t>{0, 1, 2});
  CHECK(solution.time == std::vector<double>{0, 1, 2});
  CHECK(solution.cost.replicas == 3);
  CHECK(solution.ending.is_completed());
  CHECK(solution.ending.step == 2);
  REQUIRE(solution.series.size() == 2);
  const Tolerance rounding{.rtol = 1e-15};
  CHECK(close(solution.value("a", 1)(0, 0), 6, rounding));
  CHECK(close(solution.value("a", 1)(1, 0), 7, rounding));
  CHECK(close(solution.value("loss", 2)(0, 0), 11, rounding));
  // Shifts 0, 1, 5 have mean 2 and sample variance (4 + 1 + 9) / 2 = 7.
  CHECK(close(solution.standard_error("a", 0)(1, 0), std::sqrt(7.0 / 3), rounding));
  CHECK(close(solution.standard_error("loss", 2)(0, 0), std::sqrt(7.0 / 3), rounding));
}

TEST_CASE("average: one replica has no standard error") {
  const Solution solution = average(quantities, {trajectory(0)});
  CHECK(solution.value("loss", 1)(0, 0) == 6);
  CHECK_FALSE(solution.at("a").has_standard_error());
  CHECK_FALSE(solution.at("loss").has_standard_error());
}

TEST_CASE("average: equal replicas have standard error 0") {
  const Solution solution = average(quantities, {trajectory(0), trajectory(0)});
  CHECK(solution.at("a").standard_error.isZero(0));
}

TEST_CASE("average: stops where the average or its error overflows, and says so") {
  Trajectory large = trajectory(0);
  large.values.row(2).setConstant(1e200);  // its square is infinite
  const Solution solution = average(quantities, {large, trajectory(1), trajectory(2)});
  CHECK(solution.step == std::vector<std::int64_t>{0, 1});
  CHECK(solution.ending.termination == Termination::diverged);
  CHECK(solution.ending.detail == "the averages overflow at step 2");
  CHECK(solution.at("loss").standard_error.allFinite());
}

TEST_CASE("average: stops at the shortest replica and says which one diverged") {
  Trajectory early = trajectory(1);
  early.n_times = 2;
  early.values.row(2).setConstant(no_number);
  early.detail = "a field is not finite";
  const Solution solution = average(quantities, {trajectory(0), early, trajectory(2)});
  CHECK(solution.step == std::vector<std::int64_t>{0, 1});
  CHECK(solution.at("a").n_times() == 2);
  CHECK(solution.value("a", 1)(0, 0) == 5);
  CHECK(solution.ending.termination == Termination::diverged);
  CHECK(solution.ending.step == 1);
  CHECK(solution.ending.detail == "a field is not finite (replica 2 of 3)");
}

TEST_CASE("average: a quantity without a last value is one time shorter than the others") {
  Trajectory first = trajectory(0);
  Trajectory second = trajectory(2);
  first.values(2, 2) = second.values(2, 2) = no_number;
  const Solution solution = average(quantities, {first, second});
  CHECK(solution.step.size() == 3);
  CHECK(solution.at("a").n_times() == 3);
  CHECK(solution.at("loss").n_times() == 2);
  CHECK(solution.at("loss").standard_error.rows() == 2);
  CHECK(solution.value("loss", 1)(0, 0) == 7);
  CHECK(solution.ending.is_completed());
}

TEST_CASE("average: matrices keep their shape") {
  Trajectory replica{.values = Eigen::MatrixXd(1, 6), .n_times = 1, .detail = ""};
  replica.values << 1, 2, 3, 4, 5, 6;
  const Solution solution = average({{.name = "M", .rows = 3, .cols = 2}}, {replica});
  Eigen::MatrixXd expected(3, 2);
  expected << 1, 2, 3, 4, 5, 6;
  CHECK(solution.value("M", 0) == expected);
}

TEST_CASE("average: no replicas are rejected") {
  CHECK(message_of([] { (void)average(quantities, {}); }) ==
        "ensemble: replicas must be at least 1, got 0");
}
