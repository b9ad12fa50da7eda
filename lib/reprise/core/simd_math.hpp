// Loops that the compiler turns into calls of glibc's vector libm. For sources of the library only,
// since it declares functions of <cmath> again; the public face is core/vector_math.hpp.
#pragma once

#include <cmath>
#include <cstddef>

#include "reprise/core/simd.hpp"

// glibc has these declarations too, but shows them under -ffast-math only, which we cannot afford.
// tanh, tan, erf, erfc and log1p have vector versions from glibc 2.35 on.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__GLIBC__)
#if __GLIBC_PREREQ(2, 35)
extern "C" {
#define REPRISE_SIMD __attribute__((simd("notinbranch")))
REPRISE_SIMD double exp(double x) noexcept;
REPRISE_SIMD double log(double x) noexcept;
REPRISE_SIMD double log1p(double x) noexcept;
REPRISE_SIMD double sin(double x) noexcept;
REPRISE_SIMD double cos(double x) noexcept;
REPRISE_SIMD double tan(double x) noexcept;
REPRISE_SIMD double tanh(double x) noexcept;
REPRISE_SIMD double erf(double x) noexcept;
REPRISE_SIMD double erfc(double x) noexcept;
REPRISE_SIMD double pow(double x, double y) noexcept;
#undef REPRISE_SIMD
}
#endif
#endif

// An output may be one of the inputs, element for element; the vectoriser cannot know.
#if defined(__GNUC__) && !defined(__clang__)
#define REPRISE_INDEPENDENT_ITERATIONS _Pragma("GCC ivdep")
#else
#define REPRISE_INDEPENDENT_ITERATIONS
#endif

namespace reprise::simd {

// Full groups of 8 fill the widest vectors exactly, and the rest is padded to such a group: every
// element takes the same instructions, wherever it stands and whatever n is.
inline constexpr std::size_t n_lanes = 8;

struct Lanes {
  double values[n_lanes];

  /// The last n < 8 values of x, then copies of the first of them.
  REPRISE_ALWAYS_INLINE static Lanes padded(const double* x, std::size_t n) {
    Lanes lanes;
    for (std::size_t i = 0; i < n_lanes; ++i) lanes.values[i] = x[i < n ? i : 0];
    return lanes;
  }
};

/// out[i] = function(x[i]).
template <class Function>
REPRISE_ALWAYS_INLINE void map(const double* x, std::size_t n, double* out, Function function) {
  const std::size_t n_whole = n - n % n_lanes;
  REPRISE_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < n_whole; ++i) out[i] = function(x[i]);
  if (n_whole == n) return;
  const Lanes rest = Lanes::padded(x + n_whole, n - n_whole);
  double result[n_lanes];
  REPRISE_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < n_lanes; ++i) result[i] = function(rest.values[i]);
  for (std::size_t i = n_whole; i < n; ++i) out[i] = result[i - n_whole];
}

/// out[i] = function(x[i], y[i]).
template <class Function>
REPRISE_ALWAYS_INLINE void map(const double* x, const double* y, std::size_t n, double* out,
                               Function function) {
  const std::size_t n_whole = n - n % n_lanes;
  REPRISE_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < n_whole; ++i) out[i] = function(x[i], y[i]);
  if (n_whole == n) return;
  const Lanes x_rest = Lanes::padded(x + n_whole, n - n_whole);
  const Lanes y_rest = Lanes::padded(y + n_whole, n - n_whole);
  double result[n_lanes];
  REPRISE_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < n_lanes; ++i) {
    result[i] = function(x_rest.values[i], y_rest.values[i]);
  }
  for (std::size_t i = n_whole; i < n; ++i) out[i] = result[i - n_whole];
}

struct ValueAndSlope {
  double value;
  double slope;
};

/// {value[i], slope[i]} = function(x[i]).
template <class Function>
REPRISE_ALWAYS_INLINE void map_with_slope(const double* x, std::size_t n, double* value,
                                          double* slope, Function function) {
  const std::size_t n_whole = n - n % n_lanes;
  REPRISE_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < n_whole; ++i) {
    const ValueAndSlope result = function(x[i]);
    value[i] = result.value;
    slope[i] = result.slope;
  }
  if (n_whole == n) return;
  const Lanes rest = Lanes::padded(x + n_whole, n - n_whole);
  Lanes values, slopes;
  REPRISE_INDEPENDENT_ITERATIONS
  for (std::size_t i = 0; i < n_lanes; ++i) {
    const ValueAndSlope result = function(rest.values[i]);
    values.values[i] = result.value;
    slopes.values[i] = result.slope;
  }
  for (std::size_t i = n_whole; i < n; ++i) {
    value[i] = values.values[i - n_whole];
    slope[i] = slopes.values[i - n_whole];
  }
}

inline constexpr std::size_t block_size = 32;

/// Calls function(points, start, count) for the blocks of x, for loops of unknown length inside:
/// points holds block_size numbers, the first `count` of them x[start], x[start + 1], ...
template <class Function>
REPRISE_ALWAYS_INLINE void for_each_block(const double* x, std::size_t n, Function function) {
  const std::size_t n_whole = n - n % block_size;
  for (std::size_t start = 0; start < n_whole; start += block_size) {
    function(x + start, start, block_size);
  }
  if (n_whole == n) return;
  double padded[block_size];
  for (std::size_t i = 0; i < block_size; ++i) padded[i] = x[n_whole + (i < n - n_whole ? i : 0)];
  function(padded, n_whole, n - n_whole);
}

/// 1 / (1 + e^-x), without overflow on either side.
REPRISE_ALWAYS_INLINE double sigmoid(double x) {
  const double decay = ::exp(-std::abs(x));
  return (x >= 0 ? 1.0 : decay) / (1.0 + decay);
}

/// log(1 + e^x), without overflow and with full relative accuracy for x -> -inf.
REPRISE_ALWAYS_INLINE double softplus(double x) {
  return (x > 0 ? x : 0.0) + ::log1p(::exp(-std::abs(x)));
}

}  // namespace reprise::simd
