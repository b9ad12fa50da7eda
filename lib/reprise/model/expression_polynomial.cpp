#include "reprise/model/expression_polynomial.hpp"

#include <cmath>
#include <utility>

#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

constexpr int max_degree = 256;
constexpr std::size_t max_terms = 1024;
constexpr std::size_t max_terms_of_all_nodes = 65536;

using Candidate = std::optional<RoundedPolynomial>;

bool is_small(const Polynomial& polynomial) { return polynomial.n_terms() <= max_terms; }

bool is_small(const RoundedPolynomial& x) { return is_small(x.value) && is_small(x.magnitude); }

RoundedPolynomial constant_of(int n_variables, double value) {
  return {Polynomial::constant(n_variables, value),
          Polynomial::constant(n_variables, std::abs(value))};
}

RoundedPolynomial scaled(double factor, const RoundedPolynomial& x) {
  return {factor * x.value, std::abs(factor) * x.magnitude};
}

RoundedPolynomial sum_of(const RoundedPolynomial& a, const RoundedPolynomial& b) {
  return {a.value + b.value, a.magnitude + b.magnitude};
}

Candidate product_of(const RoundedPolynomial& a, const RoundedPolynomial& b) {
  if (a.magnitude.degree() + b.magnitude.degree() > max_degree || !is_small(a) || !is_small(b)) {
    return std::nullopt;
  }
  return RoundedPolynomial{a.value * b.value, a.magnitude * b.magnitude};
}

Candidate whole_power(const RoundedPolynomial& base, double exponent) {
  if (!(exponent >= 0 && exponent <= max_degree && exponent == std::trunc(exponent))) {
    return std::nullopt;
  }
  Candidate result = constant_of(base.value.n_variables(), 1);
  for (int i = 0; i < static_cast<int>(exponent) && result; ++i) result = product_of(*result, base);
  return result;
}

// He_l of a polynomial, by the recurrence.
Candidate hermite_of(const RoundedPolynomial& x, int order) {
  Candidate last = constant_of(x.value.n_variables(), 1);
  Candidate current = x;
  for (int l = 1; l < order && current; ++l) {
    Candidate next = product_of(x, *current);
    if (next) next = sum_of(*next, scaled(-static_cast<double>(l), *last));
    last = std::move(current);
    current = std::move(next);
  }
  return current;
}

Candidate polynomial_of(const ExpressionNode& node, int n_variables,
                        const std::vector<RoundedPolynomial>& known) {
  const auto first = [&]() -> const RoundedPolynomial& {
    return known[static_cast<std::size_t>(node.first)];
  };
  const auto second = [&]() -> const RoundedPolynomial& {
    return known[static_cast<std::size_t>(node.second)];
  };
  const auto divisor = [&] { return second().value.constant_term(); };
  switch (node.operation) {
    case Operation::constant:
      return constant_of(n_variables, node.value);
    case Operation::variable: {
      const Polynomial variable = Polynomial::variable(n_variables, node.index);
      return RoundedPolynomial{variable, variable};
    }
    case Operation::negate:
      return scaled(-1, first());
    case Operation::add:
      return sum_of(first(), second());
    case Operation::subtract:
      return sum_of(first(), scaled(-1, second()));
    case Operation::multiply:
      return product_of(first(), second());
    case Operation::divide:
      if (!second().value.is_constant() || divisor() == 0) return std::nullopt;
      return scaled(1 / divisor(), first());
    case Operation::integer_power:
      return whole_power(first(), node.index);
    case Operation::power:
      if (!second().value.is_constant()) return std::nullopt;
      return whole_power(first(), second().value.constant_term());
    case Operation::hermite:
      return hermite_of(first(), node.index);
    default:
      return std::nullopt;
  }
}

bool is_finite(const Polynomial& polynomial) {
  for (const auto& [exponents, coefficient] : polynomial.terms()) {
    if (!std::isfinite(coefficient)) return false;
  }
  return true;
}

}  // namespace

std::optional<RoundedPolynomial> rounded_polynomial(const Expression& expression) {
  std::vector<RoundedPolynomial> known;
  std::size_t n_terms = 0;
  for (const ExpressionNode& node : expression.nodes()) {
    Candidate polynomial = polynomial_of(node, expression.n_variables(), known);
    if (!polynomial || !is_finite(polynomial->magnitude) || !is_small(*polynomial)) {
      return std::nullopt;
    }
    n_terms += polynomial->magnitude.n_terms();
    if (n_terms > max_terms_of_all_nodes) return std::nullopt;
    known.push_back(std::move(*polynomial));
  }
  return std::move(known.back());
}

std::optional<Polynomial> Expression::as_polynomial() const {
  auto polynomial = rounded_polynomial(*this);
  if (!polynomial) return std::nullopt;
  return std::move(polynomial->value);
}

}  // namespace reprise
