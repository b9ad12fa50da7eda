// The subcommands of the program. Each adds itself to the command line and, where it is chosen,
// runs and returns the exit status.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace reprise::app {

/// Exit statuses, part of the public contract.
enum ExitStatus : int {
  success = 0,
  other_failure = 1,
  wrong_input = 2,        ///< nothing was written
  numerical_failure = 3,  ///< what was finished is written and marked
  disagreement = 4,       ///< of validate: a theory and a simulation differ; of sweep: it is not as
                          ///< its file expects
  interrupted = 128,      ///< and the number of the signal: 130, 143; what was finished is kept
  nothing_compared = 5,   ///< of validate: a file has no pair of curves with a verdict
};

/// The work of a subcommand, done after the whole command line was understood.
using Command = std::function<int()>;

void add_run(CLI::App& program, Command& chosen);
void add_validate(CLI::App& program, Command& chosen);
void add_exponents(CLI::App& program, Command& chosen);
void add_sweep(CLI::App& program, Command& chosen);
void add_plot(CLI::App& program, Command& chosen);
void add_list(CLI::App& program, Command& chosen);
void add_cite(CLI::App& program, Command& chosen);
void add_keys(CLI::App& program, Command& chosen);
void add_new(CLI::App& program, Command& chosen);
void add_show(CLI::App& program, Command& chosen);

}  // namespace reprise::app
