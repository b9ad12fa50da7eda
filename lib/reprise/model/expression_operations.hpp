// The operations of expressions on numbers and on arrays. Not installed.
#pragma once

#include <cstddef>

#include "reprise/model/expression.hpp"

namespace reprise {

/// An array, or one constant in place of it.
struct Operand {
  const double* data = nullptr;  ///< nullptr: the constant
  double constant = 0;
};

/// The value of a node with operands a and b (ignored if it has fewer), by scalar functions.
double apply(const ExpressionNode& node, double a, double b);

/// The same for n elements, by vector functions. out may be an operand's data; a node has at most
/// one constant operand.
void apply(const ExpressionNode& node, Operand a, Operand b, std::size_t n, double* out);

}  // namespace reprise
