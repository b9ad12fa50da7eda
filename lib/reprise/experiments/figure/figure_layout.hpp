// Geometry of the figure: ranges of axes and labels that do not overlap.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/figure/figure.hpp"
#include "reprise/phase/axis.hpp"

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

/// The range with the ends that the figure asks for, in the data's numbers.
Extent with_ends(Extent range, const std::optional<FigureAxisKeys>& keys);
/// Throws InputError naming figure.<axis> where the ends leave nothing between them.
void check_ends(Extent range, const char* axis);

/// Letters of UTF-8, and the bytes of the first n of them.
std::size_t n_letters(std::string_view text);
std::size_t prefix_of_letters(std::string_view text, std::size_t n);

/// One axis as it is drawn: numbers in [range.low, range.high], both > 0 on a log scale.
struct PlotAxis {
  Scale scale = Scale::linear;
  Extent range = {};
  double length = 5;           ///< cm
  bool is_horizontal = false;  ///< labels stand side by side, else above each other
  bool is_whole = false;       ///< tics at whole numbers only
};

struct Tick {
  double place = 0;
  std::string label = {};  ///< gnuplot's enhanced text
  bool is_minor = false;   ///< shorter, and without a label
};

/// Tics at round numbers, as dense as their labels have room; two labels at least where the range
/// has two round numbers.
std::vector<Tick> ticks(const PlotAxis& axis);

/// Throws InputError naming `what` if a number is not finite, or so large that ranges of such
/// numbers overflow.
void check_drawable(const std::string& what, double number);

enum class Coordinate { x, y };

/// What the points of the traces cover, error bars included. There must be a point.
Extent range_of(const std::vector<FigureTrace>& traces, Coordinate coordinate);
/// The same of sizes > 0 on a log axis, eight decades at most, without the bars; none where there
/// is no such size.
std::optional<Extent> log_range_of(const std::vector<FigureTrace>& traces);

/// Smallest distance in x (of its decimal logarithm on a log scale) between neighbours in a trace;
/// 0 if no trace has two points.
double smallest_spacing(const std::vector<FigureTrace>& traces, Scale scale);

/// The wanted heights, moved as little as possible so that labels are `spacing` apart, in the same
/// order, within [0, height].
std::vector<double> spread_labels(const std::vector<double>& wanted, double spacing, double height);

}  // namespace reprise
