// Where the next points of a phase diagram go: along the boundary, until it is known well enough.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "reprise/phase/axis.hpp"

namespace reprise {

/// A point of a sweep: its site on each axis.
using Sites = std::vector<std::int64_t>;

/// Which side of the boundary a point is on.
enum class Side { below, above };

/// Every listed value of every axis, the last axis fastest.
std::vector<Sites> grid(const std::vector<Axis>& axes);

/// The points that a diagram still needs: those of the grid, and wherever a cell of known corners
/// has known points of both sides in it, the corners of its halves along every axis that is still
/// wider than its resolution (Axis::depth).
///
/// known  the side of each point that was computed; a point without one (it failed) is of neither
/// Sorted. Points already in `known` are left out. When nothing is left the diagram is complete:
/// which points that takes does not depend on the order in which they were computed, because a
/// cell once divided by the boundary remains so.
std::vector<Sites> missing_points(const std::vector<Axis>& axes,
                                  const std::map<Sites, std::optional<Side>>& known);

}  // namespace reprise
