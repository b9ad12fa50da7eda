// Does a target depend on given directions of its input at all?
#pragma once

#include <Eigen/Core>

#include "reprise/exponents/label_functions.hpp"
#include "reprise/exponents/label_points.hpp"

namespace reprise {

/// Mean change of the rank of g(z), in (0, 1), when the part of z in the span of `directions`
/// (k, r), orthonormal columns, is drawn again. 0 if and only if g does not depend on it; 1/3 is
/// the most. Over 4096 fixed quasi-Monte Carlo points, so deterministic.
double dependence_on(const ExponentTarget& target, const LabelRanks& ranks,
                     const Eigen::Ref<const Eigen::MatrixXd>& directions);

}  // namespace reprise
