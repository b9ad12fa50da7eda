#include "reprise/exponents/dependence.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

double dependence_on(const ExponentTarget& target, const LabelRanks& ranks,
                     const Eigen::Ref<const Eigen::MatrixXd>& directions) {
  constexpr int log2_points = 12;
  constexpr std::size_t n = LabelPoints::chunk;
  const auto k = static_cast<Eigen::Index>(target.n_directions());
  const Stream stream(0, Purpose::scrambling, ~std::uint64_t{1});
  LabelPoints labels(target, stream, log2_points);
  const ScrambledSobolNormals normals(stream, log2_points, static_cast<std::uint64_t>(2 * k));
  AlignedArray memory(2 * n * static_cast<std::size_t>(k));
  const auto rows = static_cast<Eigen::Index>(n);
  Eigen::Map<Eigen::MatrixXd> z(memory.data(), rows, k);
  Eigen::Map<Eigen::MatrixXd> other(z.data() + z.size(), rows, k);
  std::vector<double> y(n);
  std::vector<double> changed(n);
  std::vector<const double*> columns(static_cast<std::size_t>(k));
  const auto evaluate = [&](std::vector<double>& out) {
    for (Eigen::Index v = 0; v < k; ++v) columns[static_cast<std::size_t>(v)] = z.col(v).data();
    labels.evaluate(columns.data(), n, out.data());
  };
  double total = 0;
  for (std::size_t first = 0; first < labels.n_points(); first += n) {
    for (Eigen::Index v = 0; v < k; ++v) {
      normals.fill(static_cast<std::uint64_t>(v), first, n, z.col(v).data());
      normals.fill(static_cast<std::uint64_t>(k + v), first, n, other.col(v).data());
    }
    evaluate(y);
    z += matrix_product(other - z, directions, directions.transpose());
    evaluate(changed);
    for (std::size_t i = 0; i < n; ++i) total += std::abs(ranks(y[i]) - ranks(changed[i]));
  }
  return total / static_cast<double>(labels.n_points());
}

}  // namespace reprise
