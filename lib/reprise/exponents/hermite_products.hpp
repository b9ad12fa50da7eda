// Products of Hermite polynomials at a chunk of points, variable by variable. Not installed.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/exponents/label_points.hpp"

namespace reprise {

/// h_alpha(z) = prod_v He_{alpha_v}(z_v) / sqrt(alpha_v!) at n <= LabelPoints::chunk points.
class HermiteProducts {
 public:
  /// `product` is the factor of the first k - 1 variables at each point (nullptr: 1), `rest` the
  /// degree that it leaves for the last.
  using Visit = std::function<void(const double* product, std::size_t rest)>;

  HermiteProducts(int n_variables, int max_degree);

  void set_points(const double* const* z, std::size_t n);
  std::size_t n_points() const { return n_; }
  /// h_l of the last variable.
  const double* last(std::size_t l) const { return factor(k_ - 1, l); }
  /// Every product of degree at most `degree`, in the order of MultiIndices(k, degree): one call
  /// stands for the rest + 1 multi-indices that differ in the last entry.
  void for_each(std::size_t degree, const Visit& visit);

 private:
  const double* factor(std::size_t v, std::size_t l) const {
    return hermite_[v].data() + l * LabelPoints::chunk;
  }
  void descend(std::size_t v, std::size_t rest, const double* product, const Visit& visit);

  std::size_t k_;
  std::size_t n_degrees_;
  std::size_t n_ = 0;
  std::vector<AlignedArray> hermite_;  // by variable: (degree, chunk)
  std::vector<AlignedArray> prefix_;   // products of the first variables' factors
};

}  // namespace reprise
