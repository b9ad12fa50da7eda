#include <algorithm>
#include <charconv>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>

#include "reprise/commands.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"
#include "reprise/experiments/sweep/sweep_store.hpp"
#include "reprise/experiments/sweep/sweep_team.hpp"
#include "reprise/input.hpp"
#include "reprise/progress_line.hpp"
#include "reprise/run_options.hpp"

namespace reprise::app {

namespace {

namespace fs = std::filesystem;

struct SweepArguments : RunArguments {
  std::string file;
  bool updates = false, merges = false;
  std::string shard;
};

Shard parse_shard(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  const auto index = std::from_chars(text.data(), end, shard.index);
  const bool has_slash = index.ec == std::errc{} && index.ptr != end && *index.ptr == '/';
  const auto count = has_slash ? std::from_chars(index.ptr + 1, end, shard.count) : index;
  if (!has_slash || count.ec != std::errc{} || count.ptr != end || shard.index < 1 ||
      shard.index > shard.count) {
    reject("sweep", "--shard", "i/n with 1 <= i <= n, for example 2/8", text);
  }
  return shard;
}

fs::path store_file(const fs::path& folder, const Shard& shard) {
  if (shard.count == 1) return folder / "sweep.db";
  return folder /
         ("shard-" + std::to_string(shard.index) + "-of-" + std::to_string(shard.count) + ".db");
}

std::vector<fs::path> shard_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("shard-") && name.ends_with(".db")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) {
    throw InputError(folder.string() +
                     ": there are no shard-*.db to merge; --out names the folder");
  }
  return files;
}

std::string duration_text(double seconds) {
  const auto whole = static_cast<long>(std::ceil(seconds));
  if (whole < 120) return std::to_string(whole) + " s";
  if (whole < 7200) return std::to_string(whole / 60) + " min";
  return std::to_string(whole / 3600) + " h " + std::to_string(whole % 3600 / 60) + " min";
}

void show(ProgressLine& line, const SweepProgress& progress) {
  std::string text = std::to_string(progress.done) + " of " + std::to_string(progress.known) +
                     " points, " + rounded(progress.rate, 3) + " a second, " +
                     duration_text(progress.left_s) + " left";
  if (progress.failed > 0) text += ", " + std::to_string(progress.failed) + " failed";
  line.show(text);
}

Picture draw_or_warn_sweep(const fs::path& folder, const Sweep& sweep,
                           const SweepRecords& records) {
  const std::map<Sites, PointValues> values = values_of(sweep, records);
  try {
    const Drawing drawing = draw_sweep(folder, sweep, values);
    if (drawing == Drawing::drawn) return Picture::drawn;
    if (drawing == Drawing::unwanted) return Picture::none;
    std::cerr << "reprise: no figure: "
              << (drawing == Drawing::nothing ? "nothing was measured"
                                              : "gnuplot is not installed; with it, the same "
                                                "command draws the figure")
              << "\n";
    return Picture::none;
  } catch (const Error& error) {
    std::cerr << "reprise: no figure: " << error.what()
              << "\n  The results are written; the same command draws the figure\n";
  }
  return Picture::failed;
}

int finish(const SweepArguments& arguments, const fs::path& folder, const Sweep& sweep,
           const SweepRecords& records) {
  write_sweep(folder, sweep, records);
  const Picture picture = draw_or_warn_sweep(folder, sweep, records);
  if (!arguments.is_quiet) {
    std::cout << brief_report(sweep, records) << "results in " << folder.string()
              << ": sweep.csv, sweep.npz, sweep.json"
              << (sweep.boundary       ? ", boundary.csv"
                  : sweep.maximum_over ? ", maxima.csv"
                                       : "")
              << (sweep.fit ? ", fits.csv" : "")
              << (sweep.keep == SweepKeep::curves ? ", sweep_curves.csv" : "") << "\n";
    if (picture == Picture::drawn) {
      std::cout << "figure: " << figure_files(folder, sweep.figure_keys) << "\n";
    }
  }
  const std::map<Sites, PointValues> values = values_of(sweep, records);
  if (has_missing(values)) {
    std::cerr << "reprise: some points have no value; the reasons are in "
              << (folder / "sweep.json").string() << "\n";
    return numerical_failure;
  }
  if (!is_as_expected(sweep, values)) return disagreement;
  return picture == Picture::failed ? other_failure : success;
}

