#include "reprise/experiments/document/formula.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/model/expression.hpp"

namespace reprise {

namespace {

using Numbers = std::map<std::string, double>;

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_of_word(char c) { return is_letter(c) || is_digit(c) || c == '.'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string in_parentheses(double number) { return "(" + shortest(number) + ")"; }

// The position behind the parenthesis that closes the one at `open`; npos if there is none.
std::size_t behind_parentheses(std::string_view text, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < text.size(); ++at) {
    if (text[at] == '(') ++depth;
    if (text[at] == ')' && --depth == 0) return at + 1;
  }
  return std::string_view::npos;
}

// Targets have no use for them, so that they are no operations of an Expression.
using Rounding = std::pair<std::string_view, double (*)(double)>;
constexpr std::array<Rounding, 3> roundings = {{{"round", [](double x) { return std::round(x); }},
                                                {"floor", [](double x) { return std::floor(x); }},
                                                {"ceil", [](double x) { return std::ceil(x); }}}};

// Every word that is a name, and every rounding, as its number in brackets.
std::string with_numbers(std::string_view formula, const Numbers& numbers) {
  std::string result;
  for (std::size_t at = 0; at < formula.size();) {
    std::size_t end = at + 1;
    if (is_digit(formula[at])) {  // 2e5 has no word in it
      double ignored = 0;
      const char* const last = formula.data() + formula.size();
      end = static_cast<std::size_t>(std::from_chars(formula.data() + at, last, ignored).ptr -
                                     formula.data());
    } else if (is_letter(formula[at])) {
      while (end < formula.size() && (is_letter(formula[end]) || is_digit(formula[end]))) ++end;
    }
    const std::string word(formula.substr(at, end - at));
    const auto found = numbers.find(word);
    const auto rounding = std::ranges::find(roundings, std::string_view(word), &Rounding::first);
    if (found != numbers.end()) {
      result += in_parentheses(found->second);
    } else if (rounding != roundings.end() && formula.substr(end).starts_with("(")) {
      const std::size_t behind = behind_parentheses(formula, end);
      if (behind == std::string_view::npos) throw InputError("'(' is never closed");
      const std::string_view argument = formula.substr(end + 1, behind - end - 2);
      result += in_parentheses(rounding->second(evaluate_formula(argument, numbers)));
      end = behind;
    } else {
      result += word;
    }
    at = end;
  }
  return result;
}

// Whether what stands between the two stands alone there: the whole of a text, of an argument, or
// of an item of a list.
bool stands_alone(std::string_view before, std::string_view after) {
  while (!before.empty() && is_blank(before.back())) before.remove_suffix(1);
  while (!after.empty() && is_blank(after.front())) after.remove_prefix(1);
  constexpr std::string_view openings = "([,'\"", closings = ")],'\"";
  return (before.empty() || openings.find(before.back()) != std::string_view::npos) &&
         (after.empty() || closings.find(after.front()) != std::string_view::npos);
}

// What ends `text` without a blank or an operator: a name, a number, or nothing.
std::string_view last_word(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0 && is_of_word(text[begin - 1])) --begin;
  return text.substr(begin);
}

// Whole numbers by their digits: a name or a word takes no 1e+06.
std::string text_of(double value) {
  if (value != std::round(value) || std::abs(value) > 1e15) return shortest(value);
  return std::to_string(static_cast<std::int64_t>(value));
}

[[noreturn]] void refuse_to_run_into(const std::string& formula, const std::string& text,
                                     std::string_view neighbour) {
  throw InputError("{" + formula + "} is " + text + " and would run into \"" +
                   std::string(neighbour) + "\" beside it, write an operator between");
}

// A value as it goes between the two; `formula` is what it is of, for errors.
std::string number_between(double value, const std::string& formula, std::string_view before,
                           std::string_view after, TemplateKind kind) {
  value += 0.0;  // no negative zero
  const std::string text = text_of(value);
  if (kind == TemplateKind::prose) return text;
  const std::string_view word = last_word(before);
  if (!word.empty() && is_letter(word.front())) {
    const std::optional<double> whole = whole_number(value);
    if (kind == TemplateKind::value) return text;
    if (whole && *whole >= 0) return text_of(*whole);
    throw InputError("{" + formula + "} is " + text + " and ends the name \"" + std::string(word) +
                     "\", which takes a whole number of at least 0");
  }
  if (!word.empty()) refuse_to_run_into(formula, text, word);
  if (!after.empty() && is_of_word(after.front())) {
    refuse_to_run_into(formula, text, after.substr(0, 1));
  }
  return value < 0 && !stands_alone(before, after) ? "(" + text + ")" : text;
}

// The text of the name `name` as it goes between the two.
std::string text_between(const std::string& text, const std::string& name, std::string_view before,
                         std::string_view after, TemplateKind kind) {
  if (kind == TemplateKind::prose) return text;
  const std::string_view word = last_word(before);
  if (!word.empty() && !is_letter(word.front()) && !text.empty() && is_of_word(text.front())) {
    refuse_to_run_into(name, text, word);
  }
  const bool is_operand = kind == TemplateKind::expression ? !std::ranges::all_of(text, is_of_word)
                                                           : parse_finite(text).value_or(0) < 0;
  return is_operand && !stands_alone(before, after) ? "(" + text + ")" : text;
}

}  // namespace

double evaluate_formula(std::string_view formula, const Numbers& numbers) {
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

std::optional<double> whole_number(double value) {
  const double whole = std::round(value);
  const double rounding = std::min(1e-13 * std::abs(value), 1e-3);
  if (std::abs(value - whole) <= rounding) return whole;
  return std::nullopt;
}

std::string fill_template(std::string_view text, const Numbers& numbers,
                          const std::map<std::string, std::string>& names, TemplateKind kind) {
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
    text.remove_prefix(close + 1);
    const auto named = names.find(formula);
    result += named == names.end()
                  ? number_between(evaluate_formula(formula, numbers), formula, result, text, kind)
                  : text_between(fill_template(named->second, numbers, {}, kind), formula, result,
                                 text, kind);
  }
}

}  // namespace reprise
