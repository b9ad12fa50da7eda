#include "reprise/gaussian/polynomial_moments.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/gaussian/wick.hpp"
#include "reprise/gaussian/wick_target.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t largest_table = 50000;

// sum_n n! x_n y_n c^n: E[X(h) Y(h')] of Wick polynomials with covariance c.
double two_point(std::span<const double> x, std::span<const double> y, double c) {
  double sum = 0;
  double power = 1;
  for (std::size_t n = 0; n < std::min(x.size(), y.size()); ++n) {
    sum += x[n] * y[n] * power;
    power *= c * static_cast<double>(n + 1);
  }
  return sum;
}

class PolynomialMoments final : public GaussianMoments {
 public:
  PolynomialMoments(const Problem& problem, const MomentOptions& options)
      : GaussianMoments(problem, options),
        covariance_(problem),
        factor_(cholesky(covariance_.target())),
        student_(*problem.student.activation.polynomial()),
        degree_(static_cast<int>(student_.size()) - 1),
        noise_(problem.target.noise_variance),
        has_student_(problem.loss.slope_kind() == LossSlope::residual),
        p_(problem.n_neurons()),
        k_(problem.n_directions()),
        target_(wick_target(problem)),
        cubic_(target_.label, {slope_degree(), slope_degree(), degree_}),
        pair_(target_.square, {slope_degree(), slope_degree()}),
        drift_(target_.label, {degree_}),
        quartic_({slope_degree(), slope_degree(), degree_, degree_}) {
    for (const Polynomial& derivative : target_.derivatives) {
      drift_derivatives_.emplace_back(derivative, std::vector<int>{slope_degree()});
    }
    const auto size = static_cast<std::size_t>(p_);
    wick_.assign(size, std::vector<double>(student_.size()));
    slope_.assign(size, std::vector<double>(student_.size()));
    curvature_.assign(size, std::vector<double>(student_.size()));
  }

  std::string_view route() const override { return "Hermite algebra"; }

  void evaluate(const Overlaps& overlaps, const VectorXd& weights, Moments& moments) override {
    set(overlaps);
    moments.g_target.setZero(p_, k_);
    moments.g_field.setZero(p_, p_);
    moments.g_g.setZero(p_, p_);
    moments.output.setZero(p_);
    for (Index i = 0; i < p_; ++i) drift(i, weights, moments);
    for (Index i = 0; i < p_; ++i) {
      for (Index j = 0; j <= i; ++j) {
        moments.g_g(i, j) = moments.g_g(j, i) =
            weights[i] * weights[j] * gradient_square(i, j, weights);
      }
    }
  }

 private:
  int slope_degree() const { return std::max(0, degree_ - 1); }
  static const std::vector<double>& at(const std::vector<std::vector<double>>& rows, Index i) {
    return rows[static_cast<std::size_t>(i)];
  }

  void set(const Overlaps& overlaps) {
    covariance_.evaluate(overlaps, fields_);
    with_normals_ = solve_lower(factor_, fields_.M.transpose()).transpose();
    for (Index i = 0; i < p_; ++i) {
      const auto row = static_cast<std::size_t>(i);
      wick_coefficients(student_, fields_.Q(i, i), wick_[row]);
      // d/dx :x^n: = n :x^(n-1):
      differentiate(wick_[row], slope_[row]);
      differentiate(slope_[row], curvature_[row]);
    }
  }

  static void differentiate(const std::vector<double>& from, std::vector<double>& to) {
    for (std::size_t n = 0; n + 1 < from.size(); ++n) {
      to[n] = static_cast<double>(n + 1) * from[n + 1];
    }
    to.back() = 0;
  }

  // Covariance of the listed fields with each other and with the zeta.
  const MatrixXd& joint(std::initializer_list<Index> fields) {
    const auto n = static_cast<Index>(fields.size());
    joint_.setZero(n + k_, n + k_);
    Index a = 0;
    for (const Index i : fields) {
      Index b = 0;
      for (const Index j : fields) joint_(a, b++) = fields_.Q(i, j);
      joint_.block(a, n, 1, k_) = with_normals_.row(i);
      ++a;
    }
    return joint_;
  }

  // sum_n x_n n! E[:h^n: Y] / n!
  static double contract(const std::vector<double>& x, int degree, const TargetFactor& y) {
    double sum = 0;
    for (int n = 0; n <= degree; ++n) {
      sum += x[static_cast<std::size_t>(n)] * factorial(n) *
             y.moment(static_cast<std::size_t>(n) * y.stride(0));
    }
    return sum;
  }

  // Stein: E[sigma'_i F x] = C_ix E[sigma''_i F] + sum_v C_vx E[sigma'_i dF/dv], F = residual.
  void drift(Index i, const VectorXd& weights, Moments& moments) {
    drift_.fill(joint({i}));
    double curvature = -contract(at(curvature_, i), degree_, drift_);
    moments.output[i] = -contract(at(wick_, i), degree_, drift_);
    for (Index l = 0; has_student_ && l < p_; ++l) {
      const double c = fields_.Q(i, l);
      curvature += weights[l] * two_point(at(curvature_, i), at(wick_, l), c);
      const double slope = weights[i] * weights[l] * two_point(at(slope_, i), at(slope_, l), c);
      moments.g_target.row(i) += slope * fields_.M.row(l);
      moments.g_field.row(i) += slope * fields_.Q.row(l);
      moments.output[i] += weights[l] * two_point(at(wick_, i), at(wick_, l), c);
    }
    for (Index r = 0; r < k_; ++r) {
      TargetFactor& y = drift_derivatives_[static_cast<std::size_t>(r)];
      y.fill(joint_);
      const double slope = weights[i] * contract(at(slope_, i), slope_degree(), y);
      moments.g_target.row(i) -= slope * factor_.col(r).transpose();
      moments.g_field.row(i) -= slope * with_normals_.col(r).transpose();
    }
    moments.g_target.row(i) += weights[i] * curvature * fields_.M.row(i);
    moments.g_field.row(i) += weights[i] * curvature * fields_.Q.row(i);
  }

