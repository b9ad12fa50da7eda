#include "reprise/model/polynomial.hpp"

#include <algorithm>
#include <numeric>

#include "reprise/core/check.hpp"

namespace reprise {

Polynomial Polynomial::constant(int n_variables, double value) {
  Polynomial result(n_variables);
  result.add(Exponents(static_cast<std::size_t>(n_variables), 0), value);
  return result;
}

Polynomial Polynomial::variable(int n_variables, int index) {
  Exponents exponents(static_cast<std::size_t>(n_variables), 0);
  exponents.at(static_cast<std::size_t>(index - 1)) = 1;
  Polynomial result(n_variables);
  result.add(exponents, 1);
  return result;
}

int Polynomial::degree() const {
  int largest = 0;
  for (const auto& [exponents, coefficient] : terms_) {
    largest = std::max(largest, std::accumulate(exponents.begin(), exponents.end(), 0));
  }
  return largest;
}

double Polynomial::constant_term() const {
  const auto term = terms_.find(Exponents(static_cast<std::size_t>(n_variables_), 0));
  return term == terms_.end() ? 0.0 : term->second;
}

void Polynomial::add(const Exponents& exponents, double coefficient) {
  const double sum = terms_[exponents] += coefficient;
  if (sum == 0) terms_.erase(exponents);
}

double Polynomial::operator()(std::span<const double> z) const {
  check_at_least("Polynomial", "the number of values", static_cast<std::int64_t>(z.size()),
                 n_variables_);
  double sum = 0;
  for (const auto& [exponents, coefficient] : terms_) {
    double product = coefficient;
    for (std::size_t r = 0; r < exponents.size(); ++r) {
      for (int e = 0; e < exponents[r]; ++e) product *= z[r];
    }
    sum += product;
  }
  return sum;
}

Polynomial operator+(const Polynomial& a, const Polynomial& b) {
  Polynomial result = a;
  for (const auto& [exponents, coefficient] : b.terms()) result.add(exponents, coefficient);
  return result;
}

Polynomial operator-(const Polynomial& a, const Polynomial& b) { return a + (-1.0) * b; }

Polynomial operator*(const Polynomial& a, const Polynomial& b) {
  Polynomial result(a.n_variables());
  Polynomial::Exponents sum(static_cast<std::size_t>(a.n_variables()));
  for (const auto& [left, left_coefficient] : a.terms()) {
    for (const auto& [right, right_coefficient] : b.terms()) {
      for (std::size_t r = 0; r < sum.size(); ++r) sum[r] = left[r] + right[r];
      result.add(sum, left_coefficient * right_coefficient);
    }
  }
  return result;
}

Polynomial operator*(double factor, const Polynomial& a) {
  Polynomial result(a.n_variables());
  for (const auto& [exponents, coefficient] : a.terms())
    result.add(exponents, factor * coefficient);
  return result;
}

}  // namespace reprise
