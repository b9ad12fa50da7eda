// What the figure of a sweep shows: maps of the first two axes, or lines over one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/sweep/sweep_values.hpp"

namespace reprise {

struct SweepLine {
  std::string label;
  std::vector<FigurePoint> points;
  std::optional<PowerLaw> law;
  bool is_theory = false;       // an overlay: no points, no band
  bool is_unconnected = false;  // points and bars only
};

// A cell of a map, in axis coordinates.
struct MapCell {
  double x, y, left, right, bottom, top;
  Measurement value;
};

struct SweepPanel {
  std::string heading;
  std::string x_label, y_label;
  bool has_log_x = false, has_log_y = false, has_log_value = false;
  std::vector<MapCell> cells = {};  // of a map, else empty
  std::vector<SweepLine> lines = {};
  double x_low = 0, x_high = 0;
};

/// At most six, those without a measured value left out.
std::vector<SweepPanel> sweep_panels(const Sweep& sweep,
                                     const std::map<Sites, PointValues>& values);

}  // namespace reprise
