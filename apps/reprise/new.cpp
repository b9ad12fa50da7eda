#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include "reprise/commands.hpp"
#include "reprise/core/error.hpp"
#include "reprise/experiments/experiment/experiment_template.hpp"
#include "reprise/experiments/results/staged_files.hpp"

namespace reprise::app {

namespace {

struct NewArguments {
  std::string name;
  std::string algorithm = "gradient_descent";
};

int make_new(const NewArguments& arguments) {
  const std::string text = experiment_template(arguments.algorithm);
  if (arguments.name.empty()) {
    std::cout << text;
    return success;
  }
  std::filesystem::path file(arguments.name);
  if (file.extension() != ".toml") file += ".toml";
  if (std::filesystem::exists(std::filesystem::symlink_status(file))) {
    throw InputError(file.string() + ": is there already; `reprise new` writes new files only");
  }
  write_text(file, text);
  std::cout << "written to " << file.string() << "; `reprise run " << file.string()
            << "` runs it\n";
  return success;
}

}  // namespace

void add_new(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("new", "Write a small experiment with comments on all its keys");
  const auto arguments = std::make_shared<NewArguments>();
  command->add_option("NAME", arguments->name, "The file, NAME.toml (default: standard output)");
  command
      ->add_option("--algorithm", arguments->algorithm,
                   "gradient_descent, sgd, gradient_flow or prox_linear")
      ->capture_default_str();
  command->callback(
      [arguments, &chosen] { chosen = [arguments] { return make_new(*arguments); }; });
}

}  // namespace reprise::app
