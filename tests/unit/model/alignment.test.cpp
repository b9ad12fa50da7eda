#include "reprise/model/alignment.hpp"

#include <doctest/doctest.h>

#include "reprise/core/ensemble.hpp"

using namespace reprise;

namespace {

using Eigen::MatrixXd;

Problem committee(const char* activation, const Eigen::VectorXd& weights) {
  Target target{.g = Expression::parse("z1 + He2(z2) + He3(z3)")};
  Student student{.activation = Activation::parse(activation), .second_layer = weights};
  return Problem::of(std::move(target), std::move(student));
}

// M (3, 3), Q (3, 3) and a (3) of runs that are one another up to a permutation, a sign and noise.
struct Runs {
  MatrixXd M{{0.9, 0.1, 0.0}, {0.0, 0.8, 0.2}, {0.1, 0.0, 0.7}};
  MatrixXd Q{{1.0, 0.3, 0.2}, {0.3, 2.0, 0.1}, {0.2, 0.1, 3.0}};
  Eigen::VectorXd a{{1.0, 1.0, 1.0}};
  std::vector<Eigen::RowVectorXd> rows = {};

  void add(const std::vector<int>& order, const Eigen::Vector3d& sign, double turn_a) {
    Eigen::RowVectorXd row(21);
    for (int i = 0; i < 3; ++i) {
      for (int r = 0; r < 3; ++r) row[3 * i + r] = sign[i] * M(order[i], r);
      for (int j = 0; j < 3; ++j) {
        row[9 + 3 * i + j] = sign[i] * sign[j] * Q(order[i], order[j]);
      }
      row[18 + i] = (sign[i] < 0 ? turn_a : 1.0) * a[order[i]];
    }
    rows.push_back(row);
  }

  Solution solution() const {
    std::vector<Trajectory> replicas;
    for (const Eigen::RowVectorXd& row : rows) replicas.push_back({.values = row, .n_times = 1});
    return average({{"M", 3, 3}, {"Q", 3, 3}, {"a", 3}}, replicas);
  }
};

}  // namespace

TEST_CASE("align_neurons: runs that differ by a permutation are one, whatever the order") {
  Runs runs;
  runs.add({2, 0, 1}, {1, 1, 1}, 1);
  runs.add({0, 1, 2}, {1, 1, 1}, 1);
  runs.add({1, 0, 2}, {1, 1, 1}, 1);
  Solution solution = runs.solution();
  align_neurons(solution, committee("relu", Eigen::Vector3d::Ones()), false);
  CHECK((solution.value("M", 0) - runs.M).cwiseAbs().maxCoeff() < 1e-15);
  CHECK((solution.value("Q", 0) - runs.Q).cwiseAbs().maxCoeff() < 1e-15);
  CHECK(solution.standard_error("M", 0).cwiseAbs().maxCoeff() < 1e-15);
  for (const MatrixXd& replica : solution.replicas) CHECK(replica == solution.replicas.front());
}

TEST_CASE("align_neurons: signs are turned where the activation is even or odd, not elsewhere") {
  const auto largest_error = [](const char* activation, double turn_a, bool trains) {
    Runs runs;
    runs.add({0, 1, 2}, {1, 1, 1}, turn_a);
    runs.add({2, 0, 1}, {-1, 1, -1}, turn_a);
    runs.add({1, 2, 0}, {1, -1, 1}, turn_a);
    Solution solution = runs.solution();
    align_neurons(solution, committee(activation, Eigen::Vector3d::Ones()), trains);
    return solution.at("M").standard_error.maxCoeff() + solution.at("a").standard_error.maxCoeff();
  };
  CHECK(largest_error("He2", 1, false) < 1e-15);
  CHECK(largest_error("erf", -1, true) < 1e-15);
  CHECK(largest_error("relu", 1, false) > 0.1);
  CHECK(largest_error("erf", -1, false) > 0.1);  // a turned neuron would need the weight -1
}

TEST_CASE("align_neurons: only neurons of equal output weight change places") {
  Runs runs;
  runs.add({0, 1, 2}, {1, 1, 1}, 1);
  runs.add({1, 0, 2}, {1, 1, 1}, 1);
  const auto error = [&](const Eigen::Vector3d& weights) {
    Solution solution = runs.solution();
    align_neurons(solution, committee("relu", weights), false);
    return solution.at("M").standard_error.maxCoeff();
  };
  CHECK(error({2, 2, 1}) < 1e-15);
  CHECK(error({2, 1, 1}) > 0.1);
}

TEST_CASE("align_neurons: an order that ties stays, and what is not learnt is left alone") {
  Runs runs;
  runs.M.setZero();
  runs.add({0, 1, 2}, {1, 1, 1}, 1);
  runs.add({1, 2, 0}, {1, 1, 1}, 1);
  const Solution before = runs.solution();
  Solution after = before;
  align_neurons(after, committee("relu", Eigen::Vector3d::Ones()), false);
  CHECK(after.at("Q").value == before.at("Q").value);
  CHECK(after.replicas[1] == before.replicas[1]);
}
