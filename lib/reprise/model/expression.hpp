// Targets from text: g(z) of "tanh(z1 + He3(z2))", as values at vector speed and as a tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/model/polynomial.hpp"

namespace reprise {

/// The text of a target is wrong. what() shows the text with a caret under the place.
class ExpressionError : public InputError {
 public:
  ExpressionError(std::string_view text, std::size_t position, std::string reason);

  /// Offset of the offending byte in the text, from 0; the length of the text for its end.
  std::size_t position() const { return position_; }
  /// The bare reason, without text and caret.
  const std::string& reason() const { return reason_; }

 private:
  std::size_t position_;
  std::string reason_;
};

/// What a node does with its operands.
enum class Operation : std::uint8_t {
  // no operand
  constant,  ///< ExpressionNode::value
  variable,  ///< z_index, index from 1
  // one operand
  negate,
  integer_power,  ///< operand^index, |index| <= 64 and not 0 or 1, by multiplications
  hermite,        ///< He_index(operand), index >= 2
  sin,
  cos,
  tan,
  exp,
  log,
  sqrt,
  abs,
  sign,  ///< -1, 0 or 1; sign(0) = 0
  step,  ///< 1 for an operand > 0, else 0; step(0) = 0
  tanh,
  erf,  ///< the mathematical erf(x); the activation of that name is erf(x / sqrt 2)
  relu,
  sigmoid,
  // two operands
  add,
  subtract,
  multiply,
  divide,
  power,
  min,
  max,
  less,  ///< comparisons are 1 or 0
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
};

/// How many operands an operation has: 0, 1 or 2.
int n_operands(Operation operation);

struct ExpressionNode {
  Operation operation = Operation::constant;
  int index = 0;     ///< variable, exponent or order; else 0
  double value = 0;  ///< of a constant; else 0
  int first = -1;    ///< operands: positions in Expression::nodes(), smaller than the node's own
  int second = -1;
};

/// Memory that Expression::evaluate reuses from call to call. One per thread, for any expression.
class ExpressionWorkspace {
 public:
  /// Room for n aligned numbers; allocates only if there never was that much.
  double* reserve(std::size_t n);

 private:
  std::vector<double> memory_;
};

/// A real function of z_1..z_k, given by its text. Immutable, so safe to share between threads.
///
/// Grammar: variables z1..z256; decimal numbers; pi; parentheses; + - * / with their usual
/// precedence; ^ for powers, right-associative and tighter than unary minus (-z1^2 = -(z1^2));
/// comparisons < <= > >= == != with value 1 or 0, of lowest precedence, not to be chained;
/// functions He0..He20 sin cos tan exp log sqrt abs sign step tanh erf relu sigmoid of one
/// argument, min and max of two or more. step(0) = sign(0) = 0; erf is the mathematical one.
///
/// Values are those of IEEE arithmetic: infinities and NaN come out, and NaN passes through every
/// function (comparisons with it are false, != is true).
class Expression {
 public:
  /// Throws ExpressionError for texts outside the grammar, longer than 4096 bytes or nested more
  /// than 200 deep.
  static Expression parse(std::string_view text);

  /// The text as it was given.
  const std::string& text() const { return text_; }
  /// The tree in the same grammar, constants folded: parses to the same nodes.
  std::string canonical_text() const;
  /// The same for one node.
  std::string to_string(int node) const;

  /// The largest index of a variable in the text, also where it drops out ("0 * z3"); 0 for none.
  int n_variables() const { return n_variables_; }
  /// Operands before their users, the root last, equal subexpressions once: tree and program at
  /// once.
  std::span<const ExpressionNode> nodes() const { return nodes_; }
  int root() const { return static_cast<int>(nodes_.size()) - 1; }

  /// g(z) for one z of at least n_variables() entries, by the scalar functions of <cmath>.
  /// Throws InputError if z is too short.
  double operator()(std::span<const double> z) const;

  /// out[i] = g(columns[0][i], columns[1][i], ...) for i < n.
  ///
  /// columns  at least n_variables() pointers to n values each
  /// out      n values, no overlap with the columns
  /// Throws InputError if there are too few columns. No allocation once the workspace is warm.
  /// NOTE: agrees with operator() to a few ulp of every node. The bits depend on neither the
  /// position in the chunk nor n.
  void evaluate(std::span<const double* const> columns, std::size_t n, double* out,
                ExpressionWorkspace& workspace) const;
  /// The same with a workspace of its own.
  void evaluate(std::span<const double* const> columns, std::size_t n, double* out) const;

  /// The polynomial that the tree is: sums, products, whole powers, He_l, division by constants.
  /// Empty for others, and above degree 256 or some 1000 terms.
  std::optional<Polynomial> as_polynomial() const;

 private:
  Expression(std::string text, int n_variables, std::vector<ExpressionNode> nodes);
  void assign_registers();

  std::string text_;
  int n_variables_;
  std::vector<ExpressionNode> nodes_;
  std::vector<int>
      registers_;  // where evaluate keeps each node; -1: constants, variables, the root
  int n_registers_ = 0;
};

}  // namespace reprise
