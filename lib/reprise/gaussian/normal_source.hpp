// Where the standard normals of a set of samples come from: a random stream or a scrambled Sobol'
// set.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "reprise/core/random.hpp"

namespace reprise {

/// Columns of standard normals, one number per sample, column c independent of the others.
class NormalSource {
 public:
  virtual ~NormalSource() = default;
  /// Fills out with the numbers of samples first .. first + n - 1; both multiples of 16.
  virtual void fill(std::uint64_t column, std::uint64_t first, std::size_t n,
                    double* out) const = 0;
};

/// Pseudo-random normals.
class RandomNormals final : public NormalSource {
 public:
  explicit RandomNormals(const Stream& stream) : stream_(stream) {}
  void fill(std::uint64_t column, std::uint64_t first, std::size_t n, double* out) const override {
    fill_normals(stream_, column, first, n, out);
  }

 private:
  Stream stream_;
};

/// The first 2^log2_points points of a Sobol' sequence (direction numbers of Joe2008 as shipped by
/// Boost.Random), scrambled by a random lower-triangular matrix and a digital shift in each
/// dimension (Matousek1998: the variance of Owen's nested scrambling) and mapped to normals by the
/// inverse distribution function. Column c is dimension c + 1; from dimension 3668 on, which the
/// table does not reach, the numbers are pseudo-random.
class ScrambledSobolNormals final : public NormalSource {
 public:
  /// 4 <= log2_points <= 40. Each stream gives an independent scramble.
  ScrambledSobolNormals(const Stream& stream, int log2_points, std::uint64_t n_columns);

  std::uint64_t n_points() const { return std::uint64_t{1} << log2_points_; }
  void fill(std::uint64_t column, std::uint64_t first, std::size_t n, double* out) const override;

 private:
  RandomNormals beyond_table_;
  int log2_points_;
  std::uint64_t n_sobol_columns_;
  std::vector<std::uint64_t> directions_;  // (column, bit): scrambled direction numbers
  std::vector<std::uint64_t> shifts_;      // (column)
};

}  // namespace reprise