// A rank has a core, if it is not told more.
int threads_of_rank(const SweepArguments& arguments) { return std::max(1, arguments.threads); }

Sweep read_sweep_of(const SweepTeam& team, const SweepArguments& arguments) {
  if (arguments.file == standard_input && team.size() > 1) {
    throw InputError("sweep: standard input reaches one of the processes only: give them a file");
  }
  const InputText input = read_input(arguments.file);
  return parse_sweep(input.text, input.source, all_overrides(arguments));
}

// All processes read the file; one of them speaks of what is wrong with it.
int follow_leader(SweepTeam& team, const SweepArguments& arguments) {
  std::optional<Sweep> sweep;
  try {
    sweep = read_sweep_of(team, arguments);
  } catch (const InputError&) {
  }
  team.follow(sweep, threads_of_rank(arguments));
  return success;
}

int sweep(const SweepArguments& arguments) {
  SweepTeam team(arguments.shard.empty());
  if (!team.is_leader()) return follow_leader(team, arguments);
  const Shard shard = arguments.shard.empty() ? Shard{} : parse_shard(arguments.shard);
  const Sweep sweep = read_sweep_of(team, arguments);
  const fs::path folder = default_folder(arguments.file, arguments.out);
  require_writable(folder, files_of_sweep());
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) throw Error(folder.string() + ": cannot be created: " + error.message());
  const OnChange on_change = arguments.restarts  ? OnChange::restart
                             : arguments.updates ? OnChange::update
                                                 : OnChange::refuse;
  SweepStore store(store_file(folder, shard), sweep, on_change);
  if (arguments.merges) {
    merge(store, sweep, shard_files(folder));
    const SweepRecords records = store.read(sweep);
    const std::size_t n_missing = missing_points(sweep, records).size();
    if (n_missing > 0) {
      std::cerr << "reprise: " << n_missing << " points are still missing"
                << (sweep.refine ? " (the refinement is, once all shards are there)" : "")
                << "; `reprise sweep` without --merge computes them\n";
      return other_failure;
    }
    return finish(arguments, folder, sweep, records);
  }
  SweepRecords records;
  {
    ProgressLine line(!arguments.is_quiet);
    SweepOptions options{.shard = shard};
    options.progress = [&](const SweepProgress& progress) { show(line, progress); };
    const Executor executor = team.size() > 1 ? team.executor(sweep, threads_of_rank(arguments))
                                              : on_threads(sweep, arguments.threads);
    try {
      records = run_sweep(sweep, store, executor, options);
    } catch (const Stopped&) {
      throw Stopped("the points that were finished are stored in " +
                    store_file(folder, shard).string() + "; the same command goes on from there");
    }
  }
  if (shard.count == 1) return finish(arguments, folder, sweep, records);
  if (!arguments.is_quiet) {
    std::cout << records.size() << " points of this shard in " << store_file(folder, shard).string()
              << "\nwhen all shards are done: reprise sweep " << arguments.file << " --out "
              << folder.string() << " --merge\n";
  }
  return success;
}

}  // namespace

void add_sweep(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "sweep", "Run an experiment over a grid of its keys; goes on where it was stopped");
  const auto arguments = std::make_shared<SweepArguments>();
  command
      ->add_option(
          "FILE", arguments->file,
          "Experiment file with a [sweep], the name of one that comes with the program, or - "
          "for standard input")
      ->required();
  add_common_options(*command, *arguments);
  CLI::Option* shard =
      command->add_option("--shard", arguments->shard, "Compute the i-th of n parts only")
          ->type_name("i/n");
  command
      ->add_flag("--merge", arguments->merges, "Join the parts that --shard has left in the folder")
      ->excludes(shard);
  CLI::Option* update = command->add_flag(
      "--update", arguments->updates,
      "The file was changed: keep the points that are still the same, compute the others");
  command->add_flag("--restart", arguments->restarts, "Compute all points again")->excludes(update);
  command->callback([arguments, &chosen] { chosen = [arguments] { return sweep(*arguments); }; });
}

}  // namespace reprise::app
