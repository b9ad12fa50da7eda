#include "reprise/gaussian/committee_moments.hpp"

#include <cmath>
#include <numbers>

#include "reprise/gaussian/erf_integrals.hpp"
#include "reprise/gaussian/relu_integrals.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct ErfKernels {
  static constexpr std::string_view route = "closed forms (erf)";
  static double value_value(double a, double b, double c) {
    return erf_integrals::value_value(a, b, c);
  }
  static double slope_slope(double a, double b, double c) {
    return erf_integrals::slope_slope(a, b, c);
  }
  static double curvature_value(double a, double b, double c) {
    return erf_integrals::curvature_value(a, b, c);
  }

  // sum_{l, n >= first} w_l w_n E[sigma'_i sigma'_j sigma_l sigma_n]; the tilt is shared by all of
  // them.
  double quartic(const MatrixXd& c, Index i, Index j, Index first, const VectorXd& w) {
    erf_integrals::tilted_covariance(c, i, j, tilted_);
    inverse_.resize(w.size());
    double sum = 0;
    for (Index l = first; l < w.size(); ++l) {
      inverse_[l] = 1 / std::sqrt(1 + tilted_(l, l));
    }
    for (Index l = first; l < w.size(); ++l) {
      double row = 0;
      for (Index n = first; n < l; ++n) {
        row += 2 * w[n] * std::asin(tilted_(l, n) * inverse_[l] * inverse_[n]);
      }
      row += w[l] * std::asin(tilted_(l, l) * inverse_[l] * inverse_[l]);
      sum += w[l] * row;
    }
    return 2 * std::numbers::inv_pi * sum * slope_slope(c(i, i), c(i, j), c(j, j));
  }

 private:
  MatrixXd tilted_;
  VectorXd inverse_;
};

struct ReluKernels {
  static constexpr std::string_view route = "closed forms (relu)";
  static double value_value(double a, double b, double c) {
    return relu_integrals::value_value(a, b, c);
  }
  static double slope_slope(double a, double b, double c) {
    return relu_integrals::slope_slope(a, b, c);
  }
  static double curvature_value(double a, double b, double c) {
    return relu_integrals::curvature_value(a, b, c);
  }

  double quartic(const MatrixXd& c, Index i, Index j, Index first, const VectorXd& w) {
    double sum = 0;
    for (Index l = first; l < w.size(); ++l) {
      for (Index n = first; n <= l; ++n) {
        const Index index[4] = {i, j, l, n};
        Eigen::Matrix4d four;
        for (int a = 0; a < 4; ++a) {
          for (int b = 0; b < 4; ++b) four(a, b) = c(index[a], index[b]);
        }
        sum += (n < l ? 2 : 1) * w[l] * w[n] * relu_integrals::four_point(four);
      }
    }
    return sum;
  }
};

// Fields 0..p-1 are the student's, p..p+m-1 those of the target's ridge functions. The residual is
// sum_l w_l sigma(x_l) - constant - noise, without the student's part for correlation loss.
template <class Kernels>
class CommitteeMoments final : public GaussianMoments {
 public:
  CommitteeMoments(const Problem& problem, const RidgeTarget& target, const MomentOptions& options)
      : GaussianMoments(problem, options),
        covariance_(problem),
        target_(target),
        noise_(problem.target.noise_variance),
        has_student_(problem.loss.slope_kind() == LossSlope::residual),
        p_(problem.n_neurons()),
        n_(p_ + target.coefficients.size()),
        c_(MatrixXd::Zero(n_, n_)),
        with_target_(MatrixXd::Zero(n_, problem.n_directions())),
        w_(VectorXd::Zero(n_)) {
    const MatrixXd& s = covariance_.target();
    c_.bottomRightCorner(n_ - p_, n_ - p_) = target.directions * s * target.directions.transpose();
    with_target_.bottomRows(n_ - p_) = target.directions * s;
    w_.tail(n_ - p_) = -target.coefficients;
  }

  std::string_view route() const override { return Kernels::route; }

  void evaluate(const Overlaps& overlaps, const VectorXd& weights, Moments& moments) override {
    set(overlaps, weights);
    moments.g_target.setZero(p_, with_target_.cols());
    moments.g_field.setZero(p_, p_);
    moments.g_g.setZero(p_, p_);
    moments.output.setZero(p_);
    const Index first = has_student_ ? 0 : p_;
    for (Index i = 0; i < p_; ++i) {
      add_drift(i, first, moments);
      // E[sigma'_i (-constant) x] vanishes for erf, and there is no constant for relu.
      moments.g_target.row(i) *= weights[i];
      moments.g_field.row(i) *= weights[i];
    }
    const double square = target_.constant * target_.constant + noise_;
    for (Index i = 0; i < p_; ++i) {
      for (Index j = 0; j <= i; ++j) {
        double value = kernels_.quartic(c_, i, j, first, w_);
        if (square > 0) value += square * Kernels::slope_slope(c_(i, i), c_(i, j), c_(j, j));
        moments.g_g(i, j) = moments.g_g(j, i) = weights[i] * weights[j] * value;
      }
    }
  }

 private:
  void set(const Overlaps& overlaps, const VectorXd& weights) {
    covariance_.evaluate(overlaps, fields_);
    c_.topLeftCorner(p_, p_) = fields_.Q;
    c_.topRightCorner(p_, n_ - p_).noalias() = fields_.M * target_.directions.transpose();
    c_.bottomLeftCorner(n_ - p_, p_) = c_.topRightCorner(p_, n_ - p_).transpose();
    with_target_.topRows(p_) = fields_.M;
    w_.head(p_) = weights;
  }

  // E[sigma'(h_i) x r] = sum_l w_l (C_ix E[sigma''_i sigma_l] + C_lx E[sigma'_i sigma'_l]) for x =
  // h*, h.
  void add_drift(Index i, Index first, Moments& moments) {
    for (Index l = first; l < n_; ++l) {
      const double curvature = w_[l] * Kernels::curvature_value(c_(i, i), c_(i, l), c_(l, l));
      const double slope = w_[l] * Kernels::slope_slope(c_(i, i), c_(i, l), c_(l, l));
      moments.g_target.row(i) += curvature * with_target_.row(i) + slope * with_target_.row(l);
      for (Index j = 0; j < p_; ++j) {
        moments.g_field(i, j) += curvature * c_(i, j) + slope * c_(l, j);
      }
      moments.output[i] += w_[l] * Kernels::value_value(c_(i, i), c_(i, l), c_(l, l));
    }
  }

  FieldCovariance covariance_;
  RidgeTarget target_;
  double noise_;
  bool has_student_;
  Index p_, n_;
  MatrixXd c_;            // of all fields, (p + m, p + m)
  MatrixXd with_target_;  // E[field h*^T], (p + m, k)
  VectorXd w_;
  Overlaps fields_;
  Kernels kernels_;
};

}  // namespace

std::unique_ptr<GaussianMoments> committee_moments(const Problem& problem, RidgeKind kind,
                                                   const RidgeTarget& target,
                                                   const MomentOptions& options) {
  if (kind == RidgeKind::erf)
    return std::make_unique<CommitteeMoments<ErfKernels>>(problem, target, options);
  return std::make_unique<CommitteeMoments<ReluKernels>>(problem, target, options);
}

}  // namespace reprise
