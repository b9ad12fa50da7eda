// Every option of batch gradient descent, three ways: the exact simulation has the law of the dense
// one at small d, and approaches the limit at large d.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "support/benchmark_a.hpp"

namespace {

using namespace reprise;

struct Trial {
  std::string name;
  Problem problem;
  GradientDescent algorithm;
};

Trial base(std::string name, std::string_view activation = "tanh",
           std::string_view target = "tanh(z1 + He2(z2))", Eigen::Index p = 2) {
  return {std::move(name),
          test::uninformed_problem(target, 2, activation, p),
          {.schedule = Schedule::reuse(4), .learning_rate = {0.3}, .samples_per_dimension = {2}}};
}

Trial with(std::string name, const std::function<void(Trial&)>& change) {
  Trial result = base(std::move(name));
  change(result);
  return result;
}

std::vector<Trial> activations_and_losses() {
  std::vector<Trial> list;
  for (const char* activation :
       {"relu", "leaky_relu(0.1)", "erf", "tanh", "sigmoid", "softplus", "gelu", "sin", "cos",
        "linear", "He2", "polynomial([0, 1, 0.5])"}) {
    list.push_back(base(activation, activation));
    if (std::string_view(activation) == "He2") list.back().algorithm.learning_rate = {0.02};
    if (activation[0] == 'p') list.back().algorithm.learning_rate = {0.05};
  }
  for (const char* loss : {"correlation", "huber(0.3)"}) {
    list.push_back(with(loss, [loss](Trial& c) { c.problem.loss = Loss::parse(loss); }));
  }
  list.push_back(base("logistic", "tanh", "sign(z1 + He2(z2))"));
  list.back().problem.loss = Loss::logistic();
  return list;
}

std::vector<Trial> algorithms() {
  std::vector<Trial> list;
  for (const auto& schedule : {Schedule::fresh(4), Schedule::repeat(2, 4), Schedule::cyclic(2, 4),
                               Schedule::explicit_blocks({0, 0, 1, 0})}) {
    list.push_back(with(schedule.name(), [&](Trial& c) { c.algorithm.schedule = schedule; }));
  }
  list.push_back(with("blocks of different size", [](Trial& c) {
    c.algorithm.schedule = Schedule::cyclic(2, 4);
    c.algorithm.samples_per_dimension = {0.5, 3};
  }));
  list.push_back(with("momentum, weight decay, list of rates", [](Trial& c) {
    c.algorithm.momentum = 0.6;
    c.algorithm.weight_decay = 0.4;
    c.algorithm.learning_rate = {0.4, 0.3, 0.2, 0.1};
  }));
  list.push_back(with("momentum, fresh", [](Trial& c) {
    c.algorithm.momentum = 0.6;
    c.algorithm.schedule = Schedule::fresh(4);
  }));
  for (const auto normalise : {Normalise::projected, Normalise::spherical}) {
    list.push_back(with(normalise == Normalise::projected ? "projected" : "spherical",
                        [&](Trial& c) { c.algorithm.normalise = normalise; }));
  }
  for (const double rho : {0.3, -0.3}) {
    list.push_back(with(rho > 0 ? "extragradient, repeat 2" : "SAM, fresh", [&](Trial& c) {
      c.algorithm.displacement = rho;
      c.algorithm.schedule = rho > 0 ? Schedule::repeat(2, 4) : Schedule::fresh(4);
    }));
  }
  list.push_back(with("trained second layer", [](Trial& c) {
    c.algorithm.second_layer_learning_rate = {0.1};
    c.problem.student.output_scale = OutputScale::inverse;
    c.problem.student.second_layer << 1.5, -0.5;
  }));
  return list;
}

std::vector<Trial> problems() {
  std::vector<Trial> list;
  list.push_back(with("label noise", [](Trial& c) { c.problem.target.noise_variance = 0.5; }));
  list.push_back(with("informed start, Gram matrix", [](Trial& c) {
    c.problem.target.gram << 1.5, 0.4, 0.4, 0.8;
    c.problem.input_covariance = c.problem.target.gram;
    c.problem.initial.M << 0.5, -0.2, 0.1, 0.6;
    c.problem.initial.Q << 1.2, 0.3, 0.3, 1.4;
  }));
  list.push_back(with("structured inputs",
                      [](Trial& c) { c.problem.input_covariance << 2.0, 0.5, 0.5, 0.7; }));
  list.push_back(with("spiked inputs and Gram matrix", [](Trial& c) {
    c.problem.target.gram << 1.5, 0.4, 0.4, 0.8;
    c.problem.input_covariance << 4.0, 1.0, 1.0, 0.8;
  }));
  list.push_back(with("random start", [](Trial& c) { c.problem.has_random_start = true; }));
  list.push_back(with("identical neurons and a dead one", [](Trial& c) {
    c.problem = test::uninformed_problem("tanh(z1 + He2(z2))", 2, "tanh", 3);
    c.problem.student.second_layer << 0.5, 0.5, 0.0;
    c.problem.initial.Q << 1, 1, 0, 1, 1, 0, 0, 0, 1;
  }));
  return list;
}

struct Worst {
  double z = 0;
  std::string where;
};

// The largest difference in combined standard errors over M, Q, a and both losses.
Worst worst_difference(const Solution& a, const Solution& b) {
  REQUIRE(a.ending.is_completed());
  REQUIRE(b.ending.is_completed());
  Worst worst;
  for (const Series& series : a.series) {
    const QuantityRow* row = find_quantity(series.quantity);
    if (row == nullptr || !row->is_compared) continue;
    const Series& other = b.at(series.quantity);
    REQUIRE(series.n_times() == other.n_times());
    for (Eigen::Index t = 0; t < series.n_times(); ++t) {
      for (Eigen::Index e = 0; e < series.n_entries(); ++e) {
        // 1e-9: exact zeros and ones that one side reaches up to rounding only.
        const double error =
            1e-9 + std::hypot(series.standard_error(t, e), other.standard_error(t, e));
        const double z = std::abs(series.value(t, e) - other.value(t, e)) / error;
        if (!(z <= worst.z)) {
          worst = {
              z, series.quantity + " entry " + std::to_string(e) + " at step " + std::to_string(t)};
        }
      }
    }
  }
  return worst;
}

// With 1000 runs a side errors are well known: 4.5 of them have a chance below 1e-5 a value, 0.02
// over all values of all configurations. The limit has 16 scrambles and the large simulation 24
// runs, whose errors are themselves known to a fifth: Student's t allows 6.
void check_three_ways(const std::vector<Trial>& configurations) {
  for (const Trial& c : configurations) {
    const Solution dense =
        solve(c.problem, c.algorithm, DenseSimulation{.dimension = 30, .runs = 1000, .seed = 7});
    const Solution small =
        solve(c.problem, c.algorithm, ExactSimulation{.dimension = 30, .runs = 1000, .seed = 8});
    const Solution large =
        solve(c.problem, c.algorithm, ExactSimulation{.dimension = 20000, .runs = 24, .seed = 9});
    const Solution limit =
        solve(c.problem, c.algorithm, DmftOptions{.points = 8192, .scrambles = 16, .seed = 10});
    const Worst law = worst_difference(small, dense);
    const Worst distance = worst_difference(large, limit);
    MESSAGE(c.name << ": exact against dense |z| <= " << law.z << " (" << law.where
                   << "), exact against limit |z| <= " << distance.z << " (" << distance.where
                   << ")");
    CHECK(law.z < 4.5);
    CHECK(distance.z < 6);
  }
}

}  // namespace

TEST_CASE("three ways: agree for every activation and loss") {
  check_three_ways(activations_and_losses());
}

TEST_CASE("three ways: agree for every schedule and algorithm") { check_three_ways(algorithms()); }

TEST_CASE("three ways: agree for every kind of problem and start") { check_three_ways(problems()); }
