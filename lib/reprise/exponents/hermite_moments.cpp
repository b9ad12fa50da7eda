#include "reprise/exponents/hermite_moments.hpp"

#include <Eigen/Jacobi>
#include <cmath>
#include <limits>
#include <utility>

#include "reprise/core/check.hpp"

namespace reprise {

namespace {

using Table = HermiteMoments::Table;

// For n = 0..max_degree the matrix D with h_{n-b}(z1') h_b(z2') = sum_b' D(b, b') h_{n-b'}(z1)
// h_b'(z2), z1' = c z1 + s z2, z2' = -s z1 + c z2. Degree n of the Hermite expansion turns as the
// normalised monomials x^a y^b / sqrt(a! b!) do, and multiplication by x' or y' leads from n - 1 to
// n.
std::vector<Eigen::MatrixXd> plane_rotations(int max_degree, double c, double s) {
  std::vector<Eigen::MatrixXd> matrices{Eigen::MatrixXd::Ones(1, 1)};
  for (int n = 1; n <= max_degree; ++n) {
    const Eigen::MatrixXd& last = matrices.back();
    Eigen::MatrixXd next = Eigen::MatrixXd::Zero(n + 1, n + 1);
    for (int b = 0; b <= n; ++b) {
      // Averaged over both routes, by x' from (a - 1, b) and by y' from (a, b - 1): weights a/n,
      // b/n.
      for (int route = 0; route < 2; ++route) {
        const int count = route == 0 ? n - b : b;
        if (count == 0) continue;
        const double x = route == 0 ? c : -s;
        const double y = route == 0 ? s : c;
        const double weight = std::sqrt(static_cast<double>(count)) / n;
        for (int from = 0; from < n; ++from) {
          const double value = weight * last(b - route, from);
          next(b, from) += value * x * std::sqrt(static_cast<double>(n - from));
          next(b, from + 1) += value * y * std::sqrt(from + 1.0);
        }
      }
    }
    matrices.push_back(std::move(next));
  }
  return matrices;
}

}  // namespace

HermiteMoments::HermiteMoments(MultiIndices indices, int n_functions, int n_replicates)
    : indices_(std::move(indices)),
      n_functions_(n_functions),
      n_replicates_(n_replicates),
      values_(Table::Zero(indices_.size(), n_functions * n_replicates)) {}

void HermiteMoments::rotate_plane(int first, int second, double cosine, double sine) {
  const auto matrices = plane_rotations(indices_.max_degree(), cosine, sine);
  std::vector<Eigen::MatrixXd> sizes;
  if (is_exact()) {
    for (const auto& matrix : matrices) sizes.push_back(matrix.cwiseAbs());
  }
  constexpr double eps = std::numeric_limits<double>::epsilon();
  std::vector<int> chain;
  Table rows;
  for (int start = 0; start < indices_.size(); ++start) {
    const auto index = indices_[start];
    const int n = index[first];
    if (index[second] != 0 || n == 0) continue;
    chain.assign(1, start);
    for (int b = 0; b < n; ++b) {
      chain.push_back(indices_.raised(indices_.lowered(chain.back(), first), second));
    }
    rows.resize(n + 1, values_.cols());
    for (int b = 0; b <= n; ++b) rows.row(b) = values_.row(chain[b]);
    const Table turned = matrices[n] * rows;
    for (int b = 0; b <= n; ++b) values_.row(chain[b]) = turned.row(b);
    if (!is_exact()) continue;
    Table errors(n + 1, n_functions_);
    for (int b = 0; b <= n; ++b) {
      errors.row(b) = rounding_.row(chain[b]);
      // The entries of the matrices carry a rounding a degree.
      for (int f = 0; f < n_functions_; ++f) {
        errors(b, f) += 8 * (n + 1) * eps * std::abs(rows.row(b)[f * n_replicates_]);
      }
    }
    const Table turned_errors = sizes[n] * errors;
    for (int b = 0; b <= n; ++b) rounding_.row(chain[b]) = turned_errors.row(b);
  }
}

void HermiteMoments::rotate(const Eigen::Ref<const Eigen::MatrixXd>& rotation) {
  const int k = indices_.n_variables();
  check_shape("Hermite moments", "rotation", rotation, k, k);
  // G_n ... G_1 rotation^T = diag(+-1) with plane rotations G makes rotation = diag G_n ... G_1.
  Eigen::MatrixXd rest = rotation.transpose();
  for (int column = 0; column < k; ++column) {
    for (int row = k - 1; row > column; --row) {
      const double length = std::hypot(rest(column, column), rest(row, column));
      if (!(std::abs(rest(row, column)) > 1e-16 * length)) continue;
      const double c = rest(column, column) / length;
      const double s = rest(row, column) / length;
      const Eigen::RowVectorXd upper = rest.row(column);
      const Eigen::RowVectorXd lower = rest.row(row);
      rest.row(column) = c * upper + s * lower;
      rest.row(row) = c * lower - s * upper;
      rotate_plane(column, row, c, s);
    }
  }
  for (int v = 0; v < k; ++v) {
    if (rest(v, v) > 0) continue;
    for (int i = 0; i < indices_.size(); ++i) {
      if (indices_[i][v] % 2 == 1) values_.row(i) *= -1;
    }
  }
}

HermiteMoments::Table HermiteMoments::means() const {
  Table means(indices_.size(), n_functions_);
  for (int i = 0; i < indices_.size(); ++i) {
    for (int f = 0; f < n_functions_; ++f) means(i, f) = mean(i, f);
  }
  return means;
}

void HermiteMoments::add_tilts(int n_first, const std::vector<Eigen::MatrixXd>& tilts) {
  const int k = indices_.n_variables();
  const int S = n_replicates_;
  const Table means = this->means();
  for (int i = 0; i < indices_.size(); ++i) {
    const auto index = indices_[i];
    for (int q = 0; q < n_first; ++q) {
      for (int v = n_first; v < k; ++v) {
        const int towards = index[q] > 0 ? indices_.raised(indices_.lowered(i, q), v) : -1;
        const int back = index[v] > 0 ? indices_.raised(indices_.lowered(i, v), q) : -1;
        for (int f = 0; f < n_functions_; ++f) {
          double change = 0;
          if (towards >= 0) change += std::sqrt(index[q] * (index[v] + 1.0)) * means(towards, f);
          if (back >= 0) change -= std::sqrt(index[v] * (index[q] + 1.0)) * means(back, f);
          if (change == 0) continue;
          for (int s = 0; s < S; ++s) values_(i, f * S + s) += tilts[s](q, v - n_first) * change;
        }
      }
    }
  }
}

void HermiteMoments::add_angle(int n_first, double angle) {
  const int k = indices_.n_variables();
  const Table size = means().cwiseAbs();
  // An entry of degree l in the other coordinates takes l such turns from one of degree 0.
  for (int turn = 0; turn < indices_.max_degree(); ++turn) {
    const Table reach = turn == 0 ? Table(size + rounding_) : rounding_;
    Table change = Table::Zero(rounding_.rows(), rounding_.cols());
    for (int i = 0; i < indices_.size(); ++i) {
      const auto index = indices_[i];
      for (int q = 0; q < n_first; ++q) {
        for (int v = n_first; v < k; ++v) {
          if (index[q] > 0) {
            const int towards = indices_.raised(indices_.lowered(i, q), v);
            change.row(i) += std::sqrt(index[q] * (index[v] + 1.0)) * reach.row(towards);
          }
          if (index[v] > 0) {
            const int back = indices_.raised(indices_.lowered(i, v), q);
            change.row(i) += std::sqrt(index[v] * (index[q] + 1.0)) * reach.row(back);
          }
        }
      }
    }
    rounding_ += angle * change;
  }
}

}  // namespace reprise
