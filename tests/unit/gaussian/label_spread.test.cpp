#include "reprise/gaussian/label_spread.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "reprise/gaussian/widened_normals.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using test::close;

LabelSpread spread_of(const std::string& g, Eigen::Index k) {
  const Eigen::MatrixXd identity = Eigen::MatrixXd::Identity(k, k);
  return spread_for_labels({.g = Expression::parse(g), .gram = identity}, identity);
}

}  // namespace

TEST_CASE("spread_for_labels: bounded labels, low powers and narrow peaks keep normals") {
  for (const char* g : {"tanh(z1 + He3(z2))", "sign(z1*z2)", "z1", "He2(z1)", "z1 + z1*z2",
                        "exp(-1000*(z1 - 0.5)^2)", "z1 + abs(z1)", "0*z1"}) {
    CAPTURE(g);
    CHECK(spread_of(g, 2).spread == 1);
  }
}

TEST_CASE("spread_for_labels: heavy tails are met halfway, the farther the heavier they are") {
  double last = 1;
  for (const char* g : {"exp(z1)", "He4(z1)", "He6(z1)", "He10(z1)"}) {
    CAPTURE(g);
    const LabelSpread labels = spread_of(g, 1);
    CHECK(labels.spread > last);
    last = labels.spread;
  }
}

TEST_CASE("spread_for_labels: the relative variance of weighted squares is that of exp(z1)") {
  // E[w g^4] / E[g^2]^2 for g = exp(z): s / sqrt(u) exp(8 / u - 4), u = 2 - 1 / s^2.
  const LabelSpread labels = spread_of("exp(z1)", 1);
  const double u = 2 - 1 / (labels.spread * labels.spread);
  const double ratio = labels.spread / std::sqrt(u) * std::exp(8 / u - 4);
  CHECK(close(labels.relative_variance, ratio - 1, {.rtol = 0.02}));  // of 4096 points
}

TEST_CASE("spread_for_labels: a label that is no number far out keeps points where it is one") {
  CHECK(spread_of("He4(z1)*sqrt(400 - z1^2)", 1).spread > 1);
  const LabelSpread labels = spread_of("He4(z1)*sqrt(200 - z1^2)", 1);
  CHECK(labels.spread * labels.spread * 49 < 200);
}

TEST_CASE("spread_for_labels: no spread helps labels of infinite variance") {
  CHECK(spread_of("exp(z1^2)", 1).spread == 1);
  CHECK(spread_of("exp(0.3*z1^2)", 1).spread == 1);
  CHECK(spread_of("exp(0.2*z1^2)", 1).spread > 1);
}

TEST_CASE("spread_of_mean_square: the weights of widen() have that mean square") {
  for (const std::size_t n : {1u, 2u, 5u}) {
    const double s = spread_of_mean_square(1.7, n);
    CHECK(close(std::pow(s * s / std::sqrt(2 * s * s - 1), static_cast<double>(n)), 1.7,
                {.rtol = 1e-13}));
    CHECK(spread_of_mean_square(1, n) == 1);
  }
}
