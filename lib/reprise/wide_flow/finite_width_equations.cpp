#include "reprise/wide_flow/finite_width_equations.hpp"

#include <complex>

namespace reprise {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

template <class Scalar>
using Square = Eigen::Matrix<Scalar, Eigen::Dynamic, Eigen::Dynamic>;

template <class Scalar>
Scalar polynomial(const VectorXd& coefficients, const Scalar& x) {
  Scalar sum = 0;
  for (Index k = coefficients.size() - 1; k >= 0; --k) sum = sum * x + coefficients[k];
  return sum;
}

template <class Scalar>
Scalar polynomial_slope(const VectorXd& coefficients, const Scalar& x) {
  Scalar sum = 0;
  for (Index k = coefficients.size() - 1; k >= 1; --k) {
    sum = sum * x + static_cast<double>(k) * coefficients[k];
  }
  return sum;
}

// r as a symmetric matrix, r_gg on its diagonal.
template <class Vector>
Square<typename Vector::Scalar> unpacked(const Vector& y, Index n) {
  Square<typename Vector::Scalar> r(n, n);
  for (Index g = 0, entry = 2 * n; g < n; ++g) {
    for (Index h = 0; h <= g; ++h, ++entry) r(g, h) = r(h, g) = y[entry];
  }
  return r;
}

}  // namespace

FiniteWidthEquations::FiniteWidthEquations(const WideStart& start, const MatrixXd& overlaps,
                                           const VectorXd& sizes, double epsilon)
    : v_(start.sigma.cwiseProduct(start.phi)),
      u_(start.sigma.cwiseAbs2()),
      sigma_(start.sigma),
      phi_(start.phi),
      part_(sizes / sizes.sum()),
      one_(1 / sizes.sum()),
      epsilon_(epsilon) {
  const Index n = sizes.size();
  start_.resize(2 * n + n * (n + 1) / 2);
  start_.head(n) = start.a;
  start_.segment(n, n) = start.s;
  for (Index g = 0, entry = 2 * n; g < n; ++g) {
    for (Index h = 0; h < g; ++h, ++entry) start_[entry] = overlaps(g, h);
    start_[entry++] = sizes[g] > 1 ? start.s[g] * start.s[g] : 1;  // at 1 it stays
  }
}

VectorXd FiniteWidthEquations::start() const { return start_; }

template <class Scalar>
void FiniteWidthEquations::evaluate(const Vector<Scalar>& y, Vector<Scalar>& dydt) const {
  const Index n = n_groups();
  const auto a = y.head(n), s = y.segment(n, n);
  const Square<Scalar> r = unpacked(y, n);
  const double u_1 = u_.sum();
  Square<Scalar> slope(n, n);  // U'(r_gh)
  Square<Scalar> pull(n, n);   // (n_h / m) a_h U'(r_gh)
  Vector<Scalar> v_slope(n);   // V'(s_g)
  Vector<Scalar> along(n);     // sum_h pull_gh r_gh
  dydt.resize(y.size());
  for (Index g = 0; g < n; ++g) {
    Scalar sum = polynomial(v_, Scalar(s[g]));
    for (Index h = 0; h < n; ++h) {
      const Scalar u = polynomial(u_, r(g, h));
      slope(g, h) = polynomial_slope(u_, r(g, h));
      pull(g, h) = part_[h] * a[h] * slope(g, h);
      sum -= part_[h] * a[h] * u;
      if (h == g) sum -= one_ * a[g] * (u_1 - u);
    }
    dydt[g] = sum / epsilon_;
    v_slope[g] = polynomial_slope(v_, Scalar(s[g]));
    along[g] = pull.row(g).cwiseProduct(r.row(g)).sum();
  }
  // The drift of u_g along a unit vector e is a_g times what it pulls along e, less its own part.
  const Vector<Scalar> of_s = pull * s;
  for (Index g = 0; g < n; ++g) {
    const Scalar own = one_ * a[g] * slope(g, g) * (s[g] - r(g, g) * s[g]);
    dydt[n + g] = a[g] * (v_slope[g] * (1.0 - s[g] * s[g]) - (of_s[g] - along[g] * s[g]) + own);
  }
  const Square<Scalar> of_r = pull * r;  // sum_f pull_gf r_fh
  const auto drift = [&](Index g, Index h) -> Scalar {
    const Scalar own = one_ * a[g] * slope(g, g) * (r(g, h) - r(g, g) * r(g, h));
    const Scalar other = one_ * a[h] * slope(g, h) * (1.0 - r(h, h));
    return a[g] *
           (v_slope[g] * (s[h] - s[g] * r(g, h)) - (of_r(g, h) - along[g] * r(g, h)) + own - other);
  };
  for (Index g = 0, entry = 2 * n; g < n; ++g) {
    for (Index h = 0; h <= g; ++h, ++entry) dydt[entry] = drift(g, h) + drift(h, g);
  }
}

void FiniteWidthEquations::derivative(const VectorXd& y, VectorXd& dydt) {
  evaluate<double>(y, dydt);
}

MatrixXd FiniteWidthEquations::jacobian(const VectorXd& y) const {
  using Complex = std::complex<double>;
  constexpr double h = 1e-100;
  Vector<Complex> shifted = y.cast<Complex>(), change;
  MatrixXd result(y.size(), y.size());
  for (Index j = 0; j < y.size(); ++j) {
    shifted[j] = Complex(y[j], h);
    evaluate<Complex>(shifted, change);
    result.col(j) = change.imag() / h;
    shifted[j] = y[j];
  }
  return result;
}

void FiniteWidthEquations::factorise(double shift) {
  MatrixXd matrix = -jacobian_;
  matrix.diagonal().array() += shift;
  factorised_.emplace(matrix);
}

VectorXd FiniteWidthEquations::residual(const VectorXd& y) const {
  const Index n = n_groups();
  VectorXd c = phi_;
  for (Index g = 0; g < n; ++g) {
    double power = part_[g] * y[g];
    for (Index k = 0; k < c.size(); ++k, power *= y[n + g]) c[k] -= sigma_[k] * power;
  }
  return c;
}

double FiniteWidthEquations::risk(const VectorXd& y) const {
  // The part of the mean field, and what r_gh has beyond s_g s_h.
  const Index n = n_groups();
  const MatrixXd r = unpacked(y, n);
  const auto pair = [&](double overlap, double product) {
    double sum = 0, power = overlap, of_product = product;
    for (Index k = 1; k < u_.size(); ++k, power *= overlap, of_product *= product) {
      sum += u_[k] * (power - of_product);
    }
    return sum;
  };
  double rest = 0;
  for (Index g = 0; g < n; ++g) {
    const double a = part_[g] * y[g], s = y[n + g];
    for (Index h = 0; h < n; ++h) rest += a * part_[h] * y[h] * pair(r(g, h), s * y[n + h]);
    rest += one_ * a * y[g] * pair(1, r(g, g));
  }
  return 0.5 * residual(y).squaredNorm() + 0.5 * rest;
}

MatrixXd FiniteWidthEquations::overlaps(const VectorXd& y) const {
  MatrixXd r = unpacked(y, n_groups());
  r.diagonal().setOnes();
  return r;
}

VectorXd FiniteWidthEquations::within(const VectorXd& y) const {
  return unpacked(y, n_groups()).diagonal();
}

}  // namespace reprise
