// Formulas of named numbers, and texts with such formulas in them.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace reprise {

/// The value of "0.3 * d^(-mu/2)" for {d, mu}: the functions of target expressions, and names that
/// stand for numbers. Throws InputError for what is no formula, has another name in it, or is not
/// finite.
double evaluate_formula(std::string_view formula, const std::map<std::string, double>& numbers);

/// "cos({phi})*He1(z1)" with every {...} replaced: by the text of a name (with its
/// own formulas replaced), if it is one, else by the value of the formula. Throws as above, and for
/// an open brace without its other.
std::string fill_template(std::string_view text, const std::map<std::string, double>& numbers,
                          const std::map<std::string, std::string>& names);

}  // namespace reprise