  // E[sigma'_i sigma'_j residual^2]
  double gradient_square(Index i, Index j, const VectorXd& weights) {
    double sum = noise_ * two_point(at(slope_, i), at(slope_, j), fields_.Q(i, j));
    pair_.fill(joint({i, j}));
    for_powers(i, j, [&](std::size_t a, std::size_t b, double weight) {
      sum += weight * pair_.moment(a * pair_.stride(0) + b * pair_.stride(1));
    });
    for (Index l = 0; has_student_ && l < p_; ++l) {
      sum -= 2 * weights[l] * with_target(i, j, l);
      for (Index n = 0; n <= l; ++n) {
        sum += (n < l ? 2 : 1) * weights[l] * weights[n] * four_point(i, j, l, n);
      }
    }
    return sum;
  }

  template <class Use>
  void for_powers(Index i, Index j, Use use) const {
    for (int a = 0; a <= slope_degree(); ++a) {
      for (int b = 0; b <= slope_degree(); ++b) {
        const auto na = static_cast<std::size_t>(a), nb = static_cast<std::size_t>(b);
        const double weight = at(slope_, i)[na] * at(slope_, j)[nb];
        if (weight != 0) use(na, nb, weight * factorial(a) * factorial(b));
      }
    }
  }

  // E[sigma'_i sigma'_j sigma_l y]
  double with_target(Index i, Index j, Index l) {
    cubic_.fill(joint({i, j, l}));
    double sum = 0;
    for_powers(i, j, [&](std::size_t a, std::size_t b, double weight) {
      for (std::size_t c = 0; c < student_.size(); ++c) {
        const double w = at(wick_, l)[c];
        if (w == 0) continue;
        sum += weight * w * factorial(static_cast<int>(c)) *
               cubic_.moment(a * cubic_.stride(0) + b * cubic_.stride(1) + c * cubic_.stride(2));
      }
    });
    return sum;
  }

  // E[sigma'_i sigma'_j sigma_l sigma_n]
  double four_point(Index i, Index j, Index l, Index n) {
    const Index index[4] = {i, j, l, n};
    for (int a = 0; a < 4; ++a) {
      for (int b = 0; b < 4; ++b) four_(a, b) = fields_.Q(index[a], index[b]);
    }
    quartic_.fill(four_);
    double sum = 0;
    for_powers(i, j, [&](std::size_t a, std::size_t b, double weight) {
      for (std::size_t c = 0; c < student_.size(); ++c) {
        for (std::size_t e = 0; e < student_.size(); ++e) {
          const double w = at(wick_, l)[c] * at(wick_, n)[e];
          if (w == 0) continue;
          sum += weight * w * factorial(static_cast<int>(c)) * factorial(static_cast<int>(e)) *
                 quartic_[a * quartic_.stride(0) + b * quartic_.stride(1) + c * quartic_.stride(2) +
                          e * quartic_.stride(3)];
        }
      }
    });
    return sum;
  }

  FieldCovariance covariance_;
  MatrixXd factor_;  // h* = factor zeta
  std::vector<double> student_;
  int degree_;
  double noise_;
  bool has_student_;
  Index p_, k_;
  WickTarget target_;
  TargetFactor cubic_, pair_, drift_;
  std::vector<TargetFactor> drift_derivatives_;
  WickTable quartic_;
  std::vector<std::vector<double>> wick_, slope_, curvature_;  // of each neuron
  Overlaps fields_;
  MatrixXd with_normals_;  // E[h zeta^T], (p, k)
  MatrixXd joint_;
  Eigen::Matrix4d four_;
};

}  // namespace

std::string reason_against_polynomial_moments(const Problem& problem) {
  const auto sigma = problem.student.activation.polynomial();
  if (!sigma) return "the activation " + problem.student.activation.name() + " is not a polynomial";
  if (!problem.target.g.polynomial()) return "the target is not a polynomial";
  if (!is_positive_definite(problem.input_covariance)) return "the input covariance is singular";
  const WickTarget target = wick_target(problem);
  std::size_t cubic = sigma->size() * sigma->size() * sigma->size();
  for (const int e : highest_exponents(target.label)) cubic *= static_cast<std::size_t>(e) + 1;
  std::size_t pair = sigma->size() * sigma->size();
  for (const int e : highest_exponents(target.square)) pair *= static_cast<std::size_t>(e) + 1;
  const std::size_t quartic = sigma->size() * sigma->size() * sigma->size() * sigma->size();
  if (std::max({cubic, pair, quartic}) > largest_table) return "the degrees are too high";
  return "";
}

std::unique_ptr<GaussianMoments> polynomial_moments(const Problem& problem,
                                                    const MomentOptions& options) {
  return std::make_unique<PolynomialMoments>(problem, options);
}

}  // namespace reprise
