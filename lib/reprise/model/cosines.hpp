// Overlaps without their norms: functions of (M, Q) that are recorded beside them.
#pragma once

#include <Eigen/Core>
#include <cmath>
#include <string_view>
#include <vector>

#include "reprise/core/quantity.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// product / sqrt(first second), of squared norms; 0 where either is 0.
inline double without_norms(double product, double first, double second) {
  const double norms = std::sqrt(first * second);
  return norms > 0 ? product / norms : 0;
}

/// M_ir / sqrt(Q_ii P_rr), signed, (p, k); 0 for neurons of norm 0.
Eigen::MatrixXd cosines(const Overlaps& overlaps, const Eigen::MatrixXd& gram);

/// The correlation of the fields h_i and h*_r over inputs of covariance S, (p, k): with
/// B = M P^-1, (B S)_ir / sqrt((Q - M P^-1 M^T + B S B^T)_ii S_rr); 0 where a field is 0. The
/// cosine where S = P.
Eigen::MatrixXd field_correlations(const Overlaps& overlaps, const Eigen::MatrixXd& gram,
                                   const Eigen::MatrixXd& input_covariance);

/// max over i, r of |cosine|.
double max_overlap(const Overlaps& overlaps, const Eigen::MatrixXd& gram);

/// max_overlap, cosine, max_cosine and, where the inputs have a covariance of their own,
/// correlation: the names of what put_cosines() records.
std::vector<std::string_view> cosine_names(const Problem& problem);
/// Those of them that are among the record's quantities.
Record& put_cosines(Record& record, const Problem& problem, const Overlaps& overlaps);

}  // namespace reprise
