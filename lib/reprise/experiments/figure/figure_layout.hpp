// Geometry of the figure: ranges of axes and labels that do not overlap.
#pragma once

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "reprise/experiments/figure/figure.hpp"

namespace reprise {

/// An interval of an axis.
struct Extent {
  double low = 0, high = 0;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  Extent divided(double unit) const { return {low / unit, high / unit}; }
  /// Room around the data; a constant gets some as well.
  Extent padded(double fraction) const {
    const double span = high - low;
    const double pad = span > 0 ? fraction * span : std::max(0.1 * std::abs(high), 1e-3);
    return {low - pad, high + pad};
  }
};

/// Throws InputError naming `what` if a number is not finite, or so large that ranges of such
/// numbers overflow.
void check_drawable(const std::string& what, double number);

enum class Coordinate { x, y };

/// What the points of the traces cover, error bars included. There must be a point.
Extent range_of(const std::vector<FigureTrace>& traces, Coordinate coordinate);

/// Smallest distance in x between neighbours in a trace; 0 if no trace has two points.
double smallest_spacing(const std::vector<FigureTrace>& traces);

/// The wanted heights, moved as little as possible so that labels are `spacing` apart, in the same
/// order, within [0, height].
std::vector<double> spread_labels(const std::vector<double>& wanted, double spacing, double height);

}  // namespace reprise
