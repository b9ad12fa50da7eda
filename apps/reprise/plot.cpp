#include <algorithm>
#include <iostream>
#include <optional>

#include "reprise/commands.hpp"
#include "reprise/core/error.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/results/folder_lock.hpp"
#include "reprise/experiments/results/results_folder.hpp"
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
};

/// What was drawn, by which keys.
struct Plotted {
  Drawing drawing = Drawing::nothing;
  FigureKeys keys;
};

Plotted plot_run(const fs::path& folder, const PlotArguments& arguments) {
  std::optional<FolderLock> lock;
  if (fs::is_directory(folder)) lock.emplace(folder);
  Results results = read_results(folder);
  results.figure = with_overrides(results.figure, arguments.overrides);
  draw_by_default(results.figure, arguments.overrides);
  return {draw_figure(folder, results), results.figure};
}

Plotted plot_sweep(const fs::path& folder, const PlotArguments& arguments) {
  const fs::path file = folder / "sweep.db";
  (void)with_overrides({}, arguments.overrides);  // of other sections would be another sweep
  Sweep sweep = parse_sweep(stored_sweep(file), file.string(), arguments.overrides);
  draw_by_default(sweep.figure_keys, arguments.overrides);
  SweepStore store(file, sweep, OnChange::refuse);
  return {draw_sweep(folder, sweep, values_of(sweep, store.read(sweep))), sweep.figure_keys};
}

int plot(const PlotArguments& arguments) {
  for (const std::string& folder : arguments.folders) {
    const bool is_sweep = fs::exists(fs::path(folder) / "sweep.csv");
    const Plotted plotted = is_sweep ? plot_sweep(folder, arguments) : plot_run(folder, arguments);
    switch (plotted.drawing) {
      case Drawing::drawn:
        std::cout << "figure: " << figure_files(folder, plotted.keys) << "\n";
        break;
      case Drawing::unwanted:
        break;
      case Drawing::no_gnuplot:
        throw Error("gnuplot is not installed");
      case Drawing::nothing:
        throw Error(folder + ": there is no value to show");
    }
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
  command->callback([arguments, &chosen] { chosen = [arguments] { return plot(*arguments); }; });
}

}  // namespace reprise::app
