// reprise: learning curves of two-layer networks, theory and simulation, from experiment files.
#include <algorithm>
#include <array>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/commands.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/version.hpp"

namespace {

using namespace reprise;

constexpr std::array<std::string_view, 7> subcommands{"run",  "validate", "exponents", "sweep",
                                                      "plot", "list",     "keys"};

/// "; did you mean run?" where the first word is no subcommand.
std::string hint(int argc, char** argv) {
  if (argc < 2 || argv[1][0] == '-') return "";
  const std::string_view word = argv[1];
  for (const std::string_view known : subcommands) {
    if (word == known) return "";
  }
  return "\n\"" + std::string(word) + "\" is no subcommand" + did_you_mean(word, subcommands);
}

// The arguments, last first as CLI11 takes them. The expression of `exponents` may begin with a
// minus: the command has no short options but -h, so "-z1^2" goes behind "--", where it is none.
std::vector<std::string> reversed_arguments(int argc, char** argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto begin = arguments.begin();
  if (argc > 2 && *begin == "exponents" &&
      std::find(begin, arguments.end(), "--") == arguments.end()) {
    const auto is_option = [](const std::string& text) { return text.rfind("--", 0) == 0; };
    for (auto i = begin + 1; i != arguments.end(); ++i) {
      if (i->size() < 2 || i->front() != '-' || is_option(*i) || *i == "-h") continue;
      const std::string& before = *(i - 1);
      const bool is_value =
          is_option(before) && before != "--json" && before.find('=') == std::string::npos;
      if (is_value) continue;
      std::rotate(i, i + 1, arguments.end());
      arguments.insert(arguments.end() - 1, "--");
      break;
    }
  }
  std::reverse(arguments.begin(), arguments.end());
  return arguments;
}

int parse_and_run(int argc, char** argv) {
  CLI::App program{"Learning curves of two-layer networks in high dimension, theory and simulation",
                   "reprise"};
  app::Command chosen;
  program.set_version_flag("--version", "reprise " + std::string(version()));
  program.require_subcommand(1);
  program.footer(
      "Exit status: 0 done, 2 wrong input (nothing written), 3 numerical failure,\n"
      "4 theory and simulation disagree (validate), or a sweep is not as expected,\n"
      "1 anything else.");
  app::add_run(program, chosen);
  app::add_validate(program, chosen);
  app::add_exponents(program, chosen);
  app::add_sweep(program, chosen);
  app::add_plot(program, chosen);
  app::add_list(program, chosen);
  app::add_keys(program, chosen);
  try {
    program.parse(reversed_arguments(argc, argv));
  } catch (const CLI::Success& success) {  // --help and --version
    return program.exit(success);
  } catch (const CLI::ParseError& error) {
    throw InputError(std::string(error.what()) + hint(argc, argv) + "\nTry reprise --help");
  }
  return chosen();
}

int status_of(const std::exception& error) {
  if (dynamic_cast<const InputError*>(&error) != nullptr) return app::wrong_input;
  if (dynamic_cast<const NumericalError*>(&error) != nullptr) return app::numerical_failure;
  return app::other_failure;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return parse_and_run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "reprise: " << error.what() << "\n";
    return status_of(error);
  }
}
