// The generalisation error that every method prints, and whether its standard error covers the
// truth, for labels with heavy tails.
#include "reprise/gaussian/generalisation_error.hpp"

#include <doctest/doctest.h>

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/model/hermite.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"
#include "support/statistics.hpp"

namespace {

using namespace reprise;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;

// A label with its moments E g, E g^2 and E[tanh(h) g] for h = (z1 + ... + zk) / 2 + rest, E h^2
// = 1.
struct Label {
  std::string text;
  Index k;
  double mean, square, with_student;
};

// The trapezoidal rule for E over one standard normal: exact to rounding for what is used here.
double average(const std::function<double(double)>& f) {
  constexpr double step = 0.05;
  double sum = 0;
  for (double z = -14; z <= 14; z += step) sum += f(z) * std::exp(-0.5 * z * z);
  return step * sum / std::sqrt(2 * M_PI);
}

double tanh_square() {
  return average([](double z) { return std::tanh(z) * std::tanh(z); });
}

std::vector<Label> labels() {
  const auto with_tanh = [](int l) {
    return average([=](double z) { return std::tanh(z) * hermite(l, z); });
  };
  std::vector<Label> all;
  // E[tanh(h) He_l(z)] = r^l E[tanh(h) He_l(h)], r = 1/2, products the same with one power each.
  for (int l = 2; l <= 8; ++l) {
    all.push_back({"He" + std::to_string(l) + "(z1)", 1, 0, std::tgamma(l + 1),
                   std::pow(0.5, l) * with_tanh(l)});
  }
  all.push_back({"exp(z1)", 1, std::exp(0.5), std::exp(2.0),
                 std::exp(0.5) * average([](double h) { return std::tanh(h + 0.5); })});
  all.push_back({"exp(3*z1)", 1, std::exp(4.5), std::exp(18.0),
                 std::exp(4.5) * average([](double h) { return std::tanh(h + 1.5); })});
  all.push_back({"abs(z1)^3", 1, 2 * std::sqrt(2 / M_PI), 15, 0});  // even, and tanh is odd
  all.push_back({"z1*z2", 2, 0, 1, 0.25 * with_tanh(2)});
  all.push_back({"z1*z2*z3", 3, 0, 1, 0.125 * with_tanh(3)});
  return all;
}

// A tanh student, whose error has no closed form, or a relu student, at overlap m with every
// target.
Problem problem_of(const Label& label, const char* activation, double m) {
  Problem problem = test::make_problem(activation, VectorXd::Ones(1), label.text, label.k);
  problem.initial.M.setConstant(m);
  return problem;
}

double truth(const Label& label, double m) {
  return 0.5 * (tanh_square() + label.square) - (m == 0 ? 0 : label.with_student);
}

double quantile(Index n, double rate) {
  const boost::math::students_t law(static_cast<double>(n - 1));
  return boost::math::quantile(boost::math::complement(law, rate / 2));
}

// Of many independent means with errors, how many miss the truth at the 90 % level of Student's t:
// a tenth, within the binomial law's range of 1 in 10^4.
void check_coverage(const std::vector<std::vector<double>>& experiments, double expected) {
  int missed = 0;
  for (const std::vector<double>& values : experiments) {
    const test::SampleMoments m = test::moments(values);
    missed += !(std::abs(m.mean - expected) <=
                quantile(static_cast<Index>(values.size()), 0.1) * m.mean_error);
  }
  const boost::math::binomial law(static_cast<double>(experiments.size()), 0.1);
  INFO("missed " << missed << " of " << experiments.size());
  CHECK(missed <= boost::math::quantile(boost::math::complement(law, 1e-4)));
}

void check_value(const Solution& solution, double expected) {
  const Series& series = solution.at("generalisation_error");
  const double error = series.has_standard_error() ? series.standard_error(0, 0) : 0;
  const double allowed =
      error > 0 ? quantile(static_cast<Index>(solution.cost.replicas), 1e-4) * error : 0;
  INFO(solution.method << ", standard error " << error);
  CHECK(close(series.value(0, 0), expected, {.rtol = 1e-12, .atol = allowed}));
  CHECK(error < 0.02 * expected);
}

// The first value of every method.
void check_methods(const Problem& problem, double expected) {
  const OnePassSgd sgd{.learning_rate = 1e-4};
  const GradientDescent descent{
      .schedule = Schedule::fresh(1), .learning_rate = {1e-4}, .samples_per_dimension = {1}};
  check_value(solve(problem, sgd, ExactChain{.dimension = 100, .times = {0}, .runs = 8}), expected);
  check_value(solve(problem, sgd, DenseSgdSimulation{.dimension = 20, .times = {0}, .runs = 8}),
              expected);
  OdeOptions ode{.times = {0}};
  ode.moments.points = 4096;
  check_value(solve(problem, sgd, ode), expected);
  FiniteBatchOptions recursion{.dimension = 100, .steps = {0}};
  recursion.moments.points = 4096;
  check_value(solve(problem, sgd, recursion), expected);
  check_value(solve(problem, descent, DmftOptions{.points = 4096, .scrambles = 8}), expected);
  check_value(solve(problem, descent, ExactSimulation{.dimension = 100, .runs = 8}), expected);
  check_value(solve(problem, descent, DenseSimulation{.dimension = 20, .runs = 8}), expected);
}

}  // namespace

