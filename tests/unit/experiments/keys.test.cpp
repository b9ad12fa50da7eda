// One statement a field: what is written is read back, changes the identity, and is refused beyond
// its range with the same words by a file, by --set and by the library's own check.
#include <doctest/doctest.h>

#include <cstdint>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/error.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/experiments/experiment/catalogue.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/key_table.hpp"
#include "reprise/experiments/sweep/sweep_keys.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/population_flow.hpp"
#include "support/message_of.hpp"

using namespace reprise;
using reprise::test::message_of;

namespace {

// Through TOML text, as a file would hold it.
Value through_text(const Value& value) {
  Value table;
  table.put("v", value);
  return *parse_toml(toml_text(table), "text").find("v");
}

// Every example of every field is read, written, written as text and read again; what differs is
// written differently.
template <class S>
void check_round_trip(const S& base) {
  for (const Field& field : schema<S>().fields()) {
    const std::string path = schema<S>().path(field.facts.key);
    CAPTURE(path);
    CHECK(!field.facts.meaning.empty());
    CHECK(!field.examples.empty());
    std::set<std::string> texts;
    for (const Value& example : field.examples) {
      CAPTURE(example.written());
      S first = base, second = base;
      field.read(&first, example, path);
      const std::optional<Value> written = field.write(&first);
      REQUIRE(written.has_value());
      field.read(&second, through_text(*written), path);
      CHECK(field.write(&second)->written_whole() == written->written_whole());
      CHECK(texts.insert(written->written_whole()).second);
    }
  }
}

// Numbers beyond the range of a field are refused with its rule. How many were.
template <class S>
int check_refused(const S& base) {
  constexpr double inf = std::numeric_limits<double>::infinity();
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  int n_refused = 0;
  for (const Field& field : schema<S>().fields()) {
    const Range& range = field.facts.range;
    std::vector<std::pair<Value, std::string>> beyond;
    if (field.is_whole) {
      for (const std::int64_t number : {least, std::int64_t{-1}, std::int64_t{0}, -(least + 1)}) {
        if (!range.contains(number)) beyond.emplace_back(Value::of(number), range.integer_text());
      }
      beyond.emplace_back(Value::of(1.5), range.integer_text());
    } else if (field.type.starts_with("number")) {
      for (const double number : {-inf, -1e300, -1.0, 0.0, 1.0, 1e300, inf}) {
        if (!range.contains(number)) beyond.emplace_back(Value::of(number), range.text());
      }
    }
    for (const auto& [value, rule] : beyond) {
      S object = base;
      const std::string path = schema<S>().path(field.facts.key);
      const Value& refused = value;
      CHECK(message_of([&] { field.read(&object, refused, path); }) ==
            ": " + path + " must be " + rule + ", got " + value.written());
      ++n_refused;
    }
  }
  return n_refused;
}

constexpr const char* descent = R"toml(
format = 1
title = "descent"
seed = 3
[target]
expression = "tanh(z1 + He3(z2))"
[student]
activation = "relu"
second_layer = [1.0, -1.0]
[training]
learning_rate = 0.1
samples_per_dimension = 2
steps = 4
[[curve]]
name = "theory"
method = "dmft"
[[curve]]
name = "exact"
method = "simulation"
dimension = 100
[[curve]]
name = "dense"
method = "simulation"
engine = "dense"
dimension = 100
)toml";

constexpr const char* one_pass = R"toml(
format = 1
title = "one pass"
seed = 3
[target]
expression = "erf(z1/sqrt(2))"
[student]
activation = "erf"
second_layer = [1.0, -0.5]
[initial]
M = [[0.1], [0.3]]
[training]
algorithm = "sgd"
learning_rate = 0.1
duration = 3
[[curve]]
name = "ode"
method = "ode"
[[curve]]
name = "flow"
method = "gradient_flow"
[[curve]]
name = "recursion"
method = "recursion"
dimension = 100
[[curve]]
name = "exact"
method = "simulation"
dimension = 100
[[curve]]
name = "dense"
method = "simulation"
engine = "dense"
dimension = 100
)toml";

std::string identity_with(const char* text, const std::vector<std::string>& overrides) {
  return identity_of(parse_experiment(text, "test.toml", overrides));
}

