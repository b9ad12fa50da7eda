// The README as a test: its experiment file is accepted. Its programs are built and run by the test
// `package`.
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/experiments/experiment/experiment.hpp"

namespace {

using namespace reprise;

std::string file_text(const std::string& name) {
  std::ifstream file(std::string(REPRISE_SOURCE_DIR) + "/" + name);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

// What stands in the README between two lines.
std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const std::size_t first = text.find(begin) + begin.size();
  REQUIRE(first < text.size());
  return text.substr(first, text.find(end, first) - first);
}

}  // namespace

TEST_CASE("readme: its experiment file is accepted") {
  const std::string readme = file_text("README.md");
  const std::string experiment = between(readme, "## Write an experiment\n", "Then\n");
  const Experiment parsed = parse_experiment(experiment, "README.md");
  CHECK(parsed.curves.size() == 2);
  CHECK(parsed.two_layer().n_directions() == 1);
  CHECK(parsed.two_layer().n_neurons() == 1);
  CHECK(parsed.algorithm.get<GradientDescent>().schedule.n_steps() == 12);
}