TEST_CASE(
    "generalisation_error: on points its standard error covers the truth as often as it claims") {
  for (const Label& label : labels()) {
    for (const double m : {0.0, 0.5}) {
      CAPTURE(label.text);
      CAPTURE(m);
      const Problem problem = problem_of(label, "tanh", m);
      std::vector<std::vector<double>> experiments(40);
      for (std::uint64_t e = 0; e < experiments.size(); ++e) {
        for (std::uint64_t s = 0; s < 8; ++s) {
          const Stream stream(e, Purpose::generalisation, s);
          experiments[e].push_back(GeneralisationError(problem, stream, 4096)(problem.initial));
        }
      }
      check_coverage(experiments, truth(label, m));
    }
  }
}

TEST_CASE(
    "gaussian_moments: on points their standard errors cover the truth as often as they claim") {
  // Uninformed: E[G G] = E step(h) (relu(h) - g)^2 and E[G h] = E relu(h) (relu(h) - g).
  for (const Label& label : labels()) {
    CAPTURE(label.text);
    const Problem problem = problem_of(label, "relu", 0);
    std::vector<std::vector<double>> squares(40), drifts(40);
    for (std::uint64_t e = 0; e < squares.size(); ++e) {
      for (std::uint64_t s = 0; s < 8; ++s) {
        Moments moments;
        gaussian_moments(problem, {},
                         {.route = MomentRoute::points, .points = 4096, .seed = e, .scramble = s})
            ->evaluate(problem.initial, VectorXd::Ones(1), moments);
        squares[e].push_back(moments.g_g(0, 0));
        drifts[e].push_back(moments.g_field(0, 0));
      }
    }
    const double half_normal = 1 / std::sqrt(2 * M_PI);
    check_coverage(squares, 0.5 - 2 * half_normal * label.mean + 0.5 * label.square);
    check_coverage(drifts, 0.5 - half_normal * label.mean);
  }
}

TEST_CASE("generalisation_error: every method starts from the truth, heavy tails or not") {
  for (const Label& label : labels()) {
    CAPTURE(label.text);
    check_methods(problem_of(label, "tanh", 0), truth(label, 0));
    // E relu(h) = 1 / sqrt(2 pi), E relu^2 = 1/2
    check_methods(problem_of(label, "relu", 0),
                  0.25 + 0.5 * label.square - label.mean / std::sqrt(2 * M_PI));
  }
}

TEST_CASE(
    "generalisation_error: runs of a chain cover what their overlaps have, error of the test set "
    "included") {
  for (const Label& label : labels()) {
    CAPTURE(label.text);
    const Problem problem = problem_of(label, "tanh", 0.3);
    const OnePassSgd sgd{.learning_rate = 0.2 / std::sqrt(label.square)};
    constexpr int n_groups = 40, group = 8;
    const auto runs = trajectories(problem, sgd,
                                   ExactChain{.dimension = 16,
                                              .times = {1},
                                              .runs = n_groups * group,
                                              .seed = 3,
                                              .test_points = 1024});
    // What the test points of each run add to the error that its overlaps have.
    std::vector<std::vector<double>> experiments(n_groups);
    GeneralisationError precise(problem, Stream(4, Purpose::generalisation), 1 << 14);
    for (std::size_t r = 0; r < runs.size(); ++r) {
      const auto row = runs[r].values.row(0);
      Overlaps overlaps{row.head(label.k), MatrixXd::Constant(1, 1, row[label.k])};
      experiments[r / group].push_back(row[label.k + 1] - precise(overlaps));
    }
    check_coverage(experiments, 0);
  }
}

TEST_CASE("ode: on points the errors of a trained student cover the limit of many points") {
  for (const Label& label : labels()) {
    if (label.text != "He6(z1)" && label.text != "exp(z1)") continue;
    CAPTURE(label.text);
    const Problem problem = problem_of(label, "tanh", 0.3);
    const OnePassSgd sgd{.learning_rate = 0.5 / std::sqrt(label.square)};
    OdeOptions options{.times = {2}, .rtol = 1e-5, .atol = 1e-7};
    options.moments.points = 1 << 14;
    options.seed = 1000;
    const Solution reference = solve(problem, sgd, options);
    options.moments.points = 1024;
    std::vector<Solution> solutions;
    for (options.seed = 0; options.seed < 20; ++options.seed) {
      solutions.push_back(solve(problem, sgd, options));
    }
    for (const char* quantity : {"M", "Q", "generalisation_error"}) {
      std::vector<std::vector<double>> experiments;
      for (const Solution& solution : solutions) {
        experiments.emplace_back();
        for (const MatrixXd& replica : solution.replicas) {
          experiments.back().push_back(replica(0, solution.first_column(quantity)));
        }
      }
      check_coverage(experiments, reference.at(quantity).value(0, 0));
    }
  }
}
