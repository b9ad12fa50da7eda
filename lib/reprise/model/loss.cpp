#include "reprise/model/loss.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <sstream>
#include <vector>

#include "reprise/core/callable.hpp"
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

// Outputs and labels at which a callable is looked at: both signs, zero, equal and unequal ones.
struct FixedPairs {
  std::vector<double> f, y;
  FixedPairs() {
    for (const double label : {-2.5, -1.0, -0.3, 0.0, 0.7, 1.0, 1.9}) {
      for (const double output : {-3.1, -1.0, -0.2, 0.0, 0.4, 1.0, 2.6}) {
        f.push_back(output);
        y.push_back(label);
      }
    }
  }
};

void check_callable(std::string_view name, const LossCallable::Function& function) {
  if (!function) reject("loss", name, "callable", std::string_view("an empty one"));
  const FixedPairs at;
  check_samples_are_independent(
      "loss", name, at.f.size(), [&](std::size_t first, std::size_t n, double* out) {
        std::fill_n(out, n, std::numeric_limits<double>::quiet_NaN());
        function({at.f.data() + first, n}, {at.y.data() + first, n}, {out, n});
      });
}

}  // namespace

Loss Loss::custom(LossCallable callable) {
  check_callable("value", callable.value);
  check_callable("slope", callable.slope);
  Loss loss(Kind::custom, 0);
  loss.custom_ = std::make_shared<const LossCallable>(std::move(callable));
  const FixedPairs at;
  for (std::size_t i = 0; i < at.f.size(); ++i) {
    const auto slope = [&](double f, double y) {
      double value = 0, result = 0;
      loss.evaluate(&f, &y, 1, &value, &result);
      return result;
    };
    const double f = at.f[i], y = at.y[i], here = slope(f, y);
    if (!(std::abs(here + slope(-f, -y)) <= 1e-12 * (1 + std::abs(here)))) {
      loss.is_symmetric_ = false;
    }
    if (loss.slope_kind() == LossSlope::other) continue;
    const bool is_residual = loss.slope_kind() == LossSlope::residual;
    const double claimed = is_residual ? f - y : -y;
    if (std::abs(here - claimed) <= 1e-12 * (std::abs(f) + std::abs(y))) continue;
    std::ostringstream text;
    text << here << " at f = " << f << ", y = " << y;
    reject("loss", "slope", is_residual ? "f - y, as it is said to be" : "-y, as it is said to be",
           std::string_view(text.str()));
  }
  return loss;
}

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
    case Kind::custom:
      return custom_->name.empty() ? "custom" : custom_->name;
    case Kind::huber:
      break;
  }
  char digits[32];  // the fewest that read back as the same width
  char* const end = std::to_chars(digits, digits + sizeof digits, width_).ptr;
  return "huber(" + std::string(digits, end) + ")";
}

std::string Loss::text() const {
  return is_custom() ? callable_text("training", "loss", custom_->name) : name();
}

LossSlope Loss::slope_kind() const {
  switch (kind_) {
    case Kind::square:
      return LossSlope::residual;
    case Kind::correlation:
      return LossSlope::label;
    case Kind::custom:
      return custom_->slope_kind;
    case Kind::logistic:
    case Kind::huber:
      break;
  }
  return LossSlope::other;
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
    case Kind::custom:
      for (double* const out : {value, slope}) {
        std::fill_n(out, n, std::numeric_limits<double>::quiet_NaN());
      }
      custom_->value({f, n}, {y, n}, {value, n});
      custom_->slope({f, n}, {y, n}, {slope, n});
      return;
    case Kind::logistic:
      break;
  }
  for (std::size_t i = 0; i < n; ++i) value[i] = -y[i] * f[i];
  vector_math::sigmoid(value, n, slope);
  for (std::size_t i = 0; i < n; ++i) slope[i] *= -y[i];
  vector_math::softplus(value, n, value);
}

}  // namespace reprise
