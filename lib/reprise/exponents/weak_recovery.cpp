#include "reprise/exponents/weak_recovery.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <utility>
#include <vector>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/exponents/equivalent_label.hpp"
#include "reprise/exponents/label_bins.hpp"
#include "reprise/exponents/label_steps.hpp"

namespace reprise {

namespace {

constexpr int n_bins = 1024;

// Bins between edges. Whatever lies within one is averaged, so jumps of the conditional moments are
// kept apart: those of atoms, and those that a narrow bin encloses because its place is uncertain.
struct LabelBins {
  std::vector<double> edges;
  std::vector<bool> is_atom;  ///< by bin
  std::vector<bool> is_step;

  Eigen::Index size() const { return static_cast<Eigen::Index>(edges.size()) + 1; }
  bool is_apart(Eigen::Index b) const {
    return is_atom[static_cast<std::size_t>(b)] || is_step[static_cast<std::size_t>(b)];
  }
};

// Edges at quantiles of the labels of inputs N(0, 3 I): bins of equal mass under N(0, I) would be
// too wide in the tails, bins of equal width too empty there; these share both defects. Noise of
// the label keeps its size: the tails are those of g.
LabelBins quantile_bins(const ExponentTarget& target) {
  constexpr int log2_labels = 15;
  constexpr std::size_t least_atom = 16;
  const auto labels = sorted_labels(target, Stream(0, Purpose::scrambling, ~std::uint64_t{3}),
                                    log2_labels, std::numbers::sqrt3);
  const auto atoms = label_atoms(labels, least_atom);
  std::vector<double> y;
  for (const RoundedLabel& label : labels) y.push_back(label.y);
  std::vector<double> probabilities;
  for (int b = 1; b < n_bins; ++b) probabilities.push_back(static_cast<double>(b) / n_bins);
  LabelBins bins;
  bins.edges = label_bin_edges(y, atoms, probabilities);
  const auto n = static_cast<std::size_t>(bins.size());
  bins.is_step.assign(n, false);
  for (std::size_t b = 0; b < n; ++b) {
    bins.is_atom.push_back(b > 0 && b + 1 < n &&
                           is_atom_bin(atoms, bins.edges[b - 1], bins.edges[b]));
  }
  return bins;
}

// Sums over the bins: column 0 weights, the others weighted sum z z^T - I by its lower triangle.
using BinTable = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

Eigen::Index bin_of(const std::vector<double>& edges, double y) {
  return std::upper_bound(edges.begin(), edges.end(), y) - edges.begin();
}

BinTable fill_bins(const ExponentTarget& target, const std::vector<double>& edges,
                   const Stream& stream, int log2_points) {
  const int k = target.n_directions();
  LabelPoints points(target, stream, log2_points, moment_spread(k));
  AlignedArray weight(LabelPoints::chunk);
  BinTable table = BinTable::Zero(static_cast<Eigen::Index>(edges.size()) + 1, 1 + k * (k + 1) / 2);
  points.for_each_chunk([&](double* const* z, const double* y, std::size_t n) {
    points.weights(z, n, weight.data());
    for (std::size_t i = 0; i < n; ++i) {
      const double w = weight.data()[i];
      double* out = table.row(bin_of(edges, y[i])).data();
      *out++ += w;
      for (int a = 0; a < k; ++a) {
        for (int b = 0; b <= a; ++b) *out++ += w * (z[a][i] * z[b][i] - (a == b ? 1 : 0));
      }
    }
  });
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

// F acts on vec(A) as G (x) G: F += weight * G (x) G.
void add_product(const Eigen::MatrixXd& G, double weight, Eigen::MatrixXd& F) {
  const Eigen::Index k = G.rows();
  for (Eigen::Index i = 0; i < k * k; ++i) {
    for (Eigen::Index j = 0; j < k * k; ++j) {
      F(i, j) += weight * G(i / k, j / k) * G(j % k, i % k);
    }
  }
}

BinTable sum_of(const std::vector<BinTable>& tables) {
  BinTable sum = tables.front();
  for (std::size_t s = 1; s < tables.size(); ++s) sum += tables[s];
  return sum;
}

// sum_b U_b / p_b, U_b the mean of G_b^s (x) G_b^s' over pairs s != s' of scrambles.
Eigen::MatrixXd cross_products(const std::vector<BinTable>& tables, const BinTable& sum, int k) {
  const auto S = static_cast<double>(tables.size());
  Eigen::MatrixXd F = Eigen::MatrixXd::Zero(k * k, k * k);
  for (Eigen::Index b = 0; b < sum.rows(); ++b) {
    if (sum(b, 0) == 0) continue;
    const double weight = 1 / (sum(b, 0) * (S - 1));
    add_product(symmetric(sum.row(b), k), weight, F);
    for (const auto& table : tables) {
      if (table(b, 0) != 0) add_product(symmetric(table.row(b), k), -weight, F);
    }
  }
  return F;
}

// <A, F(A)> from all scrambles and without each of them, for the jackknife.
struct Rayleigh {
  double all = 0;
  Eigen::VectorXd without;
};

Rayleigh rayleigh(const std::vector<BinTable>& tables, const Eigen::MatrixXd& A) {
  const auto S = static_cast<Eigen::Index>(tables.size());
  const auto k = static_cast<int>(A.rows());
  const BinTable sum = sum_of(tables);
  Rayleigh result{0, Eigen::VectorXd::Zero(S)};
  Eigen::VectorXd own(S);
  Eigen::VectorXd cross(S);
  for (Eigen::Index b = 0; b < sum.rows(); ++b) {
    if (sum(b, 0) == 0) continue;
    const Eigen::MatrixXd G = symmetric(sum.row(b), k);
    const Eigen::MatrixXd gradient = A * G * A;
    for (Eigen::Index s = 0; s < S; ++s) {
      const Eigen::MatrixXd part = symmetric(tables[static_cast<std::size_t>(s)].row(b), k);
      own[s] = matrix_product(A, part, A).cwiseProduct(part).sum();
      cross[s] = gradient.cwiseProduct(part).sum();
    }
    const double all = gradient.cwiseProduct(G).sum();
    result.all += (all - own.sum()) / (sum(b, 0) * static_cast<double>(S - 1));
    for (Eigen::Index s = 0; s < S; ++s) {
      const double rest = sum(b, 0) - tables[static_cast<std::size_t>(s)](b, 0);
      if (rest <= 0) continue;
      const double square = all - 2 * cross[s] + own[s] - (own.sum() - own[s]);
      result.without[s] += square / (rest * static_cast<double>(S - 2));
    }
  }
  return result;
}

// The jackknife removes the bias of dividing by estimated masses: bins with few points would lose a
// fraction 1 / points of their share.
struct JackknifeEstimate {
  double value = 0;
  double standard_error = 0;
};

JackknifeEstimate jackknife(const Rayleigh& x) {
  const auto S = static_cast<double>(x.without.size());
  const Eigen::VectorXd centred = x.without.array() - x.without.mean();
  return {S * x.all - (S - 1) * x.without.mean(), std::sqrt(centred.squaredNorm() * (S - 1) / S)};
}

Rayleigh combined(double a, const Rayleigh& x, double b, const Rayleigh& y) {
  return {a * x.all + b * y.all, a * x.without + b * y.without};
}

Eigen::MatrixXd as_square(const Eigen::VectorXd& vector, int k) {
  const Eigen::MatrixXd square = Eigen::Map<const Eigen::MatrixXd>(vector.data(), k, k);
  return 0.5 * (square + square.transpose());
}

// Neighbouring bins as one, `count` of them at a time, none over a bin that is kept apart.
BinTable merged(const BinTable& table, const LabelBins& bins, int count) {
  BinTable result(table.rows(), table.cols());
  Eigen::Index rows = 0;
  int free = 0;  // bins that the last row may still take
  for (Eigen::Index b = 0; b < table.rows(); ++b) {
    if (free > 0 && !bins.is_apart(b)) {
      result.row(rows - 1) += table.row(b);
      --free;
    } else {
      result.row(rows++) = table.row(b);
      free = bins.is_apart(b) ? 0 : count - 1;
    }
  }
  return result.topRows(rows);
}

// A jump by D at an unknown place of a bin of mass m takes up to m D^2 / 4 from F: m D^2 / 6 on
// average, with a standard deviation of 0.0745 m D^2.
JackknifeEstimate lost_in_steps(const BinTable& sum, const LabelBins& bins,
                                const Eigen::MatrixXd& A) {
  const auto k = static_cast<int>(A.rows());
  const double total = sum.col(0).sum();
  JackknifeEstimate lost;
  for (Eigen::Index b = 1; b + 1 < sum.rows(); ++b) {
    if (!bins.is_step[static_cast<std::size_t>(b)]) continue;
    if (!(sum(b - 1, 0) > 0 && sum(b + 1, 0) > 0)) continue;
    const Eigen::MatrixXd jump =
        symmetric(sum.row(b + 1) / sum(b + 1, 0) - sum.row(b - 1) / sum(b - 1, 0), k);
    const double square = sum(b, 0) / total * matrix_product(A, jump, A).cwiseProduct(jump).sum();
    lost.value += square / 6;
    lost.standard_error = std::hypot(lost.standard_error, 0.0745 * square);
  }
  return lost;
}

// B B^T is the positive semidefinite matrix among the eigenvectors A of F for its largest
// eigenvalue (F maps such matrices to such matrices): <A, G A G> = |B^T G B|^2.
Eigen::MatrixXd leading_factor(const Eigen::MatrixXd& F, int k) {
  const SymmetricEigen eigen = symmetric_eigen(F);
  const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(k, k);
  const Eigen::VectorXd identity = Eigen::Map<const Eigen::VectorXd>(one.data(), k * k);
  Eigen::VectorXd top = Eigen::VectorXd::Zero(k * k);
  for (Eigen::Index i = 0; i < k * k; ++i) {
    if (eigen.values[i] < 0.97 * eigen.values[k * k - 1]) continue;
    top += eigen.vectors.col(i).dot(identity) * eigen.vectors.col(i);
  }
  const SymmetricEigen parts = symmetric_eigen(as_square(top, k));
  const double largest = parts.values.cwiseAbs().maxCoeff();
  Eigen::MatrixXd factor(k, 0);
  for (Eigen::Index i = 0; i < k; ++i) {
    if (!(parts.values[i] > 0.03 * largest)) continue;
    factor.conservativeResize(k, factor.cols() + 1);
    factor.col(factor.cols() - 1) = std::sqrt(parts.values[i] / largest) * parts.vectors.col(i);
  }
  return factor;
}

// Points that choose the bins, the same for every seed and apart from those that fill them.
struct Pilot {
  Eigen::MatrixXd z;  // (k, points)
  std::vector<double> y;
  Eigen::VectorXd weight;
};

constexpr int n_pilot_sets = 8;

Pilot pilot_points(const ExponentTarget& target, int log2_points, int threads) {
  const int k = target.n_directions();
  const auto n_each = Eigen::Index{1} << log2_points;
  Pilot pilot{Eigen::MatrixXd(k, n_pilot_sets * n_each),
              std::vector<double>(static_cast<std::size_t>(n_pilot_sets * n_each)),
              Eigen::VectorXd(n_pilot_sets * n_each)};
  parallel_for(n_pilot_sets, resolve_threads(threads), [&](std::size_t, std::size_t set) {
    const Stream stream(0, Purpose::scrambling, ~std::uint64_t{4} - set);
    LabelPoints points(target, stream, log2_points, moment_spread(k));
    Eigen::Index at = static_cast<Eigen::Index>(set) * n_each;
    points.for_each_chunk([&](double* const* z, const double* y, std::size_t n) {
      points.weights(z, n, pilot.weight.data() + at);
      for (std::size_t i = 0; i < n; ++i, ++at) {
        pilot.y[static_cast<std::size_t>(at)] = y[i];
        for (int v = 0; v < k; ++v) pilot.z(v, at) = z[v][i];
      }
    });
  });
  return pilot;
}

std::vector<BinTable> pilot_tables(const Pilot& pilot, const LabelBins& bins) {
  const auto k = static_cast<int>(pilot.z.rows());
  const Eigen::Index n_each = pilot.z.cols() / n_pilot_sets;
  std::vector<BinTable> tables(n_pilot_sets, BinTable::Zero(bins.size(), 1 + k * (k + 1) / 2));
  for (Eigen::Index i = 0; i < pilot.z.cols(); ++i) {
    double* out = tables[static_cast<std::size_t>(i / n_each)]
                      .row(bin_of(bins.edges, pilot.y[static_cast<std::size_t>(i)]))
                      .data();
    *out++ += pilot.weight[i];
    for (int a = 0; a < k; ++a) {
      for (int b = 0; b <= a; ++b) {
        *out++ += pilot.weight[i] * (pilot.z(a, i) * pilot.z(b, i) - (a == b ? 1 : 0));
      }
    }
  }
  return tables;
}

// Encloses a jump: edges at its two sides instead of those nearby.
void enclose(double low, double high, double margin_low, double margin_high, LabelBins& bins) {
  LabelBins result;
  bool is_done = false;
  const auto add_step = [&] {
    result.edges.push_back(low);
    result.edges.push_back(high);
    result.is_atom.insert(result.is_atom.end(), {false, false});
    result.is_step.insert(result.is_step.end(), {false, true});
    is_done = true;
  };
  // Bin b ends with edge b; a removed edge leaves its bin to the next one.
  for (std::size_t b = 0; b < bins.edges.size(); ++b) {
    const double edge = bins.edges[b];
    const bool is_fixed =
        bins.is_atom[b] || bins.is_step[b] || bins.is_atom[b + 1] || bins.is_step[b + 1];
    if (is_fixed && edge >= low && edge <= high) return;
    if (!is_done && edge > high) add_step();
    if (!is_fixed && edge > margin_low && edge < margin_high) continue;
    result.edges.push_back(edge);
    result.is_atom.push_back(bins.is_atom[b]);
    result.is_step.push_back(bins.is_step[b]);
  }
  if (!is_done) add_step();
  result.is_atom.push_back(bins.is_atom.back());
  result.is_step.push_back(bins.is_step.back());
  bins = std::move(result);
}

// Jumps of the conditional moments lie at images of critical points, of kinks and of jumps of g.
// They are looked for in what <A, F(A)> is made of.
void enclose_steps(const ExponentTarget& target, const EstimationOptions& options,
                   LabelBins& bins) {
  constexpr int most_points = 16;
  Pilot pilot = pilot_points(target, std::min(options.log2_points, most_points), options.threads);
  const auto tables = pilot_tables(pilot, bins);
  const auto k = static_cast<int>(pilot.z.rows());
  const Eigen::MatrixXd B = leading_factor(cross_products(tables, sum_of(tables), k), k);
  const Eigen::Index r = B.cols();
  if (r == 0) return;
  std::vector<std::size_t> order(pilot.y.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return pilot.y[a] < pilot.y[b]; });
  std::vector<double> y;
  Eigen::VectorXd weight(pilot.weight.size());
  Eigen::MatrixXd features(r * (r + 1) / 2, pilot.weight.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const auto from = static_cast<Eigen::Index>(order[i]);
    const auto to = static_cast<Eigen::Index>(i);
    y.push_back(pilot.y[order[i]]);
    weight[to] = pilot.weight[from];
    const Eigen::VectorXd u = inner_products(B, pilot.z.col(from));
    Eigen::Index next = 0;
    for (Eigen::Index a = 0; a < r; ++a) {
      for (Eigen::Index b = 0; b <= a; ++b) {
        features(next++, to) = (a == b ? 1 : std::numbers::sqrt2) * u[a] * u[b];
      }
    }
  }
  const auto position = [&](double edge) {
    return static_cast<std::size_t>(std::upper_bound(y.begin(), y.end(), edge) - y.begin());
  };
  // Bins between atoms, from one atom to the next.
  std::vector<std::vector<std::size_t>> borders(1, {0});
  for (std::size_t b = 0; b < bins.edges.size(); ++b) {
    borders.back().push_back(position(bins.edges[b]));
    if (bins.is_atom[b + 1]) borders.emplace_back();
  }
  borders.back().push_back(y.size());
  for (const auto& run : borders) {
    for (const MeanStep& step : mean_steps(features, weight, run)) {
      const std::size_t margin = order.size() / (4 * n_bins);
      const std::size_t before = step.first - std::min(step.first, margin);
      const std::size_t behind = std::min(step.last + margin, y.size() - 1);
      if (!(y[step.first] < y[step.last])) continue;
      enclose(y[step.first], y[step.last], y[before], y[behind], bins);
    }
  }
}

}  // namespace

double RecoveryRate::error() const { return std::hypot(standard_error, discretisation_error); }

RecoveryRate recovery_rate(const ExponentTarget& given, const EstimationOptions& options) {
  const ExponentTarget target = equivalent_label(given);
  LabelBins bins = quantile_bins(target);
  enclose_steps(target, options, bins);
  std::vector<BinTable> tables(static_cast<std::size_t>(options.scrambles));
  parallel_for(
      tables.size(), resolve_threads(options.threads), [&](std::size_t, std::size_t scramble) {
        tables[scramble] = fill_bins(target, bins.edges,
                                     Stream(options.seed, Purpose::scrambling, scramble + 1000),
                                     options.log2_points);
      });
  const int k = target.n_directions();
  const BinTable sum = sum_of(tables);
  const SymmetricEigen eigen = symmetric_eigen(cross_products(tables, sum, k));
  const Eigen::MatrixXd square = as_square(eigen.vectors.col(k * k - 1), k);
  const Eigen::MatrixXd A = square / square.norm();
  const JackknifeEstimate lost = lost_in_steps(sum, bins, A);

  const Rayleigh fine = rayleigh(tables, A);
  const auto at_width = [&](int count) {
    std::vector<BinTable> wider;
    for (const auto& table : tables) wider.push_back(merged(table, bins, count));
    return rayleigh(wider, A);
  };
  const Rayleigh twice = at_width(2);
  const Rayleigh four_times = at_width(4);
  // What bins of width w average away is of second order in w. A jump that was not found is of
  // first order, and shows as what is missing from the factor 4 between the two steps.
  const Rayleigh step = combined(1, fine, -1, twice);
  const JackknifeEstimate second = jackknife(step);
  const JackknifeEstimate first =
      jackknife(combined(4, step, -1, combined(1, twice, -1, four_times)));
  const JackknifeEstimate value = jackknife(combined(1, fine, 1.0 / 3, step));
  const double missing = std::max(0.0, std::abs(first.value) - 2 * first.standard_error) / 2;
  return {value.value + lost.value, value.standard_error,
          std::hypot(std::abs(second.value) / 3 + missing, lost.standard_error)};
}

}  // namespace reprise
