#include "reprise/wide_flow/finite_width_equations.hpp"

#include <utility>

namespace reprise {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

namespace {

/// sum_k c_k x^k and its first two derivatives.
struct PowerSum {
  double value = 0, slope = 0, curvature = 0;

  PowerSum(const VectorXd& coefficients, double x) {
    for (Index k = coefficients.size() - 1; k >= 0; --k) {
      curvature = curvature * x + 2 * slope;
      slope = slope * x + value;
      value = value * x + coefficients[k];
    }
  }
};

/// Where r_gh stands in y.
Index place_of(Index n, Index g, Index h) {
  if (g < h) std::swap(g, h);
  return 2 * n + g * (g + 1) / 2 + h;
}

// r as a symmetric matrix, r_gg on its diagonal.
MatrixXd unpacked(const VectorXd& y, Index n) {
  MatrixXd r(n, n);
  for (Index g = 0; g < n; ++g) {
    for (Index h = 0; h <= g; ++h) r(g, h) = r(h, g) = y[place_of(n, g, h)];
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

/// What f and its Jacobian are made of.
struct FiniteWidthEquations::Terms {
  MatrixXd r;
  MatrixXd u, slope, curvature;      // U, U' and U'' of r_gh
  MatrixXd pull;                     // (n_h / m) a_h U'(r_gh)
  VectorXd v, v_slope, v_curvature;  // V, V' and V'' of s_g
  VectorXd along;                    // sum_h pull_gh r_gh
  VectorXd of_s;                     // sum_h pull_gh s_h
  MatrixXd of_r;                     // sum_f pull_gf r_fh
  VectorXd towards_target;           // ds_g/dt = a_g towards_target_g
  MatrixXd towards;                  // dr_gh/dt = a_g towards_gh + a_h towards_hg
};

FiniteWidthEquations::Terms FiniteWidthEquations::terms(const VectorXd& y) const {
  const Index n = n_groups();
  const auto a = y.head(n), s = y.segment(n, n);
  Terms t;
  t.r = unpacked(y, n);
  for (MatrixXd* matrix : {&t.u, &t.slope, &t.curvature, &t.pull, &t.towards}) matrix->resize(n, n);
  for (VectorXd* vector :
       {&t.v, &t.v_slope, &t.v_curvature, &t.along, &t.of_s, &t.towards_target}) {
    vector->resize(n);
  }
  for (Index g = 0; g < n; ++g) {
    const PowerSum v(v_, s[g]);
    t.v[g] = v.value;
    t.v_slope[g] = v.slope;
    t.v_curvature[g] = v.curvature;
    for (Index h = 0; h < n; ++h) {
      const PowerSum u(u_, t.r(g, h));
      t.u(g, h) = u.value;
      t.slope(g, h) = u.slope;
      t.curvature(g, h) = u.curvature;
      t.pull(g, h) = part_[h] * a[h] * u.slope;
    }
  }
  t.of_r = matrix_product(t.pull, t.r);
  for (Index g = 0; g < n; ++g) {
    t.along[g] = t.of_r(g, g);
    t.of_s[g] = t.pull.row(g).dot(s);
  }
  // Along a unit vector e a neuron is pulled by what is not along itself, less its own part.
  for (Index g = 0; g < n; ++g) {
    const double own = one_ * a[g] * t.slope(g, g) * (1 - t.r(g, g));
    t.towards_target[g] =
        t.v_slope[g] * (1 - s[g] * s[g]) - (t.of_s[g] - t.along[g] * s[g]) + own * s[g];
    for (Index h = 0; h < n; ++h) {
      const double other = one_ * a[h] * t.slope(g, h) * (1 - t.r(h, h));
      t.towards(g, h) = t.v_slope[g] * (s[h] - s[g] * t.r(g, h)) -
                        (t.of_r(g, h) - t.along[g] * t.r(g, h)) + own * t.r(g, h) - other;
    }
  }
  return t;
}

void FiniteWidthEquations::derivative(const VectorXd& y, VectorXd& dydt) {
  const Index n = n_groups();
  const Terms t = terms(y);
  const auto a = y.head(n);
  dydt.resize(y.size());
  for (Index g = 0; g < n; ++g) {
    double sum = t.v[g] - one_ * a[g] * (u_.sum() - t.u(g, g));
    for (Index h = 0; h < n; ++h) sum -= part_[h] * a[h] * t.u(g, h);
    dydt[g] = sum / epsilon_;
    dydt[n + g] = a[g] * t.towards_target[g];
    for (Index h = 0; h <= g; ++h) {
      dydt[place_of(n, g, h)] = a[g] * t.towards(g, h) + a[h] * t.towards(h, g);
    }
  }
}

MatrixXd FiniteWidthEquations::jacobian(const VectorXd& y) const {
  const Index n = n_groups();
  const Terms t = terms(y);
  const auto a = y.head(n), s = y.segment(n, n);
  const MatrixXd& r = t.r;
  const auto place = [n](Index g, Index h) { return place_of(n, g, h); };
  MatrixXd result = MatrixXd::Zero(y.size(), y.size());
  for (Index g = 0; g < n; ++g) {
    auto row = result.row(g);
    for (Index h = 0; h < n; ++h) {
      row[h] -= part_[h] * t.u(g, h);
      row[place(g, h)] -= t.pull(g, h);
    }
    row[g] -= one_ * (u_.sum() - t.u(g, g));
    row[n + g] += t.v_slope[g];
    row[place(g, g)] += one_ * a[g] * t.slope(g, g);
    row /= epsilon_;
  }
  for (Index g = 0; g < n; ++g) {
    auto row = result.row(n + g);
    const double own = one_ * a[g] * t.slope(g, g) * (1 - r(g, g));
    const double own_change = one_ * a[g] * (t.curvature(g, g) * (1 - r(g, g)) - t.slope(g, g));
    row[g] += t.towards_target[g] + own * s[g];
    row[n + g] +=
        a[g] * (t.v_curvature[g] * (1 - s[g] * s[g]) - 2 * s[g] * t.v_slope[g] + t.along[g] + own);
    row[place(g, g)] += a[g] * own_change * s[g];
    for (Index h = 0; h < n; ++h) {
      const double across = s[h] - r(g, h) * s[g];
      row[h] -= a[g] * part_[h] * t.slope(g, h) * across;
      row[n + h] -= a[g] * t.pull(g, h);
      row[place(g, h)] -=
          a[g] * (part_[h] * a[h] * t.curvature(g, h) * across - t.pull(g, h) * s[g]);
    }
  }
  // a_g towards_gh, in the row of r_gh.
  const auto add_pull = [&](Index g, Index h) {
    auto row = result.row(place(g, h));
    const double own = one_ * a[g] * t.slope(g, g) * (1 - r(g, g));
    const double own_change = one_ * a[g] * (t.curvature(g, g) * (1 - r(g, g)) - t.slope(g, g));
    row[g] += t.towards(g, h) + own * r(g, h);
    row[h] -= a[g] * one_ * t.slope(g, h) * (1 - r(h, h));
    row[n + g] += a[g] * (t.v_curvature[g] * (s[h] - s[g] * r(g, h)) - t.v_slope[g] * r(g, h));
    row[n + h] += a[g] * t.v_slope[g];
    row[place(g, h)] += a[g] * (t.along[g] - t.v_slope[g] * s[g] + own -
                                one_ * a[h] * t.curvature(g, h) * (1 - r(h, h)));
    row[place(g, g)] += a[g] * own_change * r(g, h);
    row[place(h, h)] += a[g] * one_ * a[h] * t.slope(g, h);
    for (Index f = 0; f < n; ++f) {
      const double across = r(f, h) - r(g, f) * r(g, h);
      row[f] -= a[g] * part_[f] * t.slope(g, f) * across;
      row[place(g, f)] -=
          a[g] * (part_[f] * a[f] * t.curvature(g, f) * across - t.pull(g, f) * r(g, h));
      row[place(f, h)] -= a[g] * t.pull(g, f);
    }
  };
  for (Index g = 0; g < n; ++g) {
    for (Index h = 0; h <= g; ++h) {
      add_pull(g, h);
      add_pull(h, g);
    }
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
