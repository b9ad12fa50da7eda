#include "reprise/exponents/weak_recovery.hpp"

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <numbers>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/gaussian/normal_quantile.hpp"

namespace reprise {

namespace {

constexpr std::size_t chunk = LabelPoints::chunk;
constexpr int n_bins = 1024;
constexpr double widest_score = 5;

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

std::vector<double> bin_edges(const LabelRanks& ranks) {
  std::vector<double> edges;
  for (int b = 1; b < n_bins; ++b) {
    edges.push_back(ranks.quantile(normal_cdf(widest_score * (2.0 * b / n_bins - 1))));
  }
  return edges;
}

// Sums over the bins: column 0 counts, the others sum z z^T - I by its lower triangle.
using BinTable = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

BinTable fill_bins(const ExponentTarget& target, const std::vector<double>& edges,
                   const Stream& stream, int log2_points) {
  const int k = target.n_directions();
  LabelPoints points(target, stream, log2_points);
  const std::size_t n = std::min(chunk, points.n_points());
  AlignedArray inputs(static_cast<std::size_t>(k) * chunk);
  AlignedArray labels(chunk);
  std::vector<double*> z;
  for (int v = 0; v < k; ++v) z.push_back(inputs.data() + static_cast<std::size_t>(v) * chunk);
  BinTable table = BinTable::Zero(n_bins, 1 + k * (k + 1) / 2);
  for (std::size_t first = 0; first < points.n_points(); first += n) {
    points.fill(first, n, z.data(), labels.data());
    for (std::size_t i = 0; i < n; ++i) {
      const auto bin = std::upper_bound(edges.begin(), edges.end(), labels.data()[i]) - edges.begin();
      double* out = table.row(bin).data();
      *out++ += 1;
      for (int a = 0; a < k; ++a) {
        for (int b = 0; b <= a; ++b) *out++ += z[a][i] * z[b][i] - (a == b ? 1 : 0);
      }
    }
  }
  return table / static_cast<double>(points.n_points());
}

Eigen::MatrixXd symmetric(const Eigen::RowVectorXd& row, int k) {
  Eigen::MatrixXd matrix(k, k);
  Eigen::Index next = 1;
  for (int a = 0; a < k; ++a) {
    for (int b = 0; b <= a; ++b) matrix(a, b) = matrix(b, a) = row[next++];
  }
  return matrix;
}

struct Eigenvalue {
  double value = 0;
  double standard_error = 0;
};

// Largest eigenvalue of sum_b U_b / p_b, U_b the mean of G_b^s (x) G_b^s' over pairs s != s'.
Eigenvalue largest_eigenvalue(const std::vector<BinTable>& tables, int k) {
  const auto S = static_cast<double>(tables.size());
  const Eigen::Index n_pairs = k * k;
  Eigen::MatrixXd F = Eigen::MatrixXd::Zero(n_pairs, n_pairs);
  BinTable sum = tables.front();
  for (std::size_t s = 1; s < tables.size(); ++s) sum += tables[s];
  // F acts on vec(A) as G (x) G; both G's come from different scrambles.
  const auto add = [&](const Eigen::MatrixXd& G, double weight) {
    for (Eigen::Index i = 0; i < n_pairs; ++i) {
      for (Eigen::Index j = 0; j < n_pairs; ++j) {
        F(i, j) += weight * G(i / k, j / k) * G(j % k, i % k);
      }
    }
  };
  std::vector<std::vector<Eigen::MatrixXd>> G(tables.size());
  for (Eigen::Index b = 0; b < sum.rows(); ++b) {
    if (sum(b, 0) == 0) continue;
    const double weight = S / sum(b, 0) / (S * (S - 1));
    add(symmetric(sum.row(b), k), weight);
    for (const auto& table : tables) {
      if (table(b, 0) != 0) add(symmetric(table.row(b), k), -weight);
    }
  }
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(0.5 * (F + F.transpose()));
  const Eigen::VectorXd top = solver.eigenvectors().col(n_pairs - 1);
  const Eigen::MatrixXd A = Eigen::Map<const Eigen::MatrixXd>(top.data(), k, k);
  // Influence of one scramble on <A, F(A)>: 2/p <A, G_s A G> - (count_s / p^2) <A, G A G>.
  Eigen::VectorXd influence = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(tables.size()));
  for (Eigen::Index b = 0; b < sum.rows(); ++b) {
    const double p = sum(b, 0) / S;
    if (p == 0) continue;
    const Eigen::MatrixXd mean = symmetric(sum.row(b), k) / S;
    const Eigen::MatrixXd gradient = A * mean * A.transpose();
    const double square = (gradient.cwiseProduct(mean)).sum();
    for (std::size_t s = 0; s < tables.size(); ++s) {
      const double cross = gradient.cwiseProduct(symmetric(tables[s].row(b), k)).sum();
      influence[static_cast<Eigen::Index>(s)] +=
          2 * cross / p - tables[s](b, 0) * square / (p * p);
    }
  }
  const Eigen::VectorXd centred = influence.array() - influence.mean();
  return {solver.eigenvalues()[n_pairs - 1], std::sqrt(centred.squaredNorm() / (S * (S - 1)))};
}

BinTable merged_pairs(const BinTable& table) {
  BinTable result(table.rows() / 2, table.cols());
  for (Eigen::Index b = 0; b < result.rows(); ++b) {
    result.row(b) = table.row(2 * b) + table.row(2 * b + 1);
  }
  return result;
}

}  // namespace

double RecoveryRate::error() const { return std::hypot(standard_error, discretisation_error); }

RecoveryRate recovery_rate(const ExponentTarget& target, const LabelRanks& ranks,
                           const MomentOptions& options) {
  const auto edges = bin_edges(ranks);
  std::vector<BinTable> tables(static_cast<std::size_t>(options.scrambles));
  parallel_for(tables.size(), resolve_threads(options.threads),
               [&](std::size_t, std::size_t scramble) {
    tables[scramble] =
        fill_bins(target, edges, Stream(options.seed, Purpose::scrambling, scramble + 1000),
                  options.log2_points);
  });
  const int k = target.n_directions();
  const Eigenvalue fine = largest_eigenvalue(tables, k);
  for (auto& table : tables) table = merged_pairs(table);
  const Eigenvalue coarse = largest_eigenvalue(tables, k);
  const double step = (fine.value - coarse.value) / 3;  // error of second order in the width
  return {fine.value + step, fine.standard_error, std::abs(step)};
}

}  // namespace reprise
