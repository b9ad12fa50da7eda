// The recursion of matrix sensing against the steps themselves, many runs at small d.
#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "reprise/matrix_sensing/recursion.hpp"
#include "reprise/matrix_sensing/simulation.hpp"

namespace {

using namespace reprise;

}  // namespace

TEST_CASE("matrix sensing: the recursion is the mean of simulations at kappa = 4 and 1/2") {
  struct Case {
    double kappa, penalty, variance;
    std::uint64_t seed;
  };
  for (const Case& one : {Case{4, 1, 0, 1}, Case{.5, .2, .09, 3}}) {
    INFO("kappa = ", one.kappa);
    const MatrixSensing problem{
        .noise_variance = one.variance, .overlap = {.6, .5}, .norm = {.9, 1.1}};
    const ProxLinear algorithm{
        .penalty = one.penalty, .samples_per_dimension = 1 / one.kappa, .steps = 3};
    const Solution theory = solve(problem, algorithm, SensingRecursionOptions{});
    const Solution runs = solve(problem, algorithm,
                                SensingSimulation{.dimension = 100, .runs = 200, .seed = one.seed});
    REQUIRE(runs.ending.is_completed());
    // 3 steps, 6 numbers, 2 cases: |z| above 3.5 once in 60 times, and the bias of d = 100 is below
    // one standard error of 200 runs.
    for (std::size_t t = 1; t <= 3; ++t) {
      for (const char* quantity : {"overlap", "norm", "error", "overlap_product"}) {
        const Eigen::MatrixXd difference = runs.value(quantity, t) - theory.value(quantity, t);
        const Eigen::MatrixXd z = difference.cwiseQuotient(runs.standard_error(quantity, t));
        INFO(std::string(quantity), " at step ", t, ", z = ", z.transpose());
        CHECK(z.cwiseAbs().maxCoeff() < 3.5);
      }
    }
  }
}
