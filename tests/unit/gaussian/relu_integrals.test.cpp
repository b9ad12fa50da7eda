#include "reprise/gaussian/relu_integrals.hpp"

#include <doctest/doctest.h>

#include <Eigen/Geometry>
#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "support/close.hpp"

namespace {

using namespace reprise;
using Eigen::Matrix4d;
using Eigen::MatrixXd;
using Eigen::Vector3d;
using test::close;
constexpr double pi = std::numbers::pi;

// Outside, the integrand bends sharply near the breaks: panels shrink towards both ends.
template <class Function>
double integrate_panel(Function function, double a, double b, bool is_graded) {
  using boost::math::quadrature::gauss;
  if (!is_graded) return gauss<double, 20>::integrate(function, a, b);
  double sum = 0;
  const double middle = 0.5 * (a + b);
  for (double right = 1; right > 1e-12; right *= 0.25) {
    const double left = right > 4e-12 ? 0.25 * right : 0;
    sum +=
        gauss<double, 20>::integrate(function, a + left * (middle - a), a + right * (middle - a));
    sum +=
        gauss<double, 20>::integrate(function, b - right * (b - middle), b - left * (b - middle));
  }
  return sum;
}

template <class Function>
double integrate(Function function, std::vector<double> breaks, double from, double to,
                 bool is_graded) {
  breaks.insert(breaks.end(), {from, to});
  std::sort(breaks.begin(), breaks.end());
  double sum = 0;
  for (std::size_t i = 0; i + 1 < breaks.size(); ++i) {
    const double a = std::clamp(breaks[i], from, to), b = std::clamp(breaks[i + 1], from, to);
    if (b - a > 1e-15) sum += integrate_panel(function, a, b, is_graded);
  }
  return sum;
}

// E[step(x1) step(x2) relu(x3) relu(x4)] for x = A g with three normals g: over the sphere, in
// meridians, each broken where a field changes its sign; E |g|^2 = 3 and the sphere has area 4 pi.
double on_the_sphere(const Eigen::Matrix<double, 4, 3>& a) {
  const auto meridian = [&](double phi) {
    const Eigen::Vector4d side = a.col(0) * std::cos(phi) + a.col(1) * std::sin(phi);
    std::vector<double> breaks;
    for (int i = 0; i < 4; ++i) breaks.push_back(std::atan(-side[i] / a(i, 2)));
    const auto integrand = [&](double latitude) {
      const Eigen::Vector4d x = side * std::cos(latitude) + a.col(2) * std::sin(latitude);
      return x.minCoeff() > 0 ? x[2] * x[3] * std::cos(latitude) : 0.0;
    };
    return integrate(integrand, breaks, -pi / 2, pi / 2, false);
  };
  std::vector<double> breaks;
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < i; ++j) {
      const Vector3d both = a.row(i).cross(a.row(j)).transpose();
      for (int turn = -2; turn <= 2; ++turn) {
        breaks.push_back(std::atan2(both[1], both[0]) + turn * pi);
      }
    }
  }
  return integrate(meridian, breaks, 0, 2 * pi, true) * 3 / (4 * pi);
}

Eigen::Matrix<double, 4, 3> directions() {
  return (Eigen::Matrix<double, 4, 3>() << 1.0, 0.2, 0.4, -0.3, 1.1, 0.5, 0.6, -0.5, 0.9, 0.2, 0.7,
          -0.8)
      .finished();
}

}  // namespace

TEST_CASE(
    "relu_integrals: the four-point function agrees with quadrature over the sphere to 1e-10") {
  const Eigen::Matrix<double, 4, 3> generic = directions();
  CHECK(close(relu_integrals::four_point(generic * generic.transpose()), on_the_sphere(generic),
              {.atol = 1e-10}));
  for (int i = 0; i < 4; ++i) {
    for (int j = 0; j < 4; ++j) {
      if (i == j) continue;
      for (const double offset : {0.0, 1e-3, 1e-6}) {  // field i along field j, or almost
        Eigen::Matrix<double, 4, 3> a = generic;
        a.row(i) = 0.7 * a.row(j);
        a(i, 0) += offset;
        INFO("fields " << i + 1 << " and " << j + 1 << ", offset " << offset);
        CHECK(close(relu_integrals::four_point(a * a.transpose()), on_the_sphere(a),
                    {.atol = 1e-10}));
      }
    }
  }
  Eigen::Matrix<double, 4, 3> flat = generic;  // three fields in one plane
  flat.row(2) = 0.4 * flat.row(0) + 0.9 * flat.row(1);
  CHECK(close(relu_integrals::four_point(flat * flat.transpose()), on_the_sphere(flat),
              {.atol = 1e-10}));
  flat.row(3) = 0.8 * flat.row(0) + 0.1 * flat.row(1);  // all four
  CHECK(close(relu_integrals::four_point(flat * flat.transpose()), on_the_sphere(flat),
              {.atol = 1e-10}));
}

