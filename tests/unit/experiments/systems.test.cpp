// Rows of systems, algorithms and methods: what an experiment file reaches through them.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "reprise/core/quantity.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/matrix_sensing/recursion.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/wide_starts.hpp"

using namespace reprise;
using reprise::test::close;
using reprise::test::message_of;
using reprise::test::time_of;

namespace {

constexpr const char* sensing = R"toml(
format = 1
title = "sensing"
system = "matrix_sensing"
[target]
noise_variance = 0.01
[initial]
overlap = [0.6, 0.5]
norm = [0.9, 1.1]
[training]
algorithm = "prox_linear"
penalty = 0.5
samples_per_dimension = 1
steps = 8
[[curve]]
name = "recursion"
method = "recursion"
[[curve]]
name = "simulation"
method = "simulation"
dimension = 20
runs = 8
)toml";

constexpr const char* wide = R"toml(
format = 1
title = "wide"
[target]
expression = "0.3 + z1 + 0.8*He2(z1)/sqrt(2) + 0.7*He3(z1)/sqrt(6)"
[student]
activation = "polynomial([-0.30710678118654755, -0.22474487139158905, 0.7071067811865475, 0.4082482904638630])"
second_layer = [-1.4, -1.0, -0.6, -0.2, 0.2, 0.6, 1.0, 1.4]
output_scale = "inverse"
train_second_layer = true
[training]
algorithm = "gradient_flow"
epsilon = 0.01
normalise = "spherical"
duration = 1
[[curve]]
name = "mean field"
method = "mean_field"
[output]
times = "log 20"
)toml";

Experiment parse(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "test.toml", overrides);
}

std::string without(std::string text, const std::string& line) {
  const std::size_t at = text.find(line);
  REQUIRE(at != std::string::npos);
  return text.erase(at, line.size());
}

std::string refusal(const std::string& text, const std::vector<std::string>& overrides = {}) {
  return message_of([&] { parse(text, overrides); });
}

}  // namespace

TEST_CASE("method_rows: of a system and an algorithm that there are, once each, with known sizes") {
  std::set<std::string> seen;
  for (const MethodRow& row : method_rows()) {
    const std::string key = std::string(row.system) + "/" + std::string(row.algorithm) + "/" +
                            std::string(row.method) + "/" + std::string(row.engine);
    CAPTURE(key);
    CHECK(seen.insert(key).second);
    const std::vector<std::string_view> algorithms = algorithm_names(row.system);
    CHECK(std::ranges::find(algorithms, row.algorithm) != algorithms.end());
    CHECK(row.defaults.schema() != nullptr);
  }
  CHECK(seen.size() >= 13);
}

TEST_CASE("matrix sensing: a file gives the curves of the library's own call") {
  const Experiment experiment = parse(sensing);
  const Results results = run(experiment);
  REQUIRE(results.curves.size() == 2);
  const Solution own =
      solve(MatrixSensing{.noise_variance = 0.01, .overlap = {0.6, 0.5}, .norm = {0.9, 1.1}},
            ProxLinear{.penalty = 0.5, .samples_per_dimension = 1, .steps = 8},
            SensingRecursionOptions{});
  const Solution& solution = results.curves[0].solution;
  CHECK(solution.at("overlap").value == own.at("overlap").value);
  // The error at step 8 of an independent program.
  CHECK(close(solution.at("error").value(8, 0), 0.1345913, {.atol = 5e-8}));
  CHECK(results.comparisons.size() == 1);
  CHECK(results.comparisons[0].comparison.n_values > 0);
}

TEST_CASE("systems: the resolved experiment is the experiment, and every key is in its identity") {
  for (const char* text : {sensing, wide}) {
    const Experiment first = parse(text);
    const std::string resolved = toml_text(resolved_experiment(first));
    CAPTURE(resolved);
    const Experiment again = parse(resolved);
    CHECK(identity_of(again) == identity_of(first));
    CHECK(toml_text(resolved_experiment(again)) == resolved);
  }
  const std::string identity = identity_of(parse(sensing));
  for (const char* change :
       {"target.noise_variance=0.02", "initial.overlap=[0.6,0.4]", "initial.norm=[0.9,1.2]",
        "training.penalty=0.4", "training.samples_per_dimension=2", "training.steps=7",
        "curve.simulation.dimension=21", "curve.simulation.runs=9", "seed=2"}) {
    CAPTURE(change);
    CHECK(identity_of(parse(sensing, {change})) != identity);
  }
  CHECK(identity_of(parse(wide, {"training.epsilon=0.02"})) != identity_of(parse(wide)));
  CHECK(identity_of(parse(wide, {"curve.mean field.weights=[1,2,1,1,1,1,1,1]"})) !=
        identity_of(parse(wide)));
}

