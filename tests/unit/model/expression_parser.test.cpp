#include <doctest/doctest.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "reprise/model/expression.hpp"
#include "support/close.hpp"

using namespace reprise;
using test::close;

namespace {

// As long as the largest subscript, since random strings come to z12 and the like.
const std::vector<double> point = [] {
  std::vector<double> z(256, 0.3);
  z[0] = 0.8;
  z[1] = -1.7;
  z[2] = 2.3;
  return z;
}();

double value(const std::string& text) { return Expression::parse(text)(point); }

struct Failure {
  bool has_thrown = false;
  std::size_t position = 0;
  std::string reason;
  std::string what;
};

Failure failure_of(const std::string& text) {
  try {
    Expression::parse(text);
  } catch (const ExpressionError& error) {
    return {true, error.position(), error.reason(), error.what()};
  }
  return {};
}

bool is_same(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b) ||
         (std::isnan(a) && std::isnan(b));
}

// Well-formed random texts over z1, z2, z3 from operators and functions of one argument.
class RandomText {
 public:
  RandomText(std::uint64_t seed, std::vector<std::string> operators,
             std::vector<std::string> functions)
      : generator_(seed), operators_(std::move(operators)), functions_(std::move(functions)) {}

  std::string tree(int max_depth) {
    if (max_depth == 0 || below(8) == 0) return pick(leaves_);
    switch (below(4)) {
      case 0:
        return pick(functions_) + "(" + tree(max_depth - 1) + ")";
      case 1:
        return "max(" + tree(max_depth - 1) + "," + tree(max_depth - 1) + ")";
      default:
        return "(" + tree(max_depth - 1) + pick(operators_) + tree(max_depth - 1) + ")";
    }
  }

 private:
  std::size_t below(std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(generator_);
  }
  std::string pick(const std::vector<std::string>& words) { return words[below(words.size())]; }

  std::mt19937_64 generator_;
  std::vector<std::string> leaves_ = {"z1", "z2", "z3", "2", "0.1", "3", "pi"};
  std::vector<std::string> operators_;
  std::vector<std::string> functions_;
};

struct Mistake {
  std::string text;
  std::size_t position;
  std::string reason;
};

}  // namespace

TEST_CASE("Expression::parse: precedence and associativity are those of mathematics") {
  const double z1 = point[0], z2 = point[1];
  CHECK(value("-z1^2") == -(z1 * z1));
  CHECK(value("2^3^2") == 512);
  CHECK(value("2^-1") == 0.5);
  CHECK(value("-2^-2") == -0.25);
  CHECK(value("8/4/2") == 1);
  CHECK(value("8-4-2") == 2);
  CHECK(value("1 + 2*3") == 7);
  CHECK(value("(1 + 2)*3") == 9);
  CHECK(value("2*-3") == -6);
  CHECK(value("--2 + +3") == 5);
  CHECK(value("1 + 1 < 3 - 0.5") == 1);
  CHECK(value("(1 < 2) * (2 < 1)") == 0);
  CHECK(value("z1*z2") == z1 * z2);
  CHECK(value("z1-z2") == z1 - z2);
}

TEST_CASE("Expression::parse: reads numbers, pi and blanks") {
  CHECK(value("1e-3") == 1e-3);
  CHECK(value("1.5E+2") == 150);
  CHECK(value(".5 + 5.") == 5.5);
  CHECK(value("pi") == std::numbers::pi);
  CHECK(value("  z1\n +\t1 ") == point[0] + 1);
  CHECK(value("He3 ( 2 )") == 2);
  CHECK(close(value("min(3, 1, 2) + max(3, 1, 2)"), 4, {}));
}

TEST_CASE("Expression::parse: a Hermite series is the sum of normalised Hermite polynomials") {
  const std::string series = "hermite([0.3, -1, 0, 2*z1], z2/2)";
  const std::string sum = "0.3 - z2/2 + 2*z1*He3(z2/2)/sqrt(6)";
  CHECK(close(value(series), value(sum), {.rtol = 1e-14}));
  CHECK(value("hermite([0], z1)") == 0);
  CHECK(Expression::parse("hermite([0, 0, 0, 1], z1)").as_polynomial().has_value());
}

