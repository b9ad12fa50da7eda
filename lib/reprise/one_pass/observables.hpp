// What every method of one-pass SGD writes down at an output time.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "reprise/core/ensemble.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// M, Q, a where it is trained, generalisation_error, max_overlap.
std::vector<Quantity> one_pass_quantities(const Problem& problem, bool trains_second_layer);

/// These numbers side by side; weights are the output weights scale * a.
Eigen::RowVectorXd one_pass_row(const Problem& problem, bool trains_second_layer,
                                const Overlaps& overlaps, const Eigen::VectorXd& weights,
                                double generalisation_error);

/// Reads overlaps, and where it is trained the second layer a, back from such a row.
void read_row(const Problem& problem, bool trains_second_layer,
              const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& row,
              Overlaps& overlaps, Eigen::VectorXd& second_layer);

}  // namespace reprise
