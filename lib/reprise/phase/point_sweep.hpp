// A sweep of your own: a function at the points of a grid, on all threads, refined along a
// boundary.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/phase/axis.hpp"
#include "reprise/phase/boundary.hpp"
#include "reprise/phase/lines.hpp"
#include "reprise/phase/observable.hpp"
#include "reprise/phase/refinement.hpp"

namespace reprise {

/// "training.learning_rate = 0.1, d = 256"
std::string describe(const std::vector<Axis>& axes, const Sites& sites);

/// The seed of a point from that of the sweep and a text that says which point it is: what
/// describe() gives, "#" and the number of the repeat. 53 bits, for files and people.
std::uint64_t point_seed(std::uint64_t seed, std::string_view point);

/// What a function of yours is told of the point at which it measures.
struct PhasePoint {
  std::vector<double> values;  ///< on each axis; 0, 1, .. of one of names
  std::uint64_t seed = 1;      ///< follows from the sweep's seed and the values alone
  int threads = 1;             ///< that are there for this point
};

/// Observables of a point, as many everywhere; `measure(observable, solution, ..)` reads one off a
/// solution. Called from several threads at once; what it throws ends the sweep and comes out
/// unchanged.
using PointFunction = std::function<std::vector<Measurement>(const PhasePoint& point)>;

/// Which boundary is closed in on; Axis::depth says how far.
struct PhaseRefinement {
  std::size_t observable = 0;  ///< from 0
  double level = 0;
};

struct PhaseOptions {
  std::optional<PhaseRefinement> refine = {};
  std::uint64_t seed = 1;
  int threads = 0;  ///< 0: all cores; the table does not depend on it
};

struct PhaseRow {
  Sites sites;
  std::vector<double> values;  ///< on each axis
  std::vector<Measurement> measured;
};

/// The points that were measured, sorted by their sites: the last axis fastest.
struct PhaseTable {
  std::vector<Axis> axes;
  std::vector<PhaseRow> rows;
};

/// Measures at every point of the grid and of its refinement. Nothing is stored on disk.
///
/// axes  at least one, each of finite values; in increasing or decreasing order where depth > 0
/// Throws InputError for others, and where a point has another number of measurements.
PhaseTable sweep_over(const std::vector<Axis>& axes, const PointFunction& measure_at,
                      const PhaseOptions& options = {});

/// Observable number `observable`, from 0, at all points or where `is_meant` says so: for maxima(),
/// boundary() and fits() with the table's axes, and for holds().
SiteValues site_values(const PhaseTable& table, std::size_t observable,
                       const std::function<bool(const std::vector<double>& values)>& is_meant = {});

/// A crossing of the level along an axis, for each line of the grid.
struct BoundaryPoint {
  std::vector<double> values;  ///< on each axis; NaN on the one along which it is looked for
  Measurement crossing;        ///< see crossing()
};

/// Along axis number `axis`, by observable number `observable`, both from 0. Lines with a single
/// point, which a refinement of other axes puts beside the grid, are none.
std::vector<BoundaryPoint> boundary(const PhaseTable& table, std::size_t axis,
                                    std::size_t observable, double level);

}  // namespace reprise
