// Builds the nodes of an expression: folds constants, shares equal subexpressions. Not installed.
#pragma once

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "reprise/model/expression.hpp"

namespace reprise {

class ExpressionBuilder {
 public:
  // Each returns the position of the node with that meaning, new or old.
  int constant(double value);
  int variable(int index);
  /// Any operation of one or two operands but hermite and integer_power.
  int unary(Operation operation, int operand);
  int binary(Operation operation, int first, int second);
  int hermite(int order, int operand);

  /// The nodes that the root needs, root last.
  std::vector<ExpressionNode> finish(int root) const;

 private:
  using Key = std::tuple<Operation, int, std::uint64_t, int, int>;

  int whole_power(int base, int exponent);
  int insert(const ExpressionNode& node);
  bool is_constant(int node) const;
  double value(int node) const;

  std::vector<ExpressionNode> nodes_;
  std::map<Key, int> positions_;
};

}  // namespace reprise
