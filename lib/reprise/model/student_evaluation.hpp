// The student on a chunk of samples: output, loss and gradient in the local fields.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "reprise/model/problem.hpp"

namespace reprise {

/// Evaluates f(h), l(f, y) and G = grad_h l on up to `capacity` samples at a time; holds the
/// scratch memory for that, so that no call allocates. One per thread. The problem must outlive it.
class StudentEvaluation {
 public:
  StudentEvaluation(const Problem& problem, std::size_t capacity);

  /// Replaces the problem's second layer by a, (p): that of a student whose second layer is
  /// trained.
  void set_second_layer(const Eigen::VectorXd& a);

  /// f = scale sum_j a_j sigma(h_j). fields: p columns of n numbers.
  void output(std::span<const double* const> fields, std::size_t n, double* f);

  /// gradient_j = dl/df scale a_j sigma'(h_j), p columns; returns the sum of l over the samples.
  /// With samples of weights r^2, r given: r gradient_j and the sum of r^2 l.
  double gradient(std::span<const double* const> fields, const double* labels, std::size_t n,
                  std::span<double* const> gradient, const double* root_weights = nullptr);

  /// After gradient(): adds the sum over the samples of dl/df scale sigma(h_j), the gradient in
  /// a_j, to sums[j]. With the weights that gradient() had.
  void add_second_layer_gradient(std::size_t n, double* sums) const;

  /// The sum of l, or of r^2 l, over the samples alone.
  double loss(std::span<const double* const> fields, const double* labels, std::size_t n,
              const double* root_weights = nullptr);

 private:
  const Problem& problem_;
  double scale_;
  Eigen::VectorXd weights_;  // scale * a
  std::size_t capacity_;
  std::vector<double> output_;
  std::vector<double> loss_;
  std::vector<double> slope_;
  std::vector<double> value_;       // (p, capacity)
  std::vector<double> derivative_;  // (p, capacity)
};

}  // namespace reprise
