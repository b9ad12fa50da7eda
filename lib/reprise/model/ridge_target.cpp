#include "reprise/model/ridge_target.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

// constant + linear . z + sum_m c_m phi(u_m . z)
struct Sum {
  double constant = 0;
  VectorXd linear;
  std::vector<double> coefficients;
  std::vector<VectorXd> directions;

  bool is_constant() const { return linear.isZero(0) && coefficients.empty(); }
  bool is_linear() const { return constant == 0 && coefficients.empty(); }
};

class RidgeReader {
 public:
  RidgeReader(const Expression& g, RidgeKind kind, Index k)
      : nodes_(g.nodes()), kind_(kind), k_(k) {}

  std::optional<Sum> read(int position) const {
    const ExpressionNode& node = nodes_[static_cast<std::size_t>(position)];
    if (n_operands(node.operation) == 0) return leaf(node);
    std::optional<Sum> first = read(node.first);
    if (!first) return {};
    if (n_operands(node.operation) == 1) return unary(node.operation, *first);
    std::optional<Sum> second = read(node.second);
    if (!second) return {};
    return binary(node.operation, *first, *second);
  }

 private:
  Sum zero() const {
    Sum sum;
    sum.linear = VectorXd::Zero(k_);
    return sum;
  }

  Sum leaf(const ExpressionNode& node) const {
    Sum sum = zero();
    if (node.operation == Operation::constant) {
      sum.constant = node.value;
    } else {
      sum.linear[node.index - 1] = 1;
    }
    return sum;
  }

  std::optional<Sum> unary(Operation operation, const Sum& operand) const {
    if (operation == Operation::negate) return scaled(-1, operand);
    if (!operand.is_linear()) return {};
    if (kind_ == RidgeKind::erf && operation == Operation::erf) {
      return ridge({1}, {std::numbers::sqrt2 * operand.linear});
    }
    if (kind_ == RidgeKind::relu && operation == Operation::relu)
      return ridge({1}, {operand.linear});
    if (kind_ == RidgeKind::relu && operation == Operation::abs) {
      return ridge({1, 1}, {operand.linear, -operand.linear});
    }
    return {};
  }

  std::optional<Sum> binary(Operation operation, const Sum& first, const Sum& second) const {
    switch (operation) {
      case Operation::add:
        return plus(first, second);
      case Operation::subtract:
        return plus(first, scaled(-1, second));
      case Operation::multiply:
        if (first.is_constant()) return scaled(first.constant, second);
        if (second.is_constant()) return scaled(second.constant, first);
        return {};
      case Operation::divide:
        if (second.is_constant() && second.constant != 0) return scaled(1 / second.constant, first);
        return {};
      default:
        return {};
    }
  }

  Sum ridge(std::vector<double> coefficients, std::vector<VectorXd> directions) const {
    Sum sum = zero();
    sum.coefficients = std::move(coefficients);
    sum.directions = std::move(directions);
    return sum;
  }

  static Sum scaled(double factor, Sum sum) {
    sum.constant *= factor;
    sum.linear *= factor;
    for (double& c : sum.coefficients) c *= factor;
    return sum;
  }

  static Sum plus(Sum first, const Sum& second) {
    first.constant += second.constant;
    first.linear += second.linear;
    first.coefficients.insert(first.coefficients.end(), second.coefficients.begin(),
                              second.coefficients.end());
    first.directions.insert(first.directions.end(), second.directions.begin(),
                            second.directions.end());
    return first;
  }

  std::span<const ExpressionNode> nodes_;
  RidgeKind kind_;
  Index k_;
};

}  // namespace

std::optional<RidgeTarget> as_ridge_target(const Expression& g, RidgeKind kind,
                                           Index n_directions) {
  std::optional<Sum> sum = RidgeReader(g, kind, n_directions).read(g.root());
  if (!sum || !std::isfinite(sum->constant)) return {};
  if (!sum->linear.isZero(0)) {
    if (kind != RidgeKind::relu) return {};
    sum->coefficients.insert(sum->coefficients.end(), {1.0, -1.0});
    sum->directions.insert(sum->directions.end(), {sum->linear, -sum->linear});
  }
  RidgeTarget target;
  target.constant = sum->constant;
  const auto m = static_cast<Index>(sum->coefficients.size());
  target.coefficients.resize(m);
  target.directions.resize(m, n_directions);
  for (Index i = 0; i < m; ++i) {
    target.coefficients[i] = sum->coefficients[static_cast<std::size_t>(i)];
    target.directions.row(i) = sum->directions[static_cast<std::size_t>(i)].transpose();
  }
  if (!target.coefficients.allFinite() || !target.directions.allFinite()) return {};
  return target;
}

}  // namespace reprise
