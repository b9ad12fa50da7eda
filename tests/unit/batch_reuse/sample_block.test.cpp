#include "reprise/batch_reuse/sample_block.hpp"

#include <doctest/doctest.h>

#include <cmath>

#include "reprise/batch_reuse/exact_simulation.hpp"
#include "support/benchmark_a.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

double largest_difference(const Solution& a, const Solution& b, const char* quantity) {
  return (a.at(quantity).value - b.at(quantity).value).cwiseAbs().maxCoeff();
}

}  // namespace

// Regression: eigenvectors of the correlation matrix of the gradients took their signs, and bases
// where it is degenerate, from rounding: one file and seed gave other runs on other processors.
TEST_CASE("exact simulation: starts that differ by rounding give numbers that differ by rounding") {
  const GradientDescent algorithm = benchmark_a_algorithm(Schedule::reuse(6));
  const ExactSimulation options{.dimension = 100, .runs = 4};
  Problem problem = benchmark_a_problem();
  const Solution run = solve(problem, algorithm, options);
  for (const double rounding : {-1e-15, 1e-15}) {
    problem.student.second_layer[1] = -std::sqrt(0.5) * (1 + rounding);
    problem.initial.Q(1, 1) = 1 + rounding;
    const Solution moved = solve(problem, algorithm, options);
    for (const char* quantity : {"M", "Q", "training_loss", "generalisation_error"}) {
      CAPTURE(quantity);
      CHECK(close(largest_difference(moved, run, quantity), 0, {.atol = 1e-12}));
    }
  }
}
