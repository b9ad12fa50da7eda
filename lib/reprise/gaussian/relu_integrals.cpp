#include "reprise/gaussian/relu_integrals.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace reprise::relu_integrals {

namespace {

using Eigen::Matrix4d;
constexpr double pi = std::numbers::pi;
constexpr double inverse_sqrt_2_pi = 0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

// Rounding of C11 C22 - C12^2 for unit variances: below it two variables are one.
constexpr double singular = 4e-15;

// The angle between two variables; exactly 0 or pi where they are (anti)parallel up to rounding.
double angle(double c11, double c12, double c22) {
  const double sine_square = c11 * c22 - c12 * c12;
  if (sine_square <= singular * c11 * c22) return c12 > 0 ? 0 : pi;
  return std::atan2(std::sqrt(sine_square), c12);
}

// A few of the four variables.
struct Few {
  std::array<int, 4> index{};
  int size = 0;

  void push(int i) { index[static_cast<std::size_t>(size++)] = i; }
  int operator[](int i) const { return index[static_cast<std::size_t>(i)]; }
  Few without(int dropped) const {
    Few rest;
    for (int i = 0; i < size; ++i) {
      if (index[static_cast<std::size_t>(i)] != dropped) rest.push((*this)[i]);
    }
    return rest;
  }
};

// The covariance given x_e = 0.
Matrix4d conditional(const Matrix4d& c, int e) { return c - c.col(e) * c.row(e) / c(e, e); }

enum class Sign { positive, impossible };

// Drops from `few` what is parallel to another variable, keeping `kept`. impossible: two of them
// are antiparallel, so that they are never positive together.
Sign merge(const Matrix4d& c, Few& few, int kept_first, int kept_second) {
  for (int i = 0; i < few.size; ++i) {
    for (int j = i + 1; j < few.size; ++j) {
      const int u = few[i], v = few[j];
      const double determinant = c(u, u) * c(v, v) - c(u, v) * c(u, v);
      if (determinant > singular * std::max(c(u, u), c(v, v))) continue;
      if (c(u, v) < 0) return Sign::impossible;
      const bool keeps_second = v == kept_first || v == kept_second;
      if (keeps_second && (u == kept_first || u == kept_second)) continue;
      few = few.without(keeps_second ? u : v);
      i = -1;
      break;
    }
  }
  return Sign::positive;
}

// E[x_b prod_{v in few} step(x_v)], b among the at most three of them.
//
// With three, each face of the cone contributes its dihedral angle. All three angles come from one
// determinant: where the cone is flat they are very sensitive to it, but their weighted sum is not.
double first_moment(const Matrix4d& c, Few few, int b) {
  if (merge(c, few, b, b) == Sign::impossible) return 0;
  const double scale = inverse_sqrt_2_pi * std::sqrt(c(b, b));
  if (few.size == 1) return scale;
  const auto correlation = [&](int u, int v) { return c(u, v) / std::sqrt(c(u, u) * c(v, v)); };
  if (few.size == 2) return 0.5 * scale * (1 + correlation(few[0], few[1]));
  const double r01 = correlation(few[0], few[1]);
  const double r02 = correlation(few[0], few[2]);
  const double r12 = correlation(few[1], few[2]);
  const double determinant = 1 - r01 * r01 - r02 * r02 - r12 * r12 + 2 * r01 * r02 * r12;
  const double height = std::sqrt(std::max(0.0, determinant));
  const double cosines[3] = {r12 - r01 * r02, r02 - r01 * r12, r01 - r02 * r12};
  double sum = 0;
  for (int i = 0; i < 3; ++i) {
    const double weight = few[i] == b ? 1.0 : correlation(few[i], b);
    sum += weight * (pi - std::atan2(height, cosines[i])) / (2 * pi);
  }
  return scale * sum;
}

// P(all of few > 0), none parallel.
double probability(const Matrix4d& c, const Few& few) {
  if (few.size == 4) return orthant_probability(c);
  double total = few.size == 3 ? -pi : 0;
  if (few.size == 1) return 0.5;
  for (int i = 0; i < few.size; ++i) {
    for (int j = i + 1; j < few.size; ++j) {
      total += pi - angle(c(few[i], few[i]), c(few[i], few[j]), c(few[j], few[j]));
    }
  }
  return total / (few.size == 3 ? 4 * pi : 2 * pi);
}

// The integral of function(t, 1 - t) over 0 < t < 1 by tanh-sinh quadrature, integrable
// singularities at the ends allowed: halves the step until two sums agree to 1e-13.
template <class Function>
double integrate_unit_interval(Function function) {
  constexpr double reach = 3.7;  // there 1 - t = 1e-27
  const auto term = [&](double s) {
    const double t = 1 / (1 + std::exp(-pi * std::sinh(s)));
    const double rest = 1 / (1 + std::exp(pi * std::sinh(s)));
    return pi * std::cosh(s) * t * rest * function(t, rest);
  };
  double step = 0.5;
  double sum = term(0);
  for (double s = step; s <= reach; s += step) sum += term(s) + term(-s);
  double integral = step * sum;
  for (int level = 0; level < 7; ++level) {
    for (double s = 0.5 * step; s <= reach; s += step) sum += term(s) + term(-s);
    step *= 0.5;
    const double finer = step * sum;
    const double change = std::abs(finer - integral);
    integral = finer;
    if (change <= 1e-13) break;
  }
  return integral;
}

// Of three of the variables, each of variance 1; in any order the same bits.
double determinant_of(const Matrix4d& c, int i, int j, int k) {
  if (i > j) std::swap(i, j);
  if (j > k) std::swap(j, k);
  if (i > j) std::swap(i, j);
  return 1 - c(i, j) * c(i, j) - c(i, k) * c(i, k) - c(j, k) * c(j, k) +
         2 * c(i, j) * c(i, k) * c(j, k);
}

// d/dt of the orthant probability along C(t), where the covariances between {p0, p1} and {p2, p3}
// are multiplied by t: sum over these of the bivariate density at 0 times a conditional orthant.
// `rest` is 1 - t, needed to full accuracy where t is near 1.
double plackett_derivative(const Matrix4d& c, const std::array<int, 4>& p, double t, double rest) {
  Matrix4d ct = c;
  for (int a : {p[0], p[1]}) {
    for (int b : {p[2], p[3]}) ct(a, b) = ct(b, a) = t * c(a, b);
  }
  double sum = 0;
  for (int i = 0; i < 2; ++i) {
    for (int j = 2; j < 4; ++j) {
      const int a = p[static_cast<std::size_t>(i)], b = p[static_cast<std::size_t>(j)];
      if (c(a, b) == 0) continue;
      const int u = p[static_cast<std::size_t>(1 - i)], v = p[static_cast<std::size_t>(5 - j)];
      const double r = c(a, b);
      const double determinant = (1 - r) * (1 + r) + r * r * rest * (1 + t);
      if (!(determinant > 0)) continue;
      // By 3 x 3 determinants, each the same number wherever it occurs: where two fields are almost
      // parallel it is mostly rounding, which cancels between the terms with the two exchanged.
      const double uu = determinant_of(ct, a, b, u), vv = determinant_of(ct, a, b, v);
      const double uv = ct(u, v) * determinant - ct(u, a) * (ct(a, v) - ct(a, b) * ct(b, v)) -
                        ct(u, b) * (ct(b, v) - ct(a, b) * ct(a, v));
      const double correlation =
          uu > 0 && vv > 0 ? std::clamp(uv / std::sqrt(uu * vv), -1.0, 1.0) : 0.0;
      sum +=
          c(a, b) / (2 * pi * std::sqrt(determinant)) * (0.25 + std::asin(correlation) / (2 * pi));
    }
  }
  return sum;
}

}  // namespace

