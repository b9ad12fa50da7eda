// Multi-indices alpha = (alpha_1..alpha_k) of bounded degree: the rows of a table of Hermite
// moments.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace reprise {

/// All alpha with |alpha| = alpha_1 + ... + alpha_k <= max_degree, in lexicographic order: those
/// with the same first k - 1 entries are neighbours, alpha_k = 0, 1, 2, ...
class MultiIndices {
 public:
  /// Throws InputError unless n_variables >= 1 and max_degree >= 0.
  MultiIndices(int n_variables, int max_degree);

  int n_variables() const { return n_variables_; }
  int max_degree() const { return max_degree_; }
  int size() const { return static_cast<int>(degree_.size()); }

  /// The k entries of the index at a position.
  std::span<const int> operator[](int position) const {
    return {entries_.data() + offset(position), static_cast<std::size_t>(n_variables_)};
  }
  int degree(int position) const { return degree_[position]; }
  /// The sum of the entries first..k-1 (from 0).
  int degree_from(int position, int first) const;

  /// The position of alpha + e_variable, variable from 0; -1 beyond max_degree.
  int raised(int position, int variable) const { return raised_[offset(position) + variable]; }
  /// The position of alpha - e_variable; -1 where alpha_variable = 0.
  int lowered(int position, int variable) const { return lowered_[offset(position) + variable]; }
  /// Position of an index, -1 if its degree is too high.
  int find(std::span<const int> index) const;

 private:
  std::size_t offset(int position) const {
    return static_cast<std::size_t>(position) * static_cast<std::size_t>(n_variables_);
  }

  int n_variables_;
  int max_degree_;
  std::vector<int> entries_;  // (size, k)
  std::vector<int> degree_;
  std::vector<int> raised_;
  std::vector<int> lowered_;
};

/// C(k + degree, k), the number of multi-indices; at most 2^31 - 1.
int n_multi_indices(int n_variables, int max_degree);

}  // namespace reprise
