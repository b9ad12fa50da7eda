#include <iostream>
#include <memory>

#include "reprise/commands.hpp"
#include "reprise/core/version.hpp"
#include "reprise/data_folder.hpp"
#include "reprise/experiments/experiment/catalogue.hpp"

namespace reprise::app {

namespace {

int cite(const std::string& name) {
  const std::string paper = name.empty() ? "" : "\n" + citation(name, data_folder());
  std::cout
      << "@software{reprise,\n"
         "  author = {{The Reprise authors}},\n"
         "  title = {Reprise: learning curves of two-layer networks in high dimension, theory "
         "and simulation},\n"
         "  version = {"
      << version() << "}\n}\n"
      << paper;
  return success;
}

}  // namespace

void add_cite(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "cite", "Print BibTeX of Reprise, and of the paper that an experiment reproduces");
  const auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name,
                      "A paper or one of its experiments, as `reprise list` names it");
  command->callback([name, &chosen] { chosen = [name] { return cite(*name); }; });
}

}  // namespace reprise::app