double value_value(double c11, double c12, double c22) {
  if (!(c11 > 0) || !(c22 > 0)) return c11 * c22 == 0 ? 0 : c11 * c22;
  const double between = angle(c11, c12, c22);
  // Where that takes the two for parallel the sine is rounding too, of 1e-8 though.
  if (between == 0 || between == pi) return between == 0 ? 0.5 * c12 : 0;
  return (std::sqrt(c11 * c22 - c12 * c12) + (pi - between) * c12) / (2 * pi);
}

double slope_slope(double c11, double c12, double c22) {
  if (c11 * c22 == 0) return 0;
  return (pi - angle(c11, c12, c22)) / (2 * pi);
}

double curvature_value(double c11, double c12, double c22) {
  if (c11 * c22 == 0) return 0;
  return std::sqrt(std::max(0.0, c11 * c22 - c12 * c12)) / (2 * pi * c11);
}

double three_point(const Eigen::Ref<const Eigen::MatrixXd>& c) {
  return c(0, 1) * curvature_value(c(0, 0), c(0, 2), c(2, 2)) +
         c(1, 2) * slope_slope(c(0, 0), c(0, 2), c(2, 2));
}

double orthant_probability(const Matrix4d& c) {
  Matrix4d correlation;
  for (int a = 0; a < 4; ++a) {
    for (int b = 0; b < 4; ++b) {
      correlation(a, b) = a == b ? 1.0 : c(a, b) / std::sqrt(c(a, a) * c(b, b));
    }
  }
  // The path keeps the two strongest correlations of a pairing, which may be near 1, as they are.
  constexpr std::array<std::array<int, 4>, 3> pairings = {
      {{0, 1, 2, 3}, {0, 2, 1, 3}, {0, 3, 1, 2}}};
  const auto strength = [&](const std::array<int, 4>& p) {
    return std::max(std::abs(correlation(p[0], p[1])), std::abs(correlation(p[2], p[3])));
  };
  const auto pairing = *std::max_element(
      pairings.begin(), pairings.end(),
      [&](const auto& left, const auto& right) { return strength(left) < strength(right); });
  const auto pair = [&](int a, int b) { return (pi - angle(1, correlation(a, b), 1)) / (2 * pi); };
  return pair(pairing[0], pairing[1]) * pair(pairing[2], pairing[3]) +
         integrate_unit_interval([&](double t, double rest) {
           return plackett_derivative(correlation, pairing, t, rest);
         });
}

