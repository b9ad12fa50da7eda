#include "reprise/core/callable.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "reprise/core/check.hpp"

namespace reprise {

namespace {

constexpr std::string_view prefix = "callable \"";

}  // namespace

std::string callable_text(std::string_view where, std::string_view what, std::string_view name) {
  if (name.empty()) {
    reject(where, what, "a text, or a callable with a name, to stand in a file",
           std::string_view("a callable without a name"));
  }
  return std::string(prefix) + std::string(name) + "\"";
}

bool is_callable_text(std::string_view text) { return text.starts_with(prefix); }

void check_samples_are_independent(
    std::string_view where, std::string_view name, std::size_t n_samples,
    const std::function<void(std::size_t first, std::size_t n, double* out)>& evaluate) {
  std::vector<double> together(n_samples);
  evaluate(0, n_samples, together.data());
  double largest = 0;
  for (const double number : together) {
    if (std::isfinite(number)) largest = std::max(largest, std::abs(number));
  }
  for (std::size_t i = n_samples; i-- > 0;) {
    double alone = 0;
    evaluate(i, 1, &alone);
    const bool is_equal = std::isfinite(alone) && std::isfinite(together[i])
                              ? std::abs(alone - together[i]) <= 1e-9 * largest
                              : std::isfinite(alone) == std::isfinite(together[i]);
    if (is_equal) continue;
    std::ostringstream text;
    text << together[i] << " at place " << i + 1 << " of " << n_samples << " and " << alone
         << " alone";
    reject(where, name, "a function of its sample alone", std::string_view(text.str()));
  }
}

}  // namespace reprise
