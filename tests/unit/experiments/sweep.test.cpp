#include "reprise/experiments/sweep/sweep.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"
#include "reprise/experiments/sweep/sweep_store.hpp"
#include "reprise/experiments/sweep/sweep_values.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "unit/experiments/experiment_text.hpp"

using namespace reprise;
using namespace reprise::test;

namespace {

namespace fs = std::filesystem;

Sweep sweep_of(const std::string& section, const std::vector<std::string>& overrides = {}) {
  return parse_sweep(small_descent + section, "file.toml", overrides);
}

std::string message_for(const std::string& section) {
  return message_of([&] { sweep_of(section); });
}

const std::string two_axes = R"([sweep]
"training.learning_rate" = { from = 0.01, to = 0.1, count = 3, scale = "log" }
"training.samples_per_dimension" = [1, 2]
observable = ["max_overlap", "steps to max_overlap >= 0.2"]
)";

// A folder that goes with the test.
struct Folder {
  fs::path path = fs::temp_directory_path() / ("reprise_sweep_" + std::to_string(getpid()));
  Folder() { fs::create_directories(path); }
  ~Folder() { fs::remove_all(path); }
};

SweepRecords run_in(const fs::path& file, const Sweep& sweep, OnChange on_change = OnChange::refuse,
                    int* n_computed = nullptr, Shard shard = {}) {
  SweepStore store(file, sweep, on_change);
  int computed = 0;
  const SweepRecords records =
      run_sweep(sweep, store, on_threads(sweep, 1),
                {.shard = shard, .progress = [&](const SweepProgress&) { ++computed; }});
  if (n_computed != nullptr) *n_computed = computed;
  return records;
}

}  // namespace

TEST_CASE("evaluate_formula: names stand for numbers") {
  CHECK(close(evaluate_formula("0.3*d^(-mu/2)", {{"d", 16}, {"mu", 1}}), 0.075,
              {.rtol = 1e-14, .atol = 0}));
  CHECK(evaluate_formula("-x^2", {{"x", -3}}) == -9);
  CHECK(contains(message_of([] { evaluate_formula("2*e", {{"d", 1}}); }), "names are d"));
  CHECK(contains(message_of([] { evaluate_formula("z1", {{"d", 1}}); }), "not known here"));
  CHECK(contains(message_of([] { evaluate_formula("1/x", {{"x", 0}}); }), "not finite"));
  CHECK(fill_template("cos({phi})*He{l}({w}(z1))", {{"phi", 0.5}, {"l", 2}}, {{"w", "tanh"}}) ==
        "cos(0.5)*He2(tanh(z1))");
  CHECK(fill_template("{t}", {{"x", 2}}, {{"t", "[{x^2}]"}}) == "[4]");
  CHECK(contains(message_of([] { fill_template("a{b", {}, {}); }), "{ without }"));
}

TEST_CASE("evaluate_formula: round, floor and ceil") {
  CHECK(evaluate_formula("round(n/2) + floor(-n/2)*ceil((n + 1)/4)", {{"n", 5}}) == 3 - 3 * 2);
  CHECK(evaluate_formula("round(2*floor(x))", {{"x", 1.9}}) == 2);
  CHECK(evaluate_formula("2e5*e5", {{"e5", 0.5}}) == 1e5);
  CHECK(evaluate_formula("2.e5", {{"e5", 7}}) == 2e5);
  CHECK(contains(message_of([] { evaluate_formula("round(x", {{"x", 1}}); }), "never closed"));
  CHECK(contains(message_of([] { evaluate_formula("floor(y)", {{"x", 1}}); }), "names are x"));
}

// The value of a filled template as a formula, at the values of a single name.
double filled(const std::string& text, double x) {
  return evaluate_formula(fill_template(text, {{"x", x}}, {}), {});
}

