#include "reprise/exponents/equivalent_label.hpp"

#include <cmath>

namespace reprise {

namespace {

struct Inner {
  int node = -1;
  bool is_even = false;  // the label is an even function of the node, one-to-one in its size
};

// What the value of a node tells, as a node inside it; -1 where the node is not one-to-one.
Inner inner_of(const Expression& g, int index) {
  const auto nodes = g.nodes();
  const ExpressionNode& node = nodes[static_cast<std::size_t>(index)];
  const auto is_constant = [&](int operand) {
    return nodes[static_cast<std::size_t>(operand)].operation == Operation::constant;
  };
  const auto value = [&](int operand) { return nodes[static_cast<std::size_t>(operand)].value; };
  switch (node.operation) {
    case Operation::negate:
    case Operation::exp:
    case Operation::log:
    case Operation::sqrt:
    case Operation::tanh:
    case Operation::erf:
    case Operation::sigmoid:
      return {node.first};
    case Operation::integer_power:
      return {node.first, node.index % 2 == 0};
    case Operation::hermite:
      if (node.index == 2) return {node.first, true};
      return {};
    case Operation::abs:
      return {node.first, true};
    case Operation::add:
    case Operation::subtract:
      if (is_constant(node.second)) return {node.first};
      if (is_constant(node.first)) return {node.second};
      return {};
    case Operation::multiply:
      if (node.first == node.second) return {node.first, true};
      if (is_constant(node.second) && value(node.second) != 0) return {node.first};
      if (is_constant(node.first) && value(node.first) != 0) return {node.second};
      return {};
    case Operation::divide:
      if (is_constant(node.second)) return {node.first};
      if (is_constant(node.first) && value(node.first) != 0) return {node.second};
      return {};
    case Operation::power:
      if (is_constant(node.second) && value(node.second) != 0) {
        const double exponent = value(node.second);
        if (exponent != std::trunc(exponent)) return {node.first};  // of numbers >= 0
        return {node.first, std::fmod(exponent, 2) == 0};
      }
      if (is_constant(node.first) && value(node.first) > 0 && value(node.first) != 1) {
        return {node.second};
      }
      return {};
    default:
      return {};
  }
}

}  // namespace

ExponentTarget equivalent_label(const ExponentTarget& target, OneToOne taken) {
  const Expression* const tree = target.g.expression();
  if (target.noise_variance > 0 || tree == nullptr) return target;
  int index = tree->root();
  bool is_even = false;
  while (true) {
    const Inner inner = inner_of(*tree, index);
    // Of |f|, only odd one-to-one functions of f and even ones leave the size of what is inside.
    if (inner.node < 0) break;
    if (is_even || taken == OneToOne::odd) {
      const Operation operation = tree->nodes()[static_cast<std::size_t>(index)].operation;
      const bool is_symmetric = operation == Operation::negate || operation == Operation::tanh ||
                                operation == Operation::erf || operation == Operation::multiply ||
                                operation == Operation::divide || operation == Operation::abs ||
                                operation == Operation::integer_power;
      if (!is_symmetric || (taken == OneToOne::odd && inner.is_even)) break;
    }
    is_even = is_even || inner.is_even;
    index = inner.node;
  }
  if (index == tree->root()) return target;
  std::string text = tree->to_string(index);
  if (is_even) text = "abs(" + text + ")";
  ExponentTarget result = target;
  result.g = Expression::parse(text);
  // The same directions, also if the variables are fewer now.
  const int k = target.n_directions();
  if (target.input_map.size() == 0 && result.n_directions() != k) {
    result.input_map = Eigen::MatrixXd::Identity(k, k);
  }
  return result;
}

}  // namespace reprise
