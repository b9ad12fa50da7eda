// Formulas of named numbers, and texts with such formulas in them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace reprise {

/// The value of "0.3 * d^(-mu/2)" for {d, mu}: the functions of target expressions with round,
/// floor and ceil beside them, and names that stand for numbers. Throws InputError for what is no
/// formula, has another name in it, or is not finite.
double evaluate_formula(std::string_view formula, const std::map<std::string, double>& numbers);

/// The whole number that a value of a formula is, up to the rounding of its arithmetic.
std::optional<double> whole_number(double value);

/// What the text is in which formulas stand, which says what else it takes for a value.
enum class TemplateKind {
  value,       ///< a number, a list, or words with numbers ("repeat {n}")
  expression,  ///< of a target, or an activation
  prose,       ///< a title
};

/// "cos({phi})*He1(z1)" with every {...} replaced: by the text of a name (with its
/// own formulas replaced), if it is one, else by the value of the formula.
///
/// It goes in as one operand: in parentheses where its sign, or the operators of a name's text,
/// would otherwise bind to what stands around it. Behind a word it is part of a name (He{l}) and
/// whole. Throws as above, for an open brace without its other, and where a value would become a
/// part of the number beside it ("2{x}").
std::string fill_template(std::string_view text, const std::map<std::string, double>& numbers,
                          const std::map<std::string, std::string>& names,
                          TemplateKind kind = TemplateKind::value);

}  // namespace reprise
