#include "reprise/model/expression_builder.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdlib>

#include "reprise/model/expression_operations.hpp"

namespace reprise {

namespace {

// Beyond this, repeated multiplication is less accurate than pow and not much faster.
constexpr int max_whole_exponent = 64;

bool is_commutative(Operation operation) {
  return operation == Operation::add || operation == Operation::multiply;
}

}  // namespace

int ExpressionBuilder::constant(double value) {
  return insert({.operation = Operation::constant, .value = value});
}

int ExpressionBuilder::variable(int index) {
  return insert({.operation = Operation::variable, .index = index});
}

int ExpressionBuilder::unary(Operation operation, int operand) {
  const ExpressionNode& inner = nodes_[static_cast<std::size_t>(operand)];
  if (operation == Operation::negate && inner.operation == Operation::negate) return inner.first;
  return insert({.operation = operation, .first = operand});
}

int ExpressionBuilder::hermite(int order, int operand) {
  if (order == 0) return constant(1);
  if (order == 1) return operand;
  return insert({.operation = Operation::hermite, .index = order, .first = operand});
}

int ExpressionBuilder::binary(Operation operation, int first, int second) {
  if (operation == Operation::power && is_constant(second) && !is_constant(first)) {
    const double exponent = value(second);
    if (exponent == std::trunc(exponent) && std::abs(exponent) <= max_whole_exponent) {
      return whole_power(first, static_cast<int>(exponent));
    }
  }
  return insert({.operation = operation, .first = first, .second = second});
}

int ExpressionBuilder::whole_power(int base, int exponent) {
  if (exponent == 0) return constant(1);
  if (exponent == 1) return base;
  return insert({.operation = Operation::integer_power, .index = exponent, .first = base});
}

int ExpressionBuilder::insert(const ExpressionNode& node) {
  const int operands = n_operands(node.operation);
  if (operands > 0 && is_constant(node.first) && (operands == 1 || is_constant(node.second))) {
    return constant(apply(node, value(node.first), operands == 2 ? value(node.second) : 0.0));
  }
  int first = node.first, second = node.second;
  if (is_commutative(node.operation) && first > second) std::swap(first, second);
  const Key key{node.operation, node.index, std::bit_cast<std::uint64_t>(node.value), first,
                second};
  const auto [entry, is_new] = positions_.try_emplace(key, static_cast<int>(nodes_.size()));
  if (is_new) nodes_.push_back(node);
  return entry->second;
}

bool ExpressionBuilder::is_constant(int node) const {
  return nodes_[static_cast<std::size_t>(node)].operation == Operation::constant;
}

double ExpressionBuilder::value(int node) const {
  return nodes_[static_cast<std::size_t>(node)].value;
}

std::vector<ExpressionNode> ExpressionBuilder::finish(int root) const {
  std::vector<bool> is_needed(nodes_.size(), false);
  is_needed[static_cast<std::size_t>(root)] = true;
  for (int i = root; i >= 0; --i) {
    const ExpressionNode& node = nodes_[static_cast<std::size_t>(i)];
    if (!is_needed[static_cast<std::size_t>(i)]) continue;
    if (node.first >= 0) is_needed[static_cast<std::size_t>(node.first)] = true;
    if (node.second >= 0) is_needed[static_cast<std::size_t>(node.second)] = true;
  }
  std::vector<ExpressionNode> kept;
  std::vector<int> new_position(nodes_.size(), -1);
  for (std::size_t i = 0; i <= static_cast<std::size_t>(root); ++i) {
    if (!is_needed[i]) continue;
    ExpressionNode node = nodes_[i];
    if (node.first >= 0) node.first = new_position[static_cast<std::size_t>(node.first)];
    if (node.second >= 0) node.second = new_position[static_cast<std::size_t>(node.second)];
    new_position[i] = static_cast<int>(kept.size());
    kept.push_back(node);
  }
  return kept;
}

}  // namespace reprise
