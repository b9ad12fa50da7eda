// Functions that a program lends to the experiments it reads.
#include "reprise/experiments/experiment/callables.hpp"

#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "reprise/core/error.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "support/message_of.hpp"

using namespace reprise;
using reprise::test::message_of;

namespace {

TargetFunction product(std::string name, double scale = 1) {
  return TargetFunction(TargetCallable{.n_variables = 2,
                                       .values =
                                           [scale](const SampleColumns& z, std::span<double> y) {
                                             for (std::size_t i = 0; i < y.size(); ++i) {
                                               y[i] = scale * z(i, 0) * z(i, 1) + z(i, 0);
                                             }
                                           },
                                       .name = std::move(name)});
}

std::string file_of(const std::string& expression) {
  return "format = 1\n[target]\nexpression = '" + expression +
         "'\n[student]\nactivation = \"tanh\"\nsecond_layer = [1.0]\n[training]\n"
         "learning_rate = 0.2\nsamples_per_dimension = 2\nsteps = 2\n"
         "[[curve]]\nname = \"theory\"\nmethod = \"dmft\"\npoints = 256\n";
}

}  // namespace

TEST_CASE("CallableScope: an experiment that is read in it keeps the function") {
  std::optional<Experiment> experiment;
  {
    const CallableScope lent({.targets = {{product("own")}}});
    experiment = parse_experiment(file_of("callable \"own\""), "test.toml");
  }
  CHECK(experiment->two_layer().target.g.name() == "own");
  const Experiment text = parse_experiment(file_of("z1*z2 + z1"), "test.toml");
  const Eigen::MatrixXd one = run(*experiment).curves.front().solution.value("M", 2);
  const Eigen::MatrixXd other = run(text).curves.front().solution.value("M", 2);
  CHECK((one - other).cwiseAbs().maxCoeff() < 1e-12);  // rounding of the formula
}

TEST_CASE("CallableScope: outside of it the name is refused") {
  { const CallableScope lent({.targets = {{product("own")}}}); }
  CHECK(message_of([] {
          parse_experiment(file_of("callable \"own\""), "test.toml");
        }).find("run again from there") != std::string::npos);
  const CallableScope lent({.activations = {{Activation::custom(
                                "own", [](double h) { return h; }, [](double) { return 1.0; })}}});
  CHECK(!find_target("callable \"own\""));  // another kind
  CHECK(find_activation("callable \"own\""));
  CHECK(!find_activation("relu"));
}

TEST_CASE("CallableScope: a name is that of one function at a time") {
  int one = 0, other = 0;
  {
    const CallableScope first({.targets = {{product("own"), &one}}});
    { const CallableScope same({.targets = {{product("own"), &one}}}); }
    CHECK(find_target("callable \"own\""));  // the first still lends it
    CHECK(message_of([&] {
            CallableScope({.targets = {{product("own", 2), &other}}});
          }).find("one function at a time") != std::string::npos);
    CHECK(message_of([&] { CallableScope({.targets = {{product("own", 2)}}}); }).size() > 0);
  }
  const CallableScope later({.targets = {{product("own", 2), &other}}});
  CHECK(find_target("callable \"own\""));
}

TEST_CASE("CallableScope: a function without a name cannot be lent") {
  CHECK(message_of([] { CallableScope({.targets = {{product("")}}}); }).find("with a name") !=
        std::string::npos);
}
