// Labels where a conditional mean jumps. Not installed.
#pragma once

#include <Eigen/Core>
#include <cstddef>
#include <vector>

namespace reprise {

/// A jump lies between the sorted points `first` and `last` > first.
struct MeanStep {
  std::size_t first = 0;
  std::size_t last = 0;
};

/// Jumps of the mean of `features` (D, points) along points that are sorted by their label, within
/// the windows [begin, end) that four neighbouring ones of `borders`, increasing positions, make.
///
/// A smooth mean is close to a straight line over a window, so that the best place to cut one in
/// two shows a jump where it explains more than a line does, and by more than 16 times the square
/// that noise alone gives on average, since the best of many places is taken. All places that are
/// worse by less than 8 such squares may be the right one. weight (points) of the points under the
/// law of the inputs.
std::vector<MeanStep> mean_steps(const Eigen::MatrixXd& features, const Eigen::VectorXd& weight,
                                 const std::vector<std::size_t>& borders);

}  // namespace reprise
