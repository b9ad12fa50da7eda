#include "reprise/model/expression.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "support/allocations.hpp"
#include "support/close.hpp"

using namespace reprise;
using test::close;

namespace {

using Lists = std::vector<std::vector<double>>;

Lists gaussian_columns(std::size_t k, std::size_t n) {
  std::mt19937_64 generator(5);
  std::normal_distribution<double> normal;
  Lists columns(k, std::vector<double>(n));
  for (auto& column : columns) {
    for (double& value : column) value = normal(generator);
  }
  return columns;
}

std::vector<const double*> pointers(const Lists& columns, std::size_t offset = 0) {
  std::vector<const double*> result;
  for (const auto& column : columns) result.push_back(column.data() + offset);
  return result;
}

double value_of(const std::string& text, const std::vector<double>& z = {}) {
  return Expression::parse(text)(z);
}

struct KnownTarget {
  std::string text;
  double (*formula)(const double* z);
};

double he3(double x) { return x * (x * x - 3); }

// Every operation, most of them in the company of others, with the formula in plain C++.
const std::vector<KnownTarget> targets = {
    {"tanh(z1 + He3(z2))", [](const double* z) { return std::tanh(z[0] + he3(z[1])); }},
    {"sign(z1*z2*z3)", [](const double* z) { return z[0] * z[1] * z[2] > 0 ? 1.0 : -1.0; }},
    {"z1^2*exp(-z1^2)", [](const double* z) { return z[0] * z[0] * std::exp(-z[0] * z[0]); }},
    {"sin(z1) + cos(z2)", [](const double* z) { return std::sin(z[0]) + std::cos(z[1]); }},
    {"tan(z1/4) - log(1 + z2^2)",
     [](const double* z) { return std::tan(z[0] / 4) - std::log(1 + z[1] * z[1]); }},
    {"sqrt(abs(z1)) / (2 + sin(z3))",
     [](const double* z) { return std::sqrt(std::abs(z[0])) / (2 + std::sin(z[2])); }},
    {"step(z1) - relu(z2)",
     [](const double* z) { return (z[0] > 0 ? 1.0 : 0.0) - std::max(z[1], 0.0); }},
    {"erf(z1) * sigmoid(z2)",
     [](const double* z) { return std::erf(z[0]) / (1 + std::exp(-z[1])); }},
    {"min(z1, z2, z3) + 2*max(z1, z2)",
     [](const double* z) {
       return std::min({z[0], z[1], z[2]}) + 2 * std::max(z[0], z[1]);
     }},
    {"abs(z1)^1.5 + 2^z2",
     [](const double* z) { return std::pow(std::abs(z[0]), 1.5) + std::pow(2.0, z[1]); }},
    {"(1 + z1^2)^z2", [](const double* z) { return std::pow(1 + z[0] * z[0], z[1]); }},
    {"z1^5 - z2^-2 + z3^9 + z1^-3 + z3^4",
     [](const double* z) {
       return std::pow(z[0], 5) - 1 / (z[1] * z[1]) + std::pow(z[2], 9) + std::pow(z[0], -3) +
              std::pow(z[2], 4);
     }},
    {"(z1 < z2) + 2*(z1 <= 0.5) + 4*(0.1 > z2) + 8*(z3 >= z1) + 16*(z1 == z1) + 32*(z1 != z2)",
     [](const double* z) {
       return (z[0] < z[1]) + 2.0 * (z[0] <= 0.5) + 4.0 * (0.1 > z[1]) + 8.0 * (z[2] >= z[0]) + 16 +
              32.0 * (z[0] != z[1]);
     }},
    {"1 - 2*(3 - z1)/4 - -z2", [](const double* z) { return 1 - 2 * (3 - z[0]) / 4 + z[1]; }},
    {"He0(z1) + He1(z2) + He5(z3)",
     [](const double* z) {
       return 1 + z[1] + std::pow(z[2], 5) - 10 * std::pow(z[2], 3) + 15 * z[2];
     }},
    {"z2", [](const double* z) { return z[1]; }},
    {"2.5 + 0*z3", [](const double*) { return 2.5; }},
    {"2.5", [](const double*) { return 2.5; }},
};

}  // namespace

