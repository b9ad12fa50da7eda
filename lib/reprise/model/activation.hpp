// The student's nonlinearity sigma and its derivative.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace reprise {

enum class ActivationKind {
  relu,        ///< max(x, 0), with derivative 0 at 0
  leaky_relu,  ///< x for x > 0, else slope * x, with derivative slope at 0
  erf,         ///< erf(x / sqrt 2), as in the literature of soft committee machines
  tanh,
  sigmoid,   ///< 1 / (1 + e^-x)
  softplus,  ///< log(1 + e^x)
  gelu,      ///< x Phi(x), exact, Phi the distribution function of N(0, 1)
  sin,
  cos,
  linear,
  hermite,     ///< He_l, not normalised
  polynomial,  ///< sum_m c_m x^m
  custom,      ///< from C++ callables
};

/// Immutable, so safe to share between threads (a custom one if its callables are).
class Activation {
 public:
  using Function = std::function<double(double)>;
  /// out[i] from x[i], over chunks of samples. Called from several threads at once; what it throws
  /// comes out of the solver unchanged. x and out are different arrays.
  using ChunkFunction = std::function<void(std::span<const double> x, std::span<double> out)>;

  /// From the name in an experiment file: relu, leaky_relu(0.1), erf, tanh, sigmoid, softplus,
  /// gelu, sin, cos, linear, He1..He20, polynomial([c0, c1, ...]), hermite([c0, c1, ...]), which is
  /// sum_k c_k He_k / sqrt(k!). Throws InputError for others, naming a near one and all there are.
  static Activation parse(std::string_view text);

  static Activation leaky_relu(double slope);
  /// He_order, order >= 1.
  static Activation hermite(int order);
  /// sum_m coefficients[m] x^m; finite and at least one. Zeros at the end are dropped.
  static Activation polynomial(std::span<const double> coefficients);
  /// sigma and sigma' of your own, a call a sample: name as below.
  static Activation custom(std::string name, Function value, Function derivative);
  /// The same, a call a chunk. A name is for files and stored results, and may be empty: its author
  /// vouches by it that it is the same function.
  /// Throws InputError for an empty callable, or one that does not take its samples one by one.
  static Activation custom(std::string name, ChunkFunction value, ChunkFunction derivative);

  /// What parse() reads back, custom ones apart.
  const std::string& name() const { return name_; }
  /// As it stands in files: what parse() reads back, or callable "name".
  /// Throws InputError for a custom one without a name.
  std::string text() const;
  ActivationKind kind() const { return kind_; }
  /// Monomial coefficients c_0, c_1, ... of linear, hermite and polynomial; empty for others.
  std::optional<std::vector<double>> polynomial() const;

  /// value[i] = sigma(x[i]), derivative[i] = sigma'(x[i]) for i < n.
  ///
  /// derivative may be nullptr; value or derivative may be x itself, but not both the same array.
  /// No allocation. Finite for |x| <= 1e6, as far as sigma itself is; for NaN, NaN in value.
  /// What a chunk function leaves unwritten is NaN.
  /// NOTE: within a few ulp of the largest intermediate; the bits depend on neither i nor n.
  void evaluate(const double* x, std::size_t n, double* value, double* derivative) const;

  /// The same numbers for one x.
  double value(double x) const;
  double derivative(double x) const;

 private:
  Activation(ActivationKind kind, std::string name);
  void evaluate_chunks(const double* x, std::size_t n, double* value, double* derivative) const;

  ActivationKind kind_;
  std::string name_;
  double slope_ = 0;                  // leaky_relu
  int order_ = 0;                     // hermite
  std::vector<double> coefficients_;  // polynomial
  Function custom_value_;
  Function custom_derivative_;
  ChunkFunction chunk_value_;
  ChunkFunction chunk_derivative_;
};

}  // namespace reprise
