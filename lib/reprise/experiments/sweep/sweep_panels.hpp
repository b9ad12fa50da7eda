// What the figure of a sweep shows: maps of the first two axes, or lines over one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"
#include "reprise/experiments/sweep/sweep_values.hpp"

namespace reprise {

struct SweepLine {
  std::string label;
  std::vector<FigurePoint> points;
  std::optional<PowerLaw> law;
  bool is_theory = false;       // an overlay: no points, no band
  bool is_unconnected = false;  // points and bars only
  bool is_bare = false;         // a line without points
  std::size_t colour = 0, dash = 0, marker = 0;
  std::vector<FigurePoint> bounds = {};  // censored: the value is above them
  std::vector<double> missing = {};      // where there is no value
};

// A cell of a map, in axis coordinates.
struct MapCell {
  double x, y, left, right, bottom, top;
  Measurement value;
};

// What the colours of a map mean, one scale for all maps of an observable.
struct ColourScale {
  Extent range = {0, 1};
  bool is_log = false;
};

enum class CellKind {
  coloured,
  noise,      // not above the noise of a zero
  censored,   // a level that was not reached
  off_scale,  // so large, or so uncertain, that it would leave the rest one colour: it diverges
  missing,    // no value: diverged or failed
};
CellKind kind_of(const Measurement& value, const ColourScale& scale);

struct SweepPanel {
  std::string heading;
  std::string x_label, y_label;
  bool has_log_x = false, has_log_y = false, has_log_value = false;
  std::vector<MapCell> cells = {};  // of a map, else empty
  std::vector<SweepLine> lines = {};
  double x_low = 0, x_high = 0;
  std::size_t observable = 0;
  ColourScale colours = {};  // of a map
};

/// At most six, or those that the figure asks for; those without a measured value are left out.
std::vector<SweepPanel> sweep_panels(const Sweep& sweep,
                                     const std::map<Sites, PointValues>& values);

}  // namespace reprise
