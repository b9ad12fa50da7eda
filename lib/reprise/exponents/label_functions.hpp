// The functions tau(y) of the label that stand for "every function" in statistical queries.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

#include "reprise/exponents/label_points.hpp"
#include "reprise/exponents/label_rounding.hpp"

namespace reprise {

/// An increasing map y -> u in (0, 1), close to the distribution function of the label and equal to
/// its middle at atoms, beside which it jumps. Linear between some hundred knots, which come from a
/// pilot set of points that is the same for every seed: the map is a property of the target.
class LabelRanks {
 public:
  LabelRanks(const ExponentTarget& target);

  double operator()(double y) const;
  /// Values of the label with a probability of some 5e-4 and more, increasing.
  const std::vector<LabelAtom>& atoms() const { return atoms_; }
  /// Labels of the pilot set, increasing.
  const std::vector<double>& pilot() const { return pilot_; }
  double mean() const { return mean_; }
  double standard_deviation() const { return standard_deviation_; }

 private:
  std::vector<double> pilot_;
  std::vector<LabelAtom> atoms_;
  std::vector<double> knot_;
  std::vector<double> rank_;
  double mean_ = 0;
  double standard_deviation_ = 0;
};

/// Which functions of y a family spans.
enum class LabelParity {
  any,   ///< cosines of the rank, log(u) and log(1 - u)
  odd,   ///< tau(-y) = -tau(y): their odd parts
  even,  ///< their even parts
};

/// Functions of y, orthonormal and orthogonal to constants under the law of y (as far as the pilot
/// set knows it), with bounded values. For a discrete label with few values they span everything.
///
/// Functions of the rank do not change when y is replaced by an increasing function of itself, and
/// only change signs for a decreasing one.
///
/// cos(j pi u), j = 1..n_cosines, resolve the bulk of the law of y; log(u) and log(1 - u), at most
/// 11 in size here, its tails, where conditional moments of unbounded labels grow.
class LabelFunctions {
 public:
  static constexpr int max_cosines = 60;

  /// 1 <= n_cosines <= 60; parity odd and even work with the ranks of y and -y.
  LabelFunctions(const LabelRanks& ranks, int n_cosines, LabelParity parity);

  int size() const { return static_cast<int>(transform_.rows()); }
  /// Of them, the first ones, made of cosines alone.
  int n_bulk() const { return n_bulk_; }
  /// out[j][i] = tau_j(y[i]) for i < n.
  void evaluate(const double* y, std::size_t n, double* const* out) const;

 private:
  int n_raw() const { return n_cosines_ + 3; }
  void raw(double y, double* values) const;

  const LabelRanks& ranks_;
  int n_cosines_;
  LabelParity parity_;
  int n_bulk_ = 0;
  Eigen::MatrixXd transform_;  // (size, n_raw): from 1, cos(j pi u), log(u), log(1 - u)
};

}  // namespace reprise
