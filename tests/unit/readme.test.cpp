// The README as a test: its experiment file is accepted, its program compiles, runs and is this
// one.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <string>

// [readme
#include <reprise/batch_reuse/dmft.hpp>

using namespace reprise;
// readme]
#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/experiments/experiment/experiment.hpp"

namespace {

std::string text_of(const std::string& name) {
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

std::string without_spaces(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n'; }),
             text.end());
  return text;
}

}  // namespace

TEST_CASE("readme: its experiment file is accepted") {
  const std::string readme = text_of("README.md");
  const std::string experiment = between(readme, "## Write an experiment\n", "Then\n");
  const Experiment parsed = parse_experiment(experiment, "README.md");
  CHECK(parsed.curves.size() == 2);
  CHECK(parsed.two_layer().n_directions() == 2);
  CHECK(parsed.algorithm.get<GradientDescent>().schedule.n_steps() == 6);
}

TEST_CASE("readme: its program runs, and is the one tested here") {
  // [readme
  Problem problem{
      .target = {Expression::parse("tanh(z1 + He3(z2))"), 0.0, Eigen::MatrixXd::Identity(2, 2)},
      .student = {Activation::parse("relu"), Eigen::Vector2d(1, -1) / std::sqrt(2.0)},
      .initial = {Eigen::MatrixXd::Zero(2, 2), Eigen::MatrixXd::Identity(2, 2)},
      .input_covariance = Eigen::MatrixXd::Identity(2, 2)};
  GradientDescent algorithm{
      .schedule = Schedule::reuse(7), .learning_rate = {0.2}, .samples_per_dimension = {3}};
  Solution limit = solve(problem, algorithm, DmftOptions{.points = 65536});
  Eigen::MatrixXd M = limit.value("M", 7);  // and limit.standard_error("M", 7)
  // readme]
  CHECK(std::abs(M(0, 0) - 0.22815) < 1e-3);

  const std::string source = text_of("tests/unit/readme.test.cpp");
  const std::string begin = "// [readme\n";
  const std::string end = "// readme]";
  const std::string head = between(source, begin, end);
  const std::string body = between(source.substr(source.find(end) + end.size()), begin, end);
  const std::string shown = between(text_of("README.md"), "```cpp\n", "```");
  CHECK(without_spaces(shown) == without_spaces(head + body));
}
