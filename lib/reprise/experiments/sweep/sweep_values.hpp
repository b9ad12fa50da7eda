// The numbers of a sweep: one for each point, curve and observable, over its repeats, and what
// follows from them: boundaries, maxima and scaling exponents.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "reprise/experiments/sweep/sweep_run.hpp"
#include "reprise/phase/power_law.hpp"

namespace reprise {

/// (curves, observables) of a point.
using PointValues = std::vector<std::vector<Measurement>>;

/// Of the points whose repeats are all there. Several repeats: their mean with its standard error
/// from their spread, the median of passages (median_passage); missing where one is missing.
std::map<Sites, PointValues> values_of(const Sweep& sweep, const SweepRecords& records);

/// Whether a value is missing.
bool has_missing(const std::map<Sites, PointValues>& values);

/// On which side of the level of [sweep.refine] the point is; a passage that did not arrive is
/// above. Empty for a missing value, and without refinement.
std::optional<Side> side_of(const Sweep& sweep, const PointValues& values);

/// A number that is left when one axis is used up, by a maximum or a boundary.
struct Reduced {
  Sites sites;  ///< 0 on the axis that is used up
  std::size_t curve = 0, observable = 0;
  Measurement value;
  double where = 0;  ///< of a maximum: its position on the axis
};

/// The largest measured value along [sweep] maximum_over, of every curve and observable.
std::vector<Reduced> maxima(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// Where the observable first crosses the level along the axis of [sweep.boundary]: interpolated
/// on the axis' scale between the neighbours that it lies between, half of whose distance is the
/// error. Censored at the last position where it does not cross; missing where nothing is measured.
std::vector<Reduced> boundary(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// A power law along the axis of [sweep.fit], through the boundary or the maxima where there are
/// any, else through the values.
struct SweepFit {
  Sites sites;  ///< 0 on the axes that are used up
  std::size_t curve = 0, observable = 0;
  std::optional<PowerLaw> law;  ///< none from fewer than two points
  int n_left_out = 0;           ///< points that are censored, missing or not > 0
  std::optional<double> expected = {};
  bool is_as_expected = true;  ///< also where nothing is expected, or too little was measured
};
/// The axes that a fit uses up: its own, and that of the boundary or the maxima.
std::vector<std::size_t> used_up_by_fit(const Sweep& sweep);
std::vector<SweepFit> fits(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// What [sweep.boundary] expects there.
std::optional<double> expected_boundary(const Sweep& sweep, const Sites& sites);
/// Whether a crossing of the boundary is measured, and where it is expected; also where nothing is.
bool is_as_expected(const Sweep& sweep, const Reduced& crossing);

/// What is expected at the other axes' sites, where anything is; the variables of the axes that are
/// used up have no value there. Throws InputError for a formula that has none.
std::optional<double> expected_at(const Sweep& sweep, const std::optional<Expectation>& expectation,
                                  const Sites& sites, const std::vector<std::size_t>& used_up);

/// Whether a claim is about the point.
bool is_part_of(const Sweep& sweep, const Claim& claim, const Sites& sites);

/// Whether what is claimed holds at all the points of its part of the grid, or at one. A part
/// without points, or with missing values, shows nothing.
bool holds(const Sweep& sweep, const Claim& claim, const std::map<Sites, PointValues>& values);

/// Whether every claim holds and every fit and boundary is where it is expected, within its own
/// tolerance.
bool is_as_expected(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// How axes are called: "training.learning_rate" as in files, or "learning rate" as in figures, the
/// whole key where two axes end in one word.
enum class AxisWords { keys, labels };
std::string axis_label(const Sweep& sweep, const Axis& axis);

/// "activation = relu, d = 256": the axes that are left, zipped ones by their first key.
std::string describe_rest(const Sweep& sweep, const Sites& sites,
                          const std::vector<std::size_t>& used_up,
                          AxisWords words = AxisWords::keys);

}  // namespace reprise
