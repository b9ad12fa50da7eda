#include "reprise/exponents/hermite_moments.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <vector>

#include "reprise/exponents/moment_estimation.hpp"
#include "support/close.hpp"
#include "support/rotation.hpp"

namespace {

using namespace reprise;
using reprise::test::close;

ExponentTarget target_of(const char* text) { return {.g = Expression::parse(text)}; }

double moment(const HermiteMoments& moments, std::vector<int> index) {
  return moments.mean(moments.indices().find(index), 0);
}

}  // namespace

TEST_CASE("exact_moments: gives the Hermite coefficients of polynomials") {
  const auto moments = exact_moments(target_of("2 + 3*He4(z1)*z2 + z1^2"), 8).value();
  CHECK(close(moment(moments, {0, 0}), 3, {.rtol = 1e-14}));
  CHECK(close(moment(moments, {2, 0}), std::sqrt(2.0), {.rtol = 1e-14}));
  CHECK(close(moment(moments, {4, 1}), 3 * std::sqrt(24.0), {.rtol = 1e-14}));
  CHECK(close(moment(moments, {2, 1}), 0, {.atol = 1e-12}));
  CHECK_FALSE(exact_moments(target_of("tanh(z1)"), 8).has_value());
}

TEST_CASE("HermiteMoments: rotating a table is the table of the rotated function") {
  // (u . z)^3 in coordinates z' = R z has the coefficients of (R u . z')^3.
  const Eigen::MatrixXd rotation = test::random_rotation(3, 11);
  auto moments = exact_moments(target_of("(0.6*z1 - 0.5*z2 + 1.1*z3)^3 + He2(z1)*z3"), 3).value();
  ExponentTarget turned = target_of("(0.6*z1 - 0.5*z2 + 1.1*z3)^3 + He2(z1)*z3");
  const double before = moments.values().col(0).squaredNorm();
  moments.rotate(rotation);
  CHECK(close(moments.values().col(0).squaredNorm(), before, {.rtol = 1e-13}));

  // Independent route: evaluate the expansion at a point in both coordinates.
  const std::array<double, 3> z{0.3, -1.2, 0.7};
  const Eigen::Vector3d z_turned = rotation * Eigen::Map<const Eigen::Vector3d>(z.data());
  double value = 0;
  for (int i = 0; i < moments.indices().size(); ++i) {
    double product = moments.mean(i, 0);
    for (int v = 0; v < 3; ++v) {
      const double x = z_turned[v];
      const std::array<double, 4> h{1, x, (x * x - 1) / std::sqrt(2.0),
                                    (x * x * x - 3 * x) / std::sqrt(6.0)};
      product *= h[moments.indices()[i][v]];
    }
    value += product;
  }
  CHECK(close(value, turned.g(z), {.rtol = 1e-12}));
}

TEST_CASE("HermiteMoments: a rotation and its inverse leave moments of degree 16 alone") {
  auto moments = exact_moments(target_of("He16(z1) + z1^5*z2^9"), 16).value();
  const auto before = moments.values();
  const Eigen::MatrixXd rotation = test::random_rotation(2, 5);
  moments.rotate(rotation);
  moments.rotate(rotation.transpose());
  CHECK((moments.values() - before).norm() < 1e-10 * before.norm());
}

TEST_CASE("HermiteMoments: tilts are the first order of a rotation") {
  const char* text = "He3(z1) + z1*z2*z3 + He2(z2) - z3 + z1*He2(z3)";
  auto tilted = exact_moments(target_of(text), 3).value();
  const auto plain = tilted;
  auto turned = tilted;
  const double angle = 1e-5;
  std::vector<Eigen::MatrixXd> tilts(2, Eigen::MatrixXd::Zero(1, 2));
  tilts[0](0, 1) = angle;  // replicate 0: z1 towards z3, replicate 1 stays
  tilted.add_tilts(1, tilts);
  Eigen::Matrix3d rotation = Eigen::Matrix3d::Identity();
  rotation(0, 0) = rotation(2, 2) = std::cos(angle);
  rotation(0, 2) = std::sin(angle);
  rotation(2, 0) = -std::sin(angle);
  turned.rotate(rotation);
  const auto column = [](const HermiteMoments& moments, int s) { return moments.values().col(s); };
  const double change = (column(turned, 0) - column(plain, 0)).norm();
  CHECK(change > angle);
  // What is left is of second order in the angle.
  CHECK((column(tilted, 0) - column(turned, 0)).norm() < 20 * angle * change);
  CHECK((column(tilted, 1) - column(plain, 1)).norm() == 0);
}
