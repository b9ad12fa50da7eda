#include "reprise/one_pass/lane_kernels.hpp"

#include <cmath>

#include "reprise/core/simd.hpp"

namespace reprise::lanes {

namespace {

using Index = std::size_t;
constexpr double rounding = 1e-14;

}  // namespace

REPRISE_VECTORISED void factor_rest(const Shape& shape, const double* q, const double* a,
                                    double* b) {
  const auto [n, p, k] = shape;
  for (Index j = 0; j < p; ++j) {
    for (Index i = j; i < p; ++i) {
      double* out = b + lower(i, j) * n;
      const double* entry = q + lower(i, j) * n;
      for (Index l = 0; l < n; ++l) out[l] = entry[l];
      for (Index c = 0; c < k + j; ++c) {
        const double* left = c < k ? a + (i * k + c) * n : b + lower(i, c - k) * n;
        const double* right = c < k ? a + (j * k + c) * n : b + lower(j, c - k) * n;
        for (Index l = 0; l < n; ++l) out[l] -= left[l] * right[l];
      }
      if (i == j) {
        for (Index l = 0; l < n; ++l) {
          out[l] = out[l] <= rounding * entry[l] ? 0.0 : std::sqrt(out[l]);
        }
      } else {
        const double* pivot = b + lower(j, j) * n;
        for (Index l = 0; l < n; ++l) out[l] = pivot[l] == 0 ? 0.0 : out[l] / pivot[l];
      }
    }
  }
}

REPRISE_VECTORISED void form_fields(const Shape& shape, const double* a, const double* b,
                                    const double* const* coordinates, double* fields) {
  const auto [n, p, k] = shape;
  for (Index j = 0; j < p; ++j) {
    double* out = fields + j * n;
    for (Index l = 0; l < n; ++l) out[l] = 0;
    for (Index c = 0; c < k + j + 1; ++c) {
      const double* weight = c < k ? a + (j * k + c) * n : b + lower(j, c - k) * n;
      const double* z = coordinates[c];
      for (Index l = 0; l < n; ++l) out[l] += weight[l] * z[l];
    }
  }
}

REPRISE_VECTORISED void sum_squares(const Shape& shape, const double* const* coordinates,
                                    const double* rest, double scale, double* norms) {
  const auto [n, p, k] = shape;
  for (Index l = 0; l < n; ++l) norms[l] = rest[l];
  for (Index c = 0; c < k + p; ++c) {
    const double* z = coordinates[c];
    for (Index l = 0; l < n; ++l) norms[l] += z[l] * z[l];
  }
  for (Index l = 0; l < n; ++l) norms[l] *= scale;
}

// G_i h*^T and G_i h^T of a sample a lane: put in place, or added to what is there.
template <bool Adds>
REPRISE_ALWAYS_INLINE void gradient_products(const Shape& shape, Index i, const double* g,
                                             const double* const* h_star, const double* fields,
                                             const BatchSums& sums) {
  const std::size_t n = shape.n;
  const auto product = [n, g](const double* x, double* out) {
    for (Index l = 0; l < n; ++l) out[l] = Adds ? out[l] + g[l] * x[l] : g[l] * x[l];
  };
  for (Index r = 0; r < shape.k; ++r) product(h_star[r], sums.g_target + (i * shape.k + r) * n);
  for (Index j = 0; j < shape.p; ++j) product(fields + j * n, sums.g_field + (i * shape.p + j) * n);
}

REPRISE_VECTORISED void single_sample_sums(const Shape& shape, const double* gradient,
                                           const double* const* h_star, const double* fields,
                                           const double* norms, const BatchSums& sums) {
  const auto [n, p, k] = shape;
  for (Index i = 0; i < p; ++i) {
    const double* g = gradient + i * n;
    gradient_products<false>(shape, i, g, h_star, fields, sums);
    for (Index j = 0; j <= i; ++j) {
      double* out = sums.quadratic + lower(i, j) * n;
      const double* other = gradient + j * n;
      for (Index l = 0; l < n; ++l) out[l] = norms[l] * g[l] * other[l];
    }
  }
}

REPRISE_VECTORISED void add_sample(const Shape& shape, const double* gradient,
                                   const double* const* h_star, const double* fields,
                                   const double* const* coordinates, const BatchSums& sums,
                                   double* inner, double* along) {
  const auto [n, p, k] = shape;
  for (Index i = 0; i < p; ++i) {
    const double* g = gradient + i * n;
    gradient_products<true>(shape, i, g, h_star, fields, sums);
    for (Index j = 0; j <= i && inner != nullptr; ++j) {
      double* out = inner + lower(i, j) * n;
      const double* other = gradient + j * n;
      for (Index l = 0; l < n; ++l) out[l] += g[l] * other[l];
    }
    for (Index c = 0; c < k + p; ++c) {
      double* out = along + (c * p + i) * n;
      const double* z = coordinates[c];
      for (Index l = 0; l < n; ++l) out[l] += g[l] * z[l];
    }
  }
}

REPRISE_VECTORISED void add_outside(const Shape& shape, const double* gradient, const double* shift,
                                    const double* norms, double* inner) {
  const auto [n, p, k] = shape;
  for (Index i = 0; i < p; ++i) {
    const double* gi = gradient + i * n;
    const double* ui = shift + i * n;
    for (Index j = 0; j <= i; ++j) {
      double* out = inner + lower(i, j) * n;
      const double* gj = gradient + j * n;
      const double* uj = shift + j * n;
      for (Index l = 0; l < n; ++l) {
        out[l] += ui[l] * gj[l] + gi[l] * uj[l] + norms[l] * gi[l] * gj[l];
      }
    }
  }
}

REPRISE_VECTORISED void known_quadratic(const Shape& shape, const double* inner,
                                        const double* along, double dimension, double* quadratic) {
  const auto [n, p, k] = shape;
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j <= i; ++j) {
      double* out = quadratic + lower(i, j) * n;
      const double* outside = inner + lower(i, j) * n;
      for (Index l = 0; l < n; ++l) out[l] = outside[l];
      for (Index c = 0; c < k + p; ++c) {
        const double* x = along + (c * p + i) * n;
        const double* y = along + (c * p + j) * n;
        for (Index l = 0; l < n; ++l) out[l] += x[l] * y[l];
      }
      for (Index l = 0; l < n; ++l) out[l] /= dimension;
    }
  }
}

