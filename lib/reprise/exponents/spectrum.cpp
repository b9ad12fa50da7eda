#include "reprise/exponents/spectrum.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/exponents/label_bins.hpp"
#include "reprise/exponents/unfolding.hpp"
#include "reprise/exponents/zero_test.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

// By bin: count, sum of y, sums of h_1..h_4.
using MomentTable = Eigen::Matrix<double, Eigen::Dynamic, 2 + ConditionalMoments::n_orders>;

MomentTable fill_bins(const ExponentTarget& target, const std::vector<double>& edges,
                      const Eigen::VectorXd& direction, const Stream& stream, int log2_points) {
  LabelPoints points(target, stream, log2_points);
  MomentTable table = MomentTable::Zero(static_cast<Eigen::Index>(edges.size()) + 1,
                                        MomentTable::ColsAtCompileTime);
  points.for_each_chunk([&](double* const* z, const double* y, std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      double x = 0;
      for (Eigen::Index v = 0; v < direction.size(); ++v) x += direction[v] * z[v][i];
      const auto bin = std::upper_bound(edges.begin(), edges.end(), y[i]) - edges.begin();
      table(bin, 0) += 1;
      table(bin, 1) += y[i];
      for (int l = 1; l <= ConditionalMoments::n_orders; ++l) {
        table(bin, 1 + l) += hermite(l, x) / std::sqrt(std::tgamma(l + 1.0));
      }
    }
  });
  return table / static_cast<double>(points.n_points());
}

}  // namespace

std::vector<HermiteWeight> hermite_weights(const HermiteMoments& moments, int first, int count,
                                           double scale) {
  std::vector<HermiteWeight> weights;
  for (int order = 1; order <= moments.indices().max_degree(); ++order) {
    const Eigen::MatrixXd values = entries(moments, {first, count, 0, order, scale}, 0);
    const ZeroTest test = test_zero(values, 0);
    const double S = static_cast<double>(values.cols());
    const Eigen::VectorXd influence = 2 * values.transpose() * values.rowwise().mean();
    const Eigen::VectorXd centred = influence.array() - influence.mean();
    weights.push_back({order, test.square,
                       std::hypot(test.noise, std::sqrt(centred.squaredNorm() / (S * (S - 1))))});
  }
  return weights;
}

ConditionalMoments conditional_moments(const ExponentTarget& target, const LabelRanks& ranks,
                                       const Eigen::Ref<const Eigen::VectorXd>& direction,
                                       int n_bins, const EstimationOptions& options) {
  check_shape("conditional moments", "direction", direction, target.n_directions(), 1);
  check_at_least("conditional moments", "n_bins", n_bins, 2);
  std::vector<double> probabilities;
  for (int b = 1; b < n_bins; ++b) probabilities.push_back(static_cast<double>(b) / n_bins);
  const auto edges = label_bin_edges(ranks.pilot(), ranks.atoms(), probabilities);
  std::vector<MomentTable> tables(static_cast<std::size_t>(options.scrambles));
  parallel_for(tables.size(), resolve_threads(options.threads), [&](std::size_t, std::size_t s) {
    tables[s] = fill_bins(target, edges, direction, Stream(options.seed, Purpose::scrambling, s),
                          options.log2_points);
  });
  MomentTable mean = tables.front();
  for (std::size_t s = 1; s < tables.size(); ++s) mean += tables[s];
  const double S = static_cast<double>(tables.size());
  mean /= S;

  std::vector<Eigen::Index> bins;
  for (Eigen::Index b = 0; b < mean.rows(); ++b) {
    if (mean(b, 0) > 0) bins.push_back(b);
  }
  const auto n = static_cast<Eigen::Index>(bins.size());
  ConditionalMoments result{Eigen::VectorXd(n), Eigen::VectorXd(n), Eigen::VectorXd(n),
                            Eigen::MatrixXd(n, 4), Eigen::MatrixXd(n, 4)};
  for (Eigen::Index i = 0; i < n; ++i) {
    const Eigen::Index b = bins[static_cast<std::size_t>(i)];
    const double p = mean(b, 0);
    const double low = b == 0 ? ranks.pilot().front() : edges[static_cast<std::size_t>(b) - 1];
    const double high =
        b + 1 == mean.rows() ? ranks.pilot().back() : edges[static_cast<std::size_t>(b)];
    result.y[i] = mean(b, 1) / p;
    result.probability[i] = p;
    result.width[i] = is_atom_bin(ranks.atoms(), low, high) ? 0 : high - low;
    for (int l = 0; l < ConditionalMoments::n_orders; ++l) {
      result.moment(i, l) = mean(b, 2 + l) / p;
      double square = 0;  // of the ratio, to first order
      for (const MomentTable& table : tables) {
        square += std::pow(table(b, 2 + l) - result.moment(i, l) * table(b, 0), 2);
      }
      result.error(i, l) = std::sqrt(square / (S * (S - 1))) / p;
    }
  }
  return result;
}

}  // namespace reprise
