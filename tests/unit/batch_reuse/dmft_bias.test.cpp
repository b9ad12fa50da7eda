#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;

// A cubic student whose runs diverge the earlier the fewer their points are, in some seeds.
Solution cubic_student(double learning_rate, std::uint64_t seed) {
  const Problem problem{
      .target = {Expression::parse("z1"), 0, Eigen::MatrixXd::Identity(1, 1)},
      .student = {Activation::parse("He3"), Eigen::VectorXd::Ones(1)},
      .initial = {Eigen::MatrixXd::Constant(1, 1, 0.5), Eigen::MatrixXd::Identity(1, 1)},
      .input_covariance = Eigen::MatrixXd::Identity(1, 1)};
  return solve(problem,
               GradientDescent{.schedule = Schedule::reuse(12),
                               .learning_rate = {learning_rate},
                               .samples_per_dimension = {3}},
               DmftOptions{.points = 1024, .scrambles = 2, .seed = seed, .progress = {}});
}

// Of M at a step, from the replicas: without the bias.
double spread(const Solution& solution, int t) {
  std::vector<double> values;
  for (const Eigen::MatrixXd& replica : solution.replicas) values.push_back(replica(t, 0));
  return test::moments(values).mean_error;
}

}  // namespace

TEST_CASE(
    "dmft: where the runs that show the bias of the points diverge first, a warning says so") {
  const Solution solution = cubic_student(0.008, 7);
  REQUIRE(solution.ending.is_completed());
  REQUIRE(solution.warnings.size() == 1);
  const std::string& warning = solution.warnings.front();
  const std::string_view before = "diverged after step ";
  REQUIRE(warning.find(before) != std::string::npos);
  const int last = std::stoi(warning.substr(warning.find(before) + before.size()));
  REQUIRE(last < 12);
  CHECK(warning.find("later standard errors leave that bias out") != std::string::npos);
  CHECK(solution.standard_error("M", last)(0, 0) > 1.01 * spread(solution, last));
  CHECK(solution.standard_error("M", last + 1)(0, 0) ==
        doctest::Approx(spread(solution, last + 1)).epsilon(1e-9));
}

TEST_CASE("dmft: no warning of a bias that is known to the end") {
  const Solution solution = cubic_student(0.002, 1);
  REQUIRE(solution.ending.is_completed());
  CHECK(solution.warnings.empty());
  CHECK(solution.standard_error("M", 12)(0, 0) > spread(solution, 12));
}
