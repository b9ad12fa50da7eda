#include "reprise/one_pass/overlap_layout.hpp"

namespace reprise {

using Eigen::Index;

OverlapLayout::OverlapLayout(const Problem& problem, bool has_weights)
    : p_(problem.n_neurons()), k_(problem.n_directions()), has_weights_(has_weights) {}

std::size_t OverlapLayout::size() const {
  return static_cast<std::size_t>(p_ * k_ + p_ * (p_ + 1) / 2 + (has_weights_ ? p_ : 0));
}

void OverlapLayout::pack(const Eigen::MatrixXd& M, const Eigen::MatrixXd& Q,
                         const Eigen::VectorXd& weights, std::vector<double>& x) const {
  x.resize(size());
  double* next = x.data();
  for (Index i = 0; i < p_; ++i) {
    for (Index r = 0; r < k_; ++r) *next++ = M(i, r);
  }
  for (Index i = 0; i < p_; ++i) {
    for (Index j = 0; j <= i; ++j) *next++ = Q(i, j);
  }
  if (!has_weights_) return;
  for (Index j = 0; j < p_; ++j) *next++ = weights[j];
}

std::vector<double> OverlapLayout::pack(const Overlaps& overlaps,
                                        const Eigen::VectorXd& weights) const {
  std::vector<double> x;
  pack(overlaps.M, overlaps.Q, weights, x);
  return x;
}

void OverlapLayout::unpack(const std::vector<double>& x, Overlaps& overlaps,
                           Eigen::VectorXd& weights) const {
  overlaps.M.resize(p_, k_);
  overlaps.Q.resize(p_, p_);
  const double* next = x.data();
  for (Index i = 0; i < p_; ++i) {
    for (Index r = 0; r < k_; ++r) overlaps.M(i, r) = *next++;
  }
  for (Index i = 0; i < p_; ++i) {
    for (Index j = 0; j <= i; ++j) overlaps.Q(i, j) = overlaps.Q(j, i) = *next++;
  }
  if (!has_weights_) return;
  weights.resize(p_);
  for (Index j = 0; j < p_; ++j) weights[j] = *next++;
}

CoordinateLayout::CoordinateLayout(const Problem& problem, Index n_outside, bool has_weights)
    : p_(problem.n_neurons()),
      k_(problem.n_directions()),
      r_(n_outside),
      has_weights_(has_weights) {}

std::size_t CoordinateLayout::n_coordinates() const {
  return static_cast<std::size_t>(p_ * (k_ + r_));
}

std::size_t CoordinateLayout::size() const {
  return n_coordinates() + static_cast<std::size_t>(has_weights_ ? p_ : 0);
}

void CoordinateLayout::pack(const Coordinates& coordinates, const Eigen::VectorXd& weights,
                            std::vector<double>& x) const {
  x.resize(size());
  double* next = x.data();
  for (const Eigen::MatrixXd* matrix : {&coordinates.M, &coordinates.L}) {
    for (Index i = 0; i < p_; ++i) {
      for (Index c = 0; c < matrix->cols(); ++c) *next++ = (*matrix)(i, c);
    }
  }
  if (!has_weights_) return;
  for (Index j = 0; j < p_; ++j) *next++ = weights[j];
}

void CoordinateLayout::unpack(const std::vector<double>& x, Coordinates& coordinates,
                              Eigen::VectorXd& weights) const {
  coordinates.M.resize(p_, k_);
  coordinates.L.resize(p_, r_);
  const double* next = x.data();
  for (Eigen::MatrixXd* matrix : {&coordinates.M, &coordinates.L}) {
    for (Index i = 0; i < p_; ++i) {
      for (Index c = 0; c < matrix->cols(); ++c) (*matrix)(i, c) = *next++;
    }
  }
  if (!has_weights_) return;
  weights.resize(p_);
  for (Index j = 0; j < p_; ++j) weights[j] = *next++;
}

}  // namespace reprise
