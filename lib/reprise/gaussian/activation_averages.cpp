#include "reprise/gaussian/activation_averages.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reprise/gaussian/erf_integrals.hpp"
#include "reprise/gaussian/relu_integrals.hpp"
#include "reprise/gaussian/wick.hpp"

namespace reprise {

namespace {

constexpr double inverse_sqrt_2_pi = 0.5 * std::numbers::sqrt2 * std::numbers::inv_sqrtpi;

// out[n] = size s^n (-1)^n He_n(0) / sqrt(2 pi): derivatives of a density at its centre.
void density_derivatives(double size, double s, std::span<double> out) {
  double value = size * inverse_sqrt_2_pi;
  for (std::size_t n = 0; n < out.size(); ++n) {
    out[n] = n % 2 == 0 ? value : 0;
    value *= n % 2 == 0 ? s : -s * static_cast<double>(n);
  }
}

}  // namespace

ActivationAverages::Family ActivationAverages::family_of(const Activation& activation) {
  switch (activation.kind()) {
    case ActivationKind::erf:
      return Family::erf;
    case ActivationKind::sin:
      return Family::sin;
    case ActivationKind::cos:
      return Family::cos;
    case ActivationKind::relu:
    case ActivationKind::leaky_relu:
      return Family::kink;
    default:
      return Family::polynomial;
  }
}

bool ActivationAverages::cover(const Activation& activation) {
  return family_of(activation) != Family::polynomial || activation.polynomial().has_value();
}

bool ActivationAverages::cover(const Activation& first, const Activation& second) {
  if (!cover(first) || !cover(second)) return false;
  const Family a = family_of(first), b = family_of(second);
  return a == b || a == Family::polynomial || b == Family::polynomial;
}

ActivationAverages::ActivationAverages(const Activation& activation)
    : family_(family_of(activation)) {
  if (family_ == Family::polynomial) coefficients_ = *activation.polynomial();
  if (family_ == Family::kink) {
    linear_ = activation.derivative(-1);
    relu_ = 1 - linear_;
  }
}

void ActivationAverages::hermite_moments(double variance, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  const double deviation = std::sqrt(variance);
  switch (family_) {
    case Family::erf: {
      // E erf((x + t) / sqrt 2) = erf(t / sqrt(2 (1 + v))), twice the integral of a density.
      const double s = deviation / std::sqrt(1 + variance);
      if (out.size() > 1) density_derivatives(2 * s, s, out.subspan(1));
      break;
    }
    case Family::kink:
      // E relu(x + t) has the density of x as its second derivative in t.
      if (out.size() > 2) density_derivatives(relu_ * deviation, 1, out.subspan(2));
      if (!out.empty()) out[0] = relu_ * inverse_sqrt_2_pi * deviation;
      if (out.size() > 1) out[1] = (linear_ + 0.5 * relu_) * deviation;
      break;
    case Family::sin:
    case Family::cos: {
      double value = std::exp(-0.5 * variance);  // times v^(n/2), two signs each
      for (std::size_t n = 0; n < out.size(); ++n) {
        if ((n % 2 == 1) == (family_ == Family::sin)) {
          out[n] = value;
          value = -value;
        }
        value *= deviation;
      }
      break;
    }
    case Family::polynomial: {
      std::vector<double> wick(coefficients_.size());
      wick_coefficients(coefficients_, variance, wick);
      double scale = 1;  // n! v^(n/2)
      for (std::size_t n = 0; n < std::min(out.size(), wick.size()); ++n) {
        out[n] = scale * wick[n];
        scale *= static_cast<double>(n + 1) * deviation;
      }
      break;
    }
  }
}

double ActivationAverages::pair(const ActivationAverages& other, double c11, double c12,
                                double c22) const {
  if (family_ != Family::polynomial && other.family_ != Family::polynomial) {
    switch (family_) {
      case Family::erf:
        return erf_integrals::value_value(c11, c12, c22);
      case Family::kink:
        return (linear_ * other.linear_ + 0.5 * (linear_ * other.relu_ + relu_ * other.linear_)) *
                   c12 +
               relu_ * other.relu_ * relu_integrals::value_value(c11, c12, c22);
      default: {
        const double middle = 0.5 * (c11 + c22);
        const double minus = std::exp(c12 - middle), plus = std::exp(-c12 - middle);
        return 0.5 * (family_ == Family::sin ? minus - plus : minus + plus);
      }
    }
  }
  const std::size_t size = family_ == Family::polynomial && other.family_ == Family::polynomial
                               ? std::min(coefficients_.size(), other.coefficients_.size())
                               : std::max(coefficients_.size(), other.coefficients_.size());
  std::vector<double> first(size), second(size);
  hermite_moments(c11, first);
  other.hermite_moments(c22, second);
  const double deviations = std::sqrt(c11) * std::sqrt(c22);
  const double correlation = deviations == 0 ? 0 : c12 / deviations;
  double sum = 0;
  double power = 1;  // r^n / n!
  for (std::size_t n = 0; n < size; ++n) {
    sum += first[n] * second[n] * power;
    power *= correlation / static_cast<double>(n + 1);
  }
  return sum;
}

}  // namespace reprise
