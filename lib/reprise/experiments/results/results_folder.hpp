// The folder that a run leaves behind: curves.csv, curves.npz, summary.json and the figure.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

/// Throws Error if the folder could not be made or written to; creates nothing. To be called before
/// long work.
void require_writable(const std::filesystem::path& folder);

/// The same, and if one of the files to write is a folder now.
void require_writable(const std::filesystem::path& folder, const std::vector<std::string>& files);
/// The same for all files of a run.
void require_writable_by_run(const std::filesystem::path& folder);

/// Writes curves.csv, curves.npz and summary.json, creating the folder. They get their names when
/// all are whole, the summary, which has the checksums of the others, last; figures of an earlier
/// run are removed. Throws Error naming the path if something cannot be written.
void write_results(const std::filesystem::path& folder, const Results& results);

/// Reads curves.csv, summary.json and the kernels of curves.npz back. Throws InputError naming the
/// file, and the line of curves.csv, if one is missing, damaged or of another run.
Results read_results(const std::filesystem::path& folder);

/// What an earlier run of the same experiment by the same version has left in the folder, of a
/// stopped one with the replicas of its curves; none where there is no such run or a file is
/// damaged.
std::optional<Results> earlier_results(const std::filesystem::path& folder,
                                       const Experiment& experiment);

/// Throws InputError naming the file if the folder has one that does not fit its summary.json.
void require_one_run(const std::filesystem::path& folder);

}  // namespace reprise
