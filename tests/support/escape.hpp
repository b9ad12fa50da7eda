// How long one neuron takes to leave m_0 = 1 / sqrt d for a He_l target: chain and ODE.
#pragma once

#include <algorithm>
#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "reprise/integration/output_times.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/ode.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace reprise::test {

/// He_l student and teacher, correlation loss, overlap 1 / sqrt d.
inline Problem escape_problem(int l, double d) {
  const std::string he = "He" + std::to_string(l);
  Problem problem = make_problem(he, Eigen::VectorXd::Ones(1), he + "(z1)", 1);
  problem.loss = Loss::correlation();
  problem.initial.M(0, 0) = 1 / std::sqrt(d);
  return problem;
}

/// Steps as large as the theory allows: gamma ~ 1 up to l = 2, then d^(1 - l/2).
inline OnePassSgd escape_sgd(int l, double d, double step) {
  return {.learning_rate = step * (l > 2 ? std::pow(d, 1 - 0.5 * l) : 1.0),
          .normalise = Normalise::spherical};
}

/// The time that the drift dm/dt = gamma l l! m^(l-1) alone takes.
inline double drift_time(int l, double d, double gamma) {
  const double rate = gamma * l * std::tgamma(l + 1);
  if (l == 1) return 0.5 / rate;
  if (l == 2) return 0.5 * std::log(d) / rate;
  return std::pow(d, 0.5 * (l - 2)) / ((l - 2) * rate);
}

/// A straight line through points with errors.
struct Line {
  double slope = 0;
  double error = 0;  ///< of the slope, from the errors of the points
};

inline Line fit_line(const std::vector<double>& x, const std::vector<SampleMoments>& y) {
  double mean = 0, xx = 0, variance = 0;
  std::vector<double> values;
  for (const double v : x) mean += v / static_cast<double>(x.size());
  for (const double v : x) xx += (v - mean) * (v - mean);
  for (std::size_t i = 0; i < x.size(); ++i) {
    variance += std::pow(y[i].mean_error * (x[i] - mean) / xx, 2);
    values.push_back(y[i].mean);
  }
  return {slope(x, values), std::sqrt(variance)};
}

/// Samples / d until |m| >= 0.5, of the runs of a chain that get there.
inline std::vector<double> chain_escapes(int l, double d, double step, int runs) {
  const OnePassSgd sgd = escape_sgd(l, d, step);
  const double end = 10 * drift_time(l, d, sgd.learning_rate);
  const ExactChain options{
      .dimension = d, .times = linear_times(end, static_cast<int>(4 * end)), .runs = runs};
  std::vector<double> found;
  for (const double time : first_passages(escape_problem(l, d), sgd, options, {0.5}).reshaped()) {
    if (std::isfinite(time)) found.push_back(time);
  }
  return found;
}

/// The same for l > 2 as d grows: x = m sqrt d, tau = samples / d^(l - 1),
///
///   dx = (step l l! x^(l-1) - step^2/2 E[G^2] x) (1 - x^2 / d) dtau + step E[G^2 h*^2]^(1/2) dB
///
/// with G = He_l(h*) l He_{l-1}(h) at m = 0, from x = 1 until m = 0.5. d is left in that level
/// alone. Logarithms of the numbers of samples, sorted.
inline std::vector<double> diffusion_escapes(int l, double d, double step, int runs) {
  const double square = std::tgamma(l + 1) * l * std::tgamma(l + 1);  // E[G^2]
  const double drift = step * l * std::tgamma(l + 1), decay = 0.5 * step * step * square;
  const double variance = step * step * square * (2 * l + 1);
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  std::vector<double> found(static_cast<std::size_t>(runs));
  for (double& time : found) {
    double x = 1, tau = 0;
    while (std::abs(x) < 0.5 * std::sqrt(d)) {
      const double growth = drift * std::pow(x, l - 2);
      const double h = 0.005 / (drift + std::abs(growth) + variance);
      x += h * (growth - decay) * x * (1 - x * x / d) + std::sqrt(h * variance) * normal(engine);
      tau += h;
    }
    time = std::log(tau) + (l - 1) * std::log(d);
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// The median of sorted numbers, in the place of a mean, with the error from its rank's.
inline SampleMoments median(const std::vector<double>& sorted) {
  const std::size_t half = sorted.size() / 2;
  const auto shift = static_cast<std::size_t>(std::sqrt(static_cast<double>(sorted.size())) / 2);
  return {.mean = sorted[half], .mean_error = 0.5 * (sorted[half + shift] - sorted[half - shift])};
}

/// log of the samples that the chain takes to |m| >= 0.5: the median, as good as a mean without
/// waiting for the slowest runs. `until`: samples after which the rest of the runs is given up.
inline SampleMoments chain_log_median(int l, double d, double step, int runs, double until) {
  const ExactChain options{.dimension = d, .times = linear_times(until / d, 500), .runs = runs};
  const Eigen::MatrixXd times =
      first_passages(escape_problem(l, d), escape_sgd(l, d, step), options, {0.5});
  std::vector<double> found;
  for (const double time : times.reshaped()) found.push_back(std::log(time * d));
  std::sort(found.begin(), found.end());
  return median(found);
}

}  // namespace reprise::test