// How many examples of the fields of `schema` the experiment takes, each with an identity of its
// own; `path` is "training" or "curve.<name>".
int check_identities(const char* text, const Schema& schema, const std::string& path) {
  const std::string before = identity_with(text, {});
  int n_taken = 0;
  for (const Field& field : schema.fields()) {
    const std::string key(field.facts.key);
    if (key.find('.') != key.npos) continue;
    int n_changed = 0;
    for (const Value& example : field.examples) {
      const std::string set = path + "." + key + "=" + through_text(example).written_whole();
      CAPTURE(set);
      try {
        const std::string after = identity_with(text, {set});
        ++n_taken;
        n_changed += after != before ? 1 : 0;
        // What it resolves to is the same experiment again.
        const Experiment e = parse_experiment(text, "test.toml", std::vector<std::string>{set});
        const std::string file = toml_text(resolved_experiment(e));
        CHECK(identity_of(parse_experiment(file, "again.toml")) == after);
      } catch (const InputError&) {
        // Rules over several keys refuse some: steps = 1e6 with a list of blocks, for example.
      }
    }
    CAPTURE(path);
    CAPTURE(key);
    const bool needs_random_start = key == "starts" || (key == "dimension" && path == "curve.ode");
    const bool needs_strides = key == "integrator" && path == "curve.recursion";
    if (!needs_random_start && !needs_strides) CHECK(n_changed >= 1);
  }
  return n_taken;
}

}  // namespace

TEST_CASE("schema: every example of every field is the same after writing and reading as text") {
  GradientDescent steps;
  steps.schedule = Schedule::reuse(3);
  check_round_trip(SweepKeys{});
  check_round_trip(RangeKeys{});
  check_round_trip(BoundaryKeys{});
  check_round_trip(RefineKeys{});
  check_round_trip(FitKeys{});
  check_round_trip(ClaimKeys{});
  check_round_trip(steps);
  check_round_trip(OnePassSgd{});
  check_round_trip(PopulationFlow{});
  check_round_trip(DmftOptions{});
  check_round_trip(ExactSimulation{});
  check_round_trip(DenseSimulation{});
  check_round_trip(OdeOptions{});
  check_round_trip(FiniteBatchOptions{});
  check_round_trip(AdaptiveLoss{});
  check_round_trip(ExactChain{});
  check_round_trip(DenseSgdSimulation{});
  check_round_trip(TargetKeys{});
  check_round_trip(InputKeys{});
  check_round_trip(StudentKeys{});
  check_round_trip(StartKeys{});
  check_round_trip(OutputKeys{});
  check_round_trip(FigureKeys{});
  check_round_trip(FigureAxisKeys{});
  check_round_trip(CurveKeys{});
}

TEST_CASE("identity: another value of any key is another identity, and resolves to itself") {
  CHECK(check_identities(descent, schema<GradientDescent>(), "training") > 30);
  CHECK(check_identities(descent, schema<DmftOptions>(), "curve.theory") > 8);
  CHECK(check_identities(descent, schema<ExactSimulation>(), "curve.exact") > 4);
  CHECK(check_identities(descent, schema<DenseSimulation>(), "curve.dense") > 4);
  CHECK(check_identities(one_pass, schema<OnePassSgd>(), "training") > 15);
  CHECK(check_identities(one_pass, schema<OdeOptions>(), "curve.ode") > 20);
  CHECK(check_identities(one_pass, schema<FiniteBatchOptions>(), "curve.recursion") > 15);
  CHECK(check_identities(one_pass, schema<ExactChain>(), "curve.exact") > 4);
  CHECK(check_identities(one_pass, schema<DenseSgdSimulation>(), "curve.dense") > 4);
}

TEST_CASE("identity: what a figure shows is not what is computed, and resolves to itself") {
  const std::string before = identity_with(descent, {});
  for (const Field& field : schema<FigureKeys>().fields()) {
    for (const Value& example : field.examples) {
      const std::string set =
          "figure." + std::string(field.facts.key) + "=" + through_text(example).written_whole();
      CAPTURE(set);
      const bool has_names = set.find("panels=") != set.npos || set.find("entries=") != set.npos;
      if (has_names || set.find("color_range=") != set.npos) continue;
      const Experiment e = parse_experiment(descent, "test.toml", std::vector<std::string>{set});
      CHECK(identity_of(e) == before);
      const Value resolved = resolved_experiment(e);
      const Value again = resolved_experiment(parse_experiment(toml_text(resolved), "again.toml"));
      CHECK(again.written_whole() == resolved.written_whole());
    }
  }
  const std::string sweep =
      std::string(descent) + "[sweep]\n\"training.steps\" = [1, 2]\nobservable = \"max_overlap\"\n";
  const std::vector<std::string> look{"figure.y.scale=log", "title=other"};
  CHECK(parse_sweep(sweep, "test.toml", look).plan == parse_sweep(sweep, "test.toml").plan);
  const std::vector<std::string> steps{"training.learning_rate=0.3"};
  CHECK(parse_sweep(sweep, "test.toml", steps).plan != parse_sweep(sweep, "test.toml").plan);
}

