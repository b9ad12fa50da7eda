// Numbers as text, the same bytes on every machine and locale.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reprise {

/// The shortest decimal text that reads back to exactly the same double.
std::string shortest(double value);

/// `digits` significant digits without trailing zeros: 0.2282, 1.2e-05.
std::string rounded(double value, int digits);

/// "0.22815(9)": the value down to the digit of its standard error, which follows in units of that
/// digit. Without a usable error (none, 0, not finite): rounded(value, 6).
std::string with_error(double value, std::optional<double> standard_error);

/// The double that the whole of `text` spells; none if it spells none, or inf or nan.
std::optional<double> parse_finite(std::string_view text);

}  // namespace reprise
