// The generalisation error as a function of the overlaps, the same for every method.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/gaussian/normal_source.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/student_evaluation.hpp"

namespace reprise {

class ExactError;

enum class ErrorRoute {
  automatic,  ///< a closed form where there is one (ExactError), else points
  points,     ///< points always
};

/// eps(M, Q) = 1/2 E (f(h) - g(h*))^2 without label noise, (h, h*) Gaussian with
/// h = M P^-1 h* + L xi, L L^T = Q - M P^-1 M^T.
///
/// On points the expectation is a weighted mean over n_points samples drawn once from a
/// NormalSource of k + p columns: unbiased if the source is, of one sign, and smooth in (M, Q)
/// where f is. The points lie in the tails of the label and the student (widen_for_moments()).
/// Its error is in no number but the spread between independent sources. Memory 8 n_points (k + p +
/// 2) bytes.
class GeneralisationError {
 public:
  /// Columns of normals that the error of a problem takes.
  static std::uint64_t n_columns(const Problem& problem);
  /// The route that a problem takes: "points", or a name of closed forms.
  static std::string_view route_of(const Problem& problem);

  /// n_points a multiple of 16. The problem must outlive this. Nothing is drawn for a closed form.
  GeneralisationError(const Problem& problem, const NormalSource& normals, std::size_t n_points,
                      ErrorRoute route = ErrorRoute::automatic);
  /// On the scrambled Sobol' set of a stream, its points rounded up to a power of two.
  GeneralisationError(const Problem& problem, const Stream& stream, std::size_t n_points,
                      ErrorRoute route = ErrorRoute::automatic);
  ~GeneralisationError();

  /// >= 0, or not finite where f, g or the overlaps are not. Cost O(n_points p (k + p)) on points.
  double operator()(const Overlaps& overlaps);
  /// The same with second layer a, (p), in place of the problem's.
  double operator()(const Overlaps& overlaps, const Eigen::VectorXd& second_layer);
  bool is_exact() const { return exact_ != nullptr; }

 private:
  void draw(const NormalSource& normals);
  double on_points(const Overlaps& overlaps, const Eigen::VectorXd& second_layer);

  const Problem& problem_;
  double scale_;
  std::unique_ptr<ExactError> exact_;
  std::size_t n_points_;
  Eigen::MatrixXd gram_inverse_;
  std::unique_ptr<StudentEvaluation> student_;
  std::vector<AlignedArray> inputs_;  // h*, xi
  AlignedArray weights_;
  AlignedArray target_;               // g(h*)
  std::vector<AlignedArray> fields_;  // h of one chunk
  AlignedArray output_;               // f of one chunk
};

}  // namespace reprise
