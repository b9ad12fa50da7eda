#include "reprise/core/column_kernels.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdlib>
#include <new>

#include "reprise/core/simd.hpp"

namespace reprise {

namespace {

// Eight numbers; the compiler splits them where the machine's vectors are shorter.
typedef double Lanes __attribute__((vector_size(64)));
constexpr std::size_t n_lanes = 8;

REPRISE_ALWAYS_INLINE const Lanes& lanes(const double* p) {
  return *reinterpret_cast<const Lanes*>(p);
}
REPRISE_ALWAYS_INLINE Lanes& lanes(double* p) { return *reinterpret_cast<Lanes*>(p); }

REPRISE_ALWAYS_INLINE double sum(const Lanes& v) {
  return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

enum class Output { set, add };

// out_j = or += sum_c w(c, j) column_c for Outs outputs, Unroll vectors of samples at a time.
template <Output mode, int Outs, int Unroll>
REPRISE_ALWAYS_INLINE void combine(const double* const* columns, std::size_t n_columns,
                                   const double* weights, std::size_t stride, double* const* outs,
                                   std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; i += Unroll * n_lanes) {
    Lanes total[Outs][Unroll] = {};
    if constexpr (mode == Output::add) {
      for (int j = 0; j < Outs; ++j) {
        for (int u = 0; u < Unroll; ++u) total[j][u] = lanes(outs[j] + i + u * n_lanes);
      }
    }
    for (std::size_t c = 0; c < n_columns; ++c) {
      const double* column = columns[c] + i;
      const double* w = weights + c * stride;
      for (int u = 0; u < Unroll; ++u) {
        const Lanes x = lanes(column + u * n_lanes);
        for (int j = 0; j < Outs; ++j) total[j][u] += w[j] * x;
      }
    }
    for (int j = 0; j < Outs; ++j) {
      for (int u = 0; u < Unroll; ++u) lanes(outs[j] + i + u * n_lanes) = total[j][u];
    }
  }
}

template <Output mode, int Outs>
REPRISE_ALWAYS_INLINE void combine_block(const double* const* columns, std::size_t n_columns,
                                         const double* weights, std::size_t stride,
                                         double* const* outs, std::size_t n) {
  constexpr int unroll = Outs == 1 ? 8 : Outs == 2 ? 4 : 2;
  const std::size_t whole = n / (unroll * n_lanes) * (unroll * n_lanes);
  combine<mode, Outs, unroll>(columns, n_columns, weights, stride, outs, 0, whole);
  combine<mode, Outs, 1>(columns, n_columns, weights, stride, outs, whole, n);
}

// products(c, j) += <left_c, right_j> for Left x Right pairs.
template <int Left, int Right>
REPRISE_ALWAYS_INLINE void inner_block(const double* const* left, const double* const* right,
                                       std::size_t n, double* products, std::size_t stride) {
  Lanes total[Left][Right] = {};
  for (std::size_t i = 0; i < n; i += n_lanes) {
    Lanes y[Right];
    for (int j = 0; j < Right; ++j) y[j] = lanes(right[j] + i);
    for (int c = 0; c < Left; ++c) {
      const Lanes x = lanes(left[c] + i);
      for (int j = 0; j < Right; ++j) total[c][j] += x * y[j];
    }
  }
  for (int c = 0; c < Left; ++c) {
    for (int j = 0; j < Right; ++j) products[c * stride + j] += sum(total[c][j]);
  }
}

template <int Right>
REPRISE_ALWAYS_INLINE void inner_columns(const double* const* left, std::size_t n_left,
                                         const double* const* right, std::size_t n,
                                         double* products, std::size_t stride) {
  constexpr int block = Right <= 2 ? 6 : 4;
  std::size_t c = 0;
  for (; c + block <= n_left; c += block) {
    inner_block<block, Right>(left + c, right, n, products + c * stride, stride);
  }
  for (; c < n_left; ++c) {
    inner_block<1, Right>(left + c, right, n, products + c * stride, stride);
  }
}

template <Output mode>
REPRISE_ALWAYS_INLINE void combine_all(const double* const* columns, std::size_t n_columns,
                                       const double* weights, double* const* outs,
                                       std::size_t n_outs, std::size_t n) {
  std::size_t j = 0;
  for (; j + 4 <= n_outs; j += 4) {
    combine_block<mode, 4>(columns, n_columns, weights + j, n_outs, outs + j, n);
  }
  switch (n_outs - j) {
    case 3:
      return combine_block<mode, 3>(columns, n_columns, weights + j, n_outs, outs + j, n);
    case 2:
      return combine_block<mode, 2>(columns, n_columns, weights + j, n_outs, outs + j, n);
    case 1:
      return combine_block<mode, 1>(columns, n_columns, weights + j, n_outs, outs + j, n);
    default:
      return;
  }
}

REPRISE_VECTORISED void combine_add(const double* const* columns, std::size_t n_columns,
                                    const double* weights, double* const* outs, std::size_t n_outs,
                                    std::size_t n) {
  combine_all<Output::add>(columns, n_columns, weights, outs, n_outs, n);
}

REPRISE_VECTORISED void combine_set(const double* const* columns, std::size_t n_columns,
                                    const double* weights, double* const* outs, std::size_t n_outs,
                                    std::size_t n) {
  combine_all<Output::set>(columns, n_columns, weights, outs, n_outs, n);
}

REPRISE_VECTORISED void inner_all(const double* const* left, std::size_t n_left,
                                  const double* const* right, std::size_t n_right, std::size_t n,
                                  double* products) {
  std::size_t j = 0;
  for (; j + 4 <= n_right; j += 4) {
    inner_columns<4>(left, n_left, right + j, n, products + j, n_right);
  }
  switch (n_right - j) {
    case 3:
      inner_columns<3>(left, n_left, right + j, n, products + j, n_right);
      break;
    case 2:
      inner_columns<2>(left, n_left, right + j, n, products + j, n_right);
      break;
    case 1:
      inner_columns<1>(left, n_left, right + j, n, products + j, n_right);
      break;
    default:
      break;
  }
}

constexpr std::size_t huge_page = std::size_t{1} << 21;

// The same rows of many columns shall fit a cache together, but rows whose addresses are equal
// modulo the distance at which its sets repeat compete for the same ones. So a column that comes
// after a long one lies 33 lines further on: behind a gap, or within its first huge page.
constexpr std::size_t stagger = 33 * 64;
constexpr std::size_t long_column = std::size_t{1} << 18;

std::size_t next_offset() {
  static thread_local std::size_t count = 0;
  return count++ % 61 * stagger;
}

std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void AlignedArray::Free::operator()(double* pointer) const {
  std::free(reinterpret_cast<std::byte*>(pointer) - offset_bytes);
}

AlignedArray::AlignedArray(std::size_t size) : size_(size) {
  if (size == 0) return;
  const std::size_t used = rounded_up(size * sizeof(double), 64);
  const bool is_large = used >= 4 * huge_page;
  const std::size_t offset = is_large ? next_offset() : 0;
  const std::size_t gap = !is_large && used >= long_column ? stagger : 0;
  const std::size_t bytes = rounded_up(offset + used + gap, is_large ? huge_page : 64);
  void* const block = std::aligned_alloc(is_large ? huge_page : 64, bytes);
  if (!block) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
  if (is_large) madvise(block, offset + used, MADV_HUGEPAGE);  // a hint: failure changes nothing
#endif
  data_ = {reinterpret_cast<double*>(static_cast<std::byte*>(block) + offset), Free{offset}};
}

void add_combination(std::span<const double* const> columns, const double* weights,
                     std::span<double* const> outs, std::size_t n) {
  assert(n % n_lanes == 0);
  combine_add(columns.data(), columns.size(), weights, outs.data(), outs.size(), n);
}

void set_combination(std::span<const double* const> columns, const double* weights,
                     std::span<double* const> outs, std::size_t n) {
  assert(n % n_lanes == 0);
  combine_set(columns.data(), columns.size(), weights, outs.data(), outs.size(), n);
}

void add_inner_products(std::span<const double* const> left, std::span<const double* const> right,
                        std::size_t n, double* products) {
  assert(n % n_lanes == 0);
  inner_all(left.data(), left.size(), right.data(), right.size(), n, products);
}

}  // namespace reprise