TEST_CASE("Expression: one sample agrees with the formula in C++") {
  const Lists columns = gaussian_columns(3, 50);
  for (const KnownTarget& target : targets) {
    CAPTURE(target.text);
    const Expression expression = Expression::parse(target.text);
    for (std::size_t i = 0; i < 50; ++i) {
      const std::array<double, 3> z = {columns[0][i], columns[1][i], columns[2][i]};
      // A few roundings per node; terms of order 100 may cancel.
      CHECK(close(expression(z), target.formula(z.data()), {.rtol = 1e-14, .atol = 1e-13}));
    }
  }
}

TEST_CASE("Expression: a chunk agrees with the formula in C++, at lengths around the sub-chunks") {
  const Lists columns = gaussian_columns(3, 1100);
  ExpressionWorkspace workspace;
  for (const KnownTarget& target : targets) {
    CAPTURE(target.text);
    const Expression expression = Expression::parse(target.text);
    for (const std::size_t n : {0, 1, 7, 511, 512, 513, 1100}) {
      std::vector<double> out(n + 1, -77.0);
      expression.evaluate(pointers(columns), n, out.data(), workspace);
      for (std::size_t i = 0; i < n; ++i) {
        const std::array<double, 3> z = {columns[0][i], columns[1][i], columns[2][i]};
        const double expected = target.formula(z.data());
        if (!(std::abs(out[i] - expected) <= 1e-13 + 1e-14 * std::abs(expected))) {
          CHECK(close(out[i], expected, {.rtol = 1e-14, .atol = 1e-13}));
        }
      }
      CHECK(out[n] == -77);  // nothing beyond the end
    }
  }
}

TEST_CASE("Expression: the bits of a value depend neither on its place nor on the chunk") {
  const Lists columns = gaussian_columns(3, 700);
  for (const KnownTarget& target : targets) {
    CAPTURE(target.text);
    const Expression expression = Expression::parse(target.text);
    std::vector<double> whole(700), part(700);
    expression.evaluate(pointers(columns), 700, whole.data());
    int n_different = 0;
    for (const std::size_t offset : {1, 3, 8, 100}) {
      for (const std::size_t n : {1, 5, 31, 550}) {
        expression.evaluate(pointers(columns, offset), n, part.data());
        for (std::size_t i = 0; i < n; ++i) {
          n_different += std::bit_cast<std::uint64_t>(part[i]) !=
                         std::bit_cast<std::uint64_t>(whole[offset + i]);
        }
      }
    }
    CHECK(n_different == 0);
  }
}

TEST_CASE("Expression: evaluate does not allocate once the workspace is warm") {
  const Lists columns = gaussian_columns(3, 600);
  const std::vector<const double*> inputs = pointers(columns);
  std::vector<double> out(600);
  ExpressionWorkspace workspace;
  for (const KnownTarget& target : targets) {
    CAPTURE(target.text);
    const Expression expression = Expression::parse(target.text);
    expression.evaluate(inputs, 600, out.data(), workspace);
    CHECK(test::allocations_of([&] { expression.evaluate(inputs, 600, out.data(), workspace); }) ==
          0);
  }
}

TEST_CASE("Expression: sign and step are 0 at 0, erf is the mathematical one") {
  CHECK(value_of("sign(z1)", {0}) == 0);
  CHECK(value_of("step(z1)", {0}) == 0);
  CHECK(value_of("sign(z1)", {-3}) == -1);
  CHECK(value_of("step(z1)", {1e-300}) == 1);
  CHECK(close(value_of("erf(1)"), 0.84270079294971486934, {.rtol = 1e-15}));  // DLMF 7.2.1
}

TEST_CASE("Expression: NaN passes through every function, division by 0 is infinite") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const std::array<const double*, 1> column = {&nan};
  for (const std::string function :
       {"sign", "step", "relu", "tanh", "abs", "sigmoid", "erf", "He3"}) {
    CAPTURE(function);
    const Expression expression = Expression::parse(function + "(z1)");
    double out = 0;
    expression.evaluate(column, 1, &out);
    CHECK(std::isnan(out));
    CHECK(std::isnan(expression(std::array{nan})));
  }
  for (const std::string text : {"min(z1, 1)", "min(1, z1)", "max(z1, 1)", "max(1, z1)"}) {
    CAPTURE(text);
    CHECK(std::isnan(value_of(text, {nan})));
  }
  CHECK(value_of("1/0") == INFINITY);
  CHECK(value_of("-1/z1", {0}) == -INFINITY);
  CHECK(std::isnan(value_of("log(-1)")));
}