TEST_CASE("fill_template: values go in as values, whatever stands beside them") {
  CHECK(filled("{x}^2", -3) == 9);
  CHECK(filled("-{x}^2", -3) == -9);
  CHECK(filled("1 - {x}", -3) == 4);
  CHECK(filled("2/{x}/4", -0.25) == -2);
  CHECK(filled("2^{x}", -2) == 0.25);
  CHECK(filled("{x}^{x}", -2) == 0.25);
  CHECK(filled("max({x}, -{x})", -1e-5) == 1e-5);
  CHECK(filled("{x}*3", 1e22) == 3e22);
  CHECK(filled("{x} - {x}^1", 0.1 + 0.2) == 0);  // 17 digits
  CHECK(fill_template("{-x}*z1", {{"x", 0}}, {}) == "0*z1");
  // Bare where nothing can bind to them: an activation's coefficients are numbers, not formulas.
  const std::map<std::string, double> c = {{"c", -2}};
  const auto expression = TemplateKind::expression;
  CHECK(fill_template("polynomial([0, {c}, {c/4}])", c, {}, expression) ==
        "polynomial([0, -2, -0.5])");
  CHECK(fill_template("cos({c})*z1", c, {}, expression) == "cos(-2)*z1");
  CHECK(fill_template("eta {c}", c, {}, TemplateKind::prose) == "eta -2");
}

TEST_CASE(
    "fill_template: a value behind a word is a whole number, one beside a number is refused") {
  const auto expression = TemplateKind::expression;
  const auto message = [&](const std::string& text, double x) {
    return message_of([&] { fill_template(text, {{"x", x}}, {}, expression); });
  };
  CHECK(fill_template("He{x}(z{x - 1})", {{"x", 3}}, {}, expression) == "He3(z2)");
  CHECK(fill_template("z{x^2}", {{"x", std::sqrt(2)}}, {}, expression) ==
        "z2");  // 2 up to rounding
  CHECK(fill_template("repeat {x}", {{"x", 1e6}}, {}) == "repeat 1000000");
  CHECK(contains(message("He{x}(z1)", 2.5), "{x} is 2.5 and ends the name \"He\""));
  CHECK(contains(message("z1 + z{x}", -1), "takes a whole number of at least 0"));
  CHECK(contains(message("2{x}*z1", 3), "{x} is 3 and would run into \"2\""));
  CHECK(contains(message("1e{x}*z1", 3), "would run into \"1e\""));
  CHECK(contains(message("{x}e5*z1", 3), "would run into \"e\""));
  CHECK(contains(message("{x}.5*z1", 3), "would run into \".\""));
  CHECK(contains(message("{x}{x}*z1", 3), "would run into \"3\""));
  CHECK(contains(message_of([] { fill_template("[2{x}]", {{"x", 3}}, {}); }), "write an operator"));
}

TEST_CASE("fill_template: the text of a name is one operand of an expression") {
  const std::map<std::string, std::string> names = {
      {"t", "z1 + {x}"}, {"f", "tanh"}, {"s", "-2"}, {"list", "[-1, 1]"}};
  const auto fill = [&](const std::string& text, TemplateKind kind) {
    return fill_template(text, {{"x", -3}}, names, kind);
  };
  CHECK(fill("2*{t}", TemplateKind::expression) == "2*(z1 + (-3))");
  CHECK(fill("{t}", TemplateKind::expression) == "z1 + (-3)");
  CHECK(fill("{f}({t})", TemplateKind::expression) == "tanh(z1 + (-3))");
  CHECK(fill("{s}^2*z1", TemplateKind::expression) == "(-2)^2*z1");
  CHECK(fill("{s}^2", TemplateKind::value) == "(-2)^2");
  CHECK(fill("{list}", TemplateKind::value) == "[-1, 1]");
}

TEST_CASE("experiment_at: templates of numbers and lists are evaluated") {
  const Sweep sweep = sweep_of(R"toml([sweep]
observable = "max_overlap"
[sweep.variables]
a = [-2, 2]
[sweep.set]
"target.expression" = "{a}^2*z1"
"training.learning_rate" = "-{a}/8 + {a}^2/8"
"student.second_layer" = "[-{a}]"
"initial.M" = "[[{a}/8 + min({a}, 0.25)/4]]"
"training.steps" = "{4/a^2}"
)toml");
  const Experiment at = experiment_at(sweep, {{0}});
  CHECK(at.two_layer().target.g.text() == "(-2)^2*z1");
  CHECK(at.two_layer().target.g(std::vector<double>{0.5}) == 2);
  const auto& descent = at.algorithm.get<GradientDescent>();
  CHECK(descent.learning_rate[0] == 0.75);
  CHECK(at.two_layer().student.second_layer[0] == 2);
  CHECK(at.two_layer().initial.M(0, 0) == -0.75);
  CHECK(descent.schedule.n_steps() == 1);
  CHECK(experiment_at(sweep, {{1}}).two_layer().target.g(std::vector<double>{0.5}) == 2);
}

