#include <iostream>
#include <sstream>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/commands.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/results/folder_lock.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "reprise/input.hpp"
#include "reprise/progress_line.hpp"
#include "reprise/run_options.hpp"

namespace reprise::app {

namespace {

/// A run whose numbers are safe must not fail for want of gnuplot.
Picture draw_or_warn(const std::filesystem::path& folder, const Results& results) {
  const std::string again = "`reprise plot " + folder.string() + "` draws it";
  try {
    switch (draw_figure(folder, results)) {
      case Drawing::drawn:
        return Picture::drawn;
      case Drawing::unwanted:
        return Picture::none;
      case Drawing::no_gnuplot:
        std::cerr << "reprise: no figure: gnuplot is not installed; with it, " << again << "\n";
        return Picture::none;
      case Drawing::nothing:
        std::cerr << "reprise: no figure: no curve has a value to show\n";
        return Picture::none;
    }
  } catch (const Error& error) {
    std::cerr << "reprise: no figure: " << error.what() << "\n  The results are written; " << again
              << "\n";
  }
  return Picture::failed;
}

void set_target_error(Experiment& experiment, double target_error) {
  check_positive("run", "--target-error", target_error);
  bool has_dmft = false;
  for (CurveSpec& curve : experiment.curves) {
    if (auto* dmft = curve.method.get_if<DmftOptions>()) {
      dmft->target_error = target_error;
      has_dmft = true;
    }
  }
  if (!has_dmft)
    throw InputError("--target-error: " + experiment.source + " has no curve of method \"dmft\"");
}

int run_one(const std::string& file, const RunArguments& arguments) {
  const RunPlan plan = plan_run(file, arguments, default_folder(file, arguments.out));
  const RunOutcome outcome = run_and_write(plan, arguments);
  if (!arguments.is_quiet) {
    std::cout << brief_report(outcome.results) << "\n";
    if (outcome.n_earlier > 0) {
      std::cout << outcome.n_earlier << " of " << outcome.results.curves.size()
                << " curves were in " << plan.folder.string()
                << " already; --restart computes them again\n";
    }
    std::cout << "results in " << plan.folder.string()
              << ": curves.csv, curves.npz, summary.json\n";
    if (outcome.picture == Picture::drawn) {
      std::cout << "figure: " << figure_files(plan.folder, outcome.results.figure) << "\n";
    }
  }
  return report_endings(outcome);
}

}  // namespace

void add_common_options(CLI::App& command, RunArguments& arguments) {
  command.add_option("--out", arguments.out, "Folder for the results (default: results/<name>)")
      ->type_name("DIR");
  command
      .add_option("--threads", arguments.threads,
                  "Number of threads (default: all cores); the numbers do not depend on it")
      ->type_name("N")
      ->check(CLI::Range(1, 1024));
  command.add_flag("--quiet,-q", arguments.is_quiet, "Print nothing but errors");
  command
      .add_option("--set", arguments.overrides,
                  "Replace a value of the file: training.steps=20, curve.theory.points=1024")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->trigger_on_parse(false);
  command
      .add_option("--figure", arguments.figure,
                  "none, or what is drawn: svg, png, pdf, several with commas between")
      ->type_name("FORMAT");
}

std::vector<std::string> all_overrides(const RunArguments& arguments) {
  std::vector<std::string> overrides = arguments.overrides;
  if (arguments.figure.empty()) return overrides;
  std::string list;
  std::istringstream words(arguments.figure);
  for (std::string word; std::getline(words, word, ',');) {
    if (arguments.figure != "none" && !format_of("figure." + word)) {
      reject("run", "--figure", "none, or of svg, png and pdf, with commas between",
             arguments.figure);
    }
    list += (list.empty() ? "'" : ", '") + word + "'";
  }
  overrides.push_back("figure.format=" +
                      (arguments.figure == "none" ? arguments.figure : "[" + list + "]"));
  return overrides;
}

void add_run_options(CLI::App& command, RunArguments& arguments) {
  add_common_options(command, arguments);
  command.add_flag("--restart", arguments.restarts,
                   "Compute curves that are finished in the folder again");
  command
      .add_option("--target-error", arguments.target_error,
                  "Double the points of dmft curves until every standard error is below this")
      ->type_name("ERROR");
}

std::filesystem::path default_folder(const std::string& file_or_name, const std::string& out) {
  if (!out.empty()) return out;
  if (file_or_name == standard_input) return std::filesystem::path("results") / "standard_input";
  const std::filesystem::path file(file_or_name);
  const bool is_summary = file.filename() == "summary.json" && file.has_parent_path();
  const std::string name =
      is_summary ? file.parent_path().filename().string() + "_again" : file.stem().string();
  return std::filesystem::path("results") / name;
}

RunPlan plan_run(const std::string& file_or_name, const RunArguments& arguments,
                 const std::filesystem::path& folder) {
  const InputText input = read_input(file_or_name);
  const std::filesystem::path file(input.source);
  if (file.filename() == "summary.json") require_one_run(file.parent_path());
  Experiment experiment = parse_experiment(input.text, input.source, all_overrides(arguments));
  if (arguments.target_error) set_target_error(experiment, *arguments.target_error);
  require_writable_by_run(folder);
  return {std::move(experiment), folder};
}

RunOutcome run_and_write(const RunPlan& plan, const RunArguments& arguments) {
  const FolderLock lock(plan.folder);
  for (const std::string& warning : plan.experiment.warnings) {
    std::cerr << "reprise: warning: " << plan.experiment.source << ": " << warning << "\n";
  }
  RunOutcome outcome;
  {
    ProgressLine line(!arguments.is_quiet);
    RunOptions options;
    options.threads = arguments.threads;
    std::optional<Results> earlier;
    if (!arguments.restarts) earlier = earlier_results(plan.folder, plan.experiment);
    if (earlier) {
      options.earlier = &*earlier;
      outcome.n_earlier = earlier->curves.size();
    }
    options.progress = [&](std::string_view curve, double fraction) { line.show(curve, fraction); };
    outcome.results = run(plan.experiment, options);
  }
  if (outcome.results.is_stopped && outcome.results.curves.empty()) {
    throw Stopped("no curve was finished; " + plan.folder.string() + " is as it was");
  }
  write_results(plan.folder, outcome.results);
  if (outcome.results.is_stopped) {
    throw Stopped(std::to_string(outcome.results.curves.size()) + " of " +
                  std::to_string(plan.experiment.curves.size()) +
                  " curves were finished and are written to " + plan.folder.string() +
                  "; the same command goes on from there");
  }
  outcome.picture = draw_or_warn(plan.folder, outcome.results);
  return outcome;
}

int report_endings(const RunOutcome& outcome) {
  for (const CurveResult& curve : outcome.results.curves) {
    const Ending& ending = curve.solution.ending;
    if (ending.is_completed()) continue;
    std::cerr << "reprise: curve \"" << curve.name << "\" " << name(ending.termination)
              << last_moment(curve.solution) << ": " << ending.detail << "\n  "
              << advice(ending.termination) << "\n";
    for (const std::string& warning : curve.solution.warnings) {
      std::cerr << "  " << warning << "\n";
    }
  }
  if (!outcome.results.has_completed()) return numerical_failure;
  return outcome.picture == Picture::failed ? other_failure : success;
}

void add_run(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand("run", "Run an experiment and write its results");
  struct State {
    std::string file;
    RunArguments arguments;
  };
  const auto state = std::make_shared<State>();
  command
      ->add_option(
          "FILE", state->file,
          "Experiment file, the name of one that comes with the program (see list), or - for "
          "standard input")
      ->required();
  add_run_options(*command, state->arguments);
  command->callback(
      [state, &chosen] { chosen = [state] { return run_one(state->file, state->arguments); }; });
}

}  // namespace reprise::app
