// From the text of a target to its nodes. Not installed.
#pragma once

#include <string_view>
#include <vector>

#include "reprise/model/expression.hpp"

namespace reprise {

struct ParsedExpression {
  std::vector<ExpressionNode> nodes;  ///< root last
  int n_variables = 0;                ///< largest index in the text
};

inline constexpr int max_variables = 256;
inline constexpr int max_hermite_order = 20;

/// The name of a function of one argument, or of a comparison, an arithmetic operator, min or max.
std::string_view symbol(Operation operation);

/// Throws ExpressionError; see Expression::parse.
ParsedExpression parse_expression(std::string_view text);

}  // namespace reprise
