// The generalisation error as a function of the overlaps, on a fixed set of test samples.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/gaussian/normal_source.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/student_evaluation.hpp"

namespace reprise {

/// eps(M, Q) = 1/2 E (f(h) - g(h*))^2 without label noise, (h, h*) Gaussian with
/// h = M P^-1 h* + L xi, L L^T = Q - M P^-1 M^T.
///
/// The expectation is the mean over n_points samples drawn once from a NormalSource of k + p
/// columns: unbiased if the source is, and smooth in (M, Q) where f is. Memory 8 n_points (k + p +
/// 1) bytes.
class GeneralisationError {
 public:
  /// Columns of normals that the error of a problem takes.
  static std::uint64_t n_columns(const Problem& problem);

  /// n_points a multiple of 16. The problem must outlive this.
  GeneralisationError(const Problem& problem, const NormalSource& normals, std::size_t n_points);

  /// Cost O(n_points p (k + p)). Not finite where f or g are not.
  double operator()(const Overlaps& overlaps);
  /// The same with second layer a, (p), in place of the problem's.
  double operator()(const Overlaps& overlaps, const Eigen::VectorXd& second_layer);

 private:
  const Problem& problem_;
  std::size_t n_points_;
  Eigen::MatrixXd gram_inverse_;
  StudentEvaluation student_;
  std::vector<AlignedArray> inputs_;  // h*, xi
  AlignedArray target_;               // g(h*)
  std::vector<AlignedArray> fields_;  // h of one chunk
  AlignedArray output_;               // f of one chunk
};

}  // namespace reprise
