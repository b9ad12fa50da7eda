#include "reprise/experiments/experiment/catalogue.hpp"

#include <doctest/doctest.h>

#include <set>

#include "reprise/core/error.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/document/document.hpp"
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

TEST_CASE("citation: every paper has one, and SOURCES.md has its key and its arXiv number") {
  const std::string sources =
      read_text_file(std::filesystem::path(REPRISE_SOURCE_DIR) / "lib" / "SOURCES.md");
  int n_papers = 0;
  for (const auto& entry : std::filesystem::directory_iterator(data / "papers")) {
    const std::string paper = entry.path().filename().string();
    CAPTURE(paper);
    const std::string text = citation(paper, data);
    CHECK(citation(paper + "/any_of_its_experiments", data) == text);
    const std::size_t brace = text.find('{');
    const std::string key = text.substr(brace + 1, text.find(',') - brace - 1);
    const std::size_t row = sources.find("| " + key + " |");
    REQUIRE(row != std::string::npos);
    const std::string line = sources.substr(row, sources.find('\n', row) - row);
    const std::size_t eprint = text.find("eprint = {");
    CHECK((line.find("arXiv") != std::string::npos) == (eprint != std::string::npos));
    if (eprint != std::string::npos) {
      CHECK(line.find("arXiv " + text.substr(eprint + 10, 10)) != std::string::npos);
    }
    ++n_papers;
  }
  CHECK(n_papers >= 8);
}

TEST_CASE("citation: a name that is no paper is refused with the nearest one") {
  CHECK_THROWS_WITH_AS(citation("dandi2042", data), doctest::Contains("did you mean dandi2024?"),
                       InputError);
  CHECK_THROWS_WITH_AS(citation("examples/first", data), doctest::Contains("reprise list"),
                       InputError);
}

TEST_CASE("CITATION.cff: names the version that is built") {
  const std::string text =
      read_text_file(std::filesystem::path(REPRISE_SOURCE_DIR) / "CITATION.cff");
  CHECK(text.find("version: " + std::string(version()) + "\n") != std::string::npos);
}
