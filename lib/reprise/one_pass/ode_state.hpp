// The overlap ODE as a system y' = f(y) of the independent entries of (M, Q, a).
#pragma once

#include <Eigen/Core>
#include <memory>
#include <vector>

#include "reprise/gaussian/moments.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// y = (M row by row, lower half of Q row by row, output weights if trained). Diagonals of Q that
/// stay fixed (normalised neurons) have derivative 0 exactly.
class OverlapOde {
 public:
  OverlapOde(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
             std::uint64_t scramble);

  std::size_t size() const;
  std::vector<double> pack(const Overlaps& overlaps, const Eigen::VectorXd& weights) const;
  void unpack(const std::vector<double>& y, Overlaps& overlaps, Eigen::VectorXd& weights) const;
  /// Fills dydt; NaN where the overlaps are not those of any weights.
  void derivative(const std::vector<double>& y, std::vector<double>& dydt);
  double generalisation_error(const std::vector<double>& y);
  std::string_view route() const { return moments_->route(); }

 private:
  const Problem& problem_;
  OnePassSgd algorithm_;
  OdeTerms terms_;
  bool trains_;
  std::unique_ptr<GaussianMoments> moments_;
  Overlaps overlaps_;
  Eigen::VectorXd weights_;
  Moments values_;
  Eigen::MatrixXd dm_, dq_;
};

}  // namespace reprise
