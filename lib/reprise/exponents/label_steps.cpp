#include "reprise/exponents/label_steps.hpp"

#include <algorithm>

namespace reprise {

namespace {

constexpr std::size_t least_points = 16;  // on each side
constexpr double threshold = 16;
constexpr double uncertainty = 8;

struct Points {
  const Eigen::MatrixXd& features;
  const Eigen::VectorXd& weight;
};

void find_steps(const Points& points, std::size_t begin, std::size_t end,
                std::vector<MeanStep>& steps) {
  if (end < begin + 2 * least_points) return;
  const auto first = static_cast<Eigen::Index>(begin);
  const auto n = static_cast<Eigen::Index>(end - begin);
  const auto x = points.features.middleCols(first, n);
  const auto w = points.weight.segment(first, n);
  const double total = w.sum();
  if (!(total > 0)) return;
  const Eigen::VectorXd mean = x * w / total;
  const double noise =
      ((x.colwise() - mean).colwise().squaredNorm().transpose().array() * w.array().square())
          .sum() /
      total;
  // The square that a cut after point i explains: W1 W2 / W |mean1 - mean2|^2.
  Eigen::VectorXd gain = Eigen::VectorXd::Zero(n);
  Eigen::VectorXd sum = Eigen::VectorXd::Zero(x.rows());
  double left = 0;
  const auto margin = static_cast<Eigen::Index>(least_points);
  for (Eigen::Index i = 0; i + margin < n; ++i) {
    sum += w[i] * (x.col(i) - mean);
    left += w[i];
    if (i + 1 < margin || !(left > 0) || !(left < total)) continue;
    gain[i] = sum.squaredNorm() * total / (left * (total - left));
  }
  Eigen::Index best = 0;
  const double largest = gain.maxCoeff(&best);
  if (!(largest > threshold * noise)) return;
  // A slope without noise is cut in two as well, but a straight line explains it better.
  const Eigen::ArrayXd place = Eigen::ArrayXd::LinSpaced(n, 0, 1);
  const Eigen::ArrayXd centred = place - (place * w.array()).sum() / total;
  const Eigen::VectorXd lever = centred * w.array();
  const double line = (x * lever).squaredNorm() / (centred.square() * w.array()).sum();
  if (!(largest > 1.1 * line)) return;
  Eigen::Index low = best;
  Eigen::Index high = best;
  const double least = largest - uncertainty * noise;
  for (Eigen::Index i = 0; i < n; ++i) {
    if (gain[i] < least) continue;
    low = std::min(low, i);
    high = std::max(high, i);
  }
  const MeanStep step{begin + static_cast<std::size_t>(low),
                      begin + static_cast<std::size_t>(high) + 1};
  steps.push_back(step);
  find_steps(points, begin, step.first, steps);
  find_steps(points, step.last, end, steps);
}

}  // namespace

std::vector<MeanStep> mean_steps(const Eigen::MatrixXd& features, const Eigen::VectorXd& weight,
                                 const std::vector<std::size_t>& borders) {
  constexpr std::size_t window = 4;
  const Points points{features, weight};
  std::vector<MeanStep> found;
  const std::size_t n_bins = borders.empty() ? 0 : borders.size() - 1;
  for (std::size_t b = 0; b < n_bins; b += window / 2) {
    const std::size_t last = std::min(b + window, n_bins);
    std::vector<MeanStep> steps;
    find_steps(points, borders[b], borders[last], steps);
    // Each window answers for its middle; the next one overlaps with its second half.
    const std::size_t from = b == 0 ? borders[0] : borders[b + 1];
    const std::size_t to = last == n_bins ? borders[n_bins] : borders[b + 3];
    for (const MeanStep& step : steps) {
      const std::size_t middle = (step.first + step.last) / 2;
      if (middle >= from && middle < to) found.push_back(step);
    }
    if (last == n_bins) break;
  }
  std::sort(found.begin(), found.end(),
            [](const MeanStep& a, const MeanStep& b) { return a.first < b.first; });
  std::vector<MeanStep> result;
  for (const MeanStep& step : found) {
    if (!result.empty() && step.first <= result.back().last) {
      result.back().last = std::max(result.back().last, step.last);
    } else {
      result.push_back(step);
    }
  }
  return result;
}

}  // namespace reprise
