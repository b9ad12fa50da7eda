// Whether the labels of a target are numbers with a variance, asked before work starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "reprise/model/problem.hpp"

namespace reprise {

/// Looks for an input at which g is not finite: "nan at z = (-0.92)", or nothing.
///
/// The points are fixed pseudo-random ones, half of them from the inputs' law and half twice as
/// far out, so that a domain that ends at five standard deviations is seen too.
///
/// input_covariance  (k, k), positive semidefinite, of z
/// n_points          rounded up to a multiple of 32; the default finds what 1 in 200 inputs has
std::optional<std::string> find_label_that_is_no_number(const Target& target,
                                                        const Eigen::MatrixXd& input_covariance,
                                                        std::int64_t n_points = 2048);

/// The same for sigma and its derivative at fields of the size they start with: "inf at h = (3)".
std::optional<std::string> find_activation_that_is_no_number(const Student& student,
                                                             const Eigen::MatrixXd& Q);

/// The same for the value and the slope of a custom loss, at labels of the problem and outputs of
/// the size they start with: "nan at (f, y) = (0.3, 1)". The library's own losses are numbers.
std::optional<std::string> find_loss_that_is_no_number(const Problem& problem);

/// Whether E[g(z)^2] is infinite because g grows like exp(|z|^2 / 4) or faster (z of unit variance)
/// along an axis, a diagonal or one of some fixed random rays: log g^2 is compared with the
/// exponent of the Gaussian density far out. Poles inside, 1/z1, are not seen by this.
bool has_infinite_variance(const Target& target, const Eigen::MatrixXd& input_covariance);

}  // namespace reprise
