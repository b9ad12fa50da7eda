// What people get of a sweep: tables, arrays, a figure and a few lines to read.
#pragma once

#include <filesystem>
#include <string>

#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/sweep/sweep_values.hpp"

namespace reprise {

/// <axis>,...,curve,observable,value,standard_error,outcome: a row a number, points in the order of
/// the grid. value is empty where the outcome is "missing".
std::string sweep_csv(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// The same columns for maxima ("at" is where on the axis that is used up) or the boundary
/// ("expected" if anything is); empty where the sweep asks for neither.
std::string reduced_csv(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// <axis>,...,curve,observable,exponent,standard_error,prefactor,points,left_out,chi_squared,
/// p_value,expected,as_expected.
std::string fits_csv(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// <axis>,...,repeat and the columns of curves.csv, for every point whose curves were kept.
std::string sweep_curves_csv(const Sweep& sweep, const SweepRecords& records);

/// Writes sweep.csv, sweep.npz, sweep.json, and boundary.csv or maxima.csv, fits.csv and
/// sweep_curves.csv where they are asked for. Nothing in them depends on when, in what order or on
/// how many processes the points were computed.
///
/// sweep.npz has axis/<name> (n) and, of a sweep without refinement, <curve>/<observable>
/// (n1, n2, ...) with _se; of any sweep points/<axis> (N) and points/<curve>/<observable> (N).
/// Missing and censored values are NaN.
/// All get their names when all are whole. Throws Error if a file cannot be written.
void write_sweep(const std::filesystem::path& folder, const Sweep& sweep,
                 const SweepRecords& records);

/// Everything that write_sweep and the figure may leave in their folder.
const std::vector<std::string>& files_of_sweep();

/// A few lines on what came out: points, failures, boundaries, fits, and what was expected.
std::string brief_report(const Sweep& sweep, const SweepRecords& records);

/// Draws what [figure] asks for into the folder, as draw() does.
Drawing draw_sweep(const std::filesystem::path& folder, const Sweep& sweep,
                   const std::map<Sites, PointValues>& values);

/// What a caption of that figure needs to say: figure.txt.
std::string sweep_caption(const Sweep& sweep, const std::map<Sites, PointValues>& values);

/// A gnuplot script, data included, for a map of the first two axes or lines over one: empty where
/// nothing was measured.
std::string sweep_figure_script(const Sweep& sweep, const std::map<Sites, PointValues>& values,
                                FigureFormat format, const std::string& output);

}  // namespace reprise
