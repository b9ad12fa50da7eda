// How far out points should lie for the labels of a target.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <span>

#include "reprise/model/problem.hpp"

namespace reprise {

/// How wide points are drawn for a target, and what is left to fluctuate.
struct LabelSpread {
  double spread = 1;             ///< s: of h*, as a multiple of its standard deviations
  double relative_variance = 0;  ///< of w g^2 over points N(0, s^2), w their weights
};

/// The spread for means of squares of labels, the heaviest that a square loss takes.
///
/// 1, no weights, where g^2 has a relative variance below 20, as have bounded labels, He_1, He_2
/// and products of two normals. For other targets, He_3 and up or exp(z1), a mean over normals
/// misses in most point sets what a rare one brings: then, of a few spreads, the one with the
/// lowest product of E w^2, the price in the bulk, and E[(w g^2)^2] / E[g^2]^2, that in the tails.
/// Spreads at which g is no number are left out; labels of infinite variance keep normals. Decided
/// on fixed points; cost some 10^4 labels.
LabelSpread spread_for_labels(const Target& target, const Eigen::MatrixXd& input_covariance);

/// Spreads points on which a problem's moments are taken, in place, and fills their weights.
///
/// normals, those of h*, go as far as spread_for_labels() says and at least as far as
/// spread_for_tails(). outside, those of the fields h alone, go that far where the student is a
/// polynomial of degree 2 or more; others are bounded or grow as h does, and stay as they are.
void widen_for_moments(const Problem& problem, std::span<double* const> normals,
                       std::span<double* const> outside, std::size_t n_points, double* weights);

}  // namespace reprise
