// reprise: learning curves of two-layer networks, theory and simulation, from experiment files.
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/commands.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/core/version.hpp"
#include "reprise/printable.hpp"

namespace {

using namespace reprise;

constexpr std::array<std::string_view, 10> subcommands{
    "run", "validate", "exponents", "sweep", "plot", "list", "show", "new", "keys", "cite"};

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
      "For Gaussian inputs, one hidden layer without biases, and targets of a few directions.\n"
      "Exit status: 0 done, 2 wrong input (nothing written), 3 numerical failure,\n"
      "4 theory and simulation disagree (validate), or a sweep is not as expected,\n"
      "5 nothing could be compared (validate),\n"
      "130 and 143 interrupted (what was finished is kept), 1 anything else.");
  app::add_run(program, chosen);
  app::add_validate(program, chosen);
  app::add_exponents(program, chosen);
  app::add_sweep(program, chosen);
  app::add_plot(program, chosen);
  app::add_list(program, chosen);
  app::add_show(program, chosen);
  app::add_new(program, chosen);
  app::add_keys(program, chosen);
  app::add_cite(program, chosen);
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
  if (dynamic_cast<const NumericalError*>(&error) != nullptr) return app::numerical_failure;
  return app::other_failure;
}

StopFlag stop;
std::atomic<int> stop_signal = 0;

// The second signal ends the program at once.
void stop_at(int signal) {
  struct sigaction action {};
  action.sa_handler = [](int received) {
    stop_signal = received;
    stop = true;
  };
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  struct sigaction before {};
  sigaction(signal, &action, &before);
  if (before.sa_handler == SIG_IGN) sigaction(signal, &before, nullptr);  // as nohup wants it
}

}  // namespace

int main(int argc, char** argv) {
  stop_at(SIGINT);
  stop_at(SIGTERM);
  const StopScope scope(stop);
  const app::PrintableStream out(std::cout), messages(std::cerr);
  try {
    const int status = parse_and_run(argc, argv);
    // What does not fit on a full disk is seen only when it leaves the buffer.
    if (!std::cout.flush()) throw Error("standard output cannot be written: is the disk full?");
    return status;
  } catch (const Stopped& stopped) {
    std::cerr << "reprise: interrupted: " << stopped.what() << "\n";
    return app::interrupted + stop_signal;
  } catch (const std::bad_alloc&) {
    std::cerr << "reprise: not enough memory: fewer --threads, points or runs need less\n";
    return app::other_failure;
  } catch (const InputError& error) {
    for (const std::string& fault : faults_of(error)) {
      std::cerr << "reprise: " << app::shortened(fault) << "\n";
    }
    return app::wrong_input;
  } catch (const std::exception& error) {
    std::cerr << "reprise: " << app::shortened(error.what()) << "\n";
    return status_of(error);
  }
}
