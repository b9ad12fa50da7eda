#include "reprise/gaussian/exact_error.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/gaussian/wick_target.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

struct RidgeRoute {
  RidgeTarget target;
  Activation activation;
};

// The target as ridge functions that the student's averages pair with.
std::optional<RidgeRoute> ridge_route(const Problem& problem) {
  for (const RidgeKind kind : {RidgeKind::erf, RidgeKind::relu}) {
    const Activation activation = Activation::parse(kind == RidgeKind::erf ? "erf" : "relu");
    if (!ActivationAverages::cover(problem.student.activation, activation)) continue;
    auto target = problem.target.g.ridge(kind, problem.n_directions());
    if (target) return RidgeRoute{*target, activation};
  }
  return {};
}

std::string_view route_of(const Activation& activation) {
  switch (activation.kind()) {
    case ActivationKind::erf:
      return "closed forms (erf)";
    case ActivationKind::relu:
    case ActivationKind::leaky_relu:
      return "closed forms (relu)";
    case ActivationKind::sin:
    case ActivationKind::cos:
      return "closed forms (sin, cos)";
    default:
      return "Hermite algebra";
  }
}

// Q with what makes Q - M P^-1 M^T indefinite left out.
MatrixXd realised_q(const Overlaps& overlaps, const MatrixXd& gram_inverse) {
  const MatrixXd parallel = matrix_product(overlaps.M, gram_inverse, overlaps.M.transpose());
  const MatrixXd rest = overlaps.Q - parallel;
  if (rest.size() == 1) return parallel + rest.cwiseMax(0.0);
  if (is_positive_definite(rest)) return overlaps.Q;
  const auto [values, vectors] = symmetric_eigen(rest);
  return parallel +
         matrix_product(vectors * values.cwiseMax(0.0).asDiagonal(), vectors.transpose());
}

}  // namespace

bool ExactError::covers(const Problem& problem) {
  if (!ActivationAverages::cover(problem.student.activation)) return false;
  return has_wick_label(problem) || ridge_route(problem).has_value();
}

ExactError::ExactError(const Problem& problem)
    : route_(route_of(problem.student.activation)),
      gram_inverse_(inverse(problem.target.gram)),
      covariance_(problem),
      student_(problem.student.activation) {
  // With functions of one kind on both sides the sum cancels best where the student has learned.
  const bool is_polynomial = problem.student.activation.polynomial().has_value();
  const auto ridge = ridge_route(problem);
  if (ridge && !(is_polynomial && has_wick_label(problem))) {
    set_ridge(ridge->target, ridge->activation);
  } else {
    factor_ = gram_inverse_ * semidefinite_cholesky(problem.input_covariance);
    set_polynomial(wick_label(problem));
  }
}

void ExactError::set_polynomial(const Polynomial& label) {
  for (const auto& [exponents, coefficient] : label.terms()) {
    Term term{exponents, 0, coefficient};
    double square = coefficient * coefficient;
    for (const int e : exponents) {
      term.degree += e;
      square *= factorial(e);
    }
    target_square_ += square;
    moments_.resize(std::max(moments_.size(), static_cast<std::size_t>(term.degree) + 1));
    terms_.push_back(std::move(term));
  }
}

void ExactError::set_ridge(const RidgeTarget& target, const Activation& activation) {
  ridge_.emplace(activation);
  target_ = target;
  const MatrixXd c =
      matrix_product(target.directions, covariance_.target(), target.directions.transpose());
  ridge_variances_ = c.diagonal();
  target_square_ = target.constant * target.constant;
  for (Index m = 0; m < c.rows(); ++m) {
    double mean = 0;
    ridge_->hermite_moments(c(m, m), {&mean, 1});
    target_square_ += 2 * target.constant * target.coefficients[m] * mean;
    for (Index n = 0; n < c.rows(); ++n) {
      target_square_ += target.coefficients[m] * target.coefficients[n] *
                        ridge_->pair(*ridge_, c(m, m), c(m, n), c(n, n));
    }
  }
}

// E[sigma(h_j) g]
double ExactError::with_target(const Overlaps& overlaps, Index neuron) {
  const double variance = fields_.Q(neuron, neuron);
  if (ridge_) {
    double mean = 0;
    student_.hermite_moments(variance, {&mean, 1});
    double sum = target_.constant * mean;
    for (Index m = 0; m < target_.coefficients.size(); ++m) {
      const double c = fields_.M.row(neuron).dot(target_.directions.row(m));
      sum += target_.coefficients[m] * student_.pair(*ridge_, variance, c, ridge_variances_[m]);
    }
    return sum;
  }
  student_.hermite_moments(variance, moments_);
  correlations_.noalias() = overlaps.M.row(neuron) * factor_;
  if (variance > 0) correlations_ /= std::sqrt(variance);
  double sum = 0;
  for (const Term& term : terms_) {
    double product = term.coefficient * moments_[static_cast<std::size_t>(term.degree)];
    for (std::size_t r = 0; r < term.exponents.size() && product != 0; ++r) {
      for (int e = 0; e < term.exponents[r]; ++e) product *= correlations_[static_cast<Index>(r)];
    }
    sum += product;
  }
  return sum;
}

double ExactError::operator()(const Overlaps& overlaps, const VectorXd& weights) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (!overlaps.M.allFinite() || !overlaps.Q.allFinite() || !weights.allFinite()) return nan;
  const Overlaps realised{overlaps.M, realised_q(overlaps, gram_inverse_)};
  covariance_.evaluate(realised, fields_);
  double f_f = 0, f_g = 0, size = target_square_;
  for (Index i = 0; i < weights.size(); ++i) {
    const double with_g = weights[i] * with_target(realised, i);
    f_g += with_g;
    size += 2 * std::abs(with_g);
    for (Index j = 0; j <= i; ++j) {
      const double with_f =
          (j < i ? 2 : 1) * weights[i] * weights[j] *
          student_.pair(student_, fields_.Q(i, i), fields_.Q(i, j), fields_.Q(j, j));
      f_f += with_f;
      size += std::abs(with_f);
    }
  }
  const double error = 0.5 * f_f - f_g + 0.5 * target_square_;
  constexpr double roundings = 8 * std::numeric_limits<double>::epsilon();
  return error < roundings * size ? 0 : error;
}

}  // namespace reprise
