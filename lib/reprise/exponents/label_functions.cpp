#include "reprise/exponents/label_functions.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "reprise/core/check.hpp"

namespace reprise {

namespace {

constexpr int log2_pilot = 15;
constexpr int n_knots = 400;
constexpr std::size_t least_atom = 16;  // equal labels in the pilot set that make an atom
// A function is dropped where the others explain all but this fraction of its variance: what is
// left would be lost in rounding errors, which each such step multiplies by 1 / sqrt(dependence).
constexpr double dependence = 2e-3;

}  // namespace

LabelRanks::LabelRanks(const ExponentTarget& target) {
  const auto labels =
      sorted_labels(target, Stream(0, Purpose::scrambling, ~std::uint64_t{0}), log2_pilot);
  for (const RoundedLabel& label : labels) pilot_.push_back(label.y);
  atoms_ = label_atoms(labels, least_atom);
  const std::size_t n = pilot_.size();
  for (double y : pilot_) mean_ += y / static_cast<double>(n);
  double norm = 0;  // sums of squares would lose labels below 1e-154
  for (double y : pilot_) norm = std::hypot(norm, y - mean_);
  standard_deviation_ = norm / std::sqrt(static_cast<double>(n));
  const double square = standard_deviation_ * standard_deviation_;
  if (!std::isfinite(square)) {
    reject("exponents", "variance of the label", "within the range of numbers", square);
  }
  // Subnormal numbers have fewer digits.
  if (standard_deviation_ > 0 && standard_deviation_ < 1e-290) {
    reject("exponents", "standard deviation of the label", "0 or at least 1e-290",
           standard_deviation_);
  }
  struct Run {
    std::size_t first;
    std::size_t n;
    const LabelAtom* atom;
  };
  std::vector<Run> runs;
  for (std::size_t i = 0, next = 0; i < n; i += runs.back().n) {
    while (next < atoms_.size() && atoms_[next].first < i) ++next;
    const bool is_atom = next < atoms_.size() && atoms_[next].first == i;
    runs.push_back({i, is_atom ? atoms_[next].n : 1, is_atom ? &atoms_[next] : nullptr});
  }
  const double least_rank = 0.5 / static_cast<double>(n);
  const auto add_knot = [&](double y, double u) {
    if (!knot_.empty() && y <= knot_.back()) return;
    knot_.push_back(y);
    rank_.push_back(std::clamp(u, least_rank, 1 - least_rank));
  };
  int last_cell = -1;
  for (std::size_t r = 0; r < runs.size(); ++r) {
    const double low = static_cast<double>(runs[r].first) / static_cast<double>(n);
    const double high = static_cast<double>(runs[r].first + runs[r].n) / static_cast<double>(n);
    const double u = 0.5 * (low + high);
    // Cells of equal width in log(u / (1 - u)): quantiles, closer together in the tails.
    const int cell = static_cast<int>(std::floor(n_knots / 20.0 * std::log(u / (1 - u))));
    const bool is_end = r == 0 || r + 1 == runs.size();
    const LabelAtom* atom = runs[r].atom;
    if (!is_end && atom == nullptr && cell == last_cell && runs.size() > n_knots) continue;
    const double first = pilot_[runs[r].first];
    last_cell = cell;
    if (atom == nullptr) {
      add_knot(first, u);
      continue;
    }
    // The rank jumps: labels beside an atom must not get ranks that belong to none.
    const double last = pilot_[runs[r].first + runs[r].n - 1];
    add_knot(2 * atom->low - first, low);
    add_knot(atom->low, u);
    add_knot(atom->high, u);
    add_knot(2 * atom->high - last, high);
  }
}

double LabelRanks::operator()(double y) const {
  const auto above = std::upper_bound(knot_.begin(), knot_.end(), y);
  if (above == knot_.begin()) return rank_.front();
  if (above == knot_.end()) return rank_.back();
  const auto i = static_cast<std::size_t>(above - knot_.begin());
  const double fraction = (y - knot_[i - 1]) / (knot_[i] - knot_[i - 1]);
  return rank_[i - 1] + fraction * (rank_[i] - rank_[i - 1]);
}

void LabelFunctions::raw(double y, double* values) const {
  const auto functions = [this](double u, double* out) {
    const double c = std::cos(std::numbers::pi * u);
    out[0] = 1;
    out[1] = c;
    for (int j = 2; j <= n_cosines_; ++j) out[j] = 2 * c * out[j - 1] - out[j - 2];
    out[n_cosines_ + 1] = std::log(u);
    out[n_cosines_ + 2] = std::log1p(-u);
  };
  functions(ranks_(y), values);
  if (parity_ == LabelParity::any) return;
  double mirrored[max_cosines + 3];
  functions(ranks_(-y), mirrored);
  const double sign = parity_ == LabelParity::odd ? -1 : 1;
  for (int j = 0; j < n_raw(); ++j) values[j] = 0.5 * (values[j] + sign * mirrored[j]);
}

LabelFunctions::LabelFunctions(const LabelRanks& ranks, int n_cosines, LabelParity parity)
    : ranks_(ranks), n_cosines_(n_cosines), parity_(parity) {
  check_at_least("label functions", "n_cosines", n_cosines, 1);
  if (n_cosines > max_cosines) reject("label functions", "n_cosines", "at most 60", n_cosines);
  const int n = n_raw();
  const auto n_labels = static_cast<Eigen::Index>(ranks.pilot().size());
  Eigen::MatrixXd values(n, n_labels);
  for (Eigen::Index i = 0; i < n_labels; ++i) {
    raw(ranks.pilot()[static_cast<std::size_t>(i)], values.col(i).data());
  }
  // Gram-Schmidt in the order of raw(): the constant goes first and is left out. On the values of
  // the functions, not on their Gram matrix, whose rounding errors would grow with the square of
  // the coefficients. Unit mean square: columns of norm sqrt(n_labels).
  const double weight = 1 / static_cast<double>(n_labels);
  Eigen::MatrixXd columns = values.transpose();
  std::vector<int> basis;
  std::vector<Eigen::VectorXd> coefficients(static_cast<std::size_t>(n));
  std::vector<Eigen::VectorXd> kept;
  for (int j = 0; j < n; ++j) {
    auto column = columns.col(j);
    auto& function = coefficients[static_cast<std::size_t>(j)];
    function = Eigen::VectorXd::Unit(n, j);
    const double variance =
        (column.array() - (parity_ == LabelParity::odd ? 0 : column.mean())).square().mean();
    for (int pass = 0; pass < 2; ++pass) {
      for (int other : basis) {
        const double overlap = weight * columns.col(other).dot(column);
        column -= overlap * columns.col(other);
        function -= overlap * coefficients[static_cast<std::size_t>(other)];
      }
    }
    const double square = weight * column.squaredNorm();
    if (j > 0 && !(square > dependence * variance && variance > 1e-10)) continue;
    if (j == 0 && !(square > 0)) continue;  // the odd part of 1
    column /= std::sqrt(square);
    function /= std::sqrt(square);
    basis.push_back(j);
    if (j > 0) kept.push_back(function);
    if (j > 0 && j <= n_cosines) ++n_bulk_;
  }
  transform_.resize(static_cast<Eigen::Index>(kept.size()), n);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    transform_.row(static_cast<Eigen::Index>(i)) = kept[i].transpose();
  }
}

void LabelFunctions::evaluate(const double* y, std::size_t n, double* const* out) const {
  Eigen::VectorXd values(n_raw());
  Eigen::VectorXd turned(transform_.rows());
  for (std::size_t i = 0; i < n; ++i) {
    raw(y[i], values.data());
    turned.noalias() = transform_ * values;
    for (Eigen::Index j = 0; j < turned.size(); ++j) out[j][i] = turned[j];
  }
}

}  // namespace reprise
