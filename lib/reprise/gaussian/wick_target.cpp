#include "reprise/gaussian/wick_target.hpp"

#include <algorithm>
#include <numeric>

#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// y as a polynomial of independent standard normals zeta, h* = factor zeta.
Polynomial in_normals(const Polynomial& y, const MatrixXd& factor) {
  const int k = static_cast<int>(factor.rows());
  Polynomial result(k);
  for (const auto& [exponents, coefficient] : y.terms()) {
    Polynomial term = Polynomial::constant(k, coefficient);
    for (std::size_t r = 0; r < exponents.size(); ++r) {
      Polynomial h_star(k);
      for (int c = 0; c < k; ++c) {
        const double entry = factor(static_cast<Index>(r), c);
        if (entry != 0) h_star = h_star + entry * Polynomial::variable(k, c + 1);
      }
      for (int e = 0; e < exponents[r]; ++e) term = term * h_star;
    }
    result = result + term;
  }
  return result;
}

Polynomial derivative(const Polynomial& wick, std::size_t variable) {
  Polynomial result(wick.n_variables());
  for (const auto& [exponents, coefficient] : wick.terms()) {
    if (exponents[variable] == 0) continue;
    Polynomial::Exponents lowered = exponents;
    --lowered[variable];
    result.add(lowered, coefficient * exponents[variable]);
  }
  return result;
}

std::vector<int> joined(std::vector<int> first, const std::vector<int>& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

}  // namespace

std::vector<int> highest_exponents(const Polynomial& polynomial) {
  std::vector<int> highest(static_cast<std::size_t>(polynomial.n_variables()), 0);
  for (const auto& [exponents, coefficient] : polynomial.terms()) {
    for (std::size_t r = 0; r < exponents.size(); ++r) {
      highest[r] = std::max(highest[r], exponents[r]);
    }
  }
  return highest;
}

namespace {

// y as a polynomial of the zeta, not Wick-ordered.
Polynomial label_in_normals(const Problem& problem) {
  const auto k = static_cast<std::size_t>(problem.n_directions());
  const Polynomial y = *problem.target.g.polynomial();
  Polynomial extended(static_cast<int>(k));
  for (const auto& [exponents, coefficient] : y.terms()) {
    Polynomial::Exponents longer = exponents;
    longer.resize(k, 0);
    extended.add(longer, coefficient);
  }
  return in_normals(extended, semidefinite_cholesky(problem.input_covariance));
}

}  // namespace

bool has_wick_label(const Problem& problem) {
  const auto y = problem.target.g.polynomial();
  if (!y) return false;
  if (problem.input_covariance.isDiagonal(0)) return true;
  // h*_s reads zeta_1 .. zeta_s: bounds of the exponents of each zeta, and of the terms.
  constexpr double most_terms = 50000;
  double terms = 1;
  for (std::size_t r = 0; r < static_cast<std::size_t>(y->n_variables()); ++r) {
    int highest = 0;
    for (const auto& [exponents, coefficient] : y->terms()) {
      highest = std::max(
          highest,
          std::accumulate(exponents.begin() + static_cast<std::ptrdiff_t>(r), exponents.end(), 0));
    }
    terms *= highest + 1;
  }
  return terms <= most_terms;
}

Polynomial wick_label(const Problem& problem) { return hermite_ordered(label_in_normals(problem)); }

WickTarget wick_target(const Problem& problem) {
  const Polynomial normals = label_in_normals(problem);
  WickTarget result{hermite_ordered(normals), hermite_ordered(normals * normals), {}};
  for (std::size_t r = 0; r < static_cast<std::size_t>(problem.n_directions()); ++r)
    result.derivatives.push_back(derivative(result.label, r));
  return result;
}

TargetFactor::TargetFactor(const Polynomial& wick, const std::vector<int>& field_degrees)
    : n_fields_(field_degrees.size()), table_(joined(field_degrees, highest_exponents(wick))) {
  for (const auto& [exponents, coefficient] : wick.terms()) {
    double weight = coefficient;
    std::size_t position = 0;
    for (std::size_t r = 0; r < exponents.size(); ++r) {
      weight *= factorial(exponents[r]);
      position += static_cast<std::size_t>(exponents[r]) * table_.stride(n_fields_ + r);
    }
    terms_.push_back({position, weight});
  }
}

double TargetFactor::moment(std::size_t position_of_fields) const {
  double sum = 0;
  for (const auto& [position, weight] : terms_) {
    sum += weight * table_[position_of_fields + position];
  }
  return sum;
}

}  // namespace reprise