double four_point(const Matrix4d& c) {
  Matrix4d unit;
  for (int a = 0; a < 4; ++a) {
    if (c(a, a) == 0) return 0;
    for (int b = 0; b < 4; ++b) {
      unit(a, b) = a == b ? 1.0 : c(a, b) / std::sqrt(c(a, a) * c(b, b));
    }
  }
  if (!unit.allFinite()) return unit.sum();
  const double scale = std::sqrt(c(2, 2) * c(3, 3));
  int x = 2, y = 3;
  Few few;
  for (int i = 0; i < 4; ++i) few.push(i);
  if (unit(2, 3) > 0 && 1 - unit(2, 3) * unit(2, 3) <= singular) {
    few = few.without(3);
    y = 2;
  }
  if (merge(unit, few, x, y) == Sign::impossible) return 0;
  // Stein's lemma on x_x; the derivative of step(x_y) meets x_y and vanishes.
  double sum = unit(x, y) == 0 ? 0 : unit(x, y) * probability(unit, few);
  for (int i = 0; i < few.size; ++i) {
    const int v = few[i];
    if (v == y || unit(x, v) == 0) continue;
    sum += unit(x, v) * inverse_sqrt_2_pi * first_moment(conditional(unit, v), few.without(v), y);
  }
  return scale * sum;
}

}  // namespace reprise::relu_integrals
