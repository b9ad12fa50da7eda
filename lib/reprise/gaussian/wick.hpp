// Expectations of products of Wick-ordered powers of Gaussian variables.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>
#include <vector>

#include "reprise/model/polynomial.hpp"

namespace reprise {

/// Coefficients w_n with sum_m monomial[m] x^m = sum_n w_n :x^n: for x ~ N(0, v):
///
///   w_n = sum_j monomial[n + 2j] (n + 2j)! / (n! j! 2^j) v^j
///
/// Fills `wick`, as long as `monomial`. v >= 0; for v = 1, :x^n: = He_n(x).
void wick_coefficients(std::span<const double> monomial, double variance, std::span<double> wick);

/// A polynomial of independent standard normals in products of He: exponent e stands for He_e.
Polynomial hermite_ordered(const Polynomial& monomials);

/// Table of E[:x_1^n1: ... :x_m^nm:] / (n1! ... nm!) for all n up to given ones. Every term is a
/// product of covariances, so that small moments have the relative accuracy of those.
class WickTable {
 public:
  /// highest  (m) largest exponents, each >= 0
  explicit WickTable(std::vector<int> highest);

  /// covariance (m, m): what off-diagonal pairs contribute; 0 for those within one Wick product.
  /// Cost O(m size()). No allocation.
  void fill(const Eigen::Ref<const Eigen::MatrixXd>& covariance);

  std::size_t size() const { return values_.size(); }
  /// Steps between neighbours in each exponent: the entry of n is at sum_a n_a stride(a).
  std::size_t stride(std::size_t a) const { return strides_[a]; }
  double operator[](std::size_t position) const { return values_[position]; }

 private:
  std::vector<int> highest_;
  std::vector<std::size_t> strides_;
  std::vector<double> values_;
  std::vector<int> exponents_;
};

}  // namespace reprise