TEST_CASE("systems: a key that a system does not have is refused in each of its sections") {
  for (const char* key : {"target.expression=z1", "target.noise=0.1", "initial.kind=zero",
                          "initial.norms=[1,1]", "training.learning_rate=0.1", "student.bias=1"}) {
    CAPTURE(key);
    const std::string message = refusal(sensing, {key});
    const bool is_refused = message.find("unknown key") != std::string::npos ||
                            message.find("does not apply") != std::string::npos;
    CHECK(is_refused);
  }
}

TEST_CASE("mean_field: the passages of an experiment file are those of an independent program") {
  const Results results = run(parse(wide));
  const Solution& solution = results.curves[0].solution;
  CHECK(solution.ending.is_completed());
  CHECK(close(time_of(solution, "residual 0 half"), 4.1246007e-2, {.rtol = 1e-6}));
  CHECK(close(time_of(solution, "residual 1 half"), 0.1505216837, {.rtol = 1e-6}));
  CHECK(close(time_of(solution, "residual 2 half"), 0.1871621627, {.rtol = 1e-6}));
  CHECK(close(time_of(solution, "residual 3 half"), 0.2068286423, {.rtol = 1e-6}));
  CHECK(solution.time[1] == doctest::Approx(1e-4));  // epsilon / 100
  CHECK(solution.at("residual").rows == 4);
}

TEST_CASE("gradient_flow: moments, finite width and epsilon are one system in one unit of time") {
  // Two neurons that share their output, followed by the flow of general moments as well.
  std::string text = wide;
  text.replace(text.find("[-1.4, -1.0, -0.6, -0.2, 0.2, 0.6, 1.0, 1.4]"), 44, "[0.8, -0.5]");
  text = text.replace(text.find("epsilon = 0.01"), 14, "epsilon = 0.5");
  text += R"toml(
[initial]
M = [[0.3], [0.2]]
Q = [[1, 0.1], [0.1, 1]]
[[curve]]
name = "m = 2"
method = "finite_width"
[[curve]]
name = "moments"
method = "gradient_flow"
)toml";
  const Experiment experiment = parse(without(text, R"toml([[curve]]
name = "mean field"
method = "mean_field"
)toml"));
  const Results results = run(experiment);
  const Solution &a = results.curves[0].solution, &b = results.curves[1].solution;
  REQUIRE(a.time.size() == b.time.size());
  for (const char* quantity : {"M", "Q", "a", "generalisation_error"}) {
    CAPTURE(quantity);
    CHECK((a.at(quantity).value - b.at(quantity).value).cwiseAbs().maxCoeff() < 2e-6);
  }
  CHECK(std::abs(a.value("a", a.time.size() - 1)(0, 0) - 0.8) > 0.1);  // it has moved
}

TEST_CASE("systems: what does not fit is refused with its line") {
  CHECK(refusal(std::string(sensing) + "[student]\nneurons = 2\n").find("student") !=
        std::string::npos);
  CHECK(refusal(sensing, {"training.loss=square"}).find("training.loss") != std::string::npos);
  CHECK(refusal(sensing, {"initial.overlaps=[1,1]"}).find("overlap") != std::string::npos);
  CHECK(refusal(sensing, {"training.algorithm=sgd"}).find("prox_linear") != std::string::npos);
  CHECK(refusal(sensing, {"system=two_layers"}).find("matrix_sensing") != std::string::npos);
  CHECK(refusal(sensing, {"initial.norm=[0.5,1.1]"}).find("initial.overlap") != std::string::npos);
  CHECK(refusal(wide, {"training.normalise=none"}).find("spherical") != std::string::npos);
  CHECK(refusal(wide, {"student.second_layer_learning_rate=2"}).find("epsilon") !=
        std::string::npos);
  CHECK(refusal(wide, {"student.train_second_layer=false"}).find("train_second_layer") !=
        std::string::npos);
  CHECK(refusal(without(without(wide, "epsilon = 0.01\n"), "train_second_layer = true\n"))
            .find("epsilon") != std::string::npos);
  CHECK(refusal(wide, {"student.output_scale=none"}).find("output_scale") != std::string::npos);
}

TEST_CASE("quantity_rows: a name once, and sizes for what a record puts") {
  std::set<std::string_view> seen;
  for (const QuantityRow& row : quantity_rows()) CHECK(seen.insert(row.name).second);
  const std::vector<Quantity> quantities =
      quantities_of({"M", "a", "training_loss"}, {{"p", 2}, {"k", 3}});
  CHECK(n_entries(quantities) == 9);
  Eigen::MatrixXd M(2, 3);
  M << 1, 2, 3, 4, 5, 6;
  const Record record = Record(quantities).put("M", M).put("training_loss", 0.5);
  CHECK(record.entries()[3] == 4);
  CHECK(record.entries()[8] == 0.5);
  CHECK(std::isnan(record.entries()[6]));
  CHECK(message_of([&] { Record(quantities).put("a", M); }).find("must have 2") !=
        std::string::npos);
  CHECK(message_of([&] { quantities_of({"N"}, {}); }).find("\"N\"") != std::string::npos);
  CHECK(message_of([&] { quantities_of({"M"}, {{"p", 2}}); }).find("\"k\"") != std::string::npos);
}
