#include <iostream>

#include "reprise/commands.hpp"
#include "reprise/core/error.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/results/folder_lock.hpp"
#include "reprise/experiments/results/results_folder.hpp"

namespace reprise::app {

namespace {

int plot(const std::vector<std::string>& folders) {
  for (const std::string& folder : folders) {
    if (std::filesystem::exists(std::filesystem::path(folder) / "sweep.csv")) {
      throw InputError(folder +
                       ": holds a sweep; the same `reprise sweep` command draws it again, "
                       "computing nothing that is done");
    }
    std::optional<FolderLock> lock;
    if (std::filesystem::is_directory(folder)) lock.emplace(folder);
    const Results results = read_results(folder);
    switch (draw_figure(folder, results)) {
      case Drawing::drawn:
        std::cout << "figure: " << (std::filesystem::path(folder) / "figure.svg").string()
                  << ", figure.png, figure.gp\n";
        break;
      case Drawing::no_gnuplot:
        throw Error("gnuplot is not installed");
      case Drawing::nothing:
        throw Error(folder + ": no curve has a value to show");
    }
  }
  return success;
}

}  // namespace

void add_plot(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand("plot", "Draw the figures of finished runs again");
  const auto folders = std::make_shared<std::vector<std::string>>();
  command->add_option("DIR", *folders, "Folders that `reprise run` wrote")->required();
  command->callback([folders, &chosen] { chosen = [folders] { return plot(*folders); }; });
}

}  // namespace reprise::app