TEST_CASE("[figure]: a wrong key or value is refused with its line and its rule") {
  const auto refused = [](const std::string& lines) {
    return message_of([&] { (void)parse_experiment(descent + lines, "test.toml"); });
  };
  CHECK(refused("[figure]\nwidht = 3\n") ==
        "test.toml:27: unknown key \"figure.widht\", did you mean width? `reprise keys figure` "
        "lists them");
  CHECK(refused("[figure]\nwidth = \"triple\"\n") ==
        "test.toml:27: figure.width must be \"single\", \"double\" or a number of inches, 2 to 20, "
        "got \"triple\"");
  CHECK(refused("[figure]\ny = { scale = \"log\", from = 0 }\n") ==
        "test.toml:27: figure.y.from must be finite and > 0 on a log axis, got 0");
  CHECK(refused("[figure]\nx = { from = 3, to = 2 }\n") ==
        "test.toml:27: figure.x.to must be above from = 3, got 2");
  CHECK(refused("[figure]\npanels = \"lernrate\"\n")
            .starts_with("test.toml:27: figure.panels must be quantities"));
  CHECK(
      refused("[figure]\nentries = \"M\"\n").starts_with("test.toml:27: figure.entries must be "));
  CHECK(refused("[figure]\ncolor_range = [1, 0]\n") ==
        "test.toml:27: figure.color_range must be two numbers [low, high], low below high, got [1, "
        "0]");
  CHECK(refused("[figure]\nformat = \"jpg\"\n").find("figure.format must be ") !=
        std::string::npos);
  const auto set = [](const std::string& assignment) {
    return message_of([&] { (void)with_overrides({}, {assignment}); });
  };
  CHECK(
      set("training.steps=3") ==
      "--set training.steps=3: must be a key of [figure], since nothing is computed; `reprise keys "
      "figure` lists them");
  CHECK(set("figure.y.scale=lgo").starts_with("--set figure.y.scale: figure.y.scale must be "));
}

TEST_CASE("schema: numbers beyond the range of any field are refused with its rule") {
  CHECK(check_refused(GradientDescent{}) > 20);
  CHECK(check_refused(OnePassSgd{}) > 10);
  CHECK(check_refused(PopulationFlow{}) > 0);
  CHECK(check_refused(DmftOptions{}) > 5);
  CHECK(check_refused(ExactSimulation{}) > 5);
  CHECK(check_refused(DenseSimulation{}) > 5);
  CHECK(check_refused(OdeOptions{}) > 10);
  CHECK(check_refused(FiniteBatchOptions{}) > 10);
  CHECK(check_refused(AdaptiveLoss{}) > 5);
  CHECK(check_refused(ExactChain{}) > 5);
  CHECK(check_refused(DenseSgdSimulation{}) > 5);
  CHECK(check_refused(SweepKeys{}) == 5);    // seeds
  CHECK(check_refused(RangeKeys{}) == 9);    // from, to, count
  CHECK(check_refused(BoundaryKeys{}) > 5);  // level, expect, within
  CHECK(check_refused(RefineKeys{}) == 2);   // level
  CHECK(check_refused(FitKeys{}) > 5);       // expect, within
  CHECK(check_refused(ClaimKeys{}) == 8);    // four bounds
}

