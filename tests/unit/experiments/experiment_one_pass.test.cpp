#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/core/error.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/population_flow.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using test::close;

constexpr std::string_view one_pass = R"toml(format = 1
[target]
expression = "erf(z1/sqrt(2))"
[student]
activation = "erf"
neurons = 2
second_layer = "ones"
[training]
algorithm = "sgd"
learning_rate = 0.5
batch_size = 3
duration = 2.0
[[curve]]
name = "ode"
method = "ode"
[[curve]]
name = "chain"
method = "simulation"
dimension = 100
runs = 4
[[curve]]
name = "dense"
method = "simulation"
engine = "dense"
dimension = 50
[[curve]]
name = "batches"
method = "recursion"
dimension = 100
[output]
times = [0, 0.5, 2]
)toml";

Experiment parse_sgd(const std::vector<std::string>& overrides = {}) {
  return parse_experiment(one_pass, "sgd.toml", overrides);
}

std::string sgd_message(const std::vector<std::string>& overrides) {
  try {
    parse_sgd(overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

template <class Options>
const Options& options_of(const Experiment& experiment, std::size_t curve) {
  return experiment.curves[curve].method.get<Options>();
}

}  // namespace

TEST_CASE("read_experiment: one-pass SGD and its four methods are filled in from the file") {
  const Experiment e = parse_sgd(
      {"training.repeats=2", "training.displacement=-0.1", "training.normalise=spherical",
       "student.train_second_layer=true", "student.second_layer_learning_rate=0.3",
       "curve.ode.rtol=1e-5", "curve.ode.integrator=rosenbrock_4_3", "curve.ode.terms=noise",
       "curve.ode.events=[\"overlap 2 1 0.25\", \"plateau 0.1\", \"max_overlap 0.5\"]",
       "curve.batches.terms=[\"linear\", \"batch\"]", "curve.batches.adaptive={drop=0.2}",
       "curve.batches.moments=points", "curve.batches.points=512", "curve.batches.scrambles=4",
       "curve.dense.dimension=100", "curve.batches.dimension=100"});
  const auto& sgd = e.algorithm.get<OnePassSgd>();
  CHECK(sgd.batch_size == 3);
  CHECK(sgd.repeats == 2);
  CHECK(close(sgd.displacement, -0.1, {}));
  CHECK(sgd.normalise == Normalise::spherical);
  CHECK(close(sgd.second_layer_learning_rate, 0.3, {}));
  CHECK(close(e.duration, 2, {}));
  const auto& ode = options_of<OdeOptions>(e, 0);
  CHECK(close(ode.rtol, 1e-5, {}));
  CHECK(ode.integrator == Integrator::rosenbrock_4_3);
  CHECK(ode.terms == OdeTerms::noise_only);
  REQUIRE(ode.events.size() == 3);
  CHECK(ode.events[0].kind == OdeEvent::Kind::overlap_above);
  CHECK(ode.events[0].neuron == 2);
  CHECK(close(ode.events[0].level, 0.25, {}));
  CHECK(ode.events[1].kind == OdeEvent::Kind::plateau);
  CHECK(close(options_of<ExactChain>(e, 1).dimension, 100, {}));
  CHECK(options_of<DenseSgdSimulation>(e, 2).runs == 32);
  const auto& recursion = options_of<FiniteBatchOptions>(e, 3);
  CHECK(recursion.terms.linear);
  CHECK_FALSE(recursion.terms.noise);
  CHECK(recursion.adaptive.has_value());
  CHECK(close(recursion.adaptive->drop, 0.2, {}));
  CHECK(close(recursion.adaptive->threshold, 0.6, {}));
  CHECK(recursion.moments.points == 512);
  CHECK(close(recursion.rtol, 0, {}));
  CHECK(options_of<ExactChain>(e, 1).seed != options_of<DenseSgdSimulation>(e, 2).seed);
  CHECK(options_of<ExactChain>(e, 1).start_seed == ode.start_seed);
}

TEST_CASE("read_experiment: strides of the recursion have a tolerance, an integrator, a budget") {
  const Experiment e = parse_sgd({"curve.batches.rtol=1e-6", "curve.batches.max_steps=1e6",
                                  "curve.batches.integrator=dormand_prince_5_4"});
  const auto& recursion = options_of<FiniteBatchOptions>(e, 3);
  CHECK(close(recursion.rtol, 1e-6, {}));
  CHECK(recursion.integrator == Integrator::dormand_prince_5_4);
  CHECK(recursion.max_steps == 1'000'000);
  const std::string resolved = json_text(resolved_experiment(e));
  CHECK(resolved.find("\"rtol\": 1e-06") != std::string::npos);
  CHECK(resolved.find("\"max_steps\": 1000000") != std::string::npos);
  CHECK(resolved.find("\"integrator\": \"dormand_prince_5_4\"") != std::string::npos);
}

TEST_CASE(
    "read_experiment: output times of one pass are steps where there are any, for all curves") {
  const Experiment e = parse_sgd();
  // 0.5 d / 3 = 16.67 steps at d = 100, 8.33 at d = 50; 2 d / 3 = 66.67 and 33.33.
  CHECK(options_of<FiniteBatchOptions>(e, 3).steps == std::vector<std::int64_t>{0, 17, 67});
  const std::vector<double>& dense = options_of<DenseSgdSimulation>(e, 2).times;
  REQUIRE(dense.size() == 3);
  CHECK(close(dense[1], 8 * 3 / 50.0, {.rtol = 1e-12}));
  // The ODE has the times of both dimensions, so that it can be compared with both.
  const std::vector<double>& ode = options_of<OdeOptions>(e, 0).times;
  CHECK(ode.size() == 5);
  for (const double time : dense) {
    CHECK(std::any_of(ode.begin(), ode.end(), [&](double t) { return std::abs(t - time) < 1e-9; }));
  }
  // Five of each, of which 0 and 1.5 are common.
  CHECK(options_of<OdeOptions>(parse_sgd({"output.times=linear 4"}), 0).times.size() == 8);
  CHECK(options_of<FiniteBatchOptions>(parse_sgd({"output.times=all"}), 3).steps.size() == 68);
  const auto logs = options_of<FiniteBatchOptions>(parse_sgd({"output.times=log 2"}), 3).steps;
  CHECK(logs == std::vector<std::int64_t>{0, 1, 3, 10, 32, 67});
  CHECK(parse_sgd({"output.times=log 2"}).has_log_times);
}

TEST_CASE("read_experiment: gradient flow has a duration and the one method that fits") {
  const std::string text = R"toml(
[target]
expression = "He2(z1)"
[student]
activation = "He2"
neurons = 1
second_layer = "ones"
[training]
algorithm = "gradient_flow"
duration = 3
[[curve]]
name = "flow"
method = "gradient_flow"
[output]
times = "linear 3"
)toml";
  const Experiment e = parse_experiment(text, "flow.toml");
  CHECK(e.curves[0].method.get<OdeOptions>().times == std::vector<double>{0, 1, 2, 3});
  const Results results = run(e);
  CHECK(results.curves[0].solution.clock == Clock::flow);
  CHECK(results.curves[0].solution.ending.is_completed());
  const std::vector<std::string> ode{"curve.flow.method=ode"};
  CHECK_THROWS_WITH_AS(parse_experiment(text, "flow.toml", ode),
                       "--set curve.flow.method: curve.method must be one of \"gradient_flow\", "
                       "\"mean_field\", \"finite_width\", \"simulation\" for "
                       "training.algorithm = \"gradient_flow\", got \"ode\"",
                       InputError);
  const std::vector<std::string> rate{"training.learning_rate=1"};
  CHECK_THROWS_WITH_AS(parse_experiment(text, "flow.toml", rate),
                       "--set training.learning_rate: training.learning_rate does not apply to "
                       "algorithm \"gradient_flow\"",
                       InputError);
}

TEST_CASE("read_experiment: random starts are an ensemble for the ODE, and refused without") {
  const Experiment e =
      parse_sgd({"initial.kind=random", "curve.ode.starts=5", "curve.ode.dimension=100"});
  CHECK(e.two_layer().has_random_start);
  CHECK(options_of<OdeOptions>(e, 0).starts == 5);
  CHECK(close(options_of<OdeOptions>(e, 0).start_dimension, 100, {}));
  // The other curves have d = 100 and 50: the limit, M = 0 in one run, and it is said.
  const Experiment limit = parse_sgd({"initial.kind=random"});
  CHECK(close(options_of<OdeOptions>(limit, 0).start_dimension, 0, {}));
  REQUIRE(limit.warnings.size() == 1);
  CHECK(limit.warnings[0].find("curve \"ode\" starts at M = 0") == 0);
  // One dimension is shared, and resolved.
  const Experiment shared = parse_sgd({"initial.kind=random", "curve.dense.dimension=100"});
  CHECK(close(options_of<OdeOptions>(shared, 0).start_dimension, 100, {}));
  CHECK(options_of<OdeOptions>(shared, 0).start_seed ==
        options_of<ExactChain>(shared, 1).start_seed);
  CHECK(shared.warnings.empty());
  CHECK(
      json_text(resolved_experiment(shared)).find("\"starts\": 64,\n      \"dimension\": 100.0") !=
      std::string::npos);
  CHECK(close(
      options_of<OdeOptions>(
          parse_sgd({"initial.kind=random", "curve.ode.starts=3", "curve.dense.dimension=100"}), 0)
          .start_dimension,
      100, {}));
  CHECK(sgd_message({"curve.ode.starts=5"}) ==
        "--set curve.ode.starts: curve.starts must be left out unless initial.kind = \"random\" or "
        "student.second_layer_draw = \"run\", got "
        "5");
  CHECK(sgd_message({"curve.ode.dimension=100"}).find("this is the limit, got 100") !=
        std::string::npos);
  CHECK(sgd_message({"initial.kind=random", "curve.ode.starts=5"}) ==
        "sgd.toml:13: curve.dimension is missing");
}

TEST_CASE("read_experiment: what does not fit one-pass SGD is refused with its place") {
  CHECK(sgd_message({"curve.ode.method=dmft"}) ==
        "--set curve.ode.method: curve.method must be one of \"ode\", \"recursion\", "
        "\"gradient_flow\", \"simulation\" for training.algorithm = \"sgd\", got \"dmft\"");
  CHECK(sgd_message({"curve.ode.method=Ode"}).find("got \"Ode\", did you mean ode?") !=
        std::string::npos);
  CHECK(sgd_message({"training.momentum=0.5"}) ==
        "--set training.momentum: training.momentum does not apply to algorithm \"sgd\"");
  CHECK(sgd_message({"training.learning_rate=[0.1, 0.2]"}) ==
        "--set training.learning_rate: training.learning_rate must be a number, got [0.1, 0.2]");
  CHECK(
      sgd_message({"training.batch_size=0"}).find("training.batch_size must be an integer of at") !=
      std::string::npos);
  CHECK(sgd_message({"training.duration=0"}) ==
        "--set training.duration: training.duration must be finite and > 0, got 0");
  CHECK(sgd_message({"curve.chain.dimension=2"}).find("curve.dimension must be an integer of at") !=
        std::string::npos);
  CHECK(sgd_message({"curve.batches.atol=1"}) ==
        "--set curve.batches.atol: curve.atol does not apply to method \"recursion\"");
  CHECK(
      sgd_message({"curve.batches.rtol=1"}) ==
      "--set curve.batches.rtol: curve.rtol must be 0 (every step is taken) or 1e-12 to 0.01, got "
      "1");
  CHECK(sgd_message({"curve.batches.rtol=1e-8", "curve.batches.adaptive={drop=0.1}"}) ==
        "--set curve.batches.rtol: curve.rtol must be 0 with `adaptive`, whose map changes from "
        "step to step, got 1e-08");
  CHECK(sgd_message({"curve.batches.integrator=rosenbrock_4_3"})
            .find("curve.integrator must be left out unless rtol > 0") != std::string::npos);
  CHECK(sgd_message({"curve.batches.rtoll=1e-8"}).find("did you mean rtol?") != std::string::npos);
  CHECK(sgd_message({"training.duration=1e18", "output.times=log 2"}) ==
        "--set training.duration: training.duration must be at most 2^62 steps, of batch_size / "
        "dimension = 0.03 for curve \"chain\", got 1e+18");
  CHECK(sgd_message({"curve.ode.engine=exact"}) ==
        "--set curve.ode.engine: curve.engine does not apply to method \"ode\"");
  CHECK(sgd_message({"curve.ode.events=overlap 1 0.5"}).find("curve.events must be texts like") !=
        std::string::npos);
  CHECK(sgd_message({"curve.ode.events=overlap 3 1 0.5"}) ==
        "sgd.toml:13: curve \"ode\": ode: event must be about a neuron 1..p and a direction 1..k, "
        "got overlap [3, 1] above 0.5");
  CHECK(
      sgd_message({"curve.ode.moments=exact", "student.activation=tanh"})
          .find("sgd.toml:13: curve \"ode\": moments: route must be \"points\" or \"automatic\"") ==
      0);
  CHECK(sgd_message({"curve.batches.terms=cubic"}).find("curve.terms must be one of \"linear\"") !=
        std::string::npos);
  CHECK(
      sgd_message({"curve.batches.adaptive={drop=0}"}).find("curve.adaptive.drop must be finite") !=
      std::string::npos);
  CHECK(sgd_message({"output.times=[0, 3]"}) ==
        "--set output.times: output.times must be at most training.duration = 2, got 3");
  CHECK(sgd_message({"output.times=all", "curve.chain.dimension=1e12"})
            .find("where \"all\" is 666666666667 steps, of curve \"chain\", got \"all\"") !=
        std::string::npos);
  CHECK(sgd_message({"output.kernels=true"}).find("output.kernels must be false for") !=
        std::string::npos);
  CHECK(sgd_message({"training.repeats=2", "training.batch_size=5000", "training.duration=200",
                     "curve.ode.terms=noise", "curve.batches.dimension=1e6",
                     "curve.chain.dimension=1e6", "curve.dense.dimension=1e6"})
            .find("sgd.toml:16: curve \"chain\": training: batch_size must be at most 4096 where "
                  "batches are repeated (engine = \"dense\" has no such limit)") == 0);
  CHECK(sgd_message({"training.normalise=projected", "initial.Q=[[1, 0], [0, 0]]"}) ==
        "sgd.toml: initial: Q[2, 2] must be > 0 for normalise = \"projected\", got 0");
}

TEST_CASE(
    "read_experiment: a batch that feels itself when used again is refused for its theories") {
  // (repeats - 1) (n_b - 1) / d = 2 / 100: just as much as ODE and recursion leave out.
  const std::vector<std::string> just = {"training.repeats=2", "curve.dense.dimension=100"};
  CHECK(sgd_message(just) == "accepted");
  CHECK(sgd_message({"training.repeats=2", "curve.dense.dimension=99"}) ==
        "--set training.repeats: training.repeats must be at most 1 for batch_size = 3 at d = 99, "
        "where a batch used again feels itself, (repeats - 1) (batch_size - 1) / d > 0.02: a "
        "simulation does that, and so does the theory of algorithm = \"gradient_descent\" with "
        "schedule = \"repeat 2\", samples_per_dimension = 0.030303030303030304 and the same "
        "learning_rate, got 2 with curve \"ode\"");
  std::string text(one_pass);
  text.replace(text.find("batch_size = 3"), 14, "batch_size = 3\nrepeats = 3");
  text.replace(text.find("dimension = 50"), 14, "dimension = 5000");
  text.replace(text.find("dimension = 100"), 15, "dimension = 5000");
  try {
    parse_experiment(text, "sgd.toml");
    FAIL("accepted");
  } catch (const InputError& error) {  // the recursion's own d, 100, on the line of the key
    CHECK(std::string_view(error.what())
              .find("sgd.toml:12: training.repeats must be at most 2 "
                    "for batch_size = 3 at d = 100,") == 0);
    CHECK(std::string_view(error.what()).find("got 3 with curve \"batches\"") !=
          std::string_view::npos);
  }
  // A displaced gradient is not that of gradient descent: only a simulation is named.
  CHECK(sgd_message({"training.repeats=4", "training.displacement=0.1"}).find("gradient_descent") ==
        std::string::npos);
  // Without a theory, or with single samples, anything goes.
  CHECK(sgd_message({"training.repeats=50", "training.batch_size=1"}) == "accepted");
}

TEST_CASE("read_experiment: a duration without a single step is refused at its place") {
  CHECK(sgd_message({"training.duration=0.029", "output.times=linear 5"}) ==
        "--set training.duration: training.duration must be at least one step, batch_size / "
        "dimension = 0.03 for curve \"chain\", got 0.029");
  CHECK(sgd_message({"training.duration=0.06", "output.times=linear 5"}) == "accepted");
  CHECK(sgd_message({"training.duration=0.059", "output.times=linear 5"})
            .find("= 0.06 for curve "
                  "\"dense\"") != std::string::npos);
}

TEST_CASE("read_experiment: a second layer drawn in every run needs a law to draw from") {
  const std::string run = "student.second_layer_draw=run";
  for (const char* layer : {"ones", "alternating", "[1, -1]"}) {
    CHECK(sgd_message({run, std::string("student.second_layer=") + layer}) ==
          "--set student.second_layer_draw: student.second_layer_draw must be \"once\" unless "
          "student.second_layer is \"gaussian\" or \"rademacher\": nothing else is drawn, got "
          "\"run\"");
  }
  CHECK(sgd_message({"student.second_layer_draw=never"})
            .find("student.second_layer_draw must be one of \"once\", \"run\"") !=
        std::string::npos);
  CHECK(sgd_message({"curve.ode.starts=3"}).find("student.second_layer_draw = \"run\"") !=
        std::string::npos);
  const Experiment e = parse_sgd({run, "student.second_layer=gaussian", "curve.ode.starts=3"});
  CHECK(e.two_layer().student.second_layer_draw == SecondLayerDraw::gaussian);
  CHECK(options_of<OdeOptions>(e, 0).starts == 3);
  CHECK(options_of<OdeOptions>(e, 0).start_dimension == 0);
  const std::string resolved = json_text(resolved_experiment(e));
  CHECK(resolved.find("\"second_layer\": \"gaussian\"") != std::string::npos);
  CHECK(resolved.find("\"second_layer_draw\": \"run\"") != std::string::npos);
}

TEST_CASE("run: one-pass theories are compared with simulations at their common times") {
  const Results results = run(parse_sgd());
  REQUIRE(results.comparisons.size() == 4);
  for (const PairComparison& pair : results.comparisons) {
    CAPTURE(pair.theory);
    CAPTURE(pair.simulation);
    // Three times each, but batches at d = 100 share only t = 0 with dense runs at d = 50.
    const bool is_apart = pair.theory == "batches" && pair.simulation == "dense";
    CHECK(pair.comparison.n_values == (is_apart ? 1 : 3) * (2 + 3 + 1));
    CHECK(pair.comparison.verdict != Verdict::undecided);
  }
  const std::string resolved = json_text(resolved_experiment(parse_sgd()));
  CHECK(resolved.find("\"algorithm\": \"sgd\"") != std::string::npos);
  CHECK(resolved.find("\"batch_size\": 3") != std::string::npos);
}

TEST_CASE("run: every one-pass method says how far it is, rising to 1") {
  for (const std::string method : {"ode", "gradient_flow"}) {
    std::map<std::string, std::vector<double>, std::less<>> seen;
    const auto progress = [&](std::string_view curve, double fraction) {
      seen[std::string(curve)].push_back(fraction);
    };
    run(parse_sgd({"curve.ode.method=" + method}), {.threads = 1, .progress = progress});
    for (const char* curve : {"ode", "chain", "dense", "batches"}) {
      INFO(method << ": " << curve);
      REQUIRE(!seen[curve].empty());
      CHECK(std::is_sorted(seen[curve].begin(), seen[curve].end()));
      CHECK(seen[curve].back() == 1);
    }
  }
}
