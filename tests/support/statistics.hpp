// Statistics for tests: means with their errors, Kolmogorov-Smirnov tests, least-squares slopes.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <numbers>
#include <vector>

namespace reprise::test {

/// Mean and standard deviation of a sample, each with its own standard error.
struct SampleMoments {
  double mean = 0;
  double mean_error = 0;
  double deviation = 0;
  double deviation_error = 0;
};

/// Of at least two numbers. The error of the deviation uses the fourth moment, so no law is
/// assumed.
inline SampleMoments moments(const std::vector<double>& sample) {
  const auto n = static_cast<double>(sample.size());
  double mean = 0;
  for (const double x : sample) mean += x / n;
  double second = 0;
  double fourth = 0;
  for (const double x : sample) {
    const double square = (x - mean) * (x - mean);
    second += square / n;
    fourth += square * square / n;
  }
  const double deviation = std::sqrt(second * n / (n - 1));
  const double variance_error = std::sqrt(std::max(fourth - second * second, 0.0) / n);
  return {.mean = mean,
          .mean_error = deviation / std::sqrt(n),
          .deviation = deviation,
          .deviation_error = deviation > 0 ? variance_error / (2 * deviation) : 0};
}

/// Probability that a Kolmogorov variable exceeds x.
inline double kolmogorov_tail(double x) {
  if (!(x >= 0.2)) return std::isnan(x) ? x : 1;  // below 0.2 it is 1 to 12 digits
  const double pi = std::numbers::pi;
  double sum = 0;
  for (int j = 1; j <= 20; ++j) {
    if (x < 1) {  // each series where it converges fast
      sum += std::exp(-(2 * j - 1) * (2 * j - 1) * pi * pi / (8 * x * x));
    } else {
      sum += (j % 2 == 1 ? 2 : -2) * std::exp(-2 * j * j * x * x);
    }
  }
  return x < 1 ? 1 - std::sqrt(2 * pi) / x * sum : sum;
}

/// The p-value of a distance between distributions, with Stephens' correction for n below some
/// 1000.
inline double kolmogorov_p_of_distance(double distance, double n) {
  return kolmogorov_tail((std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance);
}

/// Two-sample Kolmogorov-Smirnov: the probability of a distance as large as seen if both samples
/// come from one law. Ties make it too large, never too small. NaN in a sample gives 0.
inline double kolmogorov_smirnov_p(std::vector<double> a, std::vector<double> b) {
  const auto is_nan = [](double x) { return std::isnan(x); };
  if (std::any_of(a.begin(), a.end(), is_nan) || std::any_of(b.begin(), b.end(), is_nan)) return 0;
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto n_a = static_cast<double>(a.size());
  const auto n_b = static_cast<double>(b.size());
  double distance = 0;
  for (std::size_t i = 0, j = 0; i < a.size() && j < b.size();) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] == x) ++i;
    while (j < b.size() && b[j] == x) ++j;
    const double difference = static_cast<double>(i) / n_a - static_cast<double>(j) / n_b;
    distance = std::max(distance, std::abs(difference));
  }
  return kolmogorov_p_of_distance(distance, n_a * n_b / (n_a + n_b));
}

/// One-sample Kolmogorov-Smirnov against a continuous distribution function. NaN gives 0.
template <std::invocable<double> Distribution>
double kolmogorov_smirnov_p(std::vector<double> sample, Distribution distribution) {
  std::sort(sample.begin(), sample.end());
  const auto n = static_cast<double>(sample.size());
  double distance = 0;
  for (std::size_t i = 0; i < sample.size(); ++i) {
    const double value = distribution(sample[i]);
    if (std::isnan(value)) return 0;
    const auto rank = static_cast<double>(i);
    distance = std::max({distance, value - rank / n, (rank + 1) / n - value});
  }
  return kolmogorov_p_of_distance(distance, n);
}

/// Pearson's correlation; times sqrt(size) it is in standard errors if x and y are independent.
inline double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const SampleMoments of_x = moments(x);
  const SampleMoments of_y = moments(y);
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += (x[i] - of_x.mean) * (y[i] - of_y.mean);
  return sum / ((static_cast<double>(x.size()) - 1) * of_x.deviation * of_y.deviation);
}

/// Least-squares slope of y against x.
inline double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  double mean_x = 0;
  double mean_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    mean_x += x[i] / n;
    mean_y += y[i] / n;
  }
  double xy = 0;
  double xx = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - mean_x) * (y[i] - mean_y);
    xx += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return xy / xx;
}

}  // namespace reprise::test
