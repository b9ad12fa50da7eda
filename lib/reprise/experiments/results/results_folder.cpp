#include "reprise/experiments/results/results_folder.hpp"

#include <unistd.h>

#include <algorithm>

#include "reprise/core/error.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/results/staged_files.hpp"
#include "reprise/experiments/results/summary.hpp"
#include "reprise/experiments/results/tables.hpp"

namespace reprise {

namespace fs = std::filesystem;

namespace {

/// Of `[output] runs`.
constexpr const char* runs_file = "runs.csv";
/// Of a stopped run.
constexpr const char* replicas_file = "replicas.npz";

/// Everything that a run may leave in its folder.
const std::vector<std::string> files_of_run{
    "curves.csv",  "curves.npz",  runs_file,     replicas_file, "summary.json",
    "figure.svg",  "figure.png",  "figure.pdf",  "figure.gp",   "figure.txt",
    "kernels.svg", "kernels.png", "kernels.pdf", "kernels.gp"};

}  // namespace

void require_writable(const fs::path& folder) {
  std::error_code error;
  fs::path existing = fs::absolute(folder);
  while (!fs::exists(fs::symlink_status(existing, error)) && existing.has_relative_path()) {
    if (error == std::errc::filename_too_long) {
      throw Error(folder.string() + ": cannot be a folder, a name in it is too long");
    }
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing, error)) {
    const bool is_link = fs::is_symlink(fs::symlink_status(existing));
    throw Error(folder.string() + ": cannot be a folder, " + existing.string() +
                (is_link ? " is a link to no folder" : " is a file"));
  }
  if (access(existing.c_str(), W_OK | X_OK) != 0) {
    throw Error(folder.string() + ": results cannot be written, no permission in " +
                existing.string());
  }
}

void require_writable(const fs::path& folder, const std::vector<std::string>& files) {
  require_writable(folder);
  std::error_code error;
  for (const std::string& name : files) {
    if (!fs::is_directory(folder / name, error)) continue;
    throw Error((folder / name).string() +
                ": is a folder where a file is to be written; move it away, or name another "
                "folder with --out");
  }
}

void require_writable_by_run(const fs::path& folder) { require_writable(folder, files_of_run); }

void write_results(const fs::path& folder, const Results& results) {
  const std::string csv = curves_csv(results.curves);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot be created: " + error.message());
  remove_staged(folder, files_of_run);
  StagedFiles files(folder);
  files.add("curves.csv", csv);
  files.add("curves.npz",
            [&](const fs::path& file) { write_npz(file, results.curves, results.has_runs); });
  std::vector<std::string> tables{"curves.csv", "curves.npz"};
  if (results.has_runs) {
    tables.push_back(runs_file);
    files.add(runs_file, runs_csv(results.curves));
  }
  if (results.is_stopped) {
    tables.push_back(replicas_file);
    files.add(replicas_file, [&](const fs::path& file) { write_replicas(file, results.curves); });
  }
  std::vector<FileMark> marks;
  for (const std::string& name : tables) marks.push_back(mark_of(files.staged(name), name));
  files.add("summary.json", summary_json(results, marks));
  files.commit(files_of_run);
}

void require_one_run(const fs::path& folder) {
  const fs::path summary = folder / "summary.json";
  for (const FileMark& mark : file_marks(read_text_file(summary), summary.string())) {
    const fs::path file = folder / fs::path(mark.name).filename();
    if (!fs::exists(file) || mark_of(file, mark.name) == mark) continue;
    throw InputError(file.string() + ": is not the one that " + summary.string() +
                     " was written with: it was changed, or a run ended while it wrote.\n  Run "
                     "the experiment again; `reprise run` writes all files of the folder anew");
  }
}

Results read_results(const fs::path& folder) {
  const fs::path summary = folder / "summary.json";
  const fs::path table = folder / "curves.csv";
  require_one_run(folder);
  Results results = parse_summary(read_text_file(summary), summary.string());
  for (CurveResult& found : parse_curves_csv(read_text_file(table), table.string())) {
    const auto curve = std::ranges::find(results.curves, found.name, &CurveResult::name);
    if (curve == results.curves.end()) {
      throw InputError(table.string() + ": curve \"" + found.name + "\" is not in " +
                       summary.string());
    }
    curve->solution.step = std::move(found.solution.step);
    curve->solution.time = std::move(found.solution.time);
    curve->solution.series = std::move(found.solution.series);
  }
  // Only a curve that stopped at once has no numbers.
  for (const CurveResult& curve : results.curves) {
    if (curve.solution.step.empty() && curve.solution.ending.is_completed()) {
      throw InputError(table.string() + ": curve \"" + curve.name + "\" is missing");
    }
  }
  if (fs::exists(folder / "curves.npz")) read_kernels(folder / "curves.npz", results.curves);
  return results;
}

std::optional<Results> earlier_results(const fs::path& folder, const Experiment& experiment) {
  const fs::path summary = folder / "summary.json";
  std::error_code error;
  if (!fs::exists(summary, error)) return std::nullopt;
  try {
    if (identity_of(read_experiment(summary, {})) != identity_of(experiment)) return std::nullopt;
    Results earlier = read_results(folder);
    if (earlier.version != version()) return std::nullopt;
    earlier.has_runs = fs::exists(folder / runs_file) && !earlier.is_stopped;
    if (earlier.has_runs) read_runs(folder / "curves.npz", earlier.curves);
    if (earlier.is_stopped) read_replicas(folder / replicas_file, earlier.curves);
    return earlier;
  } catch (const Error&) {  // damaged, or what this version does not read
    return std::nullopt;
  }
}

}  // namespace reprise
