#include "reprise/model/loss.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/simd.hpp"
#include "reprise/core/vector_math.hpp"

namespace reprise {

namespace {

constexpr std::string_view rule =
    "\"square\", \"correlation\", \"logistic\" or \"huber(width)\" with width > 0";

REPRISE_VECTORISED void square_loss(const double* __restrict f, const double* __restrict y,
                                    std::size_t n, double* __restrict value,
                                    double* __restrict slope) {
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = f[i] - y[i];
    value[i] = 0.5 * residual * residual;
    slope[i] = residual;
  }
}

REPRISE_VECTORISED void correlation_loss(const double* __restrict f, const double* __restrict y,
                                         std::size_t n, double* __restrict value,
                                         double* __restrict slope) {
  for (std::size_t i = 0; i < n; ++i) {
    value[i] = -y[i] * f[i];
    slope[i] = -y[i];
  }
}

REPRISE_VECTORISED void huber_loss(double width, const double* __restrict f,
                                   const double* __restrict y, std::size_t n,
                                   double* __restrict value, double* __restrict slope) {
  for (std::size_t i = 0; i < n; ++i) {
    const double residual = f[i] - y[i];
    const double clipped = residual > width ? width : residual < -width ? -width : residual;
    slope[i] = clipped;
    value[i] = clipped * (residual - 0.5 * clipped);
  }
}

}  // namespace

Loss Loss::huber(double width) {
  check_positive("loss", "huber width", width);
  return {Kind::huber, width};
}

Loss Loss::parse(std::string_view text) {
  if (text == "square") return square();
  if (text == "correlation") return correlation();
  if (text == "logistic") return logistic();
  if (text.starts_with("huber(") && text.ends_with(")")) {
    const std::string_view number = text.substr(6, text.size() - 7);
    double width = 0;
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), width);
    if (error == std::errc{} && end == number.data() + number.size() && std::isfinite(width) &&
        width > 0) {
      return huber(width);
    }
  }
  reject("training", "loss", rule, '"' + std::string(text) + '"');
}

std::string Loss::name() const {
  switch (kind_) {
    case Kind::square:
      return "square";
    case Kind::correlation:
      return "correlation";
    case Kind::logistic:
      return "logistic";
    case Kind::huber:
      break;
  }
  char digits[32];  // the fewest that read back as the same width
  char* const end = std::to_chars(digits, digits + sizeof digits, width_).ptr;
  return "huber(" + std::string(digits, end) + ")";
}

void Loss::evaluate(const double* f, const double* y, std::size_t n, double* value,
                    double* slope) const {
  switch (kind_) {
    case Kind::square:
      return square_loss(f, y, n, value, slope);
    case Kind::correlation:
      return correlation_loss(f, y, n, value, slope);
    case Kind::huber:
      return huber_loss(width_, f, y, n, value, slope);
    case Kind::logistic:
      break;
  }
  for (std::size_t i = 0; i < n; ++i) value[i] = -y[i] * f[i];
  vector_math::sigmoid(value, n, slope);
  for (std::size_t i = 0; i < n; ++i) slope[i] *= -y[i];
  vector_math::softplus(value, n, value);
}

}  // namespace reprise
