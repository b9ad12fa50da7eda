#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/model/activation.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

constexpr int max_order = 20;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

[[noreturn]] void fail(std::string_view text, const std::string& reason) {
  throw InputError("activation: '" + std::string(text) + "' " + reason);
}

// The whole of `word` as a finite number.
double number(std::string_view text, std::string_view word) {
  word = trimmed(word);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc{} || end != word.data() + word.size() ||
      !std::isfinite(value)) {
    fail(text, "needs finite numbers, got '" + std::string(word) + "'");
  }
  return value;
}

// What stands between `open` and `close` at the ends of `part`, a part of `text`.
std::string_view enclosed(std::string_view text, std::string_view part, char open, char close,
                          const std::string& example) {
  part = trimmed(part);
  if (part.size() < 2 || part.front() != open || part.back() != close) {
    fail(text, "needs an argument, " + example + " for example");
  }
  return part.substr(1, part.size() - 2);
}

Activation parse_leaky_relu(std::string_view text) {
  const std::string_view tail = text.substr(std::string_view("leaky_relu").size());
  return Activation::leaky_relu(number(text, enclosed(text, tail, '(', ')', "leaky_relu(0.1)")));
}

// "name([c0, c1, ..])"
std::vector<double> parse_coefficients(std::string_view text, std::string_view name) {
  const std::string example = std::string(name) + "([0, 1, 0.5])";
  const std::string_view tail = text.substr(name.size());
  std::string_view list =
      enclosed(text, enclosed(text, tail, '(', ')', example), '[', ']', example);
  std::vector<double> coefficients;
  while (true) {
    const std::size_t comma = std::min(list.find(','), list.size());
    coefficients.push_back(number(text, list.substr(0, comma)));
    if (comma == list.size()) return coefficients;
    list.remove_prefix(comma + 1);
  }
}

// sum_k c_k He_k / sqrt(k!), as the polynomial that it is.
Activation parse_hermite_series(std::string_view text) {
  std::vector<double> coefficients = parse_coefficients(text, "hermite");
  if (coefficients.size() > max_order + 1) {
    fail(text, "is unknown: Hermite series go to He" + std::to_string(max_order));
  }
  for (std::size_t k = 0; k < coefficients.size(); ++k) {
    coefficients[k] /= std::sqrt(factorial(static_cast<int>(k)));
  }
  return Activation::polynomial(hermite_to_monomial(coefficients));
}

Activation parse_hermite(std::string_view text) {
  int order = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data() + 2, last, order);
  if (error != std::errc{} || end != last || order < 1 || order > max_order || text[2] == '0') {
    fail(text, "is unknown: Hermite activations go from He1 to He" + std::to_string(max_order));
  }
  return Activation::hermite(order);
}

// The part before a parenthesis or the end.
std::string_view head(std::string_view text) { return trimmed(text.substr(0, text.find('('))); }

[[noreturn]] void fail_unknown(std::string_view text) {
  static constexpr std::array<std::string_view, 18> known = {
      "relu", "leaky_relu", "erf", "tanh",   "sigmoid",    "softplus",
      "gelu", "sin",        "cos", "linear", "He1",        "He2",
      "He3",  "He4",        "He5", "He6",    "polynomial", "hermite"};
  static constexpr std::array<UsualName, 3> usual = {
      {{"identity", "linear"}, {"id", "linear"}, {"logistic", "sigmoid"}}};
  const std::string hint = did_you_mean(head(text), known, usual);
  fail(text, "is unknown" + hint + (hint.empty() ? "; there are" : " There are") +
                 " relu, leaky_relu(0.1), erf, tanh, sigmoid, softplus, gelu, sin, cos, "
                 "linear, He1..He20, polynomial([c0, c1, ...]), hermite([c0, c1, ...])");
}

bool is_hermite(std::string_view text) {
  return text.size() > 2 && text.starts_with("He") &&
         std::all_of(text.begin() + 2, text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Activation Activation::parse(std::string_view text) {
  using Simple = std::pair<std::string_view, ActivationKind>;
  static constexpr std::array<Simple, 9> simple = {{{"relu", ActivationKind::relu},
                                                    {"erf", ActivationKind::erf},
                                                    {"tanh", ActivationKind::tanh},
                                                    {"sigmoid", ActivationKind::sigmoid},
                                                    {"softplus", ActivationKind::softplus},
                                                    {"gelu", ActivationKind::gelu},
                                                    {"sin", ActivationKind::sin},
                                                    {"cos", ActivationKind::cos},
                                                    {"linear", ActivationKind::linear}}};
  text = trimmed(text);
  for (const auto& [name, kind] : simple) {
    if (text == name) return Activation(kind, std::string(name));
  }
  if (is_hermite(text)) return parse_hermite(text);
  if (head(text) == "leaky_relu") return parse_leaky_relu(text);
  if (head(text) == "polynomial") {
    return Activation::polynomial(parse_coefficients(text, "polynomial"));
  }
  if (head(text) == "hermite") return parse_hermite_series(text);
  fail_unknown(text);
}

}  // namespace reprise
