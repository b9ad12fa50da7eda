#include "reprise/model/symmetry.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "support/problems.hpp"

using namespace reprise;
using namespace reprise::test;

namespace {

using Eigen::VectorXd;

std::string names_of(const Problem& problem) {
  std::string all;
  for (const ProblemSymmetry& one : symmetries(problem)) all += "[" + one.name + "]";
  return all;
}

const VectorXd one = VectorXd::Ones(1);

}  // namespace

TEST_CASE("symmetries: directions turned round or exchanged") {
  CHECK(names_of(make_problem("relu", one, "z1^2", 1)) == "[z -> -z]");
  CHECK(names_of(make_problem("relu", one, "z1", 1)).empty());
  CHECK(names_of(make_problem("relu", one, "z1 + z2^2", 2)) == "[z2 -> -z2]");
  CHECK(names_of(make_problem("relu", one, "z1*z2", 2)) == "[z -> -z][z1 and z2 exchanged]");
  CHECK(names_of(make_problem("relu", one, "tanh(z1) + tanh(z2)", 2)) == "[z1 and z2 exchanged]");
  CHECK(names_of(make_problem("relu", one, "tanh(z1 + He3(z2))", 2)).empty());
}

TEST_CASE("symmetries: an odd student can follow a target that changes sign") {
  // (z1, z2) -> (-z1, z2) turns g round; with every w turned round as well that is z2 -> -z2 alone.
  CHECK(names_of(make_problem("tanh", one, "z1*z2", 2)) ==
        "[z2 -> -z2][z1 -> -z1][z1 and z2 exchanged]");
  // g and sigma odd: nothing is left of it.
  CHECK(names_of(make_problem("tanh", one, "z1 + z1^3", 1)).empty());
}

TEST_CASE("symmetries: neurons of even activation turned round, equal ones exchanged") {
  CHECK(names_of(make_problem("He2", one, "z1", 1)) == "[neuron 1 turned round]");
  CHECK(names_of(make_problem("relu", VectorXd::Ones(3), "z1", 1)) ==
        "[neurons 1 and 2 exchanged][neurons 2 and 3 exchanged]");
  CHECK(names_of(make_problem("relu", Eigen::Vector3d(1, -1, 1), "z1", 1)) ==
        "[neurons 1 and 3 exchanged]");
}

TEST_CASE("symmetries: the inputs must have them too") {
  Problem problem = make_problem("relu", one, "z1^2 + z2^2", 2);
  CHECK(names_of(problem) == "[z1 -> -z1][z2 -> -z2][z1 and z2 exchanged]");
  problem.input_covariance(0, 0) = 2;
  CHECK(names_of(problem) == "[z1 -> -z1][z2 -> -z2]");
  problem.input_covariance(0, 1) = problem.input_covariance(1, 0) = 0.5;
  CHECK(names_of(problem) == "[z -> -z]");
}

TEST_CASE("start_symmetry: exact, drawn, near, or broken by the start") {
  using Start = StartSymmetry::Start;
  Problem problem = make_problem("relu", one, "z1^2", 1);
  CHECK(start_symmetry(problem, 3000)->start == Start::exact);
  problem.initial.M(0, 0) = -0.018;  // d^-1/2
  CHECK(start_symmetry(problem, 3000)->start == Start::near);
  CHECK_FALSE(start_symmetry(problem, 1e6).has_value());
  problem.initial.M(0, 0) = 0;
  problem.has_random_start = true;
  CHECK(start_symmetry(problem, 1e6)->start == Start::drawn);
  CHECK_FALSE(start_symmetry(make_problem("relu", one, "z1", 1), 100).has_value());
}

TEST_CASE("start_symmetry: orbits with their signs") {
  const auto odd = start_symmetry(make_problem("relu", one, "z1 + z2^2", 2), 100);
  REQUIRE(odd->orbits.size() == 1);
  CHECK(odd->orbits[0].quantity == "M");
  CHECK(odd->orbits[0].entries == std::vector<Eigen::Index>{1});
  CHECK(odd->orbits[0].is_odd);

  // Two equal neurons, an even direction and one that is not: M_11, M_21 | M_12, M_22 odd | Q_11,
  // Q_22 | a_1, a_2. Q_12 stays alone.
  const auto pair = start_symmetry(make_problem("relu", VectorXd::Ones(2), "z1 + z2^2", 2), 100);
  REQUIRE(pair->orbits.size() == 4);
  CHECK(pair->orbits[0].entries == std::vector<Eigen::Index>{0, 2});
  CHECK_FALSE(pair->orbits[0].is_odd);
  CHECK(pair->orbits[1].entries == std::vector<Eigen::Index>{1, 3});
  CHECK(pair->orbits[1].is_odd);
  CHECK(pair->orbits[2].quantity == "Q");
  CHECK(pair->orbits[2].entries == std::vector<Eigen::Index>{0, 3});
  CHECK(pair->orbits[3].quantity == "a");

  // He2 neurons turn round one by one: Q_12 is odd.
  const auto even = start_symmetry(make_problem("He2", Eigen::Vector2d(1, 2), "z1", 1), 100);
  REQUIRE(even->orbits.size() == 3);
  CHECK(even->orbits[2].quantity == "Q");
  CHECK(even->orbits[2].is_odd);
  CHECK(even->orbits[2].entries == std::vector<Eigen::Index>{1, 2});
}

TEST_CASE("start_symmetry: a symmetry moves the overlaps as it says") {
  Problem problem = make_problem("relu", VectorXd::Ones(2), "z1*z2", 2);
  problem.initial.M << 0.1, 0.2, 0.3, 0.4;
  problem.initial.Q << 1, 0.5, 0.5, 2;
  for (const ProblemSymmetry& symmetry : symmetries(problem)) {
    const Overlaps moved = symmetry.applied_to(problem.initial);
    // What every orthogonal map of the inputs and permutation of the neurons leaves alone.
    CHECK(std::abs(moved.M.squaredNorm() - problem.initial.M.squaredNorm()) < 1e-15);
    CHECK(std::abs(moved.Q.trace() - 3) < 1e-15);
    CHECK(moved.Q(0, 1) == 0.5);
    if (symmetry.name == "z -> -z") CHECK(moved.M == -problem.initial.M);
    if (symmetry.name == "neurons 1 and 2 exchanged") CHECK(moved.M(0, 1) == 0.4);
  }
}