TEST_CASE("experiment_at: an axis may be what a curve sets for itself") {
  const std::string curve =
      "[[curve]]\nname = \"other\"\nmethod = \"dmft\"\npoints = 128\n"
      "set = { \"training.learning_rate\" = 0.4 }\n";
  const Sweep sweep = sweep_of(curve +
                               "[sweep]\n\"curve.other.set.training.learning_rate\" = [0.1, 0.3]\n"
                               "observable = \"max_overlap\"\n");
  const double own = experiment_at(sweep, {{0}}).algorithm.get<GradientDescent>().learning_rate[0];
  for (const int i : {0, 1}) {
    const Experiment at = experiment_at(sweep, {{i}});
    CHECK(at.algorithm.get<GradientDescent>().learning_rate[0] == own);
    const Experiment& other = experiment_of(at, at.curves.back());
    CHECK(other.algorithm.get<GradientDescent>().learning_rate[0] == (i == 0 ? 0.1 : 0.3));
  }
  CHECK(contains(message_for(curve + "[sweep]\n\"curve.other.set.training.lernrate\" = [0.1]\n"
                                     "observable = \"max_overlap\"\n"),
                 "unknown key \"training.lernrate\""));
}

TEST_CASE("sweep_text: figures call an axis by its last word, by its key where two end in one") {
  const Sweep one = sweep_of(two_axes);
  CHECK(axis_label(one, one.axes[0]) == "learning rate");
  const std::string curve =
      "[[curve]]\nname = \"other\"\nmethod = \"dmft\"\npoints = 128\n"
      "set = { \"training.learning_rate\" = 0.4 }\n";
  const Sweep two = sweep_of(curve +
                             "[sweep]\n\"curve.other.set.training.learning_rate\" = [0.1, 0.3]\n"
                             "\"training.learning_rate\" = [0.1, 0.3]\n"
                             "observable = \"max_overlap\"\n");
  CHECK(axis_label(two, two.axes[1]) == "training.learning rate");
  CHECK(describe_rest(two, {0, 1}, {1}) == "curve.other.set.training.learning_rate = 0.1");
}

TEST_CASE("parse_sweep: a template of a whole number that is none is refused, as an axis is") {
  const std::string head = "[sweep]\nobservable = \"max_overlap\"\n";
  const std::string variable = head + "[sweep.variables]\nn = [2, 3]\n[sweep.set]\n";
  const std::string refused = message_for(variable + "\"training.steps\" = \"{n/2}\"\n");
  CHECK(contains(refused, "file.toml:22: sweep.set \"training.steps\" must be a whole number"));
  CHECK(contains(refused, "got 1.5\n  at the point n = 3"));
  CHECK(contains(message_for(variable + "\"curve.theory.points\" = \"{64 + n/2}\"\n"), "got 65.5"));
  CHECK(contains(message_for(head + "\"training.steps\" = [1, 1.5]\n"),
                 "file.toml:19: training.steps must be an integer"));
  // Up to the rounding of the formula it is one.
  const Sweep sweep = sweep_of(variable + "\"training.steps\" = \"{(n^0.5)^4}\"\n");
  CHECK(experiment_at(sweep, {{1}}).algorithm.get<GradientDescent>().schedule.n_steps() == 9);
}

TEST_CASE("parse_sweep: axes, their scales and their order") {
  const Sweep sweep = sweep_of(two_axes);
  REQUIRE(sweep.axes.size() == 2);
  CHECK(sweep.axes[0].name() == "training.learning_rate");
  CHECK(sweep.axes[0].first().scale == Scale::log);
  CHECK(sweep.axes[1].n_values() == 2);
  CHECK(sweep.curves == std::vector<std::string>{"theory"});
  CHECK(grid(sweep.axes).size() == 6);
  const Experiment at = experiment_at(sweep, {{1, 1}});
  const auto& descent = at.algorithm.get<GradientDescent>();
  CHECK(close(descent.learning_rate[0], std::sqrt(1e-3), {.rtol = 1e-14, .atol = 0}));
  CHECK(descent.samples_per_dimension[0] == 2);
  // The same axis as a nested table, and a list that grows by one ratio.
  const Sweep nested = sweep_of(
      "[sweep]\nobservable = \"max_overlap\"\n[sweep.training]\n"
      "learning_rate = [0.1, 0.2, 0.4]\n");
  CHECK(nested.axes[0].name() == "training.learning_rate");
  CHECK(nested.axes[0].first().scale == Scale::log);
}

