// A polynomial target in Wick-ordered form, and its joint moments with powers of Gaussian fields.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "reprise/gaussian/wick.hpp"
#include "reprise/model/polynomial.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// Polynomials of independent standard normals zeta, h* = L_S zeta, in products of He.
struct WickTarget {
  Polynomial label;                     ///< y without noise
  Polynomial square;                    ///< y^2
  std::vector<Polynomial> derivatives;  ///< dy / dzeta_r
};

/// Whether the problem's target is a polynomial of a size that wick_label() can write in the zeta.
bool has_wick_label(const Problem& problem);

/// WickTarget::label alone, of a target that is a polynomial.
Polynomial wick_label(const Problem& problem);

/// The problem's target, which must be a polynomial.
WickTarget wick_target(const Problem& problem);

/// The largest exponent of each variable.
std::vector<int> highest_exponents(const Polynomial& polynomial);

/// A Wick-ordered polynomial Y of zeta, with the table of its joint moments with powers of some
/// fields.
class TargetFactor {
 public:
  TargetFactor(const Polynomial& wick, const std::vector<int>& field_degrees);

  /// covariance of (fields, zeta), 0 among the zeta.
  void fill(const Eigen::MatrixXd& covariance) { table_.fill(covariance); }

  /// E[prod_a :x_a^n_a: Y] / prod n_a!, at position sum_a n_a stride(a).
  double moment(std::size_t position_of_fields) const;
  std::size_t stride(std::size_t field) const { return table_.stride(field); }

 private:
  struct Term {
    std::size_t position;
    double weight;
  };

  std::size_t n_fields_;
  WickTable table_;
  std::vector<Term> terms_;
};

}  // namespace reprise
