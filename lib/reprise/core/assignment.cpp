#include "reprise/core/assignment.hpp"

#include <cmath>
#include <limits>
#include <numeric>

namespace reprise {

using Eigen::Index;

namespace {

/// Extends a pairing by one row along the cheapest path, kept cheapest by potentials of rows and
/// columns. Rows and columns count from 1; 0 stands for none.
class Pairing {
 public:
  explicit Pairing(const Eigen::MatrixXd& cost)
      : cost_(cost),
        n_(static_cast<std::size_t>(cost.rows())),
        u_(n_ + 1),
        v_(n_ + 1),
        row_of_(n_ + 1),
        before_(n_ + 1) {}

  void add(std::size_t row) {
    constexpr double far = std::numeric_limits<double>::infinity();
    std::vector<double> distance(n_ + 1, far);
    std::vector<bool> is_done(n_ + 1);
    row_of_[0] = row;
    std::size_t at = 0;
    do {
      is_done[at] = true;
      std::size_t next = 0;
      double step = far;
      for (std::size_t j = 1; j <= n_; ++j) {
        if (is_done[j]) continue;
        const double reduced = entry(row_of_[at], j) - u_[row_of_[at]] - v_[j];
        if (reduced < distance[j]) {
          distance[j] = reduced;
          before_[j] = at;
        }
        if (distance[j] < step) {
          step = distance[j];
          next = j;
        }
      }
      for (std::size_t j = 0; j <= n_; ++j) {
        if (is_done[j]) {
          u_[row_of_[j]] += step;
          v_[j] -= step;
        } else {
          distance[j] -= step;
        }
      }
      at = next;
    } while (row_of_[at] != 0);
    for (; at != 0; at = before_[at]) row_of_[at] = row_of_[before_[at]];
  }

  std::vector<Index> columns() const {
    std::vector<Index> result(n_);
    for (std::size_t j = 1; j <= n_; ++j) result[row_of_[j] - 1] = static_cast<Index>(j - 1);
    return result;
  }

 private:
  double entry(std::size_t row, std::size_t column) const {
    return cost_(static_cast<Index>(row - 1), static_cast<Index>(column - 1));
  }

  const Eigen::MatrixXd& cost_;
  std::size_t n_;
  std::vector<double> u_, v_;
  std::vector<std::size_t> row_of_, before_;
};

}  // namespace

std::vector<Index> cheapest_assignment(const Eigen::MatrixXd& cost) {
  const Index n = cost.rows();
  Pairing pairing(cost);
  for (Index row = 1; row <= n; ++row) pairing.add(static_cast<std::size_t>(row));
  std::vector<Index> columns = pairing.columns();
  double least = 0;
  for (Index i = 0; i < n; ++i) least += cost(i, columns[static_cast<std::size_t>(i)]);
  const double rounding = 1e-12 * (std::abs(cost.trace()) + std::abs(least));
  if (cost.trace() <= least + rounding) std::iota(columns.begin(), columns.end(), Index{0});
  return columns;
}

}  // namespace reprise
