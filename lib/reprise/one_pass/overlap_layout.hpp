// (M, Q, a) and (M, L, a) as one vector of independent numbers, for methods that integrate or
// iterate vectors.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "reprise/model/coordinates.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// M row by row, the lower half of Q row by row, the output weights if they are trained.
class OverlapLayout {
 public:
  OverlapLayout(const Problem& problem, bool has_weights);

  std::size_t size() const;
  /// M (p, k), Q (p, p) symmetric, weights (p): the overlaps themselves, or what changes them.
  void pack(const Eigen::MatrixXd& M, const Eigen::MatrixXd& Q, const Eigen::VectorXd& weights,
            std::vector<double>& x) const;
  std::vector<double> pack(const Overlaps& overlaps, const Eigen::VectorXd& weights) const;
  /// x has size() numbers. Weights that are not trained stay as they are.
  void unpack(const std::vector<double>& x, Overlaps& overlaps, Eigen::VectorXd& weights) const;

 private:
  Eigen::Index p_, k_;
  bool has_weights_;
};

/// M row by row, L row by row, the output weights if they are trained.
class CoordinateLayout {
 public:
  CoordinateLayout(const Problem& problem, Eigen::Index n_outside, bool has_weights);

  std::size_t n_coordinates() const;  ///< of them, without weights
  std::size_t size() const;
  /// Where neuron i's coordinate c is, those along the targets first.
  Eigen::Index place(Eigen::Index i, Eigen::Index c) const {
    return c < k_ ? i * k_ + c : p_ * k_ + i * r_ + c - k_;
  }
  /// M (p, k), L (p, r), weights (p): the coordinates themselves, or what changes them.
  void pack(const Coordinates& coordinates, const Eigen::VectorXd& weights,
            std::vector<double>& x) const;
  /// x has size() numbers. Weights that are not trained stay as they are.
  void unpack(const std::vector<double>& x, Coordinates& coordinates,
              Eigen::VectorXd& weights) const;

 private:
  Eigen::Index p_, k_, r_;
  bool has_weights_;
};

}  // namespace reprise
