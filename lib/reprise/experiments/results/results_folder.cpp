#include "reprise/experiments/results/results_folder.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "reprise/core/error.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/results/summary.hpp"
#include "reprise/experiments/results/tables.hpp"

namespace reprise {

namespace fs = std::filesystem;

void require_writable(const fs::path& folder) {
  std::error_code error;
  fs::path existing = fs::absolute(folder);
  while (!fs::exists(existing, error) && existing.has_relative_path()) {
    existing = existing.parent_path();
  }
  if (!fs::is_directory(existing, error)) {
    throw Error(folder.string() + ": cannot be a folder, " + existing.string() + " is a file");
  }
  if (access(existing.c_str(), W_OK | X_OK) != 0) {
    throw Error(folder.string() + ": results cannot be written, no permission in " +
                existing.string());
  }
}

void write_atomically(const fs::path& file, const std::function<void(const fs::path&)>& write) {
  fs::path temporary = file;
  temporary += ".partial";
  try {
    write(temporary);
    fs::rename(temporary, file);
  } catch (const fs::filesystem_error& error) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw Error(file.string() + ": cannot be written: " + error.code().message());
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

void write_text(const fs::path& file, std::string_view text) {
  write_atomically(file, [&](const fs::path& temporary) {
    std::ofstream out(temporary, std::ios::binary);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (!out) throw Error(file.string() + ": cannot be written");
  });
}

void write_results(const fs::path& folder, const Results& results) {
  const std::string csv = curves_csv(results.curves);
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot be created: " + error.message());
  for (const char* old :
       {"figure.svg", "figure.png", "figure.gp", "kernels.svg", "kernels.png", "kernels.gp"})
    fs::remove(folder / old, error);
  write_text(folder / "curves.csv", csv);
  write_atomically(folder / "curves.npz",
                   [&](const fs::path& temporary) { write_npz(temporary, results.curves); });
  write_text(folder / "summary.json", summary_json(results));
}

Results read_results(const fs::path& folder) {
  const fs::path summary = folder / "summary.json";
  const fs::path table = folder / "curves.csv";
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

}  // namespace reprise
