// The function that is learned, g(z), as a value: from a text, or from a function of your own.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "reprise/model/expression.hpp"
#include "reprise/model/polynomial.hpp"
#include "reprise/model/ridge_target.hpp"

namespace reprise {

/// n samples of the fields z_1 .. z_k, a column of n numbers each. Indices count from 0.
class SampleColumns {
 public:
  SampleColumns(std::span<const double* const> columns, std::size_t n) : columns_(columns), n_(n) {}

  std::size_t n_samples() const { return n_; }
  std::size_t n_fields() const { return columns_.size(); }
  /// z_{field + 1} of every sample.
  std::span<const double> operator[](std::size_t field) const { return {columns_[field], n_}; }
  double operator()(std::size_t sample, std::size_t field) const { return columns_[field][sample]; }

 private:
  std::span<const double* const> columns_;
  std::size_t n_;
};

/// g as a function of your own over chunks of samples, with what else is known about it.
struct TargetCallable {
  /// labels[i] = g(z(i, 0), z(i, 1), ...) for every sample of the chunk, of any size. It is called
  /// from several threads at once, and for the tails of labels also at |z| of 10 to 30; what it
  /// throws comes out of the solver unchanged.
  using Function = std::function<void(const SampleColumns& z, std::span<double> labels)>;

  int n_variables = 0;  ///< k, 1..256
  Function values = {};
  /// For files and stored results, whose author vouches by it that it is the same function.
  std::string name = {};
  /// The polynomial that g is, up to rounding: opens closed forms and exact exponents.
  std::optional<Polynomial> polynomial = {};
  /// The sum of functions of one variable that g is: opens the closed forms of erf and ReLU.
  std::optional<RidgeForm> ridge = {};
};

/// A real function of z_1 .. z_k with values at vector speed, and what more it can do. Immutable
/// and cheap to copy; safe to share between threads where its callable is.
///
/// What a callable is not said to be (a polynomial, a sum of ridge functions) takes the routes by
/// points; what only a text can do is refused where it is asked for.
class TargetFunction {
 public:
  TargetFunction(Expression expression);
  /// Calls it at fixed points. Throws InputError unless 1 <= k <= 256, the label of a sample
  /// depends on that sample alone, and the polynomial and the ridge form have its values to 1e-9.
  TargetFunction(TargetCallable callable);

  int n_variables() const;

  /// out[i] = g(columns[0][i], columns[1][i], ...) for i < n; as Expression::evaluate. What a
  /// callable leaves unwritten is NaN. One call of it, no allocation of ours.
  void evaluate(std::span<const double* const> columns, std::size_t n, double* out,
                ExpressionWorkspace& workspace) const;
  void evaluate(std::span<const double* const> columns, std::size_t n, double* out) const;
  /// g of one sample. Throws InputError if z is shorter than n_variables().
  double operator()(std::span<const double> z) const;

  /// The polynomial that it is, if it is known to be one.
  std::optional<Polynomial> polynomial() const;
  /// The sum of ridge functions of that kind that it is, if it is known to be one; directions (m,
  /// n_directions), n_directions >= n_variables().
  std::optional<RidgeTarget> ridge(RidgeKind kind, Eigen::Index n_directions) const;
  /// The tree, of those that have one; nullptr for callables.
  const Expression* expression() const;

  /// As people read it: the text of an expression, the name of a callable, "callable" without.
  std::string name() const;
  /// As it stands in files: the text of an expression, or callable "name".
  /// Throws InputError for a callable without a name.
  std::string text() const;

 private:
  const TargetCallable& callable() const { return std::get<TargetCallable>(*form_); }

  std::shared_ptr<const std::variant<Expression, TargetCallable>> form_;
};

}  // namespace reprise
