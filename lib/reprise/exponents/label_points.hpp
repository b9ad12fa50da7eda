// The target whose exponents are asked for, and quadrature points of its inputs with their labels.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/random.hpp"
#include "reprise/gaussian/normal_source.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// y = g(input_map z) + sqrt(noise_variance) xi, z ~ N(0, I_k).
struct ExponentTarget {
  TargetFunction g;
  double noise_variance = 0;       ///< Delta >= 0
  Eigen::MatrixXd input_map = {};  ///< (n, k), n >= variables of g; empty: identity

  /// k: columns of the map, or the variables of g, at least 1.
  int n_directions() const;
};

/// The same labels of independent inputs: h* = L z with L L^T = P, the Cholesky factor. Directions
/// of exponents are then those of z; without a Gram matrix, or with P = I, they are those of h*.
ExponentTarget exponent_target(const Target& target);

/// Throws InputError unless 1 <= k <= 8, the map is finite and fits g, and Delta is finite and >=
/// 0.
void check(const ExponentTarget& target);

/// The spread of points for Hermite moments: wider than the inputs, because high polynomials live
/// in the tails. In few dimensions it costs next to nothing in the bulk; errors of moments of
/// degree 3..16 fall by factors of 5 to 100.
double moment_spread(int n_directions);

/// One scrambled Sobol' set of inputs with their labels. Not for several threads at once.
class LabelPoints {
 public:
  static constexpr std::size_t chunk = 512;

  /// 4 <= log2_points <= 40. Each stream gives an independent scramble.
  /// Inputs z ~ N(0, spread^2 I_k); see weights().
  LabelPoints(const ExponentTarget& target, const Stream& stream, int log2_points,
              double spread = 1);

  std::size_t n_points() const { return std::size_t{1} << log2_points_; }
  /// Calls visit(z, y, n) with n <= chunk points at a time, all of them in order; z[v][i], y[i] in
  /// arrays of size chunk that visit may write to.
  /// Throws InputError where a label is not finite, with the point.
  void for_each_chunk(const std::function<void(double* const* z, double* y, std::size_t n)>& visit);
  /// The density of N(0, I_k) over that of the points, for n inputs: means of weight * f over the
  /// points are expectations of f.
  void weights(const double* const* z, std::size_t n, double* out) const;
  /// g alone, without noise, for n <= chunk inputs; columns 64-byte aligned, n a multiple of 16.
  void evaluate(const double* const* z, std::size_t n, double* y);

 private:
  void fill(std::uint64_t first, std::size_t n, double* const* z, double* y);

  const ExponentTarget& target_;
  ScrambledSobolNormals normals_;
  int log2_points_;
  int n_directions_;
  double spread_;
  AlignedArray mapped_;
  AlignedArray noise_;
  Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> weights_;
  ExpressionWorkspace workspace_;
};

}  // namespace reprise
