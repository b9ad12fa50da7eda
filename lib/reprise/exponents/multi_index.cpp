#include "reprise/exponents/multi_index.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <numeric>

#include "reprise/core/check.hpp"

namespace reprise {

int n_multi_indices(int n_variables, int max_degree) {
  std::int64_t count = 1;
  for (int i = 1; i <= n_variables; ++i) {
    count = count * (max_degree + i) / i;
    if (count > std::numeric_limits<int>::max()) return std::numeric_limits<int>::max();
  }
  return static_cast<int>(count);
}

MultiIndices::MultiIndices(int n_variables, int max_degree)
    : n_variables_(n_variables), max_degree_(max_degree) {
  check_at_least("multi-indices", "n_variables", n_variables, 1);
  check_at_least("multi-indices", "max_degree", max_degree, 0);
  std::vector<int> index(static_cast<std::size_t>(n_variables), 0);
  int degree = 0;
  while (true) {
    entries_.insert(entries_.end(), index.begin(), index.end());
    degree_.push_back(degree);
    int v = n_variables - 1;  // the last entry that can grow once those after it are cleared
    while (v >= 0 && degree == max_degree) {
      degree -= index[v];
      index[v] = 0;
      --v;
    }
    if (v < 0) break;
    ++index[v];
    ++degree;
  }
  raised_.resize(entries_.size());
  lowered_.assign(entries_.size(), -1);
  for (int i = 0; i < size(); ++i) {
    std::vector<int> next((*this)[i].begin(), (*this)[i].end());
    for (int v = 0; v < n_variables; ++v) {
      ++next[v];
      const int position = find(next);
      raised_[offset(i) + v] = position;
      if (position >= 0) lowered_[offset(position) + v] = i;
      --next[v];
    }
  }
}

int MultiIndices::degree_from(int position, int first) const {
  const auto index = (*this)[position];
  return std::accumulate(index.begin() + first, index.end(), 0);
}

int MultiIndices::find(std::span<const int> index) const {
  if (std::accumulate(index.begin(), index.end(), 0) > max_degree_) return -1;
  int low = 0;
  int high = size() - 1;
  while (low < high) {
    const int middle = (low + high) / 2;
    const auto entry = (*this)[middle];
    if (std::lexicographical_compare(entry.begin(), entry.end(), index.begin(), index.end())) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

}  // namespace reprise
