#include "reprise/model/expression_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numbers>
#include <optional>
#include <string>

#include "reprise/core/nearest_name.hpp"
#include "reprise/model/expression_builder.hpp"
#include "reprise/model/expression_symbols.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

constexpr std::size_t max_length = 4096;
constexpr int max_depth = 200;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// A whole number without sign or leading zeros; "0" itself is one.
std::optional<int> whole_number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || !is_digit(digits[0]) || error != std::errc{} ||
      end != digits.data() + digits.size() || (digits[0] == '0' && digits.size() > 1)) {
    return std::nullopt;
  }
  return value;
}

bool all_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }

/// Recursive descent, one function per level of precedence, from the weakest to the tightest:
/// comparison, sum, product, signed_power, power, primary.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  ParsedExpression parse() {
    if (text_.size() > max_length) {
      fail(max_length, "longer than " + std::to_string(max_length) + " bytes");
    }
    skip_blanks();
    if (at_end()) fail(0, "the expression is empty");
    const int root = comparison();
    if (!at_end()) fail_after_operand();
    return {builder_.finish(root), n_variables_};
  }

 private:
  [[noreturn]] void fail(std::size_t position, const std::string& reason) const {
    throw ExpressionError(text_, position, reason);
  }

  bool at_end() const { return position_ == text_.size(); }
  std::string_view rest() const { return text_.substr(position_); }
  void skip_blanks() {
    while (!at_end() && is_blank(text_[position_])) ++position_;
  }

  bool accept(std::string_view token) {
    if (!rest().starts_with(token)) return false;
    position_ += token.size();
    skip_blanks();
    return true;
  }

  std::optional<Operation> accept_comparison() {
    for (const auto& [token, operation] : comparison_symbols()) {
      if (accept(token)) return operation;
    }
    return std::nullopt;
  }

  // The token that starts at the cursor, for messages: a word, a number, or one UTF-8 character.
  std::string next_token() const {
    if (at_end()) return "the end";
    std::size_t end = position_ + 1;
    if (is_letter(text_[position_]) || is_digit(text_[position_])) {
      while (end < text_.size() && (is_letter(text_[end]) || is_digit(text_[end]))) ++end;
    } else {
      while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
    }
    return "'" + std::string(text_.substr(position_, end - position_)) + "'";
  }

  // An operand is complete and no operator follows.
  [[noreturn]] void fail_after_operand() const {
    const char next = text_[position_];
    if (next == ')') fail(position_, "')' without its '('");
    if (next == '=') fail(position_, "'=' is not an operator, write == to compare");
    if (next == ',') fail(position_, "',' outside of min(...) and max(...)");
    if (is_letter(next) || is_digit(next) || next == '(' || next == '.') {
      fail(position_, "an operator is missing before " + next_token());
    }
    fail(position_, "unexpected " + next_token());
  }

  int comparison() {
    const int left = sum();
    const auto operation = accept_comparison();
    if (!operation) return left;
    const int right = sum();
    const std::size_t second_comparison = position_;
    if (accept_comparison()) {
      fail(second_comparison, "comparisons do not chain, write (a < b) * (b < c)");
    }
    return builder_.binary(*operation, left, right);
  }

  int sum() {
    int left = product();
    while (true) {
      if (accept("+")) {
        left = builder_.binary(Operation::add, left, product());
      } else if (accept("-")) {
        left = builder_.binary(Operation::subtract, left, product());
      } else {
        return left;
      }
    }
  }

  int product() {
    int left = signed_power();
    while (true) {
      if (rest().starts_with("**")) fail(position_, "'**' is not an operator, write ^ for powers");
      if (accept("*")) {
        left = builder_.binary(Operation::multiply, left, signed_power());
      } else if (accept("/")) {
        left = builder_.binary(Operation::divide, left, signed_power());
      } else {
        return left;
      }
    }
  }

  // Every nesting passes here, by parentheses, signs or exponents.
  int signed_power() {
    if (depth_ == max_depth) {
      fail(position_, "nested more than " + std::to_string(max_depth) + " deep");
    }
    ++depth_;
    int result = 0;
    if (accept("-")) {
      result = builder_.unary(Operation::negate, signed_power());
    } else if (accept("+")) {
      result = signed_power();
    } else {
      result = primary();
      if (accept("^")) result = builder_.binary(Operation::power, result, signed_power());
    }
    --depth_;
    return result;
  }

  int primary() {
    if (at_end()) fail(position_, "the expression ends where an operand is due");
    const char next = text_[position_];
    const std::size_t start = position_;
    if (accept("(")) {
      const int inner = comparison();
      close(start);
      return inner;
    }
    if (is_digit(next) || next == '.') return number();
    if (is_letter(next)) return named();
    fail(position_,
         (is_operator(next) ? "an operand is missing before " : "unexpected ") + next_token());
  }

  static bool is_operator(char c) {
    return std::string_view("+-*/^<>=!),").find(c) != std::string_view::npos;
  }

  void close(std::size_t opened_at) {
    if (accept(")")) return;
    if (at_end()) fail(opened_at, "'(' is never closed");
    fail_after_operand();
  }

  int number() {
    double value = 0;
    const auto [end, error] =
        std::from_chars(text_.data() + position_, text_.data() + text_.size(), value);
    if (error == std::errc::result_out_of_range) {
      fail(position_, "the number is outside of the range 1e-308 to 1e308");
    }
    if (error != std::errc{}) fail(position_, "unexpected " + next_token());
    position_ = static_cast<std::size_t>(end - text_.data());
    skip_blanks();
    return builder_.constant(value);
  }

  // A word: a variable, pi, or a function with its arguments.
  int named() {
    const std::size_t start = position_;
    while (!at_end() && (is_letter(text_[position_]) || is_digit(text_[position_]))) ++position_;
    const std::string_view name = text_.substr(start, position_ - start);
    skip_blanks();
    if (name == "pi") return builder_.constant(std::numbers::pi);
    if (name[0] == 'z' && all_digits(name.substr(1))) return variable(name.substr(1), start);
    if (name.starts_with("He") && all_digits(name.substr(2))) {
      const int order = hermite_order(name.substr(2), start);
      return builder_.hermite(order, arguments(name, start, 1, 1)[0]);
    }
    if (name == "hermite") return hermite_series(start);
    for (const auto& [known, operation] : function_symbols()) {
      if (name == known) return call(name, operation, start);
    }
    fail_unknown(name, start);
  }

  int variable(std::string_view subscript, std::size_t start) {
    const auto index = whole_number(subscript);
    if (subscript.empty()) fail(start, "z needs a subscript: z1, z2, ...");
    if (subscript[0] == '0')
      fail(start, "subscripts start at 1, without leading zeros: z1, z2, ...");
    if (!index || *index > max_variables) {
      fail(start, "variables go from z1 to z" + std::to_string(max_variables));
    }
    n_variables_ = std::max(n_variables_, *index);
    return builder_.variable(*index);
  }

  int hermite_order(std::string_view digits, std::size_t start) const {
    const auto order = whole_number(digits);
    if (!order || *order > max_hermite_order) {
      fail(start, "Hermite polynomials go from He0 to He" + std::to_string(max_hermite_order));
    }
    return *order;
  }

  // hermite([c0, c1, ..], u) = sum_k c_k He_k(u) / sqrt(k!), whose squared norm is sum_k c_k^2.
  int hermite_series(std::size_t start) {
    constexpr const char* shape =
        "hermite takes coefficients and an argument: hermite([0, 1, 0.5], z1)";
    const std::size_t opened_at = position_;
    if (!accept("(") || !accept("[")) fail(start, shape);
    std::vector<int> coefficients;
    do {
      coefficients.push_back(comparison());
    } while (accept(","));
    if (!accept("]") || !accept(",")) fail(start, shape);
    const int argument = comparison();
    close(opened_at);
    if (coefficients.size() > max_hermite_order + 1) {
      fail(start, "Hermite polynomials go from He0 to He" + std::to_string(max_hermite_order));
    }
    const int zero = builder_.constant(0);  // the one that there is
    int sum = zero;
    for (int k = 0; k < static_cast<int>(coefficients.size()); ++k) {
      const int coefficient = coefficients[static_cast<std::size_t>(k)];
      if (coefficient == zero) continue;
      const int norm = builder_.constant(std::sqrt(factorial(k)));
      const int scaled = builder_.binary(Operation::divide, coefficient, norm);
      const int term =
          k == 0 ? scaled
                 : builder_.binary(Operation::multiply, scaled, builder_.hermite(k, argument));
      sum = sum == zero ? term : builder_.binary(Operation::add, sum, term);
    }
    return sum;
  }

  int call(std::string_view name, Operation operation, std::size_t start) {
    if (n_operands(operation) == 1) {
      return builder_.unary(operation, arguments(name, start, 1, 1)[0]);
    }
    const std::vector<int> operands = arguments(name, start, 2, max_length);
    int result = operands[0];
    for (std::size_t i = 1; i < operands.size(); ++i) {
      result = builder_.binary(operation, result, operands[i]);
    }
    return result;
  }

  std::vector<int> arguments(std::string_view name, std::size_t start, std::size_t least,
                             std::size_t most) {
    const std::size_t opened_at = position_;
    if (!accept("(")) fail(start, std::string(name) + " needs its argument in parentheses");
    std::vector<int> operands;
    if (!rest().starts_with(")")) {
      do {
        operands.push_back(comparison());
      } while (accept(","));
    }
    close(opened_at);
    if (operands.size() < least || operands.size() > most) {
      fail(start, std::string(name) + " takes " +
                      (least == 1 ? "one argument" : "two or more arguments") + ", got " +
                      std::to_string(operands.size()));
    }
    return operands;
  }

  [[noreturn]] void fail_unknown(std::string_view name, std::size_t start) const {
    const bool is_call = !at_end() && text_[position_] == '(';
    std::vector<std::string_view> known = {"pi"};
    if (is_call) {
      known = {"He1", "He2", "He3", "He4", "hermite"};
      for (const auto& [function, operation] : function_symbols()) known.push_back(function);
    }
    const std::string kind = is_call ? "unknown function '" : "unknown name '";
    static constexpr std::array<UsualName, 5> usual = {{{"sgn", "sign"},
                                                        {"ln", "log"},
                                                        {"heaviside", "step"},
                                                        {"theta", "step"},
                                                        {"logistic", "sigmoid"}}};
    const std::string hint = is_call ? did_you_mean(name, known, usual) : did_you_mean(name, known);
    fail(start, kind + std::string(name) + "'" +
                    (!hint.empty() || is_call ? hint : ", variables are z1, z2, ..."));
  }

  std::string_view text_;
  std::size_t position_ = 0;
  int depth_ = 0;
  int n_variables_ = 0;
  ExpressionBuilder builder_;
};

}  // namespace

ParsedExpression parse_expression(std::string_view text) { return Parser(text).parse(); }

}  // namespace reprise
