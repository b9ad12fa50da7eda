#include "reprise/exponents/label_points.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>
#include <vector>

#include "reprise/core/check.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/stop.hpp"

namespace reprise {

int ExponentTarget::n_directions() const {
  if (input_map.size() != 0) return static_cast<int>(input_map.cols());
  return std::max(1, g.n_variables());
}

ExponentTarget exponent_target(const Target& target) {
  ExponentTarget result{.g = target.g, .noise_variance = target.noise_variance};
  const Eigen::MatrixXd& gram = target.gram;
  if (gram.size() == 0) return result;
  check_symmetric("target", "gram", gram);
  // Without a map the directions are the variables of g.
  const bool is_identity = gram == Eigen::MatrixXd::Identity(gram.rows(), gram.cols());
  if (is_identity && gram.rows() == result.n_directions()) return result;
  if (!is_positive_definite(gram)) {
    reject("target", "gram", "positive definite", std::string_view("one that is not"));
  }
  result.input_map = cholesky(gram);
  return result;
}

void check(const ExponentTarget& target) {
  constexpr const char* where = "exponents";
  check_nonnegative(where, "noise_variance", target.noise_variance);
  check_finite(where, "input_map", target.input_map);
  if (target.input_map.size() != 0 && target.input_map.rows() < target.g.n_variables()) {
    reject(where, "rows of input_map", "at least the variables of the target",
           static_cast<double>(target.input_map.rows()));
  }
  if (target.n_directions() > 8) {
    reject(where, "number of directions", "at most 8", target.n_directions());
  }
}

double moment_spread(int n_directions) {
  if (n_directions == 1) return std::sqrt(3.0);
  return std::sqrt(n_directions == 2 ? 2.0 : 1.5);
}

LabelPoints::LabelPoints(const ExponentTarget& target, const Stream& stream, int log2_points,
                         double spread)
    : target_(target),
      normals_(stream, log2_points, static_cast<std::uint64_t>(target.n_directions()) + 1),
      log2_points_(log2_points),
      n_directions_(target.n_directions()),
      spread_(spread),
      noise_(chunk) {
  if (target.input_map.size() == 0) return;
  weights_ = target.input_map.transpose();
  mapped_ = AlignedArray(chunk * static_cast<std::size_t>(weights_.cols()));
}

void LabelPoints::weights(const double* const* z, std::size_t n, double* out) const {
  const double rate = 0.5 * (1 - 1 / (spread_ * spread_));
  const double size = std::pow(spread_, n_directions_);
  std::fill_n(out, n, 0.0);
  for (int v = 0; v < n_directions_; ++v) {
    for (std::size_t i = 0; i < n; ++i) out[i] += z[v][i] * z[v][i];
  }
  for (std::size_t i = 0; i < n; ++i) out[i] = size * std::exp(-rate * out[i]);
}

void LabelPoints::evaluate(const double* const* z, std::size_t n, double* y) {
  if (target_.input_map.size() == 0) {
    target_.g.evaluate({z, static_cast<std::size_t>(n_directions_)}, n, y, workspace_);
    return;
  }
  std::vector<double*> mapped;
  for (Eigen::Index c = 0; c < weights_.cols(); ++c) {
    mapped.push_back(mapped_.data() + static_cast<std::size_t>(c) * chunk);
  }
  set_combination({z, static_cast<std::size_t>(n_directions_)}, weights_.data(), mapped, n);
  const std::vector<const double*> columns(mapped.begin(), mapped.end());
  target_.g.evaluate(columns, n, y, workspace_);
}

void LabelPoints::for_each_chunk(
    const std::function<void(double* const* z, double* y, std::size_t n)>& visit) {
  const std::size_t n = std::min(chunk, n_points());
  AlignedArray inputs(static_cast<std::size_t>(n_directions_) * chunk);
  AlignedArray labels(chunk);
  std::vector<double*> z;
  for (int v = 0; v < n_directions_; ++v) {
    z.push_back(inputs.data() + static_cast<std::size_t>(v) * chunk);
  }
  for (std::uint64_t first = 0; first < n_points(); first += n) {
    check_stop();
    fill(first, n, z.data(), labels.data());
    visit(z.data(), labels.data(), n);
  }
}

void LabelPoints::fill(std::uint64_t first, std::size_t n, double* const* z, double* y) {
  for (int v = 0; v < n_directions_; ++v) {
    normals_.fill(static_cast<std::uint64_t>(v), first, n, z[v]);
    if (spread_ == 1) continue;
    for (std::size_t i = 0; i < n; ++i) z[v][i] *= spread_;
  }
  evaluate(z, n, y);
  if (target_.noise_variance > 0) {
    normals_.fill(static_cast<std::uint64_t>(n_directions_), first, n, noise_.data());
    const double size = std::sqrt(target_.noise_variance);
    for (std::size_t i = 0; i < n; ++i) y[i] += size * noise_.data()[i];
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (std::isfinite(y[i])) continue;
    std::ostringstream text;
    text << "exponents: the label of \"" << target_.g.name() << "\" must be finite, got " << y[i]
         << " at z = (";
    for (int v = 0; v < n_directions_; ++v) text << (v == 0 ? "" : ", ") << z[v][i];
    text << ")";
    throw InputError(text.str());
  }
}

}  // namespace reprise
