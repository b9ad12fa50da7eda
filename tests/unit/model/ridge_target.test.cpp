#include "reprise/model/ridge_target.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <string>

#include "support/close.hpp"

namespace {

using namespace reprise;
using test::close;

double ridge_value(const RidgeTarget& target, RidgeKind kind, const Eigen::VectorXd& z) {
  double value = target.constant;
  const Eigen::VectorXd x = target.directions * z;
  for (Eigen::Index m = 0; m < x.size(); ++m) {
    value += target.coefficients[m] *
             (kind == RidgeKind::erf ? std::erf(x[m] / std::sqrt(2.0)) : std::max(x[m], 0.0));
  }
  return value;
}

/// The recognised sum has the values of the expression, at points of both signs.
void check_same_values(const std::string& text, RidgeKind kind) {
  INFO(text);
  const Expression g = Expression::parse(text);
  const auto target = as_ridge_target(g, kind, 2);
  REQUIRE(target.has_value());
  for (const auto& point : {std::array{0.3, -1.2}, {-0.7, 0.4}, {2.0, 1.5}, {-1.1, -0.2}}) {
    const Eigen::Vector2d z(point[0], point[1]);
    CHECK(close(ridge_value(*target, kind, z), g(point), {.rtol = 1e-13, .atol = 1e-14}));
  }
}

}  // namespace

TEST_CASE("as_ridge_target: sums of erf are recognised with their values") {
  check_same_values("erf(z1/sqrt(2))", RidgeKind::erf);
  check_same_values("(erf(z1) - 3*erf(0.5*z2 + z1)) / 2", RidgeKind::erf);
  check_same_values("2*(1 + erf(z2/sqrt(2))) - erf(-z1)*0.3", RidgeKind::erf);
}

TEST_CASE("as_ridge_target: sums of relu, abs and linear terms are recognised with their values") {
  check_same_values("relu(z1)", RidgeKind::relu);
  check_same_values("abs(z1) - 2*relu(z2 - z1) + 0.5*z2", RidgeKind::relu);
  check_same_values("z1 - z2/3", RidgeKind::relu);
}

TEST_CASE("as_ridge_target: products, shifts and other functions are not sums of ridges") {
  for (const char* text : {"erf(z1)*erf(z2)", "erf(z1 + 1)", "tanh(z1)", "z1^2", "erf(z1*z2)"}) {
    INFO(text);
    CHECK_FALSE(as_ridge_target(Expression::parse(text), RidgeKind::erf, 2).has_value());
  }
  CHECK_FALSE(as_ridge_target(Expression::parse("relu(z1 - 1)"), RidgeKind::relu, 2).has_value());
  CHECK_FALSE(as_ridge_target(Expression::parse("erf(z1)"), RidgeKind::relu, 2).has_value());
}