TEST_CASE("parse_sweep: variables, templates, zipped axes and names") {
  const Sweep sweep = sweep_of(R"toml([sweep]
observable = "max_overlap"
"student.activation" = ["linear", "tanh", "He2"]
"training.loss" = ["square", "square", "correlation"]
zip = ["student.activation", "training.loss"]
[sweep.variables]
phi = { from = 0, to = 1, count = 3 }
[sweep.set]
"target.expression" = "cos({phi})*z1 + sin({phi})*He3(z1)"
"training.steps" = "{floor(2.5 + phi)}"
)toml");
  REQUIRE(sweep.axes.size() == 2);
  CHECK(sweep.axes[0].keys.size() == 2);
  const Experiment at = experiment_at(sweep, {{2, 1}});
  CHECK(at.two_layer().target.g.text() == "cos(0.5)*z1 + sin(0.5)*He3(z1)");
  CHECK(at.algorithm.get<GradientDescent>().schedule.n_steps() == 3);
  CHECK(describe(sweep, SweepPoint{{2, 1}}) ==
        "student.activation = He2, training.loss = correlation, phi = 0.5");
}

TEST_CASE("parse_sweep: what is wrong is named with its place") {
  const std::string head = "[sweep]\nobservable = \"max_overlap\"\n";
  CHECK(contains(message_for(head + "\"training.leraning_rate\" = [1, 2]\n"),
                 "file.toml:19: unknown key \"training.leraning_rate\", did you mean"));
  CHECK(contains(message_for(head + "\"training.learning_rate\" = [0.1, -1]\n"),
                 "file.toml:19: training.learning_rate must be"));
  CHECK(contains(message_for(head + "\"training.learning_rate\" = [0.1, -1]\n"),
                 "at the point training.learning_rate = -1"));
  CHECK(contains(message_for(head + "\"training.learning_rate\" = 0.1\n"), "a list of values"));
  CHECK(contains(message_for(head + "\"training.learning_rate\" = [0.1, 0.1]\n"),
                 "values that differ"));
  CHECK(contains(message_for(head + "obsevable = 1\n\"training.steps\" = [1, 2]\n"),
                 "unknown key \"sweep.obsevable\", did you mean observable"));
  CHECK(contains(message_for(head), "one, two or three axes, got 0"));
  CHECK(contains(message_for(two_axes + "fit = { along = \"d\" }\n"), "an axis of the sweep"));
  CHECK(contains(message_for(two_axes + "boundary = { along = \"training.learning_rate\" }\n"),
                 "sweep.boundary.level is missing"));
  CHECK(contains(message_for(two_axes + "curves = [\"theorie\"]\n"), "did you mean theory"));
  CHECK(contains(message_for("[sweep]\nobservable = \"M[2,1]\"\n\"training.steps\" = [1, 2]\n"),
                 "beyond its size, 1 x 1"));
  CHECK(contains(message_for("[sweep]\nobservable = \"samples to max_overlap >= 1\"\n"
                             "\"training.steps\" = [1, 2]\n"),
                 "ask for steps to"));
  CHECK(contains(message_for(two_axes + "[sweep.set]\n\"training.steps\" = \"{2*y}\"\n"),
                 "file.toml:22: sweep.set \"training.steps\""));
  CHECK(
      contains(message_of([] { parse_sweep(small_descent, "file.toml"); }), "there is no [sweep]"));
  CHECK(contains(message_of([] { parse_experiment(small_descent + two_axes, "file.toml"); }),
                 "file.toml:17: [sweep] makes a grid"));
}

