// The command line of `run`, which `validate` shares.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "reprise/experiments/results/results.hpp"

namespace reprise::app {

struct RunArguments {
  std::string out;  ///< empty: results/<stem of the file>
  int threads = 0;
  bool is_quiet = false;
  std::vector<std::string> overrides;
  std::optional<double> target_error;  ///< of every curve of method dmft
};

/// Adds --out, --threads, --quiet and --set.
void add_common_options(CLI::App& command, RunArguments& arguments);
/// Those and --target-error.
void add_run_options(CLI::App& command, RunArguments& arguments);

/// What one experiment came to.
struct RunOutcome {
  Results results;
  std::filesystem::path folder;
  bool has_figure = false;
};

/// Reads, runs and writes one experiment, and draws its figure; warns on standard error where there
/// is no gnuplot. `folder` replaces results/<stem>.
RunOutcome run_and_write(const std::string& file_or_name, const RunArguments& arguments,
                         const std::filesystem::path& folder);

/// results/<stem>, or `out` if it is given.
std::filesystem::path default_folder(const std::string& file_or_name, const std::string& out);

/// Says on standard error which curves did not reach their end, and what to do.
/// Returns numerical_failure if there are any, else success.
int report_endings(const Results& results);

}  // namespace reprise::app
