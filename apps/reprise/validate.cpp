#include <iostream>
#include <map>

#include "reprise/commands.hpp"
#include "reprise/run_options.hpp"

namespace reprise::app {

namespace {

struct ValidateArguments {
  std::vector<std::string> files;
  RunArguments arguments;
};

/// Several files go into several folders, those of --out too.
std::filesystem::path folder_of(const std::string& file, const ValidateArguments& state) {
  const std::filesystem::path base = default_folder(file, state.arguments.out);
  if (state.arguments.out.empty() || state.files.size() == 1) return base;
  return base / std::filesystem::path(file).stem();
}

int validate(const ValidateArguments& state) {
  bool has_completed = true, has_disagreement = false, is_compared = true;
  for (const std::string& file : state.files) {
    const RunOutcome outcome = run_and_write(file, state.arguments, folder_of(file, state));
    for (const PairComparison& pair : outcome.results.comparisons) {
      if (state.arguments.is_quiet) continue;
      std::cout << file << ": " << pair.theory << " against " << pair.simulation << ": "
                << pair.comparison.brief_report() << "\n";
    }
    if (outcome.results.comparisons.empty()) {
      std::cerr << "reprise: " << file << ": no theory and simulation to compare\n";
    } else if (!outcome.results.has_verdict()) {
      std::cerr << "reprise: " << file << ": no verdict on any pair of curves\n";
    }
    for (const CurveResult& curve : outcome.results.curves) {
      for (const std::string& warning : curve.solution.warnings) {
        std::cerr << "reprise: warning: " << file << ": curve \"" << curve.name << "\": " << warning
                  << "\n";
      }
    }
    has_completed &= report_endings(outcome.results) == success;
    has_disagreement |= outcome.results.has_disagreement();
    is_compared &= outcome.results.has_verdict();
  }
  if (!has_completed) return numerical_failure;
  if (has_disagreement) return disagreement;
  return is_compared ? success : nothing_compared;
}

}  // namespace

void add_validate(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("validate",
                             "Run experiments and say whether theory and simulation agree (exit 4 "
                             "if not, 5 where nothing could be compared)");
  const auto state = std::make_shared<ValidateArguments>();
  command->add_option("FILE", state->files, "Experiment files or names that come with the program")
      ->required();
  add_run_options(*command, state->arguments);
  command->callback([state, &chosen] { chosen = [state] { return validate(*state); }; });
}

}  // namespace reprise::app
