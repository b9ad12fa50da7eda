// Statistics of samples, for tests that compare distributions.
#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace reprise::test {

/// Mean and standard deviation of a sample with their standard errors; that of the deviation uses
/// the fourth moment, so that it holds for tails that are not Gaussian.
struct Moments {
  double mean = 0;
  double mean_error = 0;
  double deviation = 0;
  double deviation_error = 0;
};

inline Moments moments(const std::vector<double>& x) {
  const auto n = static_cast<double>(x.size());
  Moments result;
  result.mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  double second = 0;
  double fourth = 0;
  for (const double value : x) {
    const double square = (value - result.mean) * (value - result.mean);
    second += square / n;
    fourth += square * square / n;
  }
  result.deviation = std::sqrt(second * n / (n - 1));
  result.mean_error = result.deviation / std::sqrt(n);
  result.deviation_error =
      second > 0 ? std::sqrt((fourth - second * second) / n) / (2 * result.deviation) : 0;
  return result;
}

/// P(D > observed) of the asymptotic Kolmogorov distribution.
inline double kolmogorov_tail(double lambda) {
  if (lambda < 0.2) return 1;
  double sum = 0;
  for (int j = 1; j <= 100; ++j) {
    sum += (j % 2 ? 2 : -2) * std::exp(-2.0 * j * j * lambda * lambda);
  }
  return std::clamp(sum, 0.0, 1.0);
}

/// The p-value of the two-sample Kolmogorov-Smirnov test, asymptotic with Stephens' correction.
inline double kolmogorov_smirnov_p(std::vector<double> a, std::vector<double> b) {
  std::sort(a.begin(), a.end());
  std::sort(b.begin(), b.end());
  const auto n = static_cast<double>(a.size());
  const auto m = static_cast<double>(b.size());
  double distance = 0;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    const double x = std::min(a[i], b[j]);
    while (i < a.size() && a[i] <= x) ++i;
    while (j < b.size() && b[j] <= x) ++j;
    distance = std::max(distance, std::abs(static_cast<double>(i) / n - static_cast<double>(j) / m));
  }
  const double root = std::sqrt(n * m / (n + m));
  return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

/// The p-value of the one-sample Kolmogorov-Smirnov test against a distribution function.
template <class Cdf>
double kolmogorov_smirnov_p(std::vector<double> a, const Cdf& cdf)
  requires requires { { cdf(0.0) } -> std::convertible_to<double>; }
{
  std::sort(a.begin(), a.end());
  const auto n = static_cast<double>(a.size());
  double distance = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double value = cdf(a[i]);
    distance = std::max({distance, value - static_cast<double>(i) / n,
                         static_cast<double>(i + 1) / n - value});
  }
  const double root = std::sqrt(n);
  return kolmogorov_tail((root + 0.12 + 0.11 / root) * distance);
}

/// The least-squares slope of y against x.
inline double slope(const std::vector<double>& x, const std::vector<double>& y) {
  const auto n = static_cast<double>(x.size());
  const double x_mean = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double y_mean = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xy = 0;
  double xx = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xy += (x[i] - x_mean) * (y[i] - y_mean);
    xx += (x[i] - x_mean) * (x[i] - x_mean);
  }
  return xy / xx;
}

}  // namespace reprise::test
