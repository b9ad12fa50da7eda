#include "reprise/experiments/results/results_folder.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <fstream>

#include "reprise/core/error.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/results/folder_lock.hpp"
#include "reprise/experiments/results/staged_files.hpp"
#include "reprise/experiments/results/summary.hpp"
#include "reprise/experiments/results/tables.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/scratch.hpp"
#include "unit/experiments/experiment_text.hpp"
#include "unit/experiments/some_results.hpp"

namespace {

using namespace reprise;
namespace fs = std::filesystem;

/// A folder of its own that is gone afterwards.
struct NotYetThere : test::Scratch {
  NotYetThere() { fs::remove(path); }
};

}  // namespace

TEST_CASE("write_results: what was written reads back") {
  const NotYetThere folder;
  Results results = test::some_results();
  results.curves[1].solution.ending = {Termination::diverged, 6, "the loss \"exploded\""};
  results.peak_memory_bytes = 123;
  write_results(folder.path / "deep" / "er", results);
  const Results back = read_results(folder.path / "deep" / "er");
  CHECK(back.title == "Made up");
  CHECK(back.peak_memory_bytes == 123);
  REQUIRE(back.curves.size() == 2);
  CHECK(back.curves[0].role == Role::theory);
  CHECK(back.curves[1].role == Role::simulation);
  CHECK(back.curves[1].solution.method == "simulation (exact)");
  CHECK(back.curves[1].solution.ending.termination == Termination::diverged);
  CHECK(back.curves[1].solution.ending.detail == "the loss \"exploded\"");
  CHECK(back.curves[1].solution.cost.replicas == 8);
  CHECK(back.curves[1].solution.value("M", 2) == results.curves[1].solution.value("M", 2));
  REQUIRE(back.comparisons.size() == 1);
  CHECK(back.comparisons[0].comparison.verdict == results.comparisons[0].comparison.verdict);
  CHECK(back.comparisons[0].comparison.largest_z == results.comparisons[0].comparison.largest_z);
  CHECK_FALSE(back.has_completed());
}

TEST_CASE("write_results: leaves no temporary file and no stale figure") {
  const NotYetThere folder;
  fs::create_directories(folder.path);
  std::ofstream(folder.path / "figure.svg") << "old";
  write_results(folder.path, test::some_results());
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder.path)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"curves.csv", "curves.npz", "summary.json"});
}

TEST_CASE("write_results: a curve without a single finite time is kept by its name") {
  const NotYetThere folder;
  Results results = test::some_results();
  results.curves[0].solution.step.clear();
  results.curves[0].solution.time.clear();
  results.curves[0].solution.series.clear();
  results.curves[0].solution.ending = {Termination::diverged, 0, "at once"};
  write_results(folder.path, results);
  CHECK(read_results(folder.path).curves[0].solution.step.empty());
}

TEST_CASE("write_atomically: a failed write leaves the old file as it was") {
  const NotYetThere folder;
  fs::create_directories(folder.path);
  const fs::path file = folder.path / "x";
  std::ofstream(file) << "old";
  CHECK_THROWS_AS(write_atomically(file,
                                   [](const fs::path& temporary) {
                                     std::ofstream(temporary) << "half";
                                     throw Error("disk full");
                                   }),
                  Error);
  CHECK(read_text_file(file) == "old");
  CHECK_FALSE(fs::exists(folder.path / "x.partial"));
}

TEST_CASE("require_writable: a file in the way is an error, and nothing is created") {
  const NotYetThere folder;
  CHECK_NOTHROW(require_writable(folder.path / "a" / "b"));
  CHECK_FALSE(fs::exists(folder.path));
  fs::create_directories(folder.path);
  std::ofstream(folder.path / "file") << "x";
  CHECK_THROWS_AS(require_writable(folder.path / "file" / "sub"), Error);
}

TEST_CASE("require_writable: a link to nowhere, a long name and a folder for a file are errors") {
  const NotYetThere folder;
  fs::create_directories(folder.path / "curves.csv");
  fs::create_symlink("nowhere", folder.path / "link");
  CHECK_THROWS_AS(require_writable(folder.path / "link"), Error);
  CHECK_THROWS_AS(require_writable(folder.path / std::string(300, 'd')), Error);
  CHECK_NOTHROW(require_writable(folder.path));
  CHECK_THROWS_AS(require_writable_by_run(folder.path), Error);
}

