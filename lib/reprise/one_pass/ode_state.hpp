// The overlap ODE as a system y' = f(y) of the independent entries of (M, Q, a).
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "reprise/gaussian/moments.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/overlap_layout.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// y is laid out as OverlapLayout says. Diagonals of Q that
/// stay fixed (normalised neurons) have derivative 0 exactly.
class OverlapOde {
 public:
  OverlapOde(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
             std::uint64_t scramble);

  const OverlapLayout& layout() const { return layout_; }
  /// Fills dydt; NaN where the overlaps are not those of any weights.
  void derivative(const std::vector<double>& y, std::vector<double>& dydt);
  double generalisation_error(const std::vector<double>& y);
  /// Of a student whose output is 0.
  double error_of_nothing();
  std::string_view route() const { return moments_->route(); }
  bool is_exact() const { return moments_->is_exact(); }

 private:
  const Problem& problem_;
  OnePassSgd algorithm_;
  OdeTerms terms_;
  OverlapLayout layout_;
  std::unique_ptr<GaussianMoments> moments_;
  Overlaps overlaps_;
  Eigen::VectorXd weights_;
  Moments values_;
  Eigen::MatrixXd dm_, dq_;
  Eigen::VectorXd dweights_;
};

}  // namespace reprise
