// Keys that people write from habit, and files with several things wrong.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "reprise/core/faults.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/experiment_template.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "support/message_of.hpp"
#include "unit/experiments/experiment_text.hpp"

using namespace reprise;
using reprise::test::contains;
using reprise::test::good_experiment;
using reprise::test::message_of;
using reprise::test::spoilt;

namespace {

std::vector<std::string> faults_in(const std::string& text) {
  try {
    (void)parse_experiment(text, "test.toml");
  } catch (const InputError& error) {
    return faults_of(error);
  }
  return {};
}

// The one fault of the good experiment with `line` replaced.
std::string only_fault(std::string_view line, std::string_view replacement) {
  const std::vector<std::string> faults = faults_in(spoilt(line, replacement));
  if (faults.size() != 1) return std::to_string(faults.size()) + " faults";
  return faults.front();
}

std::string one_pass_fault(const std::string& line) {
  std::string text(test::small_one_pass);
  text.insert(text.find("duration"), line + "\n");
  const std::vector<std::string> faults = faults_in(text);
  return faults.size() == 1 ? faults.front() : std::to_string(faults.size()) + " faults";
}

}  // namespace

TEST_CASE("read_experiment: a key by its usual name is answered with the key that is meant") {
  struct Habit {
    const char* line;
    const char* replacement;
    const char* answer;
  };
  const Habit habits[] = {
      {"learning_rate  ", "lr", "21: unknown key \"training.lr\", did you mean learning_rate?"},
      {"learning_rate  ", "eta", "21: unknown key \"training.eta\", did you mean learning_rate?"},
      {"weight_decay  ", "lambda",
       "22: unknown key \"training.lambda\", did you mean weight_decay?"},
      {"momentum  ", "beta", "23: unknown key \"training.beta\", did you mean momentum?"},
      {"samples_per_dimension", "alpha",
       "24: unknown key \"training.alpha\", did you mean samples_per_dimension?"},
      {"steps  ", "epochs", "26: unknown key \"training.epochs\", did you mean steps?"},
      {"momentum     ", "rho", "23: unknown key \"training.rho\", did you mean displacement?"}};
  for (const Habit& habit : habits) {
    CAPTURE(habit.replacement);
    CHECK(only_fault(habit.line, habit.replacement) ==
          std::string("test.toml:") + habit.answer + " `reprise keys training` lists them");
  }
  CHECK(only_fault("neurons  ", "n_hidden") ==
        "test.toml:12: unknown key \"student.n_hidden\", did you mean neurons? `reprise keys "
        "student` lists them");
  CHECK(only_fault("dimension = 60", "d = 60") ==
        "test.toml:37: unknown key \"curve.d\", did you mean dimension? `reprise keys curve` lists "
        "them");
}

TEST_CASE("read_experiment: a key in another section is answered with its own section") {
  CHECK(only_fault("seed   = 7\n", "seed = 7\nlr = 0.2\n") ==
        "test.toml:4: unknown key \"lr\", did you mean learning_rate in [training]? `reprise keys "
        "training` lists them");
  CHECK(only_fault("seed   = 7\n", "seed = 7\nnoise_variance = 0.2\n") ==
        "test.toml:4: unknown key \"noise_variance\", did you mean noise_variance in [target]? "
        "`reprise keys target` lists them");
  CHECK(
      only_fault("runs      = 5", "momentum = 0.5\nruns = 5") ==
      "test.toml:38: unknown key \"curve.momentum\", did you mean momentum in [training]? For this "
      "curve alone: set = { \"training.momentum\" = .. }. `reprise keys training` lists them");
  CHECK(only_fault("momentum  ", "dimension = 60\nmomentum  ") ==
        "test.toml:23: unknown key \"training.dimension\", did you mean dimension in [[curve]]? "
        "`reprise keys curve` lists them");
  CHECK(only_fault("runs      = 5", "seed = 5\nruns = 5") ==
        "test.toml:38: unknown key \"curve.seed\", did you mean seed at the top of the file? "
        "`reprise keys` lists them");
}