TEST_CASE("parse_sweep: parts that do not go together are refused before any work") {
  const std::string eta = "\"training.learning_rate\" = [0.1, 0.2, 0.4]\n";
  const std::string head = "[sweep]\nobservable = \"max_overlap\"\n" + eta;
  const std::pair<std::string, const char*> cases[] = {
      {"[sweep]\nobservable = \"max_overlap\"\nseed = [1, 2]\nseeds = 2\n",
       "1 where seed is an axis"},
      {"[sweep]\nobservable = [\"max_overlap\", \"max_overlap\"]\n" + eta, "twice"},
      {head + "target = [\"z1\", \"He2(z1)\"]\n", "a key of that section"},
      {head + "[sweep.variables]\nq = [1, 2]\n", "used in a formula of [sweep.set]"},
      {head + "[sweep.training]\nlearning_rate = [1, 2]\n", "given once"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.learning_rate\" = [0.1, 1, 0.3]\n"
       "boundary = { along = \"training.learning_rate\", level = 0.5 }\n",
       "in increasing or decreasing order"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.steps\" = [1, 3]\n"
       "refine = { level = 0.5, resolution = { \"training.steps\" = 0.5 } }\n",
       "no finer than whole numbers"},
      {head + "fit = { along = \"training.learning_rate\", expect = \"2 - nu\", within = 1 }\n",
       "fit.expect"},
      {head + "fit = { along = \"training.learning_rate\", expect = [1, 2], within = 1 }\n",
       "a list must have a number for each value"},
      {head + "fit = { along = \"training.learning_rate\", divide_by = \"log(x)\" }\n",
       "must be > 0 at every x, which it is not at 0.1"},
      {head + "[[sweep.claim]]\nall_above = 1\nwhere = { \"training.learning_rate\" = 0.3 }\n",
       "one of its listed values"},
      {head + "[[sweep.claim]]\nwhere = { \"training.learning_rate\" = 0.2 }\n",
       "file.toml:20: sweep.claim must be a table with one of all_above, all_below, some_above, "
       "some_below, none_reached, got none of them"},
      {head + "[[sweep.claim]]\nall_above = 1\nsome_below = 2\n", "got 2 of them"},
      {head + "[[sweep.claim]]\nnone_reached = false\n",
       "file.toml:21: sweep.claim.none_reached must be true, got false"},
      {head + "[[sweep.claim]]\nall_abov = 1\n",
       "file.toml:21: unknown key \"sweep.claim.all_abov\", did you mean all_above"},
      {head + "claim = 1\n", "sweep.claim must be tables, [[sweep.claim]], got 1"},
      {head + "curves = []\n", "sweep.curves must be not empty, got []"},
      {head + "seeds = 0\n", "sweep.seeds must be an integer of at least 1"},
      {head + "figure = \"maps\"\n", "did you mean map"},
      {head + "figure = \"exponents\"\n", "another where there is no fit"},
      {head + "zip = [\"training.learning_rate\"]\n", "a list of two or more of its keys"},
      {head + "zip = [\"training.learning_rate\", 1]\n", "sweep.zip[2] must be a text in quotes"},
      {head + "zip = [\"training.learning_rate\", \"training.step\"]\n", "made of keys of [sweep]"},
      {head + "set = 1\n",
       "sweep.set must be a table { \"<key>\" = \"<text with {formulas}>\" }, got 1"},
      {head + "set = { title = 1 }\n", "sweep.set.\"title\" must be a text in quotes, got 1"},
      {head + "overlay = { bound = \"1 / y\" }\n", "a formula of x"},
      {head + "refine = { level = 0.5, resolution = {} }\n",
       "sweep.refine.resolution must be a table"},
      {head + "refine = { level = 0.5, resolution = { \"training.learning_rate\" = 0 } }\n",
       "sweep.refine.resolution.\"training.learning_rate\" must be finite and > 0, got 0"},
      {head + "refine = { resolution = { \"training.learning_rate\" = 1 } }\n",
       "file.toml:20: sweep.refine.level is missing"},
      {head + "fit = { along = \"training.learning_rate\", expect = 1 }\n",
       "file.toml:20: sweep.fit.within is missing"},
      {head + "fit = { along = \"training.learning_rate\", within = 1 }\n",
       "sweep.fit.within must be left out without expect"},
      {head + "boundary = { along = \"training.learning_rate\", levl = 1 }\n",
       "unknown key \"sweep.boundary.levl\", did you mean level"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.learning_rate\" = { from = 0, to = 1, "
       "count = 3, scale = \"log\" }\n",
       "file.toml:19: sweep.\"training.learning_rate\".from must be finite and > 0, got 0"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.learning_rate\" = { from = 1, to = 1, "
       "count = 3 }\n",
       "sweep.\"training.learning_rate\".to must be other than from, got 1"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.learning_rate\" = { from = 0, cout = 3 "
       "}\n",
       "unknown key \"sweep.\"training.learning_rate\".cout\", did you mean count"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.learning_rate\" = [1, inf]\n",
       "sweep.\"training.learning_rate\"[2] must be finite"},
      {head + "[sweep.variables]\nphi = {}\n", "sweep.variables.\"phi\" must be a list of values"},
      {"[sweep]\nobservable = \"max_overlap\"\n\"training.learning_rate\" = { from = 0.1, to = 1, "
       "count "
       "= 100000 }\n\"training.weight_decay\" = { from = 0.1, to = 1, count = 100000 }\n",
       "a grid may have 1e+06 experiments"},
      {head + "\"training.loss\" = [\"square\", \"huber(1)\", \"logistic\"]\n"
              "zip = [\"training.learning_rate\", \"training.loss\"]\n"
              "refine = { level = 0.5, resolution = { \"training.learning_rate\" = 0.1 } }\n",
       "numbers, since \"training.learning_rate\" is refined"},
  };
  for (const auto& wrong : cases) {
    CAPTURE(wrong.first);
    const std::string message = message_for(wrong.first);
    CAPTURE(message);
    CHECK(contains(message, wrong.second));
  }
  const std::string one_pass = std::string(small_one_pass) + R"([sweep]
"training.learning_rate" = [0.1, 0.2]
observable = "steps to max_overlap >= 0.5"
)";
  CHECK(contains(message_of([&] { parse_sweep(one_pass, "x.toml"); }),
                 "has no steps; ask for time to"));
}

