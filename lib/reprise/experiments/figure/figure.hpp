// The figure of a run: theory as lines, simulation as points with error bars. What it shows and how
// it looks is Results::figure.
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
  std::string note = {};                 ///< "8 of 64 entries: ..", empty where all are shown
  bool is_of_errors = false;             ///< which fall towards 0
  std::vector<std::string> labels = {};  ///< of the entries, "M_{12}"
  std::vector<FigureTrace> traces = {};
  std::vector<FigureTrace> differences = {};  ///< simulation - first theory, errors combined
};

/// The panels that the figure asks for, else all there is to see: M, Q (i <= j), the second layer
/// where it moves, and the two errors. A panel shows at most 8 entries if it is not told which:
/// those that grow largest, of each direction in turn, and its note says so. Points of a simulation
/// are thinned to even distances. Throws InputError for a panel or an entry that no curve has.
std::vector<FigurePanel> figure_panels(const Results& results);

/// That of the times: as the figure asks, else as they are spread.
Scale time_scale(const Results& results);
/// That of a panel: as the figure asks, else log for errors > 0 that fall by a factor of 30.
Scale value_scale(const Results& results, const FigurePanel& panel);
/// "(b) self-overlaps"; a lone panel has no letter.
std::string lettered(const std::string& heading, std::size_t panel, std::size_t n_panels);

/// What a caption needs to say: the experiment, lines, points and bars, panels, agreement.
std::string figure_caption(const Results& results);

/// A gnuplot script, data included, that writes the figure to `output` in the working directory.
/// Text from experiments is never executed or marked up. Throws InputError for a height that the
/// panels do not fit into.
std::string figure_script(const Results& results, FigureFormat format, const std::string& output);

/// The same for heat maps of the kernels C(t,t'), C_G(t,t') and R(t,s) of the first curve that has
/// them: a neuron with itself and with the next. Empty where no curve has any.
std::string kernels_figure_script(const Results& results, FigureFormat format,
                                  const std::string& output);

}  // namespace reprise
