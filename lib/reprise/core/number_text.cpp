#include "reprise/core/number_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace reprise {

namespace {

template <class... Format>
std::string converted(double value, Format... format) {
  std::array<char, 400> buffer;  // the longest fixed text of a double has 309 + 17 digits
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...);
  return {buffer.data(), result.ptr};
}

}  // namespace

std::string shortest(double value) { return converted(value); }

std::string rounded(double value, int digits) {
  return converted(value, std::chars_format::general, digits);
}

std::string with_error(double value, std::optional<double> standard_error) {
  if (!standard_error || !(*standard_error > 0) || !std::isfinite(*standard_error)) {
    return rounded(value, 6);
  }
  // One digit of the error, two where that digit would be 1.
  int decimals = -static_cast<int>(std::floor(std::log10(*standard_error)));
  if (*standard_error * std::pow(10.0, decimals) < 1.95) ++decimals;
  if (decimals < 0 || decimals > 12) {
    return rounded(value, 6) + " +- " + rounded(*standard_error, 2);
  }
  const double in_last_digit = std::round(*standard_error * std::pow(10.0, decimals));
  return converted(value, std::chars_format::fixed, decimals) + "(" +
         converted(in_last_digit, std::chars_format::fixed, 0) + ")";
}

std::optional<double> parse_finite(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace reprise