TEST_CASE("run_sweep: a point between the listed values that is refused is recorded and stays so") {
  const Sweep sweep = sweep_of(R"toml([sweep]
observable = "max_overlap"
refine = { level = 0.35, resolution = { n = 0.6 } }
[sweep.variables]
n = [1, 4]
[sweep.set]
"training.schedule" = "repeat {n}"
"training.steps" = "{round(n)}"
)toml");
  const Folder folder;
  int computed = 0;
  const SweepRecords first = run_in(folder.path / "a.db", sweep, OnChange::refuse, &computed);
  bool has_refused = false;
  for (const auto& [point, record] : first) has_refused |= contains(record.failure, "schedule");
  CHECK(has_refused);
  const SweepRecords again = run_in(folder.path / "a.db", sweep, OnChange::refuse, &computed);
  CHECK(computed == 0);
  CHECK(again.size() == first.size());
}

TEST_CASE("experiment_at: seeds follow from the point, not from its place") {
  const Sweep sweep = sweep_of(two_axes);
  const Sweep larger = sweep_of(R"([sweep]
"training.learning_rate" = [0.001, 0.01, 0.1]
"training.samples_per_dimension" = [1, 2]
observable = "max_overlap"
seeds = 2
)");
  CHECK(experiment_at(sweep, {{0, 0}}).seed == experiment_at(larger, {{1, 0}}).seed);
  std::set<std::uint64_t> seeds;
  for (const Sites& sites : grid(larger.axes)) {
    for (const std::int64_t repeat : {0, 1}) {
      seeds.insert(experiment_at(larger, {sites, repeat}).seed);
    }
  }
  CHECK(seeds.size() == 12);
  const Sweep given = sweep_of("[sweep]\nobservable = \"max_overlap\"\nseed = [5, 6]\n");
  CHECK(experiment_at(given, {{1}}).seed == 6);
}

TEST_CASE("SweepRecord: JSON gives back the same bits") {
  const Sweep sweep = sweep_of(two_axes);
  const SweepRecord record = compute(sweep, {{2, 1}}, 1);
  const SweepRecord back = record_from_json(to_json(record));
  CHECK(back.seed == record.seed);
  CHECK(back.experiment == record.experiment);
  CHECK(back.wall_time_s == record.wall_time_s);
  REQUIRE(back.measured.size() == 1);
  CHECK(back.measured[0][0].value == record.measured[0][0].value);
  CHECK(back.measured[0][0].error == record.measured[0][0].error);
  CHECK(back.measured[0][1].outcome == record.measured[0][1].outcome);
}

TEST_CASE("run_sweep: goes on where it was, in any order, on any threads, in shards") {
  const Sweep sweep = sweep_of(two_axes);
  const Folder folder;
  int computed = 0;
  const SweepRecords whole = run_in(folder.path / "a.db", sweep, OnChange::refuse, &computed);
  CHECK(computed == 6);
  const std::string csv = sweep_csv(sweep, values_of(sweep, whole));
  CHECK(sweep_csv(sweep, values_of(sweep, run_in(folder.path / "a.db", sweep, OnChange::refuse,
                                                 &computed))) == csv);
  CHECK(computed == 0);
  for (std::int64_t shard = 1; shard <= 3; ++shard) {
    const fs::path file = folder.path / ("shard" + std::to_string(shard) + ".db");
    run_in(file, sweep, OnChange::refuse, &computed, {shard, 3});
    CHECK(computed == 2);
  }
  SweepStore merged(folder.path / "merged.db", sweep, OnChange::refuse);
  merge(merged, sweep, {folder.path / "shard1.db", folder.path / "shard3.db"});
  CHECK(missing_points(sweep, merged.read(sweep)).size() == 2);
  merge(merged, sweep, {folder.path / "shard2.db"});
  CHECK(sweep_csv(sweep, values_of(sweep, merged.read(sweep))) == csv);
}

