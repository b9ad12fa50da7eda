// Curves with settings of their own: [[curve]] set.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/experiments/results/together.hpp"
#include "support/message_of.hpp"
#include "unit/experiments/experiment_text.hpp"

using namespace reprise;
using reprise::test::contains;
using reprise::test::good_experiment;
using reprise::test::message_of;

namespace {

// The good experiment with another theory and simulation that have these settings.
std::string with_settings(const std::string& settings) {
  const std::string curves = "\n[[curve]]\nname = \"other\"\nmethod = \"dmft\"\npoints = 128\n" +
                             settings +
                             "\n[[curve]]\nname = \"other runs\"\nmethod = \"simulation\"\n"
                             "dimension = 60\nruns = 5\n" +
                             settings + "\n";
  return std::string(good_experiment) + curves;
}

std::string refusal(const std::string& settings) {
  return message_of([&] { (void)parse_experiment(with_settings(settings), "test.toml"); });
}

Experiment with(const std::string& settings) {
  return parse_experiment(with_settings(settings), "test.toml");
}

// What a resolved experiment has keys for that the file has not.
const std::string many_changes =
    "set = { \"student.second_layer\" = [1, 1, 1], \"initial.kind\" = \"random\", \"target.gram\" "
    "= [[2, 0], [0, 1]], \"output.times\" = [0, 1] }\n"
    "unset = [\"initial.M\", \"initial.Q\"]";

}  // namespace

TEST_CASE("curve.set: a curve has the changed key, the others have not, dotted or as a table") {
  for (const char* settings :
       {"set = { \"training.momentum\" = 0.25 }", "set = { training.momentum = 0.25 }",
        "set.training = { momentum = 0.25 }"}) {
    const Experiment e = with(settings);
    REQUIRE(e.curves.size() == 4);
    CHECK(e.algorithm.get<GradientDescent>().momentum == 0.5);
    CHECK(!e.curves[0].own);
    REQUIRE(e.curves[2].own);
    CHECK(e.curves[2].own == e.curves[3].own);
    CHECK(experiment_of(e, e.curves[2]).algorithm.get<GradientDescent>().momentum == 0.25);
  }
}

TEST_CASE("curve.set: settings that come to those of the file are those of the file") {
  const Experiment e = with("set = { \"training.momentum\" = 0.5 }");
  CHECK(!e.curves[2].own);
  CHECK(identity_of(e) == identity_of(with("")));
}

TEST_CASE("curve.set: what is resolved is the same experiment, whatever is changed or left out") {
  for (const std::string& settings :
       {std::string("set = { \"training.schedule\" = [0, 1, 1, 1] }"), many_changes,
        std::string("set = { \"student.second_layer\" = \"gaussian\", seed = 5 }"),
        std::string(
            "set = { training.normalise = \"spherical\" }\nunset = [\"training.momentum\"]")}) {
    CAPTURE(settings);
    const Experiment e = with(settings);
    CHECK(identity_of(e) != identity_of(with("")));
    const Value resolved = resolved_experiment(e);
    const Experiment again = parse_experiment(toml_text(resolved), "again.toml");
    CHECK(identity_of(again) == identity_of(e));
    const std::string summary = "{\"experiment\": " + json_text(resolved) + "}";
    CHECK(identity_of(parse_experiment(summary, "summary.json")) == identity_of(e));
    for (const std::size_t c : {0, 1, 2, 3}) {
      const Solution one = run_curve(e, e.curves[c]).solution;
      const Solution two = run_curve(again, again.curves[c]).solution;
      CHECK(one.time == two.time);
      CHECK(one.at("M").value == two.at("M").value);
    }
  }
}

TEST_CASE("curve.set: curves have the numbers of a file that says so, in their place") {
  const Experiment e = with("set = { \"training.momentum\" = 0.25 }");
  std::string text = with_settings("");
  text.replace(text.find("momentum              = 0.5"), 27, "momentum = 0.25");
  const Experiment other = parse_experiment(text, "other.toml");
  for (const std::size_t c : {2, 3}) {
    CHECK(run_curve(e, e.curves[c]).solution.at("M").value ==
          run_curve(other, other.curves[c]).solution.at("M").value);
  }
}

TEST_CASE("compare_pairs: theory and simulation are compared where their settings agree") {
  const auto pairs = [](const Experiment& e) {
    std::vector<std::string> names;
    for (const PairComparison& pair : run(e).comparisons) {
      names.push_back(pair.theory + "/" + pair.simulation);
    }
    return names;
  };
  CHECK(pairs(with(many_changes)) == std::vector<std::string>{"theory/d = 60", "other/other runs"});
  CHECK(pairs(with("set = { \"output.times\" = [0, 4] }")).size() == 4);
}

TEST_CASE("curve.set: what is wrong in it is named with its line and key") {
  CHECK(contains(refusal("set = { \"training.momentum\" = 1.5 }"),
                 "test.toml:47: training.momentum must be at least 0 and below 1, got 1.5"));
  CHECK(contains(refusal("set = { \"training.beta\" = 0.5 }"),
                 "test.toml:47: unknown key \"training.beta\", did you mean momentum?"));
  CHECK(
      contains(refusal("set = { title = \"x\" }"),
               "test.toml:47: curve.set must be keys of the experiment that curves can differ in, "
               "got \"title\", which all curves share"));
  CHECK(contains(refusal("set = 3"), "test.toml:47: curve.set must be a table"));
  CHECK(contains(refusal("unset = [\"training.monentum\"]"),
                 "test.toml:47: curve.unset must be keys that the file has, got "
                 "\"training.monentum\""));
  CHECK(
      contains(refusal("set = { student.neurons = 2, student.second_layer = [1, 1], "
                       "initial.M = [[0, 0], [0, 0]], initial.Q = [[1, 0], [0, 1]] }"),
               "curve.set must be settings with 3 neurons and 2 directions, as the file has them, "
               "got 2 neurons"));
  CHECK(contains(refusal("unset = [\"momentum\"]"), "keys with their section"));
  CHECK(contains(refusal("set = { training.algorithm = \"sgd\", training.duration = 3, "
                         "training.learning_rate = 0.1 }\nunset = [\"training.weight_decay\", "
                         "\"training.momentum\", \"training.samples_per_dimension\", "
                         "\"training.schedule\", \"training.steps\"]"),
                 "curve.set must be settings whose time is counted as that of the file"));
}

TEST_CASE("together: curves of one name get that of their run, and comparisons go with them") {
  Results one = run(with("set = { \"training.momentum\" = 0.25 }"));
  Results two = one;
  two.title = "Another";
  const Results all = together({{"a", one}, {"b", two}});
  REQUIRE(all.curves.size() == 8);
  CHECK(all.curves[0].name == "a, theory");
  CHECK(all.curves[4].name == "b, theory");
  CHECK(all.comparisons.size() == 4);
  CHECK(all.comparisons[3].theory == "b, other");
  CHECK(all.title == "A test / Another");
  two.curves.front().solution.clock = Clock::samples;
  CHECK(contains(message_of([&] {
                   (void)together({{"a", one}, {"b", two}});
                 }),
                 "b: curve \"theory\": its time is \"samples / d\""));
}
