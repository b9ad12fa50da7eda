#include "reprise/experiments/experiment/catalogue.hpp"

#include <doctest/doctest.h>

#include <set>

#include "reprise/core/error.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/sweep/sweep.hpp"

namespace {

using namespace reprise;

const std::filesystem::path data = std::filesystem::path(REPRISE_SOURCE_DIR) / "data";

}  // namespace

TEST_CASE("shipped_experiments: every one of them is a correct experiment with a title") {
  std::set<std::string> names;
  for (const ShippedGroup& group : shipped_experiments(data)) {
    CHECK(group.title != group.name);
    for (const ShippedExperiment& shipped : group.experiments) {
      CAPTURE(shipped.name);
      CHECK_FALSE(shipped.title.empty());
      const std::string title =
          shipped.is_sweep ? read_sweep(shipped.file).title : read_experiment(shipped.file).title;
      CHECK(title == shipped.title);
      names.insert(shipped.name);
    }
  }
  CHECK(names.count("dandi2024/benchmark_a") == 1);
  CHECK(names.count("dandi2024/benchmark_a_fresh") == 1);
  CHECK(names.count("examples/first") == 1);
  CHECK(names.count("stability/largest_step") == 1);
}

TEST_CASE("find_experiment: takes files and names, and suggests a name") {
  CHECK(find_experiment("dandi2024/benchmark_a", data).filename() == "benchmark_a.toml");
  const std::string file = (data / "examples" / "first.toml").string();
  CHECK(find_experiment(file, data) == file);
  try {
    find_experiment("dandi2024/benchmark_b", data);
    FAIL("accepted");
  } catch (const InputError& error) {
    CHECK(std::string(error.what()).find("did you mean dandi2024/benchmark_a?") !=
          std::string::npos);
  }
}
