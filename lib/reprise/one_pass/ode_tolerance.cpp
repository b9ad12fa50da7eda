#include "reprise/one_pass/ode_tolerance.hpp"

#include <algorithm>
#include <cmath>

namespace reprise {

using Eigen::Index;

namespace {

constexpr double overlap_rounding = 4e-15;  // of s_i: some 20 units in the last place
// Once E itself is rounding nothing is left to follow, and to chase it would take ever smaller
// steps.
constexpr double when_all_is_learned = 1e-12;

bool jumps(const Problem& problem) {
  const ActivationKind kind = problem.student.activation.kind();
  return kind == ActivationKind::relu || kind == ActivationKind::leaky_relu ||
         kind == ActivationKind::custom || problem.loss.is_custom();
}

}  // namespace

OdeTolerance::OdeTolerance(const Problem& problem, const OdeOptions& options,
                           double error_of_nothing, bool is_exact)
    : rtol_(options.rtol),
      atol_(options.atol),
      error_of_nothing_(error_of_nothing),
      follows_error_(!options.atol && error_of_nothing > 0 && (is_exact || !jumps(problem))),
      weight_size_(factor(problem.student.output_scale, problem.n_neurons())),
      norms_(problem.n_neurons()),
      target_norms_(problem.target.gram.diagonal().cwiseSqrt()) {}

// A neuron that is 0 has no size yet; 1 stands for it.
void OdeTolerance::measure(const OdeVector& y) {
  const Index p = norms_.size(), k = target_norms_.size();
  sizes_.resize(y.size());
  for (Index i = 0; i < p; ++i) {
    const double square = y[static_cast<std::size_t>(p * k + i * (i + 1) / 2 + i)];
    norms_[i] = square > 0 ? std::sqrt(square) : 1;
  }
  double* next = sizes_.data();
  for (Index i = 0; i < p; ++i) {
    for (Index r = 0; r < k; ++r) *next++ = norms_[i] * target_norms_[r];
  }
  for (Index i = 0; i < p; ++i) {
    for (Index j = 0; j <= i; ++j) *next++ = norms_[i] * norms_[j];
  }
  double largest = weight_size_;
  for (std::size_t w = static_cast<std::size_t>(next - sizes_.data()); w < y.size(); ++w) {
    largest = std::max(largest, std::abs(y[w]));
  }
  std::fill(next, sizes_.data() + sizes_.size(), largest);
}

void OdeTolerance::evaluate(const OdeVector& y, double error, StepScale& scale) {
  measure(y);
  const double atol = atol_.value_or(0.01 * rtol_);
  const double left =
      follows_error_ ? std::clamp(error / error_of_nothing_, 0.0, 1.0) : 1.0;  // NaN stays
  const bool is_learned = follows_error_ && error <= overlap_rounding * error_of_nothing_;
  const double least = is_learned ? when_all_is_learned : overlap_rounding;
  scale.tolerance.resize(y.size());
  scale.size.resize(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double relative = rtol_ * std::abs(y[i]);
    scale.size[i] = std::min(std::sqrt(atol), sizes_[i]);
    if (atol_) {
      scale.tolerance[i] = relative + atol;
      continue;
    }
    double tolerance = relative + std::min(atol, rtol_ * sizes_[i]);
    if (follows_error_) tolerance = std::min(tolerance, 100 * rtol_ * left * sizes_[i]);
    scale.tolerance[i] = std::max(tolerance, least * sizes_[i]);
  }
}

double OdeTolerance::largest_part(const OdeVector& y, double error) {
  evaluate(y, error, scale_);
  double part = 0;
  for (std::size_t i = 0; i < y.size(); ++i) {
    part = std::max(part, scale_.tolerance[i] / sizes_[i]);
  }
  return part;
}

double OdeTolerance::error_of_error(const OdeVector& y, double error) {
  return error_of_nothing_ * largest_part(y, error);
}

bool OdeTolerance::is_at_rounding(const OdeVector& y, double error) {
  return follows_error_ && largest_part(y, error) <= 1.001 * when_all_is_learned;
}

}  // namespace reprise
