// Pairs of least cost.
#pragma once

#include <Eigen/Core>
#include <vector>

namespace reprise {

/// The column of each row in the pairing of least total cost: each column is used once. Where rows
/// in their own order cost no more than that, up to rounding, they stay in it.
///
/// cost  (n, n), finite
/// Cost O(n^3), by augmenting paths (the Hungarian method).
std::vector<Eigen::Index> cheapest_assignment(const Eigen::MatrixXd& cost);

}  // namespace reprise
