// summary.json: what was run, what it cost, how each curve ended, and the comparisons.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/results/results.hpp"

namespace reprise {

/// What a file held when the summary was written.
struct FileMark {
  std::string name;
  std::uint64_t bytes = 0;
  std::string checksum;  ///< FNV-1a, hexadecimal

  bool operator==(const FileMark&) const = default;
};

/// Throws Error if the file cannot be read.
FileMark mark_of(const std::filesystem::path& file, const std::string& name);

/// The whole of `results` but the curves' numbers, as JSON, with the marks of the files that hold
/// them.
std::string summary_json(const Results& results, const std::vector<FileMark>& files = {});

/// The marks in a summary; none in one of an older version. Throws like parse_summary.
std::vector<FileMark> file_marks(std::string_view summary, std::string_view source);

/// Reads a summary back; the curves have no series yet, see read_results.
/// Throws InputError if it is not such a summary; `source` is the name that errors carry.
Results parse_summary(std::string_view text, std::string_view source);

}  // namespace reprise