REPRISE_VECTORISED void wishart_quadratic(const Shape& shape, const double* inner,
                                          const double* along, const double* r, double dimension,
                                          double* scratch, double* quadratic) {
  const auto [n, p, k] = shape;
  double* f = scratch;                          // lower (p, p)
  double* row = scratch + p * (p + 1) / 2 * n;  // one row of R F^T, (p)
  factor_rest({n, p, 0}, inner, nullptr, f);
  for (Index e = 0; e < p * (p + 1) / 2 * n; ++e) quadratic[e] = 0;
  for (Index c = 0; c < k + 2 * p; ++c) {
    const double* left = along + c * p * n;
    if (c >= k + p) {
      const Index a = c - k - p;
      for (Index i = 0; i < p; ++i) {
        double* out = row + i * n;
        for (Index l = 0; l < n; ++l) out[l] = 0;
        for (Index b = a; b <= i; ++b) {
          const double* x = r + lower(b, a) * n;
          const double* y = f + lower(i, b) * n;
          for (Index l = 0; l < n; ++l) out[l] += x[l] * y[l];
        }
      }
      left = row;
    }
    for (Index i = 0; i < p; ++i) {
      for (Index j = 0; j <= i; ++j) {
        double* out = quadratic + lower(i, j) * n;
        const double* x = left + i * n;
        const double* y = left + j * n;
        for (Index l = 0; l < n; ++l) out[l] += x[l] * y[l] / dimension;
      }
    }
  }
}

REPRISE_VECTORISED void apply(const Shape& shape, double gamma, double rate, bool is_spherical,
                              const BatchSums& sums, double* m, double* q, double* scratch) {
  const auto [n, p, k] = shape;
  for (Index j = 0; j < p; ++j) {
    double* d = scratch + j * n;
    const double* along = sums.g_field + (j * p + j) * n;
    const double* square = q + lower(j, j) * n;
    for (Index l = 0; l < n; ++l) d[l] = is_spherical ? 1 + rate * along[l] / square[l] : 1.0;
  }
  for (Index i = 0; i < p; ++i) {
    const double* di = scratch + i * n;
    for (Index r = 0; r < k; ++r) {
      double* out = m + (i * k + r) * n;
      const double* g = sums.g_target + (i * k + r) * n;
      for (Index l = 0; l < n; ++l) out[l] = di[l] * out[l] - rate * g[l];
    }
    for (Index j = 0; j <= i; ++j) {
      const double* dj = scratch + j * n;
      double* out = q + lower(i, j) * n;
      const double* ij = sums.g_field + (i * p + j) * n;
      const double* ji = sums.g_field + (j * p + i) * n;
      const double* square = sums.quadratic + lower(i, j) * n;
      for (Index l = 0; l < n; ++l) {
        out[l] = di[l] * dj[l] * out[l] - rate * (dj[l] * ij[l] + di[l] * ji[l]) +
                 gamma * rate * square[l];
      }
    }
  }
}

REPRISE_VECTORISED void rescale(const Shape& shape, double* m, double* q, double* scratch) {
  const auto [n, p, k] = shape;
  for (Index j = 0; j < p; ++j) {
    double* factor = scratch + j * n;
    const double* square = q + lower(j, j) * n;
    for (Index l = 0; l < n; ++l) factor[l] = 1 / std::sqrt(square[l]);
  }
  for (Index i = 0; i < p; ++i) {
    const double* fi = scratch + i * n;
    for (Index r = 0; r < k; ++r) {
      double* out = m + (i * k + r) * n;
      for (Index l = 0; l < n; ++l) out[l] *= fi[l];
    }
    for (Index j = 0; j <= i; ++j) {
      const double* fj = scratch + j * n;
      double* out = q + lower(i, j) * n;
      for (Index l = 0; l < n; ++l) out[l] *= fi[l] * fj[l];
    }
  }
}

REPRISE_VECTORISED void add_scaled(std::size_t n, double factor, const double* x, double* out) {
  for (Index l = 0; l < n; ++l) out[l] += factor * x[l];
}

}  // namespace reprise::lanes
