#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/population_flow.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>

#include "reprise/experiments/experiment/resolved_experiment.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "unit/experiments/experiment_text.hpp"

namespace {

using namespace reprise;
using test::close;
using test::good_experiment;
using test::spoilt;

Experiment parse(std::string_view text, const std::vector<std::string>& overrides = {}) {
  return parse_experiment(text, "test.toml", overrides);
}

const GradientDescent& descent(const Experiment& experiment) {
  return experiment.algorithm.get<GradientDescent>();
}

std::string message_of(std::string_view text, const std::vector<std::string>& overrides = {}) {
  try {
    parse(text, overrides);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

/// The message for the experiment with one line replaced.
std::string message(std::string_view line, std::string_view replacement) {
  return message_of(spoilt(line, replacement));
}

}  // namespace

TEST_CASE("read_experiment: fills problem, algorithm, curves and output from the file") {
  const Experiment e = parse(good_experiment);
  CHECK(e.title == "A test");
  CHECK(e.seed == 7);
  CHECK(e.two_layer().target.g.text() == "z1 + He2(z2)");
  CHECK(close(e.two_layer().target.noise_variance, 0.25, {}));
  CHECK(close(e.two_layer().target.gram(0, 1), 0.5, {}));
  CHECK(e.two_layer().input_covariance == e.two_layer().target.gram);
  CHECK(e.two_layer().student.second_layer == Eigen::Vector3d(1, -1, 0.5));
  CHECK(e.two_layer().student.output_scale == OutputScale::inverse_sqrt);
  CHECK(close(e.two_layer().initial.M(2, 0), 0.2, {}));
  CHECK(descent(e).schedule.n_blocks() == 2);
  CHECK(descent(e).schedule.block(3) == 0);
  CHECK(descent(e).samples_per_dimension == std::vector{3.0, 1.5});
  CHECK(close(descent(e).momentum, 0.5, {}));
  REQUIRE(e.curves.size() == 2);
  CHECK(e.curves[0].method.get<DmftOptions>().points == 128);
  CHECK(e.curves[1].method.get<ExactSimulation>().runs == 5);
  CHECK(e.output_steps == std::vector<std::int64_t>{0, 2, 4});
}

TEST_CASE("read_experiment: defaults are those of the format") {
  const Experiment e = parse(R"(
[target]
expression = "z1 * z2"
[student]
activation = "tanh"
neurons = 3
second_layer = "alternating"
[training]
learning_rate = 0.1
samples_per_dimension = 2
steps = 3
[[curve]]
name = "t"
method = "dmft"
[[curve]]
name = "s"
method = "simulation"
engine = "dense"
dimension = 30
)");
  CHECK(e.title == "test");
  CHECK(e.seed == 1);
  CHECK(e.two_layer().target.gram == Eigen::MatrixXd::Identity(2, 2));
  CHECK(e.two_layer().student.second_layer == Eigen::Vector3d(1, -1, 1));
  CHECK(e.two_layer().initial.M == Eigen::MatrixXd::Zero(3, 2));
  CHECK(e.two_layer().initial.Q == Eigen::MatrixXd::Identity(3, 3));
  CHECK(e.two_layer().loss.name() == "square");
  CHECK(descent(e).schedule.name() == "reuse");
  CHECK(e.curves[0].method.get<DmftOptions>().points == 65536);
  CHECK(e.curves[0].method.get<DmftOptions>().scrambles == 8);
  CHECK(e.curves[1].method.get<DenseSimulation>().runs == 32);
  CHECK(e.output_steps == std::vector<std::int64_t>{0, 1, 2, 3});
}

TEST_CASE("read_experiment: Q defaults to M P^-1 M^T + 1") {
  const Experiment e = parse(spoilt("Q = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]\n", ""));
  const Eigen::MatrixXd& M = e.two_layer().initial.M;
  const Eigen::MatrixXd expected =
      M * e.two_layer().target.gram.inverse() * M.transpose() + Eigen::MatrixXd::Identity(3, 3);
  CHECK(close((e.two_layer().initial.Q - expected).norm(), 0,
              {.atol = 1e-14}));  // round-off of 3 x 3
}

TEST_CASE("read_experiment: random second layers come from the seed alone") {
  const auto second_layer = [](const std::string& name, const std::string& seed) {
    const std::string text =
        spoilt("second_layer = [1.0, -1, 0.5]", "second_layer = \"" + name + "\"");
    return parse(text, {"seed=" + seed}).two_layer().student.second_layer;
  };
  CHECK(second_layer("gaussian", "1") == second_layer("gaussian", "1"));
  CHECK(second_layer("gaussian", "1") != second_layer("gaussian", "2"));
  CHECK(second_layer("rademacher", "1").cwiseAbs() == Eigen::Vector3d::Ones());
}

TEST_CASE("read_experiment: curves of one engine have streams of their own") {
  const std::string text = std::string(good_experiment) +
                           "[[curve]]\nname = \"again\"\nmethod = \"simulation\"\ndimension = 60\n";
  const Experiment e = parse(text);
  CHECK(e.curves[1].method.get<ExactSimulation>().seed !=
        e.curves[2].method.get<ExactSimulation>().seed);
  CHECK(parse(good_experiment).curves[1].method.get<ExactSimulation>().seed ==
        e.curves[1].method.get<ExactSimulation>().seed);
}

TEST_CASE("read_experiment: a misspelt key names file, line and the nearest key") {
  CHECK(message("learning_rate  ", "leraning_rate  ") ==
        "test.toml:21: unknown key \"training.leraning_rate\", did you mean learning_rate? "
        "`reprise keys training` lists them");
  CHECK(message("[training]", "[trainign]") ==
        "test.toml:20: unknown key \"trainign\", did you mean training? `reprise keys` lists them");
  CHECK(message("points    = 128", "pionts    = 128") ==
        "test.toml:31: unknown key \"curve.pionts\", did you mean points? `reprise keys curve` "
        "lists them");
  CHECK(message("[output]", "[quux]") ==
        "test.toml:40: unknown key \"quux\"; `reprise keys` lists them");
}

TEST_CASE("read_experiment: a value out of range names key, rule and value") {
  CHECK(message("= 0.2\n", "= -0.2\n") ==
        "test.toml:21: training.learning_rate must be finite and >= 0, got -0.2");
  CHECK(message("= 0.2\n", "= nan\n") ==
        "test.toml:21: training.learning_rate must be finite and >= 0, got nan");
  CHECK(message("= 0.2\n", "= \"fast\"\n") ==
        "test.toml:21: training.learning_rate must be a number or a list of numbers, got \"fast\"");
  CHECK(message("= 0.2\n", "= [0.1, 0.1, inf, 0.1]\n") ==
        "test.toml:21: training.learning_rate[3] must be finite and >= 0, got inf");
  CHECK(message("= 0.2\n", "= [0.1, 0.2]\n") ==
        "test.toml:21: training.learning_rate must be one number or a list of 4, one a step, got a "
        "list of 2");
  CHECK(message("= 0.25", "= -1") ==
        "test.toml:7: target.noise_variance must be finite and >= 0, got -1");
  CHECK(message("momentum              = 0.5", "momentum = 1") ==
        "test.toml:23: training.momentum must be at least 0 and below 1, got 1");
  CHECK(message("[3.0, 1.5]", "[3.0, 0]") ==
        "test.toml:24: training.samples_per_dimension[2] must be finite and > 0, got 0");
  CHECK(message("scrambles = 4", "scrambles = 1") ==
        "test.toml:32: curve.scrambles must be an integer of at least 2 and at most 4096, got 1");
  CHECK(message("dimension = 60", "dimension = 2") ==
        "test.toml:37: curve.dimension must be an integer of at least 5 and at most 1099511627776, "
        "got 2");
  CHECK(message("runs      = 5", "runs = 2.5") ==
        "test.toml:38: curve.runs must be an integer of at least 1 and at most 100000000, got 2.5");
  CHECK(message("times = [0, 2, 4]", "times = [0, 5]") ==
        "test.toml:41: output.times[2] must be an integer of at least 0 and at most 4, got 5");
}

TEST_CASE("read_experiment: zero steps are refused") {
  const std::string text =
      spoilt("[0, 1, 1, 0]\nsteps                 = 4", "\"reuse\"\nsteps = 0");
  CHECK(message_of(text) ==
        "test.toml:26: training.steps must be an integer of at least 1 and at most 1000000, got 0");
}

TEST_CASE("read_experiment: block numbers that do not exist are refused") {
  CHECK(
      message("[0, 1, 1, 0]", "[0, 2, 2, 0]") ==
      "test.toml:25: training.schedule must be a list of block numbers 0, 1, 2, ... with none left "
      "out, got block 2 although there is no block 1");
  CHECK(message("[0, 1, 1, 0]", "[0, -1, 1, 0]") ==
        "test.toml:25: training.schedule[2] must be an integer of at least 0 and at most 1000000, "
        "got -1");
  CHECK(message("[0, 1, 1, 0]", "[0, 1]") ==
        "test.toml:25: training.schedule must be a list of 4 block numbers, one a step, got 2");
  CHECK(message("[0, 1, 1, 0]", "[0, 1, 2, 0]") ==
        "test.toml:24: training.samples_per_dimension must be one number or a list of 3, one a "
        "block, got a list of 2");
  CHECK(message("[0, 1, 1, 0]", "\"repeat 0\"") ==
        "test.toml:25: training.schedule must be \"reuse\", \"fresh\", \"repeat R\", \"cyclic B\" "
        "with R, B >= 1, or a list of block numbers, got \"repeat 0\"");
}

TEST_CASE("read_experiment: wrong shapes name both shapes") {
  CHECK(message("M = [[0, 0.1], [0, 0], [0.2, 0]]", "M = [[0, 0.1], [0, 0]]") ==
        "test.toml:17: initial.M must be of shape (3, 2), got (2, 2)");
  CHECK(message("M = [[0, 0.1], [0, 0], [0.2, 0]]", "M = [[0], [0], [0.2]]") ==
        "test.toml:17: initial.M must be of shape (3, 2), got (3, 1)");
  CHECK(message("gram           = [[1, 0.5], [0.5, 2]]", "gram = [[1]]") ==
        "test.toml:8: target.gram must be of shape (2, 2), got (1, 1)");
  CHECK(
      message("[[0, 0.1], [0, 0], [0.2, 0]]", "[[0, 0.1], [0], [0.2, 0]]") ==
      "test.toml:17: initial.M must be a matrix, all rows of one length, got [[0, 0.1], [0], [0.2, "
      "0]]");
  CHECK(message("[1.0, -1, 0.5]", "[1.0, -1]") ==
        "test.toml:13: student.second_layer must be of shape (3) as there are 3 neurons, got shape "
        "(2)");
  CHECK(message("[0, 0.1]", "[0, nan]") == "test.toml:17: initial.M[1, 2] must be finite, got nan");
}

TEST_CASE("read_experiment: matrices that are no overlaps are refused with the reason") {
  CHECK(message("[0.5, 2]", "[0.4, 2]").find("test.toml:8: target.gram must be symmetric") == 0);
  CHECK(message("[0.5, 2]", "[0.5, 0.2]") ==
        "test.toml:8: target.gram must be positive definite, got lowest eigenvalue -0.0403124");
  const std::string below = message("M = [[0, 0.1]", "M = [[2, 0.1]");
  CHECK(below.find("test.toml:18: initial.Q - M P^-1 M^T must be positive semidefinite, got") == 0);
  CHECK(below.find("eigenvalue") != std::string::npos);
  CHECK(below.find("-3.") != std::string::npos);
}

TEST_CASE("read_experiment: an error in the target shows the place in the text") {
  const std::string text = message("\"z1 + He2(z2)\"", "\"z1 + He2(z2\"");
  CHECK(text.find("test.toml:6: target.expression must be a formula of z1, z2, ...: ") == 0);
  CHECK(text.find("at character 9") != std::string::npos);
  CHECK(text.find("\n  z1 + He2(z2\n          ^") != std::string::npos);
  CHECK(message("\"z1 + He2(z2)\"", "\"3\"") ==
        "test.toml:6: target.expression must be a formula that uses z1 at least, got \"3\"");
}

TEST_CASE("read_experiment: labels and activations that are no numbers are refused with a sample") {
  const std::string text = message("z1 + He2(z2)", "z1 + log(z2)");
  CHECK(text.find("test.toml:") == 0);
  CHECK(text.find("target.expression must be finite at every input, got nan at z = (") !=
        std::string::npos);
  CHECK(message("\"relu\"", "\"polynomial([0, 1e308, 1e308])\"")
            .find("student.activation must be finite at every field, got inf at h = (") !=
        std::string::npos);
}

TEST_CASE("read_experiment: labels of infinite variance are warned of") {
  CHECK(parse(good_experiment).warnings.empty());
  const Experiment wild = parse(spoilt("z1 + He2(z2)", "exp(z1^2) + z2"));
  REQUIRE(wild.warnings.size() == 1);
  CHECK(wild.warnings[0].find("the labels have infinite variance") == 0);
}

TEST_CASE("read_experiment: misspelt names get a suggestion") {
  CHECK(message("method    = \"dmft\"", "method = \"dfmt\"") ==
        "test.toml:30: curve.method must be one of \"dmft\", \"simulation\", got \"dfmt\", did you "
        "mean dmft?");
  CHECK(message("\"relu\"", "\"rleu\"").find("test.toml:11: student.activation = \"rleu\": ") == 0);
  CHECK(message("[1.0, -1, 0.5]", "\"alternate\"").find("did you mean alternating?") !=
        std::string::npos);
}

TEST_CASE("read_experiment: names of curves are legal and unique") {
  CHECK(
      message("\"d = 60\"", "\"theory\"") ==
      "test.toml:35: curve.name must be different from that of every other curve, got \"theory\"");
  for (const char* name :
       {"\"a/b\"", "\"../x\"", "\"..\"", "\"\"", "\" a\"", "\"a\\nb\"", "\"é\""}) {
    CHECK(message("\"d = 60\"", name).find("test.toml:35: curve.name must be at most 80") == 0);
  }
}

TEST_CASE("read_experiment: keys of another method are refused") {
  CHECK(message("dimension = 60", "dimension = 60\npoints = 10") ==
        "test.toml:38: curve.points does not apply to method \"simulation\"");
  CHECK(message("points    = 128", "runs = 128") ==
        "test.toml:31: curve.runs does not apply to method \"dmft\"");
}

TEST_CASE("read_experiment: what waits for a later version says so, its default is accepted") {
  CHECK(message("[output]", "[sweep]\nobservable = \"max_overlap\"\n[output]") ==
        "test.toml:40: [sweep] makes a grid of experiments; `reprise sweep` runs it");
  CHECK(message("steps                 = 4", "steps = 4\nnormalise = \"none\"\ndisplacement = 0") ==
        "accepted");
}

TEST_CASE("read_experiment: the options of gradient descent reach the problem and the algorithm") {
  CHECK(
      message("steps                 = 4", "steps = 4\nnormalise = \"sperical\"") ==
      "test.toml:27: training.normalise must be one of \"none\", \"projected\", \"spherical\", got "
      "\"sperical\", did you mean spherical?");
  CHECK(message("[output]", "[inputs]\ncovariance = [[1, 2], [2, 1]]\n[output]") ==
        "test.toml:41: inputs.covariance must be positive semidefinite, got a lowest eigenvalue of "
        "-1");
  CHECK(message("steps                 = 4",
                "steps = 4\nnormalise = \"spherical\"\ndisplacement = -0.1") == "accepted");
  CHECK(message("[output]", "[inputs]\ncovariance = [[2, 0], [0, 1]]\n[output]") == "accepted");
  CHECK(message("[output]", "[output]\nkernels = 1") ==
        "test.toml:41: output.kernels must be true or false, got 1");
}

TEST_CASE("read_experiment: what is missing and what is not TOML have a line") {
  CHECK(message("steps                 = 4", "").find("accepted") ==
        0);  // the schedule is explicit
  CHECK(message("learning_rate         = 0.2", "") ==
        "test.toml:20: training.learning_rate is missing");
  CHECK(message("[target]", "[target").find("test.toml:5: not valid TOML: ") == 0);
  CHECK(message("format = 1", "format = 2") ==
        "test.toml:1: format = 2 is not available in this version, only 1 is");
}

TEST_CASE("overrides: reach values of sections and curves, by name or number") {
  const Experiment e =
      parse(good_experiment, {"training.learning_rate=0.05", "curve.theory.points=1e3",
                              "curve.d = 60.runs=9", "curve.1.scrambles=3", "title=Shorter",
                              "target.expression=tanh(z1 + z2)", "training.schedule=[0, 0, 1, 1]"});
  CHECK(close(descent(e).learning_rate.at(0), 0.05, {}));
  CHECK(e.curves[0].method.get<DmftOptions>().points == 1000);
  CHECK(e.curves[0].method.get<DmftOptions>().scrambles == 3);
  CHECK(e.curves[1].method.get<ExactSimulation>().runs == 9);
  CHECK(e.title == "Shorter");
  CHECK(e.two_layer().target.g.text() == "tanh(z1 + z2)");
  CHECK(descent(e).schedule.block(1) == 0);
}

TEST_CASE("overrides: errors name the option instead of a line") {
  CHECK(message_of(good_experiment, {"training.learning_rate=-1"}) ==
        "--set training.learning_rate: training.learning_rate must be finite and >= 0, got -1");
  CHECK(message_of(good_experiment, {"training.stpes=3"}) ==
        "--set training.stpes: unknown key \"training.stpes\", did you mean steps? `reprise keys "
        "training` lists them");
  CHECK(message_of(good_experiment, {"training.steps"}).find("must be key=value") !=
        std::string::npos);
  CHECK(
      message_of(good_experiment, {"curve.thoery.points=3"}) ==
      "--set curve.thoery.points=3: must be curve.<name>.<key>=<value>, the names being \"theory\" "
      "\"d = 60\"");
  CHECK(message_of(good_experiment, {"title.x=3"}) == "--set title.x: \"title\" is not a section");
}

TEST_CASE("output times: all, logarithmic, linear or a list") {
  const auto steps = [](const std::string& times) {
    return parse(spoilt("[0, 1, 1, 0]\nsteps                 = 4", "\"cyclic 2\"\nsteps = 100"),
                 {"output.times=" + times})
        .output_steps;
  };
  using Steps = std::vector<std::int64_t>;
  CHECK(steps("all").size() == 101);
  CHECK(steps("linear 4") == Steps{0, 25, 50, 75, 100});
  CHECK(steps("log 2") == Steps{0, 1, 3, 10, 32, 100});
  CHECK(steps("[7, 3, 3]") == Steps{3, 7});
  CHECK_THROWS_AS(steps("log 0"), InputError);
  CHECK_THROWS_AS(steps("log2"), InputError);
}

TEST_CASE("experiment: callables stand in files by the name that is vouched for, or not at all") {
  Experiment e = parse(good_experiment);
  const std::string before = identity_of(e);
  TargetCallable g{.n_variables = 2, .values = [](const SampleColumns& z, std::span<double> y) {
                     for (std::size_t i = 0; i < y.size(); ++i) y[i] = z(i, 0) * z(i, 1);
                   }};
  e.problem.get<Problem>().target.g = g;
  CHECK(test::message_of([&] { identity_of(e); }) ==
        "target: g must be a text, or a callable with a name, to stand in a file, got a callable "
        "without a name");
  g.name = "product";
  e.problem.get<Problem>().target.g = g;
  const std::string product = identity_of(e);
  CHECK(product != before);
  CHECK(test::contains(product, "target.expression = \"callable \\\"product\\\"\""));
  g.name = "other";
  e.problem.get<Problem>().target.g = g;
  CHECK(identity_of(e) != product);
  const auto chunk = [](std::span<const double> x, std::span<double> out) {
    std::copy(x.begin(), x.end(), out.begin());
  };
  e.problem.get<Problem>().student.activation = Activation::custom("", chunk, chunk);
  CHECK(test::contains(test::message_of([&] { resolved_experiment(e); }), "student: activation"));
  // And a file that such a program wrote is not read as a formula.
  CHECK(message("expression     = \"z1 + He2(z2)\"", "expression = 'callable \"product\"'") ==
        "test.toml:6: target.expression must be a text: what is a function of a C++ program is run "
        "again from there, got callable \"product\"");
}