TEST_CASE("Expression::parse: every mistake is named at its place") {
  const std::vector<Mistake> mistakes = {
      {"", 0, "the expression is empty"},
      {"  ", 0, "the expression is empty"},
      {"tahn(z1)", 0, "unknown function 'tahn', did you mean tanh?"},
      {"1 + Tanh(z1)", 4, "unknown function 'Tanh', did you mean tanh?"},
      {"1 + hermite(z1)", 4,
       "hermite takes coefficients and an argument: hermite([0, 1, 0.5], z1)"},
      {"hermite([1, 2] z1)", 0,
       "hermite takes coefficients and an argument: hermite([0, 1, 0.5], z1)"},
      {"he3(z1)", 0, "unknown function 'he3', did you mean He3?"},
      {"frobnicate(z1)", 0, "unknown function 'frobnicate'"},
      {"swish(z1)", 0, "unknown function 'swish'"},
      {"sgn(z1)", 0, "unknown function 'sgn', did you mean sign?"},
      {"1 + ln(z1)", 4, "unknown function 'ln', did you mean log?"},
      {"x1 + 3", 0, "unknown name 'x1', variables are z1, z2, ..."},
      {"2*Pi", 2, "unknown name 'Pi', did you mean pi?"},
      {"tanh z1", 0, "tanh needs its argument in parentheses"},
      {"z1 + ", 5, "the expression ends where an operand is due"},
      {"z1 + * 2", 5, "an operand is missing before '*'"},
      {"2z1", 1, "an operator is missing before 'z1'"},
      {"z1 z2", 3, "an operator is missing before 'z2'"},
      {"z1(2)", 2, "an operator is missing before '('"},
      {"1.5.2", 3, "an operator is missing before '.'"},
      {"z0", 0, "subscripts start at 1, without leading zeros: z1, z2, ..."},
      {"z01", 0, "subscripts start at 1, without leading zeros: z1, z2, ..."},
      {"z", 0, "z needs a subscript: z1, z2, ..."},
      {"z257", 0, "variables go from z1 to z256"},
      {"z99999999999999999999", 0, "variables go from z1 to z256"},
      {"He21(z1)", 0, "Hermite polynomials go from He0 to He20"},
      {"He(z1)", 0, "Hermite polynomials go from He0 to He20"},
      {"z1 < z2 < z3", 8, "comparisons do not chain, write (a < b) * (b < c)"},
      {"(z1 + 2", 0, "'(' is never closed"},
      {"tanh(z1", 4, "'(' is never closed"},
      {"z1 + 2)", 6, "')' without its '('"},
      {"()", 1, "an operand is missing before ')'"},
      {"tanh()", 0, "tanh takes one argument, got 0"},
      {"tanh(z1, z2)", 0, "tanh takes one argument, got 2"},
      {"min(z1)", 0, "min takes two or more arguments, got 1"},
      {"min(z1,)", 7, "an operand is missing before ')'"},
      {"z1, z2", 2, "',' outside of min(...) and max(...)"},
      {"1e999", 0, "the number is outside of the range 1e-308 to 1e308"},
      {"2 + 1e-999", 4, "the number is outside of the range 1e-308 to 1e308"},
      {"z1 = 2", 3, "'=' is not an operator, write == to compare"},
      {"z1 ** 2", 3, "'**' is not an operator, write ^ for powers"},
      {"z1 & z2", 3, "unexpected '&'"},
      {"\xCF\x83(z1)", 0, "unexpected '\xCF\x83'"},
      {".", 0, "unexpected '.'"},
  };
  for (const Mistake& mistake : mistakes) {
    CAPTURE(mistake.text);
    const Failure failure = failure_of(mistake.text);
    CHECK(failure.has_thrown);
    CHECK(failure.position == mistake.position);
    CHECK(failure.reason == mistake.reason);
  }
}

TEST_CASE("ExpressionError: shows the text with a caret under the place") {
  CHECK(failure_of("z1 + tahn(z2)").what ==
        "expression: unknown function 'tahn', did you mean tanh?\n"
        "  z1 + tahn(z2)\n"
        "       ^");
  // Columns are characters, not bytes.
  CHECK(failure_of("z1 + \xCF\x83 + #").what ==
        "expression: unexpected '\xCF\x83'\n  z1 + \xCF\x83 + #\n       ^");
  const std::string shown = failure_of(std::string(500, ' ') + "# + z1").what;
  CHECK(shown.find("\n  ...") != std::string::npos);
  CHECK(shown.size() < 250);
}

TEST_CASE("Expression::parse: refuses depth and length that would harm, takes what is below") {
  const auto nested = [](int depth) {
    return std::string(depth, '(') + "z1" + std::string(depth, ')');
  };
  CHECK(value(nested(150)) == point[0]);
  CHECK(failure_of(nested(1000)).reason == "nested more than 200 deep");
  CHECK(failure_of(std::string(1000, '-') + "z1").reason == "nested more than 200 deep");
  std::string tower = "2";
  for (int i = 0; i < 1000; ++i) tower += "^1";
  CHECK(failure_of(tower).reason == "nested more than 200 deep");
  std::string chain = "z1";
  for (int i = 0; i < 1300; ++i) chain += "+z1";
  CHECK(close(value(chain), 1301 * point[0], {.rtol = 1e-13}));
  CHECK(Expression::parse(chain).canonical_text().size() > chain.size());
  CHECK(failure_of(std::string(5000, '1')).reason == "longer than 4096 bytes");
}

