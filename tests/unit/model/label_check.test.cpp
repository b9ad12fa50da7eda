#include "reprise/model/label_check.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/message_of.hpp"
#include "support/problems.hpp"

using namespace reprise;
using namespace reprise::test;

namespace {

Problem target_only(const std::string& g, Eigen::Index k = 2) {
  return make_problem("relu", Eigen::VectorXd::Ones(1), g, k);
}

std::string first_bad_label(const Problem& problem, std::int64_t n_points = 2048) {
  return find_label_that_is_no_number(problem.target, problem.input_covariance, n_points)
      .value_or("none");
}

bool is_wild(const std::string& g) {
  const Problem problem = target_only(g);
  return has_infinite_variance(problem.target, problem.input_covariance);
}

}  // namespace

TEST_CASE("find_label_that_is_no_number: names the sample and the value") {
  const std::string found = first_bad_label(target_only("sqrt(z1)", 1));
  CHECK(contains(found, "nan at z = (-"));
  CHECK(contains(first_bad_label(target_only("log(z1) + z2")), "nan at z = (-"));
  CHECK(contains(first_bad_label(target_only("z2 * (z1 - z1) / (z1 - z1)")), "nan at z = ("));
  CHECK(contains(first_bad_label(target_only("1 / step(z1)")), "inf at z = (-"));
  CHECK(contains(first_bad_label(target_only("exp(z1^4)")), "inf at z = ("));
}

TEST_CASE("find_label_that_is_no_number: sees the end of a domain far out, and nothing inside it") {
  CHECK(contains(first_bad_label(target_only("sqrt(5 + z1)")), "nan at z = (-"));
  for (const char* good :
       {"sqrt(9 + z1)", "log(1 + z1^2)", "sin(z1)/z1", "sqrt(abs(z1))", "He20(z1)", "exp(3*z1)",
        "min(exp(z1^4), 2)", "abs(z1)^0.5 + 1/(1 + z2^2)"}) {
    CAPTURE(good);
    CHECK(first_bad_label(target_only(good)) == "none");
  }
}

TEST_CASE("find_label_that_is_no_number: more points find rarer ones") {
  const Problem rare = target_only("sqrt(z1^2 - 1e-8)");  // 8 of 10^5 inputs
  CHECK(first_bad_label(rare) == "none");
  CHECK(contains(first_bad_label(rare, 1 << 20), "nan at z = ("));
}

TEST_CASE("find_label_that_is_no_number: inputs have their covariance") {
  Problem problem = target_only("sqrt(z1)");
  problem.input_covariance << 0, 0, 0, 1;  // z1 = 0 always
  CHECK(first_bad_label(problem) == "none");
  problem.target.g = Expression::parse("sqrt(1e-3 - z1 - z2)");
  CHECK(contains(first_bad_label(problem), "nan at z = (0, "));
}

TEST_CASE("find_activation_that_is_no_number: custom ones and overflowing polynomials") {
  Problem problem = target_only("z1");
  const auto found = [&] {
    return find_activation_that_is_no_number(problem.student, problem.initial.Q).value_or("none");
  };
  for (const char* name : {"relu", "leaky_relu(0.1)", "erf", "tanh", "sigmoid", "softplus", "gelu",
                           "sin", "linear", "He20", "polynomial([0, 0, 1])"}) {
    problem.student.activation = Activation::parse(name);
    CHECK(found() == "none");
  }
  problem.student.activation = Activation::custom(
      "sqrt", [](double x) { return std::sqrt(x); }, [](double x) { return 0.5 / std::sqrt(x); });
  CHECK(contains(found(), "nan at h = (-"));
  problem.student.activation = Activation::parse("polynomial([0, 1e308, 1e308])");
  CHECK(contains(found(), "inf at h = ("));
}

TEST_CASE("check: a problem whose labels are no numbers is refused before work starts") {
  CHECK(contains(message_of([] { check(target_only("sqrt(z1)")); }),
                 "target: g must be finite at every input, got nan at z = ("));
  CHECK(message_of([] { check(target_only("sqrt(abs(z1))")); }) == "(no error)");
}

TEST_CASE("has_infinite_variance: exp(c z^2) from c = 1/4 on, and what grows faster") {
  // E exp(2 c z^2) = (1 - 4 c)^-1/2, and of exp(c z1 z2) squared (1 - 4 c^2)^-1/2.
  for (const char* wild :
       {"exp(z1^2)", "exp(z1^2/4)", "exp(z2^2/3) - z1", "exp(z1*z2/2)", "exp(-z1*z2)",
        "z1*exp(0.3*z1^2)", "exp(z1^3)", "exp(exp(z1))", "sin(3*z1)*exp(z1^2/2)"}) {
    CAPTURE(wild);
    CHECK(is_wild(wild));
  }
  for (const char* tame : {"exp(0.24*z1^2)", "exp(0.45*z1*z2)", "exp(3*z1)", "exp(-z1^2)",
                           "He20(z1)", "tanh(z1 + He3(z2))", "sin(5*z1)*exp(z1^2/8)", "sign(z1*z2)",
                           "log(abs(z1))", "z1^64", "0*z1"}) {
    CAPTURE(tame);
    CHECK_FALSE(is_wild(tame));
  }
}

TEST_CASE("has_infinite_variance: depends on the inputs' covariance") {
  Problem problem = target_only("exp(0.2*z1^2)");
  CHECK_FALSE(has_infinite_variance(problem.target, problem.input_covariance));
  problem.input_covariance(0, 0) = 1.5;
  CHECK(has_infinite_variance(problem.target, problem.input_covariance));
}