TEST_CASE("merge: of several records of a point one without a failure wins, in any order") {
  const Sweep sweep = sweep_of(two_axes);
  const Folder folder;
  const SweepRecords good = run_in(folder.path / "good.db", sweep);
  const std::string csv = sweep_csv(sweep, values_of(sweep, good));
  {
    SweepStore failed(folder.path / "failed.db", sweep, OnChange::refuse);
    for (auto [point, record] : good) {
      record.failure = "out of luck";
      record.measured.clear();
      failed.write(sweep, point, record);
    }
  }
  const fs::path good_part = folder.path / "good.db", failed_part = folder.path / "failed.db";
  int n = 0;
  for (const std::vector<fs::path>& parts :
       {std::vector{failed_part, good_part}, {good_part, failed_part}}) {
    SweepStore merged(folder.path / ("merged" + std::to_string(n++) + ".db"), sweep,
                      OnChange::refuse);
    merge(merged, sweep, parts);
    CHECK(sweep_csv(sweep, values_of(sweep, merged.read(sweep))) == csv);
  }
  // What the store has itself is a record like the others.
  SweepStore first_failed(folder.path / "own.db", sweep, OnChange::refuse);
  merge(first_failed, sweep, {failed_part});
  CHECK(first_failed.read(sweep).begin()->second.failure == "out of luck");
  merge(first_failed, sweep, {good_part});
  CHECK(sweep_csv(sweep, values_of(sweep, first_failed.read(sweep))) == csv);
}

TEST_CASE("merge: a part of a changed file is refused, without advice that does not apply") {
  const Folder folder;
  const Sweep sweep = sweep_of(two_axes);
  const fs::path part = folder.path / "part.db";
  run_in(part, sweep_of(two_axes, {"training.steps=4"}));
  SweepStore merged(folder.path / "merged.db", sweep, OnChange::update);
  const std::string message = message_of([&] { merge(merged, sweep, {part}); });
  CHECK(contains(message, part.string() + " was made from another text of"));
  CHECK(contains(message, "with its --shard and --restart"));
  CHECK_FALSE(contains(message, "--update"));
  CHECK(merged.read(sweep).empty());
}

TEST_CASE("SweepStore: a changed file is refused, updated, or begun anew") {
  const Folder folder;
  const fs::path file = folder.path / "sweep.db";
  run_in(file, sweep_of(two_axes));
  std::string changed = two_axes;
  changed.replace(changed.find("[1, 2]"), 6, "[1, 2, 3]");
  CHECK(contains(message_of([&] { run_in(file, sweep_of(changed)); }), "--update keeps"));
  CHECK(contains(message_of([&] { run_in(file, sweep_of(two_axes, {"training.steps=4"})); }),
                 "or other --set"));
  int computed = 0;
  run_in(file, sweep_of(changed), OnChange::update, &computed);
  CHECK(computed == 3);
  // Another number of steps changes every experiment.
  run_in(file, sweep_of(changed, {"training.steps=4"}), OnChange::update, &computed);
  CHECK(computed == 9);
  run_in(file, sweep_of(changed, {"training.steps=4"}), OnChange::restart, &computed);
  CHECK(computed == 9);
}

