// The figure of a run: theory as lines, simulation as points with error bars.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

struct FigurePoint {
  double x = 0;
  double y = 0;
  double error = 0;  ///< standard error, 0: none
};

/// One entry of a quantity along one curve.
struct FigureTrace {
  std::size_t curve = 0;  ///< position in Results::curves
  std::size_t entry = 0;  ///< position in FigurePanel::labels; decides the colour
  std::vector<FigurePoint> points = {};
};

/// A pair of axes: curves above, and below them what simulation and theory differ by.
struct FigurePanel {
  std::string heading;                   ///< "overlaps {/:Italic M}", gnuplot's enhanced text
  std::string note = {};                 ///< "8 of 64 entries", empty where all are shown
  std::vector<std::string> labels = {};  ///< of the entries, "M_{12}"
  std::vector<FigureTrace> traces = {};
  std::vector<FigureTrace> differences = {};  ///< simulation - first theory, errors combined
};

/// What there is to see in the results: M, Q (i <= j), the second layer where it moves, and the two
/// errors. A panel shows at most 8 entries, those that grow largest, and its note says so.
std::vector<FigurePanel> figure_panels(const Results& results);

enum class FigureFormat { svg, png };

/// A gnuplot script, data included, that writes the figure to `output` in the working directory.
/// 17 cm wide, the text width of a paper; text from experiments is never executed or marked up.
std::string figure_script(const Results& results, FigureFormat format, const std::string& output);

/// The same for heat maps of the kernels C(t,t'), C_G(t,t') and R(t,s) of the first curve that has
/// them: a neuron with itself and with the next. Empty where no curve has any.
std::string kernels_figure_script(const Results& results, FigureFormat format,
                                  const std::string& output);

}  // namespace reprise
