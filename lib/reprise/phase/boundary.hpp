// Where a measured number crosses a level, and on which side of it a point is.
#pragma once

#include <optional>
#include <vector>

#include "reprise/phase/axis.hpp"
#include "reprise/phase/observable.hpp"
#include "reprise/phase/refinement.hpp"

namespace reprise {

/// What was measured at a place of an axis.
struct LinePoint {
  double position = 0;
  Measurement measured = {};
};

/// The first crossing of the level along a line, interpolated on the scale; half of the distance of
/// the two neighbours is its error. A passage that did not arrive lies beyond every level: a
/// crossing next to it is put halfway. Missing measurements are passed over. Censored at the last
/// position where nothing crosses, missing where nothing was measured.
Measurement crossing(const std::vector<LinePoint>& line, double level, Scale scale);

/// Above for a value at or above the level, and for a passage that did not arrive; nothing for a
/// missing measurement.
std::optional<Side> side_of(const Measurement& measured, double level);

}  // namespace reprise