TEST_CASE("SweepStore: a damaged file, a file of something else, a second process") {
  const Folder folder;
  const Sweep sweep = sweep_of(two_axes);
  const fs::path file = folder.path / "sweep.db";
  run_in(file, sweep);
  const auto message = [&](const fs::path& path) -> std::string {
    try {
      run_in(path, sweep);
    } catch (const Error& error) {
      return error.what();
    }
    return "(no error)";
  };
  std::string bytes;
  {
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  const auto write = [&](const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    return content.size();
  };
  // One digit of a stored number.
  const std::size_t place = bytes.find("\"wall_time_s\":") + 16;
  std::string flipped = bytes;
  flipped[place] = flipped[place] == '1' ? '2' : '1';
  write(folder.path / "flipped.db", flipped);
  CHECK(contains(message(folder.path / "flipped.db"), "a checksum is wrong"));
  write(folder.path / "cut.db", bytes.substr(0, bytes.size() / 2));
  CHECK(contains(message(folder.path / "cut.db"), "damaged or no store of a sweep"));
  write(folder.path / "text.db",
        "This is not a database, but long enough to look like a file.\n" + std::string(4000, 'x'));
  CHECK(contains(message(folder.path / "text.db"), "damaged or no store of a sweep"));
  CHECK(fs::file_size(folder.path / "text.db") > 4000);  // left as it is
  // The same file by another name is the same sweep.
  Sweep moved = sweep;
  moved.source = "elsewhere/file.toml";
  moved.title = "another";
  int computed = -1;
  run_in(file, moved, OnChange::refuse, &computed);
  CHECK(computed == 0);
  const SweepStore first(file, sweep, OnChange::refuse);
  CHECK(contains(message(file), "another sweep is at work on it"));
  CHECK_THROWS_AS(SweepStore(file, sweep, OnChange::restart), Error);  // and nothing is removed
  CHECK(fs::file_size(file) > 0);
}

TEST_CASE("values_of: repeats give a mean with its standard error") {
  const Sweep sweep = sweep_of(
      "[sweep]\nobservable = [\"max_overlap\", \"steps to max_overlap "
      ">= 1\"]\n\"training.steps\" = [1]\nseeds = 4\n");
  SweepRecords records;
  for (std::int64_t repeat = 0; repeat < 4; ++repeat) {
    SweepRecord record;
    const Measurement passage = repeat == 0 ? Measurement{Outcome::censored, 1}
                                            : Measurement{Outcome::measured, double(repeat)};
    record.measured = {{{Outcome::measured, double(repeat)}, passage}};
    CHECK(values_of(sweep, records).empty());  // not before the last one
    records[{{0}, repeat}] = record;
  }
  const PointValues values = values_of(sweep, records).at({0});
  CHECK(values[0][0].value == 1.5);
  CHECK(close(values[0][0].error, std::sqrt(5.0 / 12), {.rtol = 1e-14, .atol = 0}));
  CHECK(values[0][1].value == 2.5);  // the median of 1, 2, 3 and never
}

TEST_CASE("boundary and maxima: where a known function crosses and where it is largest") {
  Sweep sweep = sweep_of(R"([sweep]
"training.learning_rate" = { from = 0.01, to = 1, count = 3, scale = "log" }
"training.samples_per_dimension" = [1, 2]
observable = "max_overlap"
boundary = { along = "training.learning_rate", level = 0.25 }
)");
  SweepRecords records;
  const double numbers[3][2] = {{0.1, 0.1}, {0.4, 0.2}, {0.3, 0.2}};
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t j = 0; j < 2; ++j) {
      records[{{i, j}, 0}].measured = {{{Outcome::measured, numbers[i][j], 0.01}}};
    }
  }
  const auto values = values_of(sweep, records);
  const std::vector<Reduced> line = boundary(sweep, values);
  REQUIRE(line.size() == 2);
  CHECK(close(line[0].value.value, std::pow(10.0, -1.5), {.rtol = 1e-12, .atol = 0}));
  CHECK(close(line[0].value.error, 0.045, {.rtol = 1e-12, .atol = 0}));
  CHECK(line[1].value.outcome == Outcome::censored);
  sweep.boundary.reset();
  sweep.maximum_over = 0;
  const std::vector<Reduced> largest = maxima(sweep, values);
  CHECK(largest[0].value.value == 0.4);
  CHECK(close(largest[0].where, 0.1, {.rtol = 1e-14, .atol = 0}));
  sweep.fit =
      FitRule{.axis = 1, .expectation = Expectation{.value = {.formula = "-1"}, .within = 0.01}};
  sweep.fit->divide_by = "";
  const std::vector<SweepFit> all = fits(sweep, values);
  REQUIRE(all.size() == 1);
  CHECK(close(all[0].law->exponent, -1, {.rtol = 1e-12, .atol = 0}));
  CHECK(is_as_expected(sweep, values));
  sweep.fit->expectation->value.formula = "-1.1";
  CHECK_FALSE(is_as_expected(sweep, values));
}
