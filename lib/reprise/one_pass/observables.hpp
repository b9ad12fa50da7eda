// What every method of one-pass SGD writes down at an output time.
#pragma once

#include <Eigen/Core>
#include <vector>

#include "reprise/core/ensemble.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// M, Q, a where it is trained, generalisation_error, and the cosines.
std::vector<Quantity> one_pass_quantities(const Problem& problem, bool trains_second_layer);

/// Those of them that `quantities` has, side by side; weights are the output weights scale * a.
Eigen::RowVectorXd one_pass_row(const Problem& problem, const std::vector<Quantity>& quantities,
                                const Overlaps& overlaps, const Eigen::VectorXd& weights,
                                double generalisation_error);

}  // namespace reprise
