#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reprise/commands.hpp"
#include "reprise/core/error.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/results/folder_lock.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "reprise/experiments/results/together.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"
#include "reprise/experiments/sweep/sweep_store.hpp"

namespace reprise::app {

namespace {

namespace fs = std::filesystem;

/// A run of --figure none is drawn all the same by whoever asks for it.
void draw_by_default(FigureKeys& keys, const std::vector<std::string>& overrides) {
  const auto is_format = [](const std::string& o) { return o.starts_with("figure.format"); };
  if (keys.format.all.empty() && std::ranges::none_of(overrides, is_format)) keys.format = {};
}

struct PlotArguments {
  std::vector<std::string> folders;
  std::vector<std::string> overrides;
  bool is_together = false;
  std::string out;
};

bool is_sweep(const fs::path& folder) { return fs::exists(folder / "sweep.csv"); }

/// Of a folder that is there; what is missing is the reader's to say.
std::optional<FolderLock> lock_of(const fs::path& folder) {
  if (!fs::is_directory(folder)) return std::nullopt;
  return std::optional<FolderLock>(std::in_place, folder);
}

void say(Drawing drawing, const fs::path& folder, const FigureKeys& keys) {
  switch (drawing) {
    case Drawing::drawn:
      std::cout << "figure: " << figure_files(folder, keys) << "\n";
      break;
    case Drawing::unwanted:
      break;
    case Drawing::no_gnuplot:
      throw Error("gnuplot is not installed");
    case Drawing::nothing:
      throw Error(folder.string() + ": there is no value to show");
  }
}

Results results_to_draw(const fs::path& folder, const PlotArguments& arguments) {
  Results results = read_results(folder);
  results.figure = with_overrides(results.figure, arguments.overrides);
  draw_by_default(results.figure, arguments.overrides);
  return results;
}

void plot_run(const fs::path& folder, const PlotArguments& arguments) {
  const std::optional<FolderLock> lock = lock_of(folder);
  const Results results = results_to_draw(folder, arguments);
  say(draw_figure(folder, results), folder, results.figure);
}

void plot_sweep(const fs::path& folder, const PlotArguments& arguments) {
  const fs::path file = folder / "sweep.db";
  (void)with_overrides({}, arguments.overrides);  // of other sections would be another sweep
  Sweep sweep = parse_sweep(stored_sweep(file), file.string(), arguments.overrides);
  draw_by_default(sweep.figure_keys, arguments.overrides);
  SweepStore store(file, sweep, OnChange::refuse);
  say(draw_sweep(folder, sweep, values_of(sweep, store.read(sweep))), folder, sweep.figure_keys);
}

std::string joined_names(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : "+") + name;
  return joined;
}

/// "results/a/" is a.
std::string name_of_run(const fs::path& folder) {
  return (folder.has_filename() ? folder : folder.parent_path()).filename().string();
}

/// One figure, in a folder of its own.
void plot_together(const PlotArguments& arguments) {
  std::vector<std::pair<std::string, Results>> runs;
  std::vector<std::string> names;
  for (const std::string& folder : arguments.folders) {
    if (is_sweep(folder)) {
      throw InputError(folder + ": holds a sweep; --together is for runs");
    }
    names.push_back(name_of_run(folder));
    const std::optional<FolderLock> lock = lock_of(folder);
    runs.emplace_back(names.back(), results_to_draw(folder, arguments));
  }
  const fs::path folder =
      arguments.out.empty() ? fs::path("results") / joined_names(names) : fs::path(arguments.out);
  if (fs::exists(folder / "summary.json")) {
    throw InputError(folder.string() +
                     ": holds a run, whose figure would be replaced; --out names another folder");
  }
  require_writable(folder, {"figure.svg", "figure.png", "figure.pdf", "figure.gp", "figure.txt"});
  const Results all = together(std::move(runs));
  const FolderLock lock(folder);
  say(draw_figure(folder, all), folder, all.figure);
}

int plot(const PlotArguments& arguments) {
  if (arguments.is_together) {
    plot_together(arguments);
    return success;
  }
  for (const std::string& folder : arguments.folders) {
    is_sweep(folder) ? plot_sweep(folder, arguments) : plot_run(folder, arguments);
  }
  return success;
}

}  // namespace

void add_plot(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "plot", "Draw the figures of finished runs and sweeps again, computing nothing");
  const auto arguments = std::make_shared<PlotArguments>();
  command->add_option("DIR", arguments->folders, "Folders that `reprise run` or `sweep` wrote")
      ->required();
  command
      ->add_option("--set", arguments->overrides,
                   "Replace a key of [figure]: figure.y.scale=log, figure.format=pdf")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->trigger_on_parse(false);
  CLI::Option* together = command->add_flag("--together", arguments->is_together,
                                            "All their curves in one figure, in a folder of its "
                                            "own");
  command
      ->add_option("--out", arguments->out,
                   "Folder of the common figure (default: results/<names joined by +>)")
      ->needs(together);
  command->callback([arguments, &chosen] { chosen = [arguments] { return plot(*arguments); }; });
}

}  // namespace reprise::app
