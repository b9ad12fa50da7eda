#include <algorithm>
#include <iostream>

#include "reprise/commands.hpp"
#include "reprise/run_options.hpp"

namespace reprise::app {

namespace {

struct ValidateArguments {
  std::vector<std::string> files;
  RunArguments arguments;
};

/// Several files go into several folders, those of --out too; x, x-2, x-3 where names are the same.
std::vector<std::filesystem::path> folders_of(const ValidateArguments& state) {
  std::vector<std::filesystem::path> folders;
  for (const std::string& file : state.files) {
    std::filesystem::path base = default_folder(file, state.arguments.out);
    if (!state.arguments.out.empty() && state.files.size() > 1) {
      base /= default_folder(file, "").filename();
    }
    std::filesystem::path folder = base;
    for (int n = 2; std::ranges::count(folders, folder) > 0; ++n) {
      folder = base;
      folder += "-" + std::to_string(n);
    }
    folders.push_back(folder);
  }
  return folders;
}

int validate(const ValidateArguments& state) {
  const std::vector<std::filesystem::path> folders = folders_of(state);
  std::vector<RunPlan> plans;  // all files are read before the first is run
  for (std::size_t i = 0; i < state.files.size(); ++i) {
    plans.push_back(plan_run(state.files[i], state.arguments, folders[i]));
  }
  bool has_completed = true, has_disagreement = false, is_compared = true, has_failed = false;
  for (std::size_t i = 0; i < plans.size(); ++i) {
    const std::string& file = state.files[i];
    const RunOutcome outcome = run_and_write(plans[i], state.arguments);
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
    report_endings(outcome);
    has_completed &= outcome.results.has_completed();
    has_failed |= outcome.picture == Picture::failed;
    has_disagreement |= outcome.results.has_disagreement();
    is_compared &= outcome.results.has_verdict();
  }
  if (!has_completed) return numerical_failure;
  if (has_disagreement) return disagreement;
  if (has_failed) return other_failure;
  return is_compared ? success : nothing_compared;
}

}  // namespace

void add_validate(CLI::App& program, Command& chosen) {
  CLI::App* command =
      program.add_subcommand("validate",
                             "Run experiments and say whether theory and simulation agree (exit 4 "
                             "if not, 5 where nothing could be compared)");
  const auto state = std::make_shared<ValidateArguments>();
  command
      ->add_option("FILE", state->files,
                   "Experiment files, names that come with the program, or - for standard input")
      ->required();
  add_run_options(*command, state->arguments);
  command->callback([state, &chosen] { chosen = [state] { return validate(*state); }; });
}

}  // namespace reprise::app
