#include "reprise/exponents/label_rounding.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "reprise/model/expression_operations.hpp"

namespace reprise {

namespace {

constexpr double ulp = std::numeric_limits<double>::epsilon();

// He_order with all its terms positive: the size of what cancels in the recurrence.
double hermite_size(int order, double x) {
  double last = 1;
  double current = std::abs(x);
  for (int l = 1; l < order; ++l) {
    const double next = std::abs(x) * current + l * last;
    last = current;
    current = next;
  }
  return order == 0 ? 1 : current;
}

struct Rounded {
  double x = 0;
  double error = 0;
};

// The error of an operation's value: that of its operands, and a few roundings of its own.
double error_of(const ExpressionNode& node, Rounded a, Rounded b, double value) {
  const double own = 8 * ulp * std::abs(value);
  switch (node.operation) {
    case Operation::negate:
    case Operation::abs:
      return a.error;
    case Operation::relu:
      return a.x > 0 ? a.error : 0;
    case Operation::integer_power:
      if (a.x == 0) return 0;
      return std::abs(node.index) * (std::abs(value / a.x) * a.error + ulp * std::abs(value));
    case Operation::hermite:
      return node.index * hermite_size(node.index - 1, a.x) * a.error +
             8 * ulp * hermite_size(node.index, a.x);
    case Operation::sin:
      return std::abs(std::cos(a.x)) * a.error + own;
    case Operation::cos:
      return std::abs(std::sin(a.x)) * a.error + own;
    case Operation::tan:
      return (1 + value * value) * a.error + own;
    case Operation::exp:
      return std::abs(value) * a.error + own;
    case Operation::log:
      return a.error / std::abs(a.x) + own;
    case Operation::sqrt:
      return (value > 0 ? a.error / (2 * value) : std::sqrt(a.error)) + own;
    case Operation::tanh:
      return std::max(0.0, 1 - value * value) * a.error + own;
    case Operation::sigmoid:
      return std::max(0.0, value * (1 - value)) * a.error + own;
    case Operation::erf:
      return 2 / std::sqrt(std::numbers::pi) * std::exp(-a.x * a.x) * a.error + own;
    case Operation::add:
    case Operation::subtract:
      return a.error + b.error + ulp * std::abs(value);
    case Operation::multiply:
      return std::abs(a.x) * b.error + std::abs(b.x) * a.error + ulp * std::abs(value);
    case Operation::divide:
      return (a.error + std::abs(value) * b.error) / std::abs(b.x) + ulp * std::abs(value);
    case Operation::power: {
      if (!(a.x > 0)) return own;
      const double size = std::abs(b.x * value / a.x);
      const double logarithm = std::abs(std::log(a.x));
      return size * a.error + logarithm * std::abs(value) * b.error +
             own * (1 + logarithm * std::abs(b.x));
    }
    case Operation::min:
      return a.x < b.x ? a.error : b.error;
    case Operation::max:
      return a.x > b.x ? a.error : b.error;
    default:
      return 0;  // constants, and the whole numbers of signs, steps and comparisons
  }
}

}  // namespace

double label_rounding(const Expression& g, std::span<const double> z, double input_error) {
  thread_local std::vector<Rounded> values;
  values.clear();
  for (const ExpressionNode& node : g.nodes()) {
    if (node.operation == Operation::constant) {
      values.push_back({node.value, 0});
    } else if (node.operation == Operation::variable) {
      values.push_back({z[static_cast<std::size_t>(node.index) - 1], input_error});
    } else {
      const Rounded a = values[static_cast<std::size_t>(node.first)];
      const Rounded b = node.second < 0 ? Rounded{} : values[static_cast<std::size_t>(node.second)];
      const double value = apply(node, a.x, b.x);
      const double error = error_of(node, a, b, value);
      values.push_back({value, std::isfinite(error) ? error : ulp * std::abs(value)});
    }
  }
  return values.back().error;
}

double label_rounding(const TargetFunction& g, std::span<const double> z, double input_error,
                      double y) {
  if (const Expression* const tree = g.expression()) return label_rounding(*tree, z, input_error);
  return 64 * ulp * std::abs(y);
}

std::vector<RoundedLabel> sorted_labels(const ExponentTarget& target, const Stream& stream,
                                        int log2_points, double spread) {
  LabelPoints points(target, stream, log2_points, spread);
  const auto k = static_cast<std::size_t>(target.n_directions());
  const bool is_mapped = target.input_map.size() != 0;
  Eigen::VectorXd z(static_cast<Eigen::Index>(k));
  std::vector<RoundedLabel> labels;
  points.for_each_chunk([&](double* const* inputs, const double* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t v = 0; v < k; ++v) z[static_cast<Eigen::Index>(v)] = inputs[v][i];
      const Eigen::VectorXd x = is_mapped ? Eigen::VectorXd(target.input_map * z) : z;
      const double input_error =
          is_mapped ? 4 * ulp * (target.input_map.cwiseAbs() * z.cwiseAbs()).maxCoeff() : 0;
      labels.push_back(
          {y[i], label_rounding(target.g, {x.data(), static_cast<std::size_t>(x.size())},
                                input_error, y[i])});
    }
  });
  std::sort(labels.begin(), labels.end(),
            [](const RoundedLabel& a, const RoundedLabel& b) { return a.y < b.y; });
  return labels;
}

std::vector<LabelAtom> label_atoms(const std::vector<RoundedLabel>& labels, std::size_t least) {
  std::vector<LabelAtom> atoms;
  for (std::size_t first = 0, last = 0; first < labels.size(); first = last) {
    double rounding = labels[first].rounding;
    for (last = first + 1; last < labels.size(); ++last) {
      const auto& [y, error] = labels[last];
      if (!(y - labels[last - 1].y <= error + labels[last - 1].rounding)) break;
      rounding = std::max(rounding, error);
    }
    if (last - first < least) continue;
    const double y = std::max(std::abs(labels[first].y), std::abs(labels[last - 1].y));
    double width = 4 * rounding + 1e-13 * y;
    if (width == 0) {  // an atom at 0: brackets far inside the gap to the next label
      const double below = first == 0 ? 1 : labels[first].y - labels[first - 1].y;
      const double above = last == labels.size() ? 1 : labels[last].y - labels[last - 1].y;
      width = 1e-13 * std::min(below, above);
    }
    atoms.push_back({labels[first].y - width, labels[last - 1].y + width, first, last - first});
  }
  return atoms;
}

}  // namespace reprise
