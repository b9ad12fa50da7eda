#include "reprise/gaussian/wick.hpp"

#include <algorithm>
#include <cassert>
#include <functional>

#include "reprise/model/hermite.hpp"

namespace reprise {

void wick_coefficients(std::span<const double> monomial, double variance, std::span<double> wick) {
  assert(wick.size() == monomial.size());
  for (std::size_t n = 0; n < monomial.size(); ++n) {
    double factor = 1;  // (n + 2j)! / (n! j! 2^j) v^j
    double sum = 0;
    for (std::size_t m = n; m < monomial.size(); m += 2) {
      sum += factor * monomial[m];
      const auto next_2j = static_cast<double>(m - n + 2);
      factor *= static_cast<double>((m + 1) * (m + 2)) * variance / next_2j;
    }
    wick[n] = sum;
  }
}

Polynomial hermite_ordered(const Polynomial& monomials) {
  Polynomial current = monomials;
  for (std::size_t r = 0; r < static_cast<std::size_t>(monomials.n_variables()); ++r) {
    Polynomial next(monomials.n_variables());
    for (const auto& [exponents, coefficient] : current.terms()) {
      std::vector<double> power(static_cast<std::size_t>(exponents[r]) + 1, 0.0);
      power.back() = 1;
      const std::vector<double> orders = monomial_to_hermite(power);
      Polynomial::Exponents term = exponents;
      for (std::size_t l = 0; l < orders.size(); ++l) {
        if (orders[l] == 0) continue;
        term[r] = static_cast<int>(l);
        next.add(term, coefficient * orders[l]);
      }
    }
    current = std::move(next);
  }
  return current;
}

WickTable::WickTable(std::vector<int> highest)
    : highest_(std::move(highest)), strides_(highest_.size()), exponents_(highest_.size()) {
  std::size_t size = 1;
  for (std::size_t a = highest_.size(); a-- > 0;) {
    strides_[a] = size;
    size *= static_cast<std::size_t>(highest_[a]) + 1;
  }
  values_.resize(size);
}

void WickTable::fill(const Eigen::Ref<const Eigen::MatrixXd>& covariance) {
  const std::size_t m = highest_.size();
  std::fill(exponents_.begin(), exponents_.end(), 0);
  values_[0] = 1;
  for (std::size_t position = 1; position < values_.size(); ++position) {
    for (std::size_t a = m; a-- > 0;) {  // the next exponents, last one fastest
      if (++exponents_[a] <= highest_[a]) break;
      exponents_[a] = 0;
    }
    std::size_t first = 0;
    while (exponents_[first] == 0) ++first;
    // n_1 T(n) = sum_b C_1b T(n - e_1 - e_b): the partner of one leg of the first variable.
    double sum = 0;
    for (std::size_t b = first + 1; b < m; ++b) {
      const double c = covariance(static_cast<Eigen::Index>(first), static_cast<Eigen::Index>(b));
      if (exponents_[b] == 0 || c == 0) continue;
      sum += c * values_[position - strides_[first] - strides_[b]];
    }
    values_[position] = sum / exponents_[first];
  }
}

}  // namespace reprise
