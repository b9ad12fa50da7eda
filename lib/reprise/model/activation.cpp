#include "reprise/model/activation.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <limits>
#include <numbers>
#include <utility>

#include "reprise/core/callable.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/simd_math.hpp"
#include "reprise/core/vector_math.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

using simd::ValueAndSlope;

// Calls use(f) with f(x) = {sigma(x), sigma'(x)}.
template <class Use>
REPRISE_ALWAYS_INLINE void with_function(ActivationKind kind, double slope, Use use) {
  constexpr double inverse_sqrt_2 = 1 / std::numbers::sqrt2;
  constexpr double inverse_sqrt_2_pi = inverse_sqrt_2 * std::numbers::inv_sqrtpi;
  switch (kind) {
    case ActivationKind::relu:
      return use([](double x) { return ValueAndSlope{x <= 0 ? 0.0 : x, x > 0 ? 1.0 : 0.0}; });
    case ActivationKind::leaky_relu:
      return use([=](double x) {
        return ValueAndSlope{x > 0 ? x : slope * x, x > 0 ? 1.0 : slope};
      });
    case ActivationKind::erf:
      return use([=](double x) {
        return ValueAndSlope{::erf(x * inverse_sqrt_2),
                             2 * inverse_sqrt_2_pi * ::exp(-0.5 * (x * x))};
      });
    case ActivationKind::tanh:
      return use([](double x) {
        const double value = ::tanh(x);
        return ValueAndSlope{value, (1 - value) * (1 + value)};
      });
    case ActivationKind::sigmoid:
      return use([](double x) {
        const double decay = ::exp(-std::abs(x)), scale = 1 / (1 + decay);
        return ValueAndSlope{(x >= 0 ? 1.0 : decay) * scale, decay * scale * scale};
      });
    case ActivationKind::softplus:
      return use([](double x) {
        const double decay = ::exp(-std::abs(x));
        return ValueAndSlope{(x > 0 ? x : 0.0) + ::log1p(decay),
                             (x >= 0 ? 1.0 : decay) / (1 + decay)};
      });
    case ActivationKind::gelu:
      return use([=](double x) {
        const double phi = 0.5 * ::erfc(-x * inverse_sqrt_2);
        return ValueAndSlope{x * phi, phi + x * inverse_sqrt_2_pi * ::exp(-0.5 * (x * x))};
      });
    case ActivationKind::linear:
      return use([](double x) { return ValueAndSlope{x, 1.0}; });
    default:
      assert(false);
  }
}

REPRISE_VECTORISED void values(ActivationKind kind, double slope, const double* x, std::size_t n,
                               double* value) {
  with_function(kind, slope, [=](auto function) REPRISE_INLINE_LAMBDA {
    simd::map(x, n, value, [=](double v) { return function(v).value; });
  });
}

REPRISE_VECTORISED void values_and_slopes(ActivationKind kind, double slope, const double* x,
                                          std::size_t n, double* value, double* derivative) {
  with_function(kind, slope, [=](auto function) REPRISE_INLINE_LAMBDA {
    simd::map_with_slope(x, n, value, derivative, function);
  });
}

// Horner's rule for the polynomial and its derivative.
REPRISE_VECTORISED void horner(std::span<const double> coefficients, const double* x, std::size_t n,
                               double* value, double* derivative) {
  constexpr std::size_t size = simd::block_size;
  const auto block = [=](const double* point, std::size_t start, std::size_t count)
                         REPRISE_INLINE_LAMBDA {
                           double sum[size] = {}, slope[size] = {};
                           for (std::size_t m = coefficients.size(); m-- > 0;) {
                             for (std::size_t i = 0; i < size; ++i) {
                               slope[i] = slope[i] * point[i] + sum[i];
                               sum[i] = sum[i] * point[i] + coefficients[m];
                             }
                           }
                           std::copy_n(sum, count, value + start);
                           if (derivative) std::copy_n(slope, count, derivative + start);
                         };
  simd::for_each_block(x, n, block);
}

// sin and cos of one argument in one loop become a call of sincos, which has no vector version.
REPRISE_VECTORISED void minus_sin(const double* x, std::size_t n, double* out) {
  simd::map(x, n, out, [](double v) { return -::sin(v); });
}

std::string text_of(double value) {
  std::array<char, 32> digits;
  return {digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr};
}

}  // namespace

Activation::Activation(ActivationKind kind, std::string name)
    : kind_(kind), name_(std::move(name)) {}

Activation Activation::leaky_relu(double slope) {
  check_finite("leaky_relu", "slope", slope);
  Activation result(ActivationKind::leaky_relu, "leaky_relu(" + text_of(slope) + ")");
  result.slope_ = slope;
  return result;
}

Activation Activation::hermite(int order) {
  check_at_least("Activation::hermite", "order", order, 1);
  Activation result(ActivationKind::hermite, "He" + std::to_string(order));
  result.order_ = order;
  return result;
}