TEST_CASE("schema: a file, --set and C++ refuse a value beyond its range with the same rule") {
  const auto ends_alike = [](const std::string& one, const std::string& two, std::string rule) {
    CAPTURE(one);
    CAPTURE(two);
    return one.ends_with(rule) && two.ends_with(rule);
  };
  const std::string text = descent;
  const auto file_with = [&](const std::string& line) {
    std::string changed = text;
    changed.insert(changed.find("steps = 4"), line + "\n");
    return message_of([&] { (void)parse_experiment(changed, "test.toml"); });
  };
  const auto set = [&](const std::string& value) {
    return message_of([&] {
      (void)parse_experiment(text, "test.toml", std::vector<std::string>{"training." + value});
    });
  };
  GradientDescent algorithm{.schedule = Schedule::reuse(4),
                            .learning_rate = {0.1},
                            .samples_per_dimension = {2},
                            .momentum = 1.5};
  const std::string rule = "momentum must be at least 0 and below 1, got 1.5";
  CHECK(ends_alike(file_with("momentum = 1.5"), set("momentum=1.5"), rule));
  CHECK(ends_alike(message_of([&] { check(algorithm); }), set("momentum=1.5"), rule));
  CHECK(file_with("momentum = 1.5").starts_with("test.toml:13: training."));
  algorithm.momentum = 0;
  algorithm.learning_rate = {0.1, 0.2};
  const std::string each =
      "learning_rate must be one number or a list of 4, one a step, got a list of 2";
  CHECK(ends_alike(message_of([&] { check(algorithm); }), set("learning_rate=[0.1, 0.2]"), each));
  const DmftOptions few{.points = 31};
  CHECK(message_of([&] { check_fields(few); }) ==
        "dmft: points must be an integer of at least 32 and at most 1073741824, got 31");
}

TEST_CASE("schema: a file, --set and C++ refuse a key of a sweep with the same rule") {
  const std::string text =
      std::string(descent) + "[sweep]\n\"training.steps\" = [1, 2]\nobservable = \"max_overlap\"\n";
  const auto file_with = [&](const std::string& line) {
    return message_of([&] { (void)parse_sweep(text + line + "\n", "test.toml"); });
  };
  const auto set = [&](const std::string& assignment) {
    return message_of(
        [&] { (void)parse_sweep(text, "test.toml", std::vector<std::string>{assignment}); });
  };
  const std::string seeds = "seeds must be an integer of at least 1 and at most 1000000, got 0";
  CHECK(file_with("seeds = 0") == "test.toml:29: sweep." + seeds);
  CHECK(set("sweep.seeds=0") == "--set sweep.seeds: sweep." + seeds);
  CHECK(message_of([] { check_fields(SweepKeys{.seeds = 0}); }) == "sweep: " + seeds);
  const std::string within = "fit.within must be finite and > 0, got 0";
  CHECK(file_with("fit = { along = \"training.steps\", expect = 1, within = 0 }") ==
        "test.toml:29: sweep." + within);
  SweepKeys keys;
  keys.fit = FitKeys{.along = "training.steps", .expected = {.expect = {{.formula = "1"}}}};
  CHECK(message_of([&] { check_fields(keys); }) == "sweep: fit.within is missing");
  keys.fit->expected.within = 0;
  CHECK(message_of([&] { check_fields(keys); }) == "sweep: " + within);
}

TEST_CASE("resolved_experiment: every shipped experiment resolves to itself, as TOML and as JSON") {
  const std::filesystem::path data = std::filesystem::path(REPRISE_SOURCE_DIR) / "data";
  int n_files = 0;
  for (const ShippedGroup& group : shipped_experiments(data)) {
    for (const ShippedExperiment& shipped : group.experiments) {
      CAPTURE(shipped.name);
      if (shipped.is_sweep) continue;
      const Experiment e = read_experiment(shipped.file);
      const Value resolved = resolved_experiment(e);
      const Experiment again = parse_experiment(toml_text(resolved), "again.toml");
      CHECK(identity_of(again) == identity_of(e));
      const std::string summary = "{\"experiment\": " + json_text(resolved) + "}";
      CHECK(identity_of(parse_experiment(summary, "summary.json")) == identity_of(e));
      ++n_files;
    }
  }
  CHECK(n_files > 10);
}

TEST_CASE("key_page: the page of keys in the documentation is the one that is written") {
  std::ifstream file(std::string(REPRISE_SOURCE_DIR) + "/lib/KEYS.md");
  std::ostringstream page;
  page << file.rdbuf();
  CHECK(page.str() == key_page());
  CHECK(message_of([] { (void)key_text("trainig"); }) ==
        "keys: there is no section \"trainig\", did you mean training?");
}
