#include "reprise/core/solution.hpp"

#include <doctest/doctest.h>

#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

// A 2 x 3 matrix, a 2-vector and a scalar at two times, the scalar without its last value.
Solution example() {
  Solution solution;
  solution.step = {0, 1};
  solution.time = {0, 1};
  Series m{.quantity = "M", .rows = 2, .cols = 3, .value = {}, .standard_error = {}};
  m.value.resize(2, 6);
  m.value << 1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60;
  m.standard_error = 0.5 * m.value;
  Series a{.quantity = "a", .rows = 2, .cols = 0, .value = {}, .standard_error = {}};
  a.value = Eigen::MatrixXd::Constant(2, 2, 7);
  Series loss{.quantity = "training_loss", .rows = 0, .cols = 0, .value = {}, .standard_error = {}};
  loss.value = Eigen::MatrixXd::Constant(1, 1, 0.25);
  solution.series = {m, a, loss};
  return solution;
}

}  // namespace

TEST_CASE("Solution: value and standard_error give matrices in row-major order at a time") {
  const Solution solution = example();
  Eigen::MatrixXd expected(2, 3);
  expected << 10, 20, 30, 40, 50, 60;
  CHECK(solution.value("M", 1) == expected);
  CHECK(solution.standard_error("M", 1) == 0.5 * expected);
  expected /= 10;
  CHECK(solution.value("M", 0) == expected);
}

TEST_CASE("Solution: vectors come as one column, scalars as one number") {
  const Solution solution = example();
  CHECK(solution.value("a", 1) == Eigen::MatrixXd::Constant(2, 1, 7));
  CHECK(solution.value("training_loss", 0) == Eigen::MatrixXd::Constant(1, 1, 0.25));
  CHECK(solution.at("training_loss").is_scalar());
  CHECK_FALSE(solution.at("a").is_scalar());
}

TEST_CASE("Solution: find gives nullptr for an unknown name, at says which there are") {
  const Solution solution = example();
  CHECK(solution.find("a") == &solution.series[1]);
  CHECK(solution.find("A") == nullptr);
  CHECK(message_of([&] { (void)solution.at("loss"); }) ==
        "Solution: there is no quantity \"loss\"; there are M a training_loss");
  CHECK_THROWS_AS((void)solution.value("loss", 0), InputError);
}

TEST_CASE(
    "Solution: a time that a series does not have, or an error it does not have, is rejected") {
  const Solution solution = example();
  CHECK(message_of([&] { (void)solution.value("training_loss", 1); }) ==
        "Solution: no value of training_loss at output time 1, there are 1");
  CHECK_FALSE(solution.at("a").has_standard_error());
  CHECK_THROWS_AS((void)solution.standard_error("a", 0), InputError);
}

TEST_CASE("Termination: every ending has a name and advice, only one counts as completed") {
  for (const Termination termination :
       {Termination::completed, Termination::diverged, Termination::step_underflow,
        Termination::max_steps, Termination::not_converged}) {
    CAPTURE(name(termination));
    CHECK(name(termination) != "unknown");
    CHECK_FALSE(advice(termination).empty());
    const Ending ending{.termination = termination, .step = 0, .detail = ""};
    CHECK(ending.is_completed() == (termination == Termination::completed));
  }
}
