#include <iostream>
#include <memory>
#include <string>

#include "reprise/commands.hpp"
#include "reprise/input.hpp"

namespace reprise::app {

void add_show(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("show", "Print the file of an experiment that comes with the program");
  const auto name = std::make_shared<std::string>();
  command->add_option("NAME", *name, "Its name, as `reprise list` has it")->required();
  command->callback([name, &chosen] {
    chosen = [name] {
      std::cout << read_input(*name).text;
      return success;
    };
  });
}

}  // namespace reprise::app