TEST_CASE("relu_integrals: homogeneous down to variances of 1e-300 and up to 1e300") {
  const Matrix4d c = directions() * directions().transpose();
  const auto same = [](double a, double b) { return close(a, b, {.rtol = 1e-13, .atol = 0}); };
  for (const double s : {1e-150, 1e-20, 3.0, 1e150}) {  // what the first variable is multiplied by
    INFO("scale " << s);
    for (const double t : {1.0, s}) {  // and the second
      const double c11 = s * s * c(0, 0), c12 = s * t * c(0, 1), c22 = t * t * c(1, 1);
      using namespace relu_integrals;
      CHECK(same(value_value(c11, c12, c22) / s / t, value_value(c(0, 0), c(0, 1), c(1, 1))));
      CHECK(same(slope_slope(c11, c12, c22), slope_slope(c(0, 0), c(0, 1), c(1, 1))));
      CHECK(
          same(curvature_value(c11, c12, c22) * s / t, curvature_value(c(0, 0), c(0, 1), c(1, 1))));
    }
    for (int variable = 0; variable < 4; ++variable) {
      Eigen::Vector4d scale = Eigen::Vector4d::Ones();
      scale[variable] = s;
      const Matrix4d scaled = scale.asDiagonal() * c * scale.asDiagonal();
      CHECK(same(relu_integrals::four_point(scaled) / (variable < 2 ? 1 : s),
                 relu_integrals::four_point(c)));
    }
    const double all = relu_integrals::four_point((s * c) * s) / s / s;
    CHECK(same(all, relu_integrals::four_point(c)));
  }
}

TEST_CASE("relu_integrals: a variable of variance 0, and correlations beyond 1 by rounding") {
  using namespace relu_integrals;
  CHECK(value_value(0, 0, 1e-300) == 0);
  CHECK(slope_slope(1e-300, 0, 0) == 0);
  CHECK(curvature_value(0, 0, 1) == 0);
  for (const double size : {1e-300, 0.3, 1e300}) {
    const double beyond = size * (1 + 1e-15);
    CHECK(value_value(size, beyond, size) == beyond / 2);
    CHECK(value_value(size, -beyond, size) == 0);
    CHECK(slope_slope(size, beyond, size) == 0.5);
    CHECK(slope_slope(size, -beyond, size) == 0);
    CHECK(curvature_value(size, beyond, size) == 0);
    Matrix4d c = Matrix4d::Constant(beyond);
    c.diagonal().setConstant(size);
    CHECK(close(four_point(c), size / 2, {.rtol = 1e-14, .atol = 0}));
    c.row(1) *= -1;
    c.col(1) *= -1;
    CHECK(four_point(c) == 0);
  }
}

TEST_CASE("relu_integrals: orthant probabilities that are known") {
  CHECK(
      close(relu_integrals::orthant_probability(Matrix4d::Identity()), 1.0 / 16, {.atol = 1e-13}));
  const Matrix4d half = Matrix4d::Constant(0.5) + 0.5 * Matrix4d::Identity();
  CHECK(close(relu_integrals::orthant_probability(half), 1.0 / 5, {.atol = 1e-12}));
  Matrix4d chain = Matrix4d::Identity();  // neighbours at -1/2: the simplex, 1 / 5!
  for (int i = 0; i < 3; ++i) chain(i, i + 1) = chain(i + 1, i) = -0.5;
  CHECK(close(relu_integrals::orthant_probability(chain), 1.0 / 120, {.atol = 1e-12}));
}

TEST_CASE("relu_integrals: the four-point function obeys Price's theorem in four dimensions") {
  const MatrixXd a = (MatrixXd(4, 4) << 1, 0.3, -0.2, 0.1, 0.2, 0.9, 0.4, -0.3, 0.5, 0.1, 1.1, 0.2,
                      -0.4, 0.6, 0.3, 0.8)
                         .finished();
  const Matrix4d c = a * a.transpose();
  const auto at = [&](double shift) {
    Matrix4d moved = c;
    moved(2, 3) = moved(3, 2) = c(2, 3) + shift;
    return relu_integrals::four_point(moved);
  };
  const double step = 1e-3;
  const double derivative =
      (8 * (at(step) - at(-step)) - (at(2 * step) - at(-2 * step))) / (12 * step);
  CHECK(close(derivative, relu_integrals::orthant_probability(c), {.atol = 1e-9}));
}

TEST_CASE("relu_integrals: arc-cosine functions at angles 0 and pi, and for zero variance") {
  CHECK(close(relu_integrals::value_value(1, 1, 1), 0.5, {.atol = 1e-15}));
  CHECK(close(relu_integrals::value_value(1, -1, 1), 0, {.atol = 1e-15}));
  CHECK(close(relu_integrals::value_value(4, 0, 9), 6 / (2 * pi), {.atol = 1e-14}));
  CHECK(close(relu_integrals::slope_slope(1, 1, 1), 0.5, {.atol = 1e-15}));
  CHECK(relu_integrals::slope_slope(0, 0, 1) == 0);
  CHECK(relu_integrals::value_value(0, 0, 1) == 0);
  CHECK(relu_integrals::four_point(Matrix4d::Zero()) == 0);
}