TEST_CASE("Expression::canonical_text: writes the least parentheses that keep the meaning") {
  const auto canonical = [](const std::string& text) {
    return Expression::parse(text).canonical_text();
  };
  CHECK(canonical("((z1)+(z2))*z3") == "(z1 + z2)*z3");
  CHECK(canonical("z1-(z2-z3)") == "z1 - (z2 - z3)");
  CHECK(canonical("(z1-z2)-z3") == "z1 - z2 - z3");
  CHECK(canonical("(-z1)^2") == "(-z1)^2");
  CHECK(canonical("-(z1^2)") == "-z1^2");
  CHECK(canonical("(z1^z2)^z3") == "(z1^z2)^z3");
  CHECK(canonical("z1^(z2^z3)") == "z1^z2^z3");
  CHECK(canonical("z1^(-2)") == "z1^-2");
  CHECK(canonical("(z1<z2)*2") == "(z1 < z2)*2");
  CHECK(canonical("min(min(z1,z2),z3)") == "min(z1, z2, z3)");
  CHECK(canonical("min(z1,min(z2,z3))") == "min(z1, min(z2, z3))");
  CHECK(canonical("2*pi/2") == "pi");
  CHECK(canonical("z1 + 1/0") == "z1 + (1/0)");
}

TEST_CASE("Expression::parse: random token strings parse or throw ExpressionError, never worse") {
  const std::vector<std::string> tokens = {
      "z1",   "z2", "z3",    "z1",  "2",    "0.5",  "1e-3",  "3",    "pi",   "+",     "-",
      "*",    "/",  "^",     "+",   "-",    "*",    "(",     ")",    "(",    ")",     "<",
      "<=",   "==", "!=",    ",",   "He3(", "He2(", "tanh(", "min(", "max(", "sign(", "step(",
      "abs(", "z0", "1e999", "foo", " ",    ".",    "=",     "#"};
  const std::uint64_t seed = 31337;
  CAPTURE(seed);
  std::mt19937_64 generator(seed);
  // Short strings parse often enough, long ones reach deep into the grammar.
  std::uniform_int_distribution<std::size_t> length(1, 14), pick(0, tokens.size() - 1);
  int n_parsed = 0;
  for (int trial = 0; trial < 100000; ++trial) {
    std::string text;
    for (std::size_t i = length(generator); i-- > 0;) text += tokens[pick(generator)];
    try {
      const Expression expression = Expression::parse(text);
      ++n_parsed;
      const Expression again = Expression::parse(expression.canonical_text());
      const bool is_equal = is_same(expression(point), again(point));
      if (!is_equal || again.canonical_text() != expression.canonical_text()) {
        CAPTURE(text);
        CHECK(is_equal);
        CHECK(again.canonical_text() == expression.canonical_text());
      }
    } catch (const ExpressionError& error) {
      if (error.position() > text.size()) {
        CAPTURE(text);
        CHECK(error.position() <= text.size());
      }
    }
  }
  CHECK(n_parsed > 2000);  // of 100,000: the canonical text was really tried
}

TEST_CASE("Expression::parse: random well-formed trees survive their canonical text") {
  const std::uint64_t seed = 4242;
  CAPTURE(seed);
  RandomText random(seed, {"+", "-", "*", "/", "^", "<", ">=", "!="},
                    {"tanh", "He3", "abs", "step", "sigmoid", "-"});
  for (int trial = 0; trial < 5000; ++trial) {
    const std::string text = random.tree(4);
    CAPTURE(text);
    const Expression expression = Expression::parse(text);
    const Expression again = Expression::parse(expression.canonical_text());
    if (!is_same(expression(point), again(point))) {
      CHECK(is_same(expression(point), again(point)));
    }
    if (again.nodes().size() != expression.nodes().size()) {
      CHECK(again.nodes().size() == expression.nodes().size());
    }
  }
}

TEST_CASE("Expression: chunk and scalar have the same bits on random trees of exact operations") {
  // Each rounds once or not at all, so what differs is a register overwritten too early.
  const std::uint64_t seed = 99;
  CAPTURE(seed);
  RandomText random(seed, {"+", "-", "*", "/", "<", ">=", "!="},
                    {"abs", "step", "relu", "sign", "sqrt", "-"});
  const std::array<const double*, 3> columns = {&point[0], &point[1], &point[2]};
  ExpressionWorkspace workspace;
  for (int trial = 0; trial < 5000; ++trial) {
    const std::string text = random.tree(6);
    CAPTURE(text);
    const Expression expression = Expression::parse(text);
    double out = 0;
    expression.evaluate(columns, 1, &out, workspace);
    if (!is_same(out, expression(point))) CHECK(is_same(out, expression(point)));
  }
}
