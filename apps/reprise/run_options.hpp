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
  std::string figure;     ///< "none" or formats, as --figure has them; empty: the file's
  bool restarts = false;  ///< computes curves that are finished in the folder again
  std::optional<double> target_error;  ///< of every curve of method dmft
};

/// The overrides, --figure as that of its key.
std::vector<std::string> all_overrides(const RunArguments& arguments);

/// Adds --out, --threads, --quiet, --set and --figure.
void add_common_options(CLI::App& command, RunArguments& arguments);
/// Those and --target-error.
void add_run_options(CLI::App& command, RunArguments& arguments);

/// What became of a figure.
enum class Picture {
  drawn,
  none,    ///< there is no gnuplot, or nothing to show
  failed,  ///< it could not be drawn or written
};

/// What one experiment came to.
struct RunOutcome {
  Results results;
  Picture picture = Picture::none;
  std::size_t n_earlier = 0;  ///< curves that an earlier run had finished
};

/// An experiment and the folder that is to hold its results.
struct RunPlan {
  Experiment experiment;
  std::filesystem::path folder;
};

/// Reads the experiment and checks all that can be known before the work.
RunPlan plan_run(const std::string& file_or_name, const RunArguments& arguments,
                 const std::filesystem::path& folder);

/// Runs and writes one experiment, and draws its figure; says on standard error why there is none.
RunOutcome run_and_write(const RunPlan& plan, const RunArguments& arguments);

/// results/<stem>, or `out` if it is given.
std::filesystem::path default_folder(const std::string& file_or_name, const std::string& out);

/// Says on standard error which curves did not reach their end, and what to do.
/// Returns numerical_failure if there are any, other_failure for a figure that failed, else
/// success.
int report_endings(const RunOutcome& outcome);

}  // namespace reprise::app
