#include "reprise/gaussian/label_spread.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/core/vector_math.hpp"
#include "reprise/gaussian/normal_source.hpp"
#include "reprise/gaussian/widened_normals.hpp"
#include "reprise/model/label_check.hpp"

namespace reprise {

namespace {

constexpr double tame_variance = 20;
constexpr double mean_squares[] = {1, 4.0 / 3, 5.0 / 3, 2, 2.5, 3};  // of the weights, by spread
constexpr std::size_t n_spreads = std::size(mean_squares);
constexpr int log2_points = 12;
constexpr std::uint64_t seed = 1;  // fixed: a target has one spread

// E g^2 and E[w_s g^4] for every spread s, seen from points of one spread.
struct View {
  double square = 0;
  double fourth[n_spreads] = {};
};

View view_from(std::size_t from, const std::vector<double>& spreads, const Target& target,
               const Eigen::MatrixXd& factor) {
  constexpr std::size_t n = std::size_t{1} << log2_points;
  const auto k = static_cast<std::size_t>(factor.rows());
  const auto rank = static_cast<std::size_t>(factor.cols());
  const ScrambledSobolNormals source(Stream(seed, Purpose::generalisation), log2_points, rank);
  std::vector<AlignedArray> columns;
  for (std::size_t c = 0; c < rank + k + 2; ++c) columns.emplace_back(n);
  std::vector<double*> normals, h_star;
  for (std::size_t r = 0; r < rank; ++r) {
    normals.push_back(columns[r].data());
    source.fill(r, 0, n, normals.back());
  }
  for (std::size_t r = 0; r < k; ++r) h_star.push_back(columns[rank + r].data());
  double* const weights = columns[rank + k].data();
  double* const labels = columns[rank + k + 1].data();
  widen(normals, spreads[from], n, weights);
  set_combination({normals.data(), rank}, factor.data(), h_star, n);
  ExpressionWorkspace workspace;
  target.g.evaluate({h_star.data(), k}, n, labels, workspace);

  View view;
  for (std::size_t i = 0; i < n; ++i) {
    const double square = labels[i] * labels[i];
    view.square += weights[i] * square / n;
    weights[i] *= square * square / n;
  }
  double* const radius = labels;  // squared, of the points
  std::fill_n(radius, n, 0.0);
  for (const double* const column : normals) {
    for (std::size_t i = 0; i < n; ++i) radius[i] += column[i] * column[i];
  }
  double* const density = columns[0].data();  // of N(0, I) over that of a spread
  for (std::size_t j = 0; j < n_spreads; ++j) {
    const double s = spreads[j];
    const double size = std::pow(s, static_cast<double>(rank));
    for (std::size_t i = 0; i < n; ++i) density[i] = -0.5 * (1 - 1 / (s * s)) * radius[i];
    vector_math::exp(density, n, density);
    for (std::size_t i = 0; i < n; ++i) view.fourth[j] += weights[i] * size * density[i];
  }
  return view;
}

}  // namespace

LabelSpread spread_for_labels(const Target& target, const Eigen::MatrixXd& input_covariance) {
  const Eigen::MatrixXd factor = semidefinite_factor("inputs", "covariance", input_covariance);
  const auto rank = static_cast<std::size_t>(factor.cols());
  if (rank == 0 || has_infinite_variance(target, input_covariance)) return {};
  std::vector<double> spreads;
  for (const double c : mean_squares) spreads.push_back(spread_of_mean_square(c, rank));

  // Points that are not wide enough miss the tails: of several means the highest is nearest.
  View seen;
  std::size_t n_allowed = 0;
  for (; n_allowed < n_spreads; ++n_allowed) {
    const double s = spreads[n_allowed];
    if (n_allowed > 0 && find_label_that_is_no_number(target, s * s * input_covariance)) break;
    const View view = view_from(n_allowed, spreads, target, factor);
    seen.square = std::max(seen.square, view.square);
    for (std::size_t j = 0; j < n_spreads; ++j) {
      seen.fourth[j] = std::max(seen.fourth[j], view.fourth[j]);
    }
  }
  const auto ratio = [&](std::size_t j) { return seen.fourth[j] / (seen.square * seen.square); };
  if (!(ratio(0) - 1 > tame_variance)) return {1, ratio(0) - 1};  // also where all labels are 0
  std::size_t best = 0;
  for (std::size_t j = 1; j < n_allowed; ++j) {
    if (mean_squares[j] * ratio(j) < mean_squares[best] * ratio(best)) best = j;
  }
  return {spreads[best], ratio(best) - 1};
}

void widen_for_moments(const Problem& problem, std::span<double* const> normals,
                       std::span<double* const> outside, std::size_t n_points, double* weights) {
  const auto powers = problem.student.activation.polynomial();
  if (!powers || powers->size() <= 2) outside = {};
  std::vector<double*> all(normals.begin(), normals.end());
  all.insert(all.end(), outside.begin(), outside.end());
  const double spread = spread_for_tails(all.size());
  const double of_labels = spread_for_labels(problem.target, problem.input_covariance).spread;
  if (of_labels <= spread) return widen(all, spread, n_points, weights);
  widen(normals, of_labels, n_points, weights);
  if (outside.empty()) return;
  AlignedArray of_fields(n_points);
  widen(outside, spread, n_points, of_fields.data());
  for (std::size_t i = 0; i < n_points; ++i) weights[i] *= of_fields.data()[i];
}

}  // namespace reprise
