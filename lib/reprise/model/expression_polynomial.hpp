// The polynomial that an expression is, with the rounding errors of its coefficients. Not
// installed.
#pragma once

#include <optional>

#include "reprise/model/expression.hpp"

namespace reprise {

/// A polynomial whose coefficients were computed: what cancelled leaves rounding errors of the size
/// of the terms that went in, not of what is left.
struct RoundedPolynomial {
  /// A coefficient that is below this part of its magnitude may be zero: some hundred roundings.
  static constexpr double precision = 1e-13;

  Polynomial value;
  /// The same sums with the absolute values of all terms: at least |value|, term by term.
  Polynomial magnitude;
};

/// As Expression::as_polynomial().
std::optional<RoundedPolynomial> rounded_polynomial(const Expression& expression);

}  // namespace reprise
