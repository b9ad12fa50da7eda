// The tables of a result folder: curves.csv, one number a row, and curves.npz, arrays for numpy.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

/// curve,step,time,quantity,i,j,value,standard_error: rows by curve, then time, then quantity, then
/// entry; numbers in the shortest text that reads back exactly. Throws NumericalError rather than
/// write a value that is not finite.
std::string curves_csv(const std::vector<CurveResult>& curves);

/// curve,run,step,time,quantity,i,j,value: the replicas of the curves that have them, each whole
/// before the next.
std::string runs_csv(const std::vector<CurveResult>& curves);

/// Reads such a table back. The solutions have the curves' names, steps, times and series; the rest
/// of a solution is in the summary. `source` is the name that errors carry.
/// Throws InputError naming the line that is wrong: each time of a quantity must have all entries
/// of its row in quantity_rows() once and in order, with the same sizes in every curve; times
/// increase.
std::vector<CurveResult> parse_curves_csv(std::string_view text, std::string_view source);

/// A text as a field of such a table, in quotes where it has a comma, a quote or a line break.
std::string csv_field(const std::string& text);

/// Per curve <curve>/time (T), <curve>/step (T), <curve>/M (T, p, k), <curve>/M_se, ...; float64
/// and int64, little-endian; of curves with replicas <curve>/M_runs (R, T, p, k) too where
/// `with_runs`. A series that is shorter than the curve has fewer rows. Same curves,
/// same bytes. Throws Error if the file cannot be written.
void write_npz(const std::filesystem::path& file, const std::vector<CurveResult>& curves,
               bool with_runs = false);

/// Adds the replicas that such a file has to its curves. Throws like read_kernels.
void read_runs(const std::filesystem::path& file, std::vector<CurveResult>& curves);

/// Adds the kernels that such a file has to its curves, which have their times, series and endings
/// already. Throws InputError naming the array that is damaged or does not belong to these curves;
/// takes no more memory than the bytes of the file can fill.
void read_kernels(const std::filesystem::path& file, std::vector<CurveResult>& curves);

/// "M:median": a number over replicas, which these do not have themselves.
bool is_statistic(const Series& series);

/// The array of a curve's replica, counted from 0.
std::string replica_name(const std::string& curve, std::size_t replica);

/// The replicas of the curves, <curve>/replica <n> (T, entries of all series side by side): what a
/// stopped run needs to go on. Reading throws like read_kernels.
void write_replicas(const std::filesystem::path& file, const std::vector<CurveResult>& curves);
void read_replicas(const std::filesystem::path& file, std::vector<CurveResult>& curves);

/// An array of such a file: values in row-major order.
struct NamedArray {
  std::string name;
  std::vector<Eigen::Index> shape;
  std::vector<double> values;
};
void write_npz(const std::filesystem::path& file, const std::vector<NamedArray>& arrays);

}  // namespace reprise