TEST_CASE("read_experiment: of keys with one usual name that of the algorithm is meant") {
  CHECK(contains(one_pass_fault("batch = 4"), "did you mean batch_size? `reprise keys training`"));
  CHECK(
      contains(one_pass_fault("rho = 0.1"), "did you mean displacement? `reprise keys training`"));
  CHECK(contains(one_pass_fault("beta = 0.1"),
                 "did you mean momentum? It goes with algorithm = \"gradient_descent\"."));
}

TEST_CASE("read_experiment: a key that resembles nothing gets no neighbour") {
  CHECK(only_fault("momentum  ", "swishes = 1\nmomentum  ") ==
        "test.toml:23: unknown key \"training.swishes\"; `reprise keys training` lists them");
}

TEST_CASE("read_experiment: a misplaced value is judged as the one that is meant") {
  const std::vector<std::string> faults =
      faults_in(spoilt("learning_rate         = 0.2", "lr = -2"));
  REQUIRE(faults.size() == 2);
  CHECK(faults[1] == "test.toml:21: training.learning_rate must be finite and >= 0, got -2");
}

TEST_CASE("read_experiment: all that is wrong is said at once, in the order of the file") {
  std::string text(good_experiment);
  const auto replace = [&](std::string_view line, std::string_view by) {
    text.replace(text.find(line), line.size(), by);
  };
  replace("noise_variance = 0.25", "noise_variance = -1");
  replace("z1 + He2(z2)", "z1 + He2(z2");
  replace("\"relu\"", "\"rleu\"");
  replace("[[0, 0.1], [0, 0], [0.2, 0]]", "[[0, 0.1], [0, 0], [0.2]]");
  replace("momentum              = 0.5", "momentum = 1.5\nlr = 0.1\nrepeats = 2");
  replace("points    = 128", "pionts    = 31");
  replace("method    = \"simulation\"", "method    = \"dmtf\"");
  replace("times = [0, 2, 4]", "times = \"many\"");
  const std::vector<std::string> faults = faults_in(text);
  const std::vector<std::string> expected = {":6: target.expression must be a formula",
                                             ":7: target.noise_variance must be",
                                             ":11: student.activation = \"rleu\"",
                                             ":17: initial.M must be a matrix",
                                             ":23: training.momentum must be",
                                             ":24: unknown key \"training.lr\"",
                                             ":25: training.repeats does not apply",
                                             ":33: unknown key \"curve.pionts\"",
                                             ":33: curve.points must be an integer",
                                             ":38: curve.method must be one of",
                                             ":43: output.times must be"};
  REQUIRE(faults.size() == expected.size());
  for (std::size_t i = 0; i < faults.size(); ++i) {
    CAPTURE(faults[i]);
    CHECK(faults[i].starts_with("test.toml" + expected[i]));
  }
  const std::string message = message_of([&] { (void)parse_experiment(text, "test.toml"); });
  CHECK(contains(message, faults.front() + "\n" + faults[1]));
}

TEST_CASE(
    "experiment_template: there is one for every algorithm, with all its keys, that is read") {
  for (const AlgorithmRow& row : algorithm_rows()) {
    CAPTURE(row.name);
    const std::string text = experiment_template(row.name);
    const Experiment experiment = parse_experiment(text, "new.toml");
    CHECK(row_of(experiment.algorithm).name == row.name);
    for (const Field& field : row.keys().fields()) {
      const std::string_view path = field.facts.key;
      const std::string key(path.substr(path.rfind('.') + 1));
      CAPTURE(key);
      CHECK(contains(text, "\n" + key + " = ") != contains(text, "\n# " + key + " = "));
    }
  }
  CHECK(contains(message_of([] { (void)experiment_template("adam"); }), "got \"adam\""));
}
