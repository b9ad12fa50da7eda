#include "reprise/integration/output_times.hpp"

#include <cmath>
#include <string>

#include "reprise/core/check.hpp"

namespace reprise {

std::vector<double> linear_times(double duration, int count) {
  check_positive("output", "duration", duration);
  check_at_least("output", "count", count, 1);
  std::vector<double> times;
  for (int i = 0; i <= count; ++i) times.push_back(duration * i / count);
  return times;
}

std::vector<double> log_times(double first, double duration, int per_decade) {
  check_positive("output", "first time", first);
  check_positive("output", "duration", duration);
  check_at_least("output", "times per decade", per_decade, 1);
  if (first > duration) reject("output", "first time", "at most the duration", first);
  std::vector<double> times = {0};
  const double decades = std::log10(duration / first);
  const int count = static_cast<int>(std::ceil(decades * per_decade - 1e-9));
  for (int i = 0; i < count; ++i) times.push_back(first * std::pow(10.0, double(i) / per_decade));
  times.push_back(duration);
  return times;
}

void check_times(std::string_view where, const std::vector<double>& times) {
  if (times.empty()) reject(where, "times", "one at least", std::string_view("none"));
  for (std::size_t i = 0; i < times.size(); ++i) {
    const std::string entry = "times[" + std::to_string(i + 1) + "]";
    check_nonnegative(where, entry, times[i]);
    if (i > 0 && !(times[i] > times[i - 1]))
      reject(where, entry, "above the time before it", times[i]);
  }
}

}  // namespace reprise