TEST_CASE("Expression: n_variables is the largest index of the text, also where it drops out") {
  CHECK(Expression::parse("2").n_variables() == 0);
  CHECK(Expression::parse("z3").n_variables() == 3);
  CHECK(Expression::parse("z1 + 0*z4").n_variables() == 4);
  CHECK(Expression::parse("He0(z2) + z1").n_variables() == 2);
}

TEST_CASE("Expression: rejects too few values or columns") {
  const Expression expression = Expression::parse("z1 + z3");
  double out = 0;
  const std::array<const double*, 2> columns = {&out, &out};
  CHECK_THROWS_AS(expression(std::array{1.0, 2.0}), InputError);
  CHECK_THROWS_AS(expression.evaluate(columns, 1, &out), InputError);
}

TEST_CASE("Expression: nodes are shared, in order, with the root last") {
  const Expression expression = Expression::parse("tanh(z1*z2) + He3(z2*z1)^2");
  const auto nodes = expression.nodes();
  CHECK(nodes.size() == 7);  // z1, z2, the product once, tanh, He3, ^2, +
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    CHECK(nodes[i].first < static_cast<int>(i));
    CHECK(nodes[i].second < static_cast<int>(i));
  }
  CHECK(nodes.back().operation == Operation::add);
  CHECK(expression.to_string(nodes.back().first) == "tanh(z1*z2)");
}

TEST_CASE("Expression: constants are folded, whole exponents become repeated multiplication") {
  CHECK(Expression::parse("2*3 + sin(0)").nodes().size() == 1);
  CHECK(Expression::parse("2*3 + sin(0)").nodes()[0].value == 6);
  CHECK(Expression::parse("z1^(1+1)").nodes().back().operation == Operation::integer_power);
  CHECK(Expression::parse("z1^2.5").nodes().back().operation == Operation::power);
  CHECK(Expression::parse("z1^1").nodes().back().operation == Operation::variable);
  CHECK(Expression::parse("z1^100").nodes().back().operation == Operation::power);
}

TEST_CASE("Expression: as_polynomial expands sums, products, powers, He_l and constant quotients") {
  using Terms = std::map<Polynomial::Exponents, double>;
  const auto terms = [](const std::string& text) {
    return Expression::parse(text).as_polynomial().value().terms();
  };
  CHECK(terms("He3(z1) + z2^2/2") == Terms{{{3, 0}, 1}, {{1, 0}, -3}, {{0, 2}, 0.5}});
  CHECK(terms("(z1 - z2)^2") == Terms{{{2, 0}, 1}, {{1, 1}, -2}, {{0, 2}, 1}});
  CHECK(terms("He2(z1 + z2)") == Terms{{{2, 0}, 1}, {{1, 1}, 2}, {{0, 2}, 1}, {{0, 0}, -1}});
  CHECK(terms("-(z1*3 - 1)") == Terms{{{1}, -3}, {{0}, 1}});
  CHECK(terms("z1 - z1 + 4") == Terms{{{0}, 4}});
  CHECK(terms("z1^100") == Terms{{{100}, 1}});
  CHECK(terms("7") == Terms{{{}, 7}});
  for (const std::string text :
       {"tanh(z1)", "z1/z2", "z1^-1", "z1^0.5", "2^z1", "z1 < 0", "z1/0", "(z1 - z1)/0",
        "log(-1)*z1", "z1^300", "abs(z1)", "max(z1, 1)", "(z1+z2+z3+z4+z5+z6+z7+z8+z9+z10)^60"}) {
    CAPTURE(text);
    CHECK(!Expression::parse(text).as_polynomial());
  }
}

TEST_CASE("Expression: as_polynomial has the values of the expression") {
  const Lists columns = gaussian_columns(3, 20);
  for (const std::string text :
       {"He4(z1)*z2 - 3*z3^2", "(z1 + 2*z2 - z3)^4/7 + He5(z3)", "z1*z2*z3 - He2(z1*z2)"}) {
    CAPTURE(text);
    const Expression expression = Expression::parse(text);
    const Polynomial polynomial = expression.as_polynomial().value();
    for (std::size_t i = 0; i < 20; ++i) {
      const std::array<double, 3> z = {columns[0][i], columns[1][i], columns[2][i]};
      // Terms of up to a few hundred cancel in the expanded form.
      CHECK(close(polynomial(z), expression(z), {.rtol = 1e-13, .atol = 1e-12}));
    }
  }
}