Activation Activation::polynomial(std::span<const double> coefficients) {
  if (coefficients.empty()) {
    throw InputError("polynomial: coefficients must be at least one, got none");
  }
  std::vector<double> kept(coefficients.begin(), coefficients.end());
  while (kept.size() > 1 && kept.back() == 0) kept.pop_back();
  std::string name = "polynomial([";
  for (std::size_t m = 0; m < kept.size(); ++m) {
    check_finite("polynomial", "coefficient " + std::to_string(m), kept[m]);
    name += (m > 0 ? ", " : "") + text_of(kept[m]);
  }
  Activation result(ActivationKind::polynomial, name + "])");
  result.coefficients_ = std::move(kept);
  return result;
}

Activation Activation::custom(std::string name, Function value, Function derivative) {
  if (!value || !derivative) {
    throw InputError("Activation::custom: value and derivative must be callable, got an empty one");
  }
  Activation result(ActivationKind::custom, std::move(name));
  result.custom_value_ = std::move(value);
  result.custom_derivative_ = std::move(derivative);
  return result;
}

Activation Activation::custom(std::string name, ChunkFunction value, ChunkFunction derivative) {
  if (!value || !derivative) {
    throw InputError("Activation::custom: value and derivative must be callable, got an empty one");
  }
  constexpr std::size_t n_points = 65;
  std::array<double, n_points> x;
  for (std::size_t i = 0; i < n_points; ++i) x[i] = 0.1171 * (static_cast<double>(i) - 32);
  for (const ChunkFunction* function : {&value, &derivative}) {
    check_samples_are_independent("activation", function == &value ? "value" : "derivative",
                                  n_points, [&](std::size_t first, std::size_t n, double* out) {
                                    std::fill_n(out, n, std::numeric_limits<double>::quiet_NaN());
                                    (*function)({x.data() + first, n}, {out, n});
                                  });
  }
  Activation result(ActivationKind::custom, std::move(name));
  result.chunk_value_ = std::move(value);
  result.chunk_derivative_ = std::move(derivative);
  return result;
}

std::string Activation::text() const {
  return kind_ == ActivationKind::custom ? callable_text("student", "activation", name_) : name_;
}

std::optional<std::vector<double>> Activation::polynomial() const {
  switch (kind_) {
    case ActivationKind::linear:
      return std::vector<double>{0, 1};
    case ActivationKind::hermite:
      return hermite_coefficients(order_);
    case ActivationKind::polynomial:
      return coefficients_;
    default:
      return std::nullopt;
  }
}

// Where an output is x itself, the callables get a copy of a part of x at a time.
void Activation::evaluate_chunks(const double* x, std::size_t n, double* value,
                                 double* derivative) const {
  constexpr double unwritten = std::numeric_limits<double>::quiet_NaN();
  const auto call = [&](const double* from, std::size_t first, std::size_t count) {
    std::fill_n(value + first, count, unwritten);
    chunk_value_({from, count}, {value + first, count});
    if (!derivative) return;
    std::fill_n(derivative + first, count, unwritten);
    chunk_derivative_({from, count}, {derivative + first, count});
  };
  if (value != x && derivative != x) return call(x, 0, n);
  std::array<double, 256> part;
  for (std::size_t first = 0; first < n; first += part.size()) {
    const std::size_t count = std::min(part.size(), n - first);
    std::copy_n(x + first, count, part.data());
    call(part.data(), first, count);
  }
}

void Activation::evaluate(const double* x, std::size_t n, double* value, double* derivative) const {
  // What overwrites x comes last.
  const auto in_two_passes = [=](auto&& fill_value, auto&& fill_derivative) {
    if (derivative && derivative != x) fill_derivative();
    fill_value();
    if (derivative && derivative == x) fill_derivative();
  };
  switch (kind_) {
    case ActivationKind::custom:
      if (chunk_value_) return evaluate_chunks(x, n, value, derivative);
      for (std::size_t i = 0; i < n; ++i) {
        const double point = x[i];
        value[i] = custom_value_(point);
        if (derivative) derivative[i] = custom_derivative_(point);
      }
      return;
    case ActivationKind::polynomial:
      horner(coefficients_, x, n, value, derivative);
      return;
    case ActivationKind::hermite:
      in_two_passes([&] { reprise::hermite(order_, x, n, value); },
                    [&] { hermite_derivative(order_, x, n, derivative); });
      return;
    case ActivationKind::sin:
      in_two_passes([&] { vector_math::sin(x, n, value); },
                    [&] { vector_math::cos(x, n, derivative); });
      return;
    case ActivationKind::cos:
      in_two_passes([&] { vector_math::cos(x, n, value); }, [&] { minus_sin(x, n, derivative); });
      return;
    default:
      if (derivative) {
        values_and_slopes(kind_, slope_, x, n, value, derivative);
      } else {
        values(kind_, slope_, x, n, value);
      }
  }
}

double Activation::value(double x) const {
  double value = 0;
  evaluate(&x, 1, &value, nullptr);
  return value;
}

double Activation::derivative(double x) const {
  double value = 0, derivative = 0;
  evaluate(&x, 1, &value, &derivative);
  return derivative;
}

}  // namespace reprise
