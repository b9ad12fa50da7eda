#include <iostream>

#include "reprise/commands.hpp"
#include "reprise/experiments/key_table.hpp"

namespace reprise::app {

void add_keys(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("keys", "List the keys of experiment files, with ranges and defaults");
  struct State {
    std::string section;
    bool is_markdown = false;
  };
  const auto state = std::make_shared<State>();
  command->add_option("SECTION", state->section, "Only those of a section: training, curve, ...");
  command->add_flag("--markdown", state->is_markdown, "Print the page of the documentation");
  command->callback([state, &chosen] {
    chosen = [state] {
      std::cout << (state->is_markdown ? key_page() : key_text(state->section));
      return success;
    };
  });
}

}  // namespace reprise::app
