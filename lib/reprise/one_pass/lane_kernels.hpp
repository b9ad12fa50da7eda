// The arithmetic of one step of the overlap chain, for many runs side by side.
//
// A quantity of one run is an array over the runs ("lanes"): n numbers, n a multiple of 16.
// Matrices are arrays of such arrays, row-major; symmetric ones keep their lower half, entry (i, j
// <= i) at i (i + 1) / 2 + j.
#pragma once

#include <cstddef>

namespace reprise::lanes {

constexpr std::size_t lower(std::size_t i, std::size_t j) {
  return i >= j ? i * (i + 1) / 2 + j : j * (j + 1) / 2 + i;
}

/// Sizes of a step; dimension d as a number.
struct Shape {
  std::size_t n, p, k;
};

/// b b^T = q - a a^T, b lower triangular; pivots below 1e-14 of q's diagonal become 0.
void factor_rest(const Shape& shape, const double* q, const double* a, double* b);

/// fields_j = sum_r a_jr c_r + sum_{i <= j} b_ji z_i, for pointers to the k + p arrays c, z.
void form_fields(const Shape& shape, const double* a, const double* b,
                 const double* const* coordinates, double* fields);

/// norms = (sum_c coordinates_c^2 + rest) scale: |x|^2 / d from its parts.
void sum_squares(const Shape& shape, const double* const* coordinates, const double* rest,
                 double scale, double* norms);

/// What a step needs to know about its batch.
struct BatchSums {
  double* g_target;   ///< sum G h*^T, (p, k)
  double* g_field;    ///< sum G h^T, (p, p)
  double* quadratic;  ///< Gamma^T X X^T Gamma / d, lower (p, p)
};

/// The sums of a single sample: quadratic = norms G G^T.
void single_sample_sums(const Shape& shape, const double* gradient, const double* const* h_star,
                        const double* fields, const double* norms, const BatchSums& sums);

/// Adds a sample to a batch: g_target, g_field, inner += G G^T (lower; unless it is null) and along
/// += coordinates G^T, (k + p, p).
void add_sample(const Shape& shape, const double* gradient, const double* const* h_star,
                const double* fields, const double* const* coordinates, const BatchSums& sums,
                double* inner, double* along);

/// inner += shift G^T + G shift^T + norms G G^T (lower): the Gram matrix of U = sum G x^T when a
/// sample joins it, shift = U x and norms = |x|^2.
void add_outside(const Shape& shape, const double* gradient, const double* shift,
                 const double* norms, double* inner);

/// quadratic = (along^T along + inner) / d, along (k + p, p).
void known_quadratic(const Shape& shape, const double* inner, const double* along, double dimension,
                     double* quadratic);

/// quadratic = (along^T along + F R^T R F^T) / d, F F^T = inner, R upper triangular, both (p, p):
/// the part of the batch outside the known directions is a Wishart matrix by Bartlett's
/// decomposition. r is lower-packed: entry (i <= j) of R at lower(j, i). Scratch: p (p + 1) / 2 + p
/// arrays.
void wishart_quadratic(const Shape& shape, const double* inner, const double* along,
                       const double* r, double dimension, double* scratch, double* quadratic);

/// M <- D M - rate g_target, Q <- D Q D - rate (D g_field + (D g_field)^T) + gamma rate quadratic,
/// rate = gamma / d. D = 1, or, if is_spherical, the projection of each gradient off its neuron.
void apply(const Shape& shape, double gamma, double rate, bool is_spherical, const BatchSums& sums,
           double* m, double* q, double* scratch);

/// Rescales neurons to Q_jj = 1.
void rescale(const Shape& shape, double* m, double* q, double* scratch);

/// out += factor x.
void add_scaled(std::size_t n, double factor, const double* x, double* out);

}  // namespace reprise::lanes
