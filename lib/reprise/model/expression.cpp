#include "reprise/model/expression.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "reprise/core/check.hpp"
#include "reprise/model/expression_operations.hpp"
#include "reprise/model/expression_parser.hpp"

namespace reprise {

namespace {

bool is_leaf(const ExpressionNode& node) { return n_operands(node.operation) == 0; }

// Samples that go through the whole program together: few enough that all of it stays in cache,
// many enough that going from node to node costs nothing.
constexpr std::size_t lanes = 512;
constexpr std::size_t alignment = 64;

}  // namespace

int n_operands(Operation operation) {
  if (operation <= Operation::variable) return 0;
  return operation <= Operation::sigmoid ? 1 : 2;
}

double* ExpressionWorkspace::reserve(std::size_t n) {
  constexpr std::size_t padding = alignment / sizeof(double);
  if (memory_.size() < n + padding) memory_.resize(n + padding);
  const auto address = reinterpret_cast<std::uintptr_t>(memory_.data());
  return memory_.data() + (alignment - address % alignment) % alignment / sizeof(double);
}

Expression::Expression(std::string text, int n_variables, std::vector<ExpressionNode> nodes)
    : text_(std::move(text)), n_variables_(n_variables), nodes_(std::move(nodes)) {
  assign_registers();
}

Expression Expression::parse(std::string_view text) {
  ParsedExpression parsed = parse_expression(text);
  return Expression(std::string(text), parsed.n_variables, std::move(parsed.nodes));
}

void Expression::assign_registers() {
  std::vector<int> last_use(nodes_.size(), -1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    for (const int operand : {nodes_[i].first, nodes_[i].second}) {
      if (operand >= 0) last_use[static_cast<std::size_t>(operand)] = static_cast<int>(i);
    }
  }
  registers_.assign(nodes_.size(), -1);
  std::vector<int> free;
  for (std::size_t i = 0; i + 1 < nodes_.size(); ++i) {
    if (is_leaf(nodes_[i])) continue;
    const int first = nodes_[i].first, second = nodes_[i].second;
    // An operand's register is free for the result: elementwise functions may work in place.
    for (const int operand : {first, second == first ? -1 : second}) {
      if (operand < 0 || last_use[static_cast<std::size_t>(operand)] != static_cast<int>(i))
        continue;
      const int released = registers_[static_cast<std::size_t>(operand)];
      if (released >= 0) free.push_back(released);
    }
    if (free.empty()) free.push_back(n_registers_++);
    registers_[i] = free.back();
    free.pop_back();
  }
}

double Expression::operator()(std::span<const double> z) const {
  check_at_least("Expression", "the number of values", static_cast<std::int64_t>(z.size()),
                 n_variables_);
  std::array<double, 64> small;
  std::vector<double> large;
  if (nodes_.size() > small.size()) large.resize(nodes_.size());
  double* const values = large.empty() ? small.data() : large.data();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const ExpressionNode& node = nodes_[i];
    switch (node.operation) {
      case Operation::constant:
        values[i] = node.value;
        break;
      case Operation::variable:
        values[i] = z[static_cast<std::size_t>(node.index - 1)];
        break;
      default:
        values[i] = apply(node, values[node.first], node.second < 0 ? 0.0 : values[node.second]);
    }
  }
  return values[nodes_.size() - 1];
}

void Expression::evaluate(std::span<const double* const> columns, std::size_t n, double* out,
                          ExpressionWorkspace& workspace) const {
  check_at_least("Expression::evaluate", "the number of columns",
                 static_cast<std::int64_t>(columns.size()), n_variables_);
  double* const registers = workspace.reserve(static_cast<std::size_t>(n_registers_) * lanes);
  std::size_t start = 0;
  const auto operand = [&](int position) -> Operand {
    if (position < 0) return {};
    const ExpressionNode& node = nodes_[static_cast<std::size_t>(position)];
    if (node.operation == Operation::constant) return {.constant = node.value};
    if (node.operation == Operation::variable) {
      return {.data = columns[static_cast<std::size_t>(node.index - 1)] + start};
    }
    const auto index = static_cast<std::size_t>(registers_[static_cast<std::size_t>(position)]);
    return {.data = registers + index * lanes};
  };
  const ExpressionNode& last = nodes_.back();
  for (; start < n; start += lanes) {
    const std::size_t count = std::min(lanes, n - start);
    if (last.operation == Operation::constant) std::fill_n(out + start, count, last.value);
    if (last.operation == Operation::variable) {
      std::copy_n(operand(root()).data, count, out + start);
    }
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      const ExpressionNode& node = nodes_[i];
      if (is_leaf(node)) continue;
      double* const result = registers_[i] < 0
                                 ? out + start
                                 : registers + static_cast<std::size_t>(registers_[i]) * lanes;
      apply(node, operand(node.first), operand(node.second), count, result);
    }
  }
}

void Expression::evaluate(std::span<const double* const> columns, std::size_t n,
                          double* out) const {
  ExpressionWorkspace workspace;
  evaluate(columns, n, out, workspace);
}

}  // namespace reprise
