// Polynomials in several variables, by their coefficients.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <vector>

namespace reprise {

/// sum over terms of coefficient * z_1^e_1 ... z_k^e_k.
class Polynomial {
 public:
  using Exponents = std::vector<int>;

  /// The zero polynomial of k variables.
  explicit Polynomial(int n_variables) : n_variables_(n_variables) {}
  static Polynomial constant(int n_variables, double value);
  /// z_index, index from 1.
  static Polynomial variable(int n_variables, int index);

  int n_variables() const { return n_variables_; }
  /// Exponent vector of length k -> coefficient; no coefficient is zero.
  const std::map<Exponents, double>& terms() const { return terms_; }
  std::size_t n_terms() const { return terms_.size(); }
  /// Largest sum of exponents; 0 for constants, zero included.
  int degree() const;
  bool is_constant() const { return degree() == 0; }
  /// The coefficient of 1.
  double constant_term() const;

  /// Adds a term; terms that cancel exactly are dropped.
  void add(const Exponents& exponents, double coefficient);

  double operator()(std::span<const double> z) const;

 private:
  int n_variables_;
  std::map<Exponents, double> terms_;
};

/// Of polynomials with the same number of variables.
Polynomial operator+(const Polynomial& a, const Polynomial& b);
Polynomial operator-(const Polynomial& a, const Polynomial& b);
Polynomial operator*(const Polynomial& a, const Polynomial& b);
Polynomial operator*(double factor, const Polynomial& a);

}  // namespace reprise