TEST_CASE("FolderLock: one at a time, and a folder that stayed empty is gone") {
  const NotYetThere folder;
  const fs::path path = folder.path / "a" / "b";
  {
    const FolderLock lock(path);
    CHECK_THROWS_AS(FolderLock{path}, Error);
    CHECK(fs::is_directory(path));
  }
  CHECK_FALSE(fs::exists(folder.path));
  {
    const FolderLock lock(path);
    std::ofstream(path / "file") << "x";
  }
  CHECK(fs::exists(path / "file"));
  CHECK_NOTHROW(FolderLock{path});
}

TEST_CASE("read_results: the table of another run beside a summary is refused by its name") {
  const NotYetThere folder;
  Results results = test::some_results();
  write_results(folder.path, results);
  CHECK(file_marks(read_text_file(folder.path / "summary.json"), "s").size() == 2);
  results.curves[0].solution.series[0].value(0, 0) += 1;
  write_text(folder.path / "curves.csv", curves_csv(results.curves));
  const auto read = [&] { read_results(folder.path); };
  CHECK(test::contains(test::message_of(read), "curves.csv: is not the one that"));
  write_text(folder.path / "summary.json", summary_json(results));  // of an older version
  CHECK_NOTHROW(read());
}

TEST_CASE("write_results: a failure leaves the earlier run whole") {
  const NotYetThere folder;
  Results results = test::some_results();
  write_results(folder.path, results);
  results.title = "Another";
  results.curves[0].solution.series[0].value(0, 0) = std::nan("");
  CHECK_THROWS_AS(write_results(folder.path, results), Error);
  CHECK(read_results(folder.path).title == "Made up");
}

TEST_CASE("run: a raised flag keeps the curves that are finished") {
  const Experiment experiment = parse_experiment(test::good_experiment, "test.toml");
  StopFlag flag = false;
  const StopScope scope(flag);
  const auto raise_at_second = [&](std::string_view curve, double) { flag = curve == "d = 60"; };
  const Results results = run(experiment, {.threads = 2, .progress = raise_at_second});
  CHECK(results.is_stopped);
  CHECK_FALSE(results.has_completed());
  REQUIRE(results.curves.size() == 1);
  CHECK(results.curves[0].name == "theory");
  const NotYetThere folder;
  write_results(folder.path, results);
  CHECK(read_results(folder.path).is_stopped);
}

TEST_CASE("read_results: what is missing or damaged is named") {
  const NotYetThere folder;
  CHECK_THROWS_AS(read_results(folder.path), InputError);
  write_results(folder.path, test::some_results());
  std::ofstream(folder.path / "summary.json") << "{\"title\": 3}";
  CHECK_THROWS_AS(read_results(folder.path), InputError);
}

TEST_CASE("parse_summary: an infinite difference survives JSON") {
  Results results = test::some_results();
  results.comparisons[0].comparison.largest_z = std::numeric_limits<double>::infinity();
  const Results back = parse_summary(summary_json(results), "s");
  CHECK(std::isinf(back.comparisons[0].comparison.largest_z));
}

TEST_CASE("run: the numbers do not depend on threads, and only the output times are kept") {
  const Experiment experiment = parse_experiment(test::good_experiment, "test.toml");
  const Results one = run(experiment, {.threads = 1, .progress = {}});
  const Results two = run(experiment, {.threads = 2, .progress = {}});
  CHECK(one.curves[0].solution.step == std::vector<std::int64_t>{0, 2, 4});
  CHECK(one.curves[0].solution.at("M").n_times() == 3);
  for (std::size_t c = 0; c < 2; ++c) {
    CHECK(one.curves[c].solution.at("Q").value == two.curves[c].solution.at("Q").value);
  }
  CHECK(one.comparisons.size() == 1);
  CHECK(one.resolved_experiment.find("\"scrambles\": 4") != std::string::npos);
}

TEST_CASE("at_steps: series that end early keep what they have") {
  const Solution all = test::some_curve("c", Role::theory, 0.1).solution;
  const Solution some = at_steps(all, {2, 6, 100});
  CHECK(some.step == std::vector<std::int64_t>{2, 6});
  CHECK(some.at("M").n_times() == 2);
  CHECK(some.value("M", 1) == all.value("M", 3));
  CHECK(some.at("training_loss").n_times() == 1);  // it has no value at the last step
}
