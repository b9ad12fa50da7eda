#include <array>
#include <charconv>
#include <cmath>
#include <numbers>

#include "reprise/model/expression.hpp"
#include "reprise/model/expression_symbols.hpp"

namespace reprise {

namespace {

// Levels of the grammar, from the weakest to the tightest.
enum Level : int { comparison, sum, product, sign, power, primary };

Level level(const ExpressionNode& node) {
  switch (node.operation) {
    case Operation::constant:
      return std::isfinite(node.value) && std::signbit(node.value) ? sign : primary;
    case Operation::negate:
      return sign;
    case Operation::integer_power:
    case Operation::power:
      return power;
    case Operation::add:
    case Operation::subtract:
      return sum;
    case Operation::multiply:
    case Operation::divide:
      return product;
    default:
      return node.operation >= Operation::less ? comparison : primary;
  }
}

// The shortest text that reads back as the same double.
std::string number(double value) {
  if (std::isnan(value)) return "(0/0)";
  if (std::isinf(value)) return value > 0 ? "(1/0)" : "(-1/0)";
  if (value == std::numbers::pi) return "pi";
  std::array<char, 32> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return std::string(digits.data(), end);
}

class Writer {
 public:
  explicit Writer(std::span<const ExpressionNode> nodes) : nodes_(nodes) {}

  // Appends a node, in parentheses if it binds weaker than `least`.
  void write(int position, Level least) {
    const ExpressionNode& node = nodes_[static_cast<std::size_t>(position)];
    const bool is_enclosed = level(node) < least;
    if (is_enclosed) text_ += '(';
    write_bare(node);
    if (is_enclosed) text_ += ')';
  }

  std::string take() { return std::move(text_); }

 private:
  void write_bare(const ExpressionNode& node) {
    switch (level(node)) {
      case comparison:
        return infix(node, sum, sum);
      case sum:
        return infix(node, sum, product);
      case product:
        return infix(node, product, sign);
      case sign:
        if (node.operation == Operation::constant) {
          text_ += number(node.value);
        } else {
          text_ += '-';
          write(node.first, sign);
        }
        return;
      case power:
        write(node.first, primary);
        text_ += '^';
        if (node.operation == Operation::power) {
          write(node.second, sign);
        } else {
          text_ += std::to_string(node.index);
        }
        return;
      case primary:
        return write_primary(node);
    }
  }

  void infix(const ExpressionNode& node, Level left, Level right) {
    write(node.first, left);
    const bool is_tight =
        node.operation == Operation::multiply || node.operation == Operation::divide;
    text_.append(is_tight ? "" : " ").append(symbol(node.operation)).append(is_tight ? "" : " ");
    write(node.second, right);
  }

  void write_primary(const ExpressionNode& node) {
    switch (node.operation) {
      case Operation::constant:
        text_ += number(node.value);
        return;
      case Operation::variable:
        text_ += "z" + std::to_string(node.index);
        return;
      case Operation::hermite:
        text_ += "He" + std::to_string(node.index);
        break;
      default:
        text_ += symbol(node.operation);
        break;
    }
    text_ += '(';
    write_arguments(node);
    text_ += ')';
  }

  // min(min(a, b), c) is min(a, b, c).
  void write_arguments(const ExpressionNode& node) {
    const ExpressionNode& first = nodes_[static_cast<std::size_t>(node.first)];
    if (node.second >= 0 && first.operation == node.operation) {
      write_arguments(first);
    } else {
      write(node.first, comparison);
    }
    if (node.second < 0) return;
    text_ += ", ";
    write(node.second, comparison);
  }

  std::span<const ExpressionNode> nodes_;
  std::string text_;
};

}  // namespace

std::string Expression::to_string(int node) const {
  Writer writer(nodes_);
  writer.write(node, comparison);
  return writer.take();
}

std::string Expression::canonical_text() const { return to_string(root()); }

}  // namespace reprise
