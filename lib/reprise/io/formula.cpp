#include "reprise/io/formula.hpp"

#include <cctype>
#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/model/expression.hpp"

namespace reprise {

namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

// Every word that is a name, as its number in brackets. "2e5" has no word in it.
std::string with_numbers(std::string_view formula, const std::map<std::string, double>& numbers) {
  std::string result;
  for (std::size_t at = 0; at < formula.size();) {
    std::size_t end = at + 1;
    if (is_letter(formula[at]) || is_digit(formula[at])) {
      while (end < formula.size() && (is_letter(formula[end]) || is_digit(formula[end]))) ++end;
    }
    const std::string word(formula.substr(at, end - at));
    const auto found = numbers.find(word);
    result += found == numbers.end() ? word : "(" + shortest(found->second) + ")";
    at = end;
  }
  return result;
}

}  // namespace

double evaluate_formula(std::string_view formula, const std::map<std::string, double>& numbers) {
  const auto refuse = [&](const std::string& why) {
    std::string text = "\"" + std::string(formula) + "\": " + why + "; names are";
    for (const auto& [name, number] : numbers) text += " " + name;
    throw InputError(text);
  };
  double value = 0;
  try {
    const Expression expression = Expression::parse(with_numbers(formula, numbers));
    if (expression.n_variables() > 0) refuse("z1, z2, ... are not known here");
    value = expression({});
  } catch (const ExpressionError& error) {
    refuse("not a formula: " + error.reason());
  }
  if (!std::isfinite(value)) refuse("its value is not finite");
  return value;
}

std::string fill_template(std::string_view text, const std::map<std::string, double>& numbers,
                          const std::map<std::string, std::string>& names) {
  std::string result;
  while (true) {
    const std::size_t open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) return result;
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) {
      throw InputError("\"" + std::string(text) + "\": { without }");
    }
    const std::string formula(text.substr(open + 1, close - open - 1));
    const auto named = names.find(formula);
    result += named == names.end() ? shortest(evaluate_formula(formula, numbers))
                                   : fill_template(named->second, numbers, {});
    text.remove_prefix(close + 1);
  }
}

}  // namespace reprise
