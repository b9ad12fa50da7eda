// The two linear-algebra loops of the library: combinations and inner products of long columns.
//
// Columns are arrays of n numbers, 64-byte aligned, n a multiple of column_padding. Sums run in an
// order fixed by n alone.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <memory>
#include <span>

namespace reprise {

/// Lengths of columns and starts of chunks are multiples of this many numbers.
inline constexpr std::size_t column_padding = 16;

constexpr std::size_t padded(std::size_t n) {
  return (n + column_padding - 1) / column_padding * column_padding;
}

/// An uninitialised 64-byte aligned array; large ones ask the system for huge pages, and start at
/// different offsets, so that the same rows of many columns fit a cache together.
class AlignedArray {
 public:
  AlignedArray() = default;
  explicit AlignedArray(std::size_t size);

  double* data() { return data_.get(); }
  const double* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

 private:
  struct Free {
    std::size_t offset_bytes;  // from the start of the block
    void operator()(double* pointer) const;
  };
  std::unique_ptr<double[], Free> data_;
  std::size_t size_ = 0;
};

/// out_j = sum_c weights(c, j) column_c  for n numbers. weights is (columns, outs), row-major.
void set_combination(std::span<const double* const> columns, const double* weights,
                     std::span<double* const> outs, std::size_t n);

/// out_j += sum_c weights(c, j) column_c.
void add_combination(std::span<const double* const> columns, const double* weights,
                     std::span<double* const> outs, std::size_t n);

/// products(c, j) += sum_i left_c[i] right_j[i]  for n numbers. products is (left, right),
/// row-major.
void add_inner_products(std::span<const double* const> left, std::span<const double* const> right,
                        std::size_t n, double* products);

}  // namespace reprise
