#include "reprise/exponents/hermite_products.hpp"

#include <algorithm>
#include <cmath>

namespace reprise {

HermiteProducts::HermiteProducts(int n_variables, int max_degree)
    : k_(static_cast<std::size_t>(n_variables)),
      n_degrees_(static_cast<std::size_t>(max_degree) + 1) {
  for (std::size_t v = 0; v < k_; ++v) {
    hermite_.emplace_back(n_degrees_ * LabelPoints::chunk);
    prefix_.emplace_back(LabelPoints::chunk);
  }
}

void HermiteProducts::set_points(const double* const* z, std::size_t n) {
  n_ = n;
  for (std::size_t v = 0; v < k_; ++v) {
    double* out = hermite_[v].data();
    std::fill_n(out, n, 1.0);
    if (n_degrees_ > 1) std::copy_n(z[v], n, out + LabelPoints::chunk);
    for (std::size_t l = 2; l < n_degrees_; ++l) {
      // sqrt(l) h_l = x h_{l-1} - sqrt(l - 1) h_{l-2}
      const double a = 1 / std::sqrt(static_cast<double>(l));
      const double b = std::sqrt(static_cast<double>(l - 1)) * a;
      const double* one = out + (l - 1) * LabelPoints::chunk;
      const double* two = out + (l - 2) * LabelPoints::chunk;
      double* next = out + l * LabelPoints::chunk;
      for (std::size_t i = 0; i < n; ++i) next[i] = a * z[v][i] * one[i] - b * two[i];
    }
  }
}

void HermiteProducts::for_each(std::size_t degree, const Visit& visit) {
  descend(0, degree, nullptr, visit);
}

void HermiteProducts::descend(std::size_t v, std::size_t rest, const double* product,
                              const Visit& visit) {
  if (v + 1 == k_) return visit(product, rest);
  descend(v + 1, rest, product, visit);
  for (std::size_t l = 1; l <= rest; ++l) {
    const double* next = factor(v, l);
    if (product != nullptr) {
      double* out = prefix_[v].data();
      for (std::size_t i = 0; i < n_; ++i) out[i] = product[i] * next[i];
      next = out;
    }
    descend(v + 1, rest - l, next, visit);
  }
}

}  // namespace reprise
