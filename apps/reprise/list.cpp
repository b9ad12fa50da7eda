#include <algorithm>
#include <iomanip>
#include <iostream>

#include "reprise/commands.hpp"
#include "reprise/data_folder.hpp"
#include "reprise/experiments/experiment/catalogue.hpp"

namespace reprise::app {

namespace {

int list() {
  const std::vector<ShippedGroup> groups = shipped_experiments(data_folder());
  std::size_t width = 0;
  for (const ShippedGroup& group : groups) {
    for (const ShippedExperiment& shipped : group.experiments) {
      width = std::max(width, shipped.name.size());
    }
  }
  bool is_first = true;
  for (const ShippedGroup& group : groups) {
    std::cout << (is_first ? "" : "\n") << group.title << "\n";
    is_first = false;
    for (const ShippedExperiment& shipped : group.experiments) {
      std::cout << "  " << std::left << std::setw(static_cast<int>(width)) << shipped.name << "  "
                << shipped.title << (shipped.is_sweep ? "  [sweep]" : "") << "\n";
    }
  }
  return success;
}

}  // namespace

void add_list(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("list", "List the experiments that come with the program, by paper");
  command->callback([&chosen] { chosen = [] { return list(); }; });
}

}  // namespace reprise::app
