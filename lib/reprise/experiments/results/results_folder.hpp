// The folder that a run leaves behind: curves.csv, curves.npz, summary.json and the figure.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

/// Throws Error if the folder could not be made or written to; creates nothing. To be called before
/// long work.
void require_writable(const std::filesystem::path& folder);

/// Writes curves.csv, curves.npz and summary.json, creating the folder. Each file appears under its
/// name only when it is complete; figures of an earlier run are removed.
/// Throws Error naming the path if something cannot be written.
void write_results(const std::filesystem::path& folder, const Results& results);

/// Reads curves.csv, summary.json and the kernels of curves.npz back. Throws InputError naming the
/// file, and the line of curves.csv, if one is missing, damaged or of another run.
Results read_results(const std::filesystem::path& folder);

/// Calls `write` with a temporary name beside `file` and renames what it wrote.
void write_atomically(const std::filesystem::path& file,
                      const std::function<void(const std::filesystem::path&)>& write);

/// The same for a text.
void write_text(const std::filesystem::path& file, std::string_view text);

}  // namespace reprise
