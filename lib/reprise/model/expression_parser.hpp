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

/// Throws ExpressionError; see Expression::parse.
ParsedExpression parse_expression(std::string_view text);

}  // namespace reprise
