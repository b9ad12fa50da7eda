// Aligned columns of numbers as the kernels want them, seen as one Eigen matrix.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/random.hpp"

namespace reprise::test {

/// `count` columns of n standard normals, n a multiple of 16; a function of the seed.
class Columns {
 public:
  Columns(std::size_t n, std::size_t count, std::uint64_t seed) : n_(n), memory_(n * count) {
    const Stream stream(seed, Purpose::samples);
    for (std::size_t c = 0; c < count; ++c) {
      write_.push_back(memory_.data() + c * n);
      read_.push_back(write_.back());
      fill_normals(stream, c, 0, n, write_.back());
    }
  }

  const std::vector<const double*>& read() const { return read_; }
  const std::vector<double*>& write() const { return write_; }
  Eigen::Map<Eigen::MatrixXd> matrix() {
    return {memory_.data(), static_cast<Eigen::Index>(n_),
            static_cast<Eigen::Index>(write_.size())};
  }

 private:
  std::size_t n_;
  AlignedArray memory_;
  std::vector<const double*> read_;
  std::vector<double*> write_;
};

}  // namespace reprise::test
