// Symmetries of a learning problem that its runs may break at random, each in its own way.
#pragma once

#include <Eigen/Core>
#include <optional>
#include <string>
#include <vector>

#include "reprise/core/comparison.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// Neurons and directions permuted and turned round, such that the law of training stays the same:
///   M_ir -> s_i t_r M_ir at (neuron[i], direction[r]),  Q_ij -> s_i s_j Q_ij at (neuron[i], ..).
struct ProblemSymmetry {
  std::string name;                     ///< "z -> -z", "neurons 1 and 2 exchanged", ..
  std::vector<Eigen::Index> neuron;     ///< (p), a permutation
  std::vector<Eigen::Index> direction;  ///< (k)
  Eigen::VectorXd neuron_sign;          ///< s, (p)
  Eigen::VectorXd direction_sign;       ///< t, (k)

  Overlaps applied_to(const Overlaps& overlaps) const;
};

/// Generators of the symmetries, wherever the start is:
/// - directions turned round where g stays the same, or changes sign, sigma is odd and the loss
/// symmetric (up to 6
///   directions in any combination, beyond that one at a time and all together);
/// - two directions exchanged where g stays the same;
/// - one neuron turned round where sigma is even;
/// - two neurons of equal output weight exchanged.
/// P and the covariance of the inputs must have them too. Functions are compared at fixed points.
std::vector<ProblemSymmetry> symmetries(const Problem& problem);

/// sigma(-h) = sign sigma(h), at fixed points.
bool has_parity(const Activation& activation, double sign);

/// Those that the start has, or is so near to that runs of this dimension cannot tell: within
/// 3 d^-1/2 (of cosines), three times what random weights have. Nothing where there are none, and
/// for more than 64 neurons.
///
/// dimension  d > 0 of the simulation, or that a theory's points amount to where that is smaller
std::optional<StartSymmetry> start_symmetry(const Problem& problem, double dimension);

}  // namespace reprise
