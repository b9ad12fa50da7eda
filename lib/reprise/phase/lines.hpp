// What follows from one number at the points of a grid, line by line along an axis: where it is
// largest, where it crosses a level, and the power law that it follows.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "reprise/phase/axis.hpp"
#include "reprise/phase/observable.hpp"
#include "reprise/phase/power_law.hpp"
#include "reprise/phase/refinement.hpp"

namespace reprise {

/// One number at each point, by its sites. What is left of a line along an axis stands at site 0 of
/// that axis, so that it can be looked at along another one.
using SiteValues = std::map<Sites, Measurement>;

/// The largest measured value of each line, and its position on the axis; missing where nothing is
/// measured.
struct Maxima {
  SiteValues largest;
  SiteValues positions;
};
/// axis  from 0. Throws InputError where there is none, as the next two do.
Maxima maxima(const std::vector<Axis>& axes, const SiteValues& values, std::size_t axis);

/// The crossing of the level on each line: see crossing(). Lines with a single point, which a
/// refinement of other axes puts beside the grid, are none.
SiteValues boundary(const std::vector<Axis>& axes, const SiteValues& values, std::size_t axis,
                    double level);

/// The power law along a line, through its listed values.
struct LineFit {
  std::optional<PowerLaw> law = {};  ///< none from fewer than two points
  int n_left_out = 0;                ///< points that are censored, missing or not > 0
};
/// divide_by  of x, > 0: values and errors are divided by it first; empty: 1
std::map<Sites, LineFit> fits(const std::vector<Axis>& axes, const SiteValues& values,
                              std::size_t axis,
                              const std::function<double(double x)>& divide_by = {});

}  // namespace reprise
