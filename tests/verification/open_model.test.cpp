// Targets, activations and losses that are functions of a C++ program, by every method: as
// callables of what the library has, they give its numbers; of what it has not, theory agrees with
// simulation.
#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/core/comparison.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/exponents/reach.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/phase/point_sweep.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Eigen::Index;
using Eigen::MatrixXd;

/// What an expression is, as a function that nothing more is known of.
TargetCallable callable(const char* text) {
  const Expression expression = Expression::parse(text);
  return {.n_variables = expression.n_variables(),
          .values = [expression](const SampleColumns& z, std::span<double> y) {
            std::vector<const double*> columns;
            for (std::size_t r = 0; r < z.n_fields(); ++r) columns.push_back(z[r].data());
            expression.evaluate(columns, y.size(), y.data());
          }};
}

Student student(Activation activation = Activation::parse("tanh")) {
  return {.activation = std::move(activation),
          .second_layer = Eigen::Vector2d(1, -1),
          .output_scale = OutputScale::inverse_sqrt};
}

struct Method {
  std::string name;
  std::function<Solution(const Problem&)> solve;
};

/// All of them, small.
std::vector<Method> methods() {
  const GradientDescent descent{
      .schedule = Schedule::reuse(3), .learning_rate = {0.3}, .samples_per_dimension = {2}};
  const OnePassSgd sgd{.learning_rate = 0.4};
  return {
      {"dmft",
       [=](const Problem& p) {
         return solve(p, descent, DmftOptions{.points = 1024, .scrambles = 4});
       }},
      {"exact",
       [=](const Problem& p) {
         return solve(p, descent, ExactSimulation{.dimension = 200, .runs = 4});
       }},
      {"dense",
       [=](const Problem& p) {
         return solve(p, descent, DenseSimulation{.dimension = 100, .runs = 4});
       }},
      {"chain",
       [=](const Problem& p) {
         return solve(
             p, sgd,
             ExactChain{.dimension = 200, .times = {0.5, 1}, .runs = 8, .test_points = 512});
       }},
      {"dense sgd",
       [=](const Problem& p) {
         return solve(p, sgd, DenseSgdSimulation{.dimension = 50, .times = {0.5}, .runs = 2});
       }},
      {"ode",
       [=](const Problem& p) {
         return solve(p, sgd,
                      OdeOptions{.times = {0.5, 1}, .moments = {.points = 1024}, .scrambles = 2});
       }},
      {"recursion", [=](const Problem& p) {
         return solve(
             p, OnePassSgd{.learning_rate = 0.4, .batch_size = 4},
             FiniteBatchOptions{
                 .dimension = 100, .steps = {5, 20}, .moments = {.points = 1024}, .scrambles = 2});
       }}};
}

/// The largest difference of M, Q and the generalisation error.
double difference(const Solution& a, const Solution& b) {
  REQUIRE(a.ending.is_completed());
  REQUIRE(b.ending.is_completed());
  double largest = 0;
  for (const char* quantity : {"M", "Q", "generalisation_error"}) {
    const MatrixXd& left = a.at(quantity).value;
    const MatrixXd& right = b.at(quantity).value;
    REQUIRE(left.rows() == right.rows());
    largest = std::max(largest, (left - right).cwiseAbs().maxCoeff());
  }
  return largest;
}

Activation custom_tanh() {
  return Activation::custom(
      "my tanh",
      [](std::span<const double> x, std::span<double> out) {
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = std::tanh(x[i]);
      },
      [](std::span<const double> x, std::span<double> out) {
        for (std::size_t i = 0; i < x.size(); ++i) out[i] = 1 / std::pow(std::cosh(x[i]), 2);
      });
}

Loss custom_huber(double width) {
  const auto clip = [width](double r) { return r > width ? width : r < -width ? -width : r; };
  return Loss::custom(
      {.value =
           [=](std::span<const double> f, std::span<const double> y, std::span<double> out) {
             for (std::size_t i = 0; i < f.size(); ++i) {
               const double r = f[i] - y[i];
               out[i] = std::abs(r) <= width ? 0.5 * r * r : width * (std::abs(r) - width / 2);
             }
           },
       .slope =
           [=](std::span<const double> f, std::span<const double> y, std::span<double> out) {
             for (std::size_t i = 0; i < f.size(); ++i) out[i] = clip(f[i] - y[i]);
           }});
}

/// A table of 64 numbers over z1 in [-4, 4], with no formula.
TargetCallable table() {
  std::vector<double> entries;
  for (int i = 0; i < 64; ++i) entries.push_back(std::fmod(7.13 * i * i + 0.37 * i, 3.0) - 1.5);
  return {.n_variables = 1, .values = [entries](const SampleColumns& z, std::span<double> y) {
            for (std::size_t i = 0; i < y.size(); ++i) {
              const double place = std::clamp(8 * (z(i, 0) + 4), 0.0, 63.0);
              y[i] = entries[static_cast<std::size_t>(place)] + z(i, 0);
            }
          }};
}

}  // namespace

TEST_CASE(
    "open model: a callable has the numbers of the expression that it evaluates, to the bit") {
  const char* text = "tanh(z1 + He2(z2))";
  const Problem of_text =
      Problem::of({.g = Expression::parse(text), .noise_variance = 0.1}, student());
  const Problem of_callable = Problem::of({.g = callable(text), .noise_variance = 0.1}, student());
  for (const Method& method : methods()) {
    CAPTURE(method.name);
    // Dense SGD takes samples one by one, where an expression goes by <cmath>.
    const double allowed = method.name == "dense sgd" ? 1e-12 : 0;
    CHECK(difference(method.solve(of_text), method.solve(of_callable)) <= allowed);
  }
}

TEST_CASE("open model: closed forms are those of what a callable is said to be, else points") {
  const auto run = [&](TargetFunction g, const char* activation) {
    const OnePassSgd sgd{.learning_rate = activation[0] == 'H' ? 0.02 : 0.4};
    return solve(Problem::of({.g = std::move(g)}, student(Activation::parse(activation))), sgd,
                 OdeOptions{.times = {0.5, 1}, .moments = {.points = 4096}, .scrambles = 4});
  };
  TargetCallable erf = callable("erf(z1/sqrt(2)) + 0.5*erf(z2/sqrt(2))");
  RidgeForm form{.kind = RidgeKind::erf, .sum = {}};
  form.sum.coefficients = Eigen::Vector2d(1, 0.5);
  form.sum.directions = MatrixXd::Identity(2, 2);
  const Solution text = run(Expression::parse("erf(z1/sqrt(2)) + 0.5*erf(z2/sqrt(2))"), "erf");
  const Solution points = run(erf, "erf");
  erf.ridge = form;
  const Solution ridge = run(erf, "erf");
  CHECK(ridge.moments == "closed forms (erf)");
  CHECK(points.moments == "points");
  CHECK(difference(ridge, text) < 1e-12);  // directions differ by a rounding of sqrt(2)/sqrt(2)
  CHECK(difference(points, text) < 3e-3);
  CHECK(difference(points, text) > 0);

  TargetCallable cubic = callable("z1 + 0.2*He2(z2)");
  Polynomial polynomial(2);
  polynomial.add({1, 0}, 1);
  polynomial.add({0, 2}, 0.2);
  polynomial.add({0, 0}, -0.2);
  cubic.polynomial = polynomial;
  const Solution algebra = run(cubic, "He2");
  CHECK(algebra.moments == "Hermite algebra");
  CHECK(difference(algebra, run(Expression::parse("z1 + 0.2*He2(z2)"), "He2")) == 0);
}

TEST_CASE("open model: a custom loss that is huber has the numbers of huber by every method") {
  Problem problem =
      Problem::of({.g = Expression::parse("tanh(2*z1 + z1*z2)")}, student(), Loss::huber(0.3));
  Problem custom = problem;
  custom.loss = custom_huber(0.3);
  for (const Method& method : methods()) {
    CAPTURE(method.name);
    // The ODE on points with a custom loss has the tolerance of a right-hand side with steps.
    const double allowed = method.name == "ode" ? 1e-7 : 1e-12;
    CHECK(difference(method.solve(problem), method.solve(custom)) <= allowed);
  }
}

TEST_CASE("open model: a custom loss said to have the residual as its slope has the closed forms") {
  // The square loss up to a function of the label.
  LossCallable shifted{
      .value =
          [](std::span<const double> f, std::span<const double> y, std::span<double> out) {
            for (std::size_t i = 0; i < f.size(); ++i) out[i] = 0.5 * f[i] * f[i] - f[i] * y[i];
          },
      .slope =
          [](std::span<const double> f, std::span<const double> y, std::span<double> out) {
            for (std::size_t i = 0; i < f.size(); ++i) out[i] = f[i] - y[i];
          },
      .slope_kind = LossSlope::residual};
  Problem problem =
      Problem::of({.g = Expression::parse("erf(z1/sqrt(2))")}, student(Activation::parse("erf")));
  Problem custom = problem;
  custom.loss = Loss::custom(shifted);
  const OnePassSgd sgd{.learning_rate = 0.4};
  const OdeOptions options{.times = {1}, .moments = {.points = 1024}, .scrambles = 2};
  const Solution closed = solve(custom, sgd, options);
  CHECK(closed.moments == "closed forms (erf)");
  CHECK(difference(closed, solve(problem, sgd, options)) == 0);
  shifted.slope_kind = LossSlope::other;
  custom.loss = Loss::custom(shifted);
  CHECK(solve(custom, sgd, options).moments == "points");
}

TEST_CASE("open model: a custom activation that is tanh has the numbers of tanh by every method") {
  const Target target{.g = Expression::parse("tanh(z1 + He2(z2))")};
  const Problem built_in = Problem::of(target, student());
  const Problem custom = Problem::of(target, student(custom_tanh()));
  for (const Method& method : methods()) {
    CAPTURE(method.name);
    const double allowed = method.name == "ode" ? 1e-7 : 1e-12;
    CHECK(difference(method.solve(built_in), method.solve(custom)) <= allowed);
  }
}

TEST_CASE("open model: a target that is a table, theory against both simulations") {
  const Problem problem = Problem::of({.g = table(), .noise_variance = 0.05}, student());
  const GradientDescent descent{
      .schedule = Schedule::reuse(4), .learning_rate = {0.3}, .samples_per_dimension = {2}};
  const Solution limit = solve(problem, descent, DmftOptions{.points = 8192});
  const Solution exact =
      solve(problem, descent, ExactSimulation{.dimension = 2000, .runs = 16, .seed = 3});
  const Comparison theory = compare(limit, exact);
  INFO(theory.brief_report());
  CHECK(theory.verdict == Verdict::agree);
  const Comparison law =
      compare(solve(problem, descent, ExactSimulation{.dimension = 60, .runs = 100, .seed = 4}),
              solve(problem, descent, DenseSimulation{.dimension = 60, .runs = 100, .seed = 5}));
  INFO(law.brief_report());
  CHECK(law.verdict == Verdict::agree);
  CHECK(limit.value("M", 4)(0, 0) > 0.2);  // it has learned something

  const OnePassSgd sgd{.learning_rate = 0.4};
  const Comparison one_pass =
      compare(solve(problem, sgd, OdeOptions{.times = {1, 2}, .moments = {.points = 8192}}),
              solve(problem, sgd, ExactChain{.dimension = 2000, .times = {1, 2}, .runs = 64}));
  INFO(one_pass.brief_report());
  CHECK(one_pass.verdict == Verdict::agree);
}

TEST_CASE("open model: what a callable throws in a worker comes out of every method unchanged") {
  struct Mine {
    int number;
  };
  for (const Method& method : methods()) {
    CAPTURE(method.name);
    // Not in the checks before work starts: at the 5th call beyond those.
    const auto calls = std::make_shared<std::atomic<int>>(0);
    const auto limit = std::make_shared<std::atomic<int>>(1 << 30);
    TargetCallable g = callable("tanh(z1)");
    g.values = [calls, limit, inner = g.values](const SampleColumns& z, std::span<double> y) {
      if (++*calls > *limit) throw Mine{*limit};
      inner(z, y);
    };
    const Problem problem = Problem::of({.g = g}, student());
    *calls = 0;
    check(problem);
    *limit = *calls + 2;
    *calls = 0;
    int number = 0;
    try {
      method.solve(problem);
    } catch (const Mine& mine) {
      number = mine.number;
    }
    CHECK(number == *limit);
  }
}

TEST_CASE("open model: exponents of a callable are those of its expression") {
  for (const char* text : {"tanh(z1 + He3(z2))", "sign(z1*z2)", "z1^2 + z1*z2"}) {
    CAPTURE(text);
    const ExponentOptions options{.log2_points = 11};
    const Exponents tree = find_exponents({.g = Expression::parse(text)}, options);
    const Exponents points = find_exponents({.g = callable(text)}, options);
    CHECK(points.leap() == tree.leap());
    CHECK(points.generative_leap() == tree.generative_leap());
    CHECK(points.recovery == tree.recovery);
    CHECK(points.expression == "callable");
    CHECK(!points.is_correlational_exact);
    if (tree.recovery_rate) {
      // Of a callable the one-to-one functions around g are not taken off.
      CHECK(close(*points.alpha_c(), *tree.alpha_c(), {.rtol = 0.02}));
    }
  }
  TargetCallable known = callable("He3(z1)");
  Polynomial form(1);
  form.add({3}, 1);
  form.add({1}, -3);
  known.polynomial = form;
  const Exponents exact = find_exponents({.g = known}, {.log2_points = 11});
  CHECK(exact.is_correlational_exact);
  CHECK(exact.leap() == 3);

  const TargetCallable root{.n_variables = 1,
                            .values = [](const SampleColumns& z, std::span<double> y) {
                              for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::sqrt(z(i, 0));
                            }};
  CHECK(contains(message_of([&] { find_exponents({.g = root}); }),
                 "exponents: the label of \"callable\" must be finite, got -nan at z = (-"));
}

TEST_CASE("open model: find_exponents takes a problem's target, whatever its Gram matrix is") {
  // h2 is a mixture of h1 and a rest: E[h1 (h2 - 0.6 h1)] = 0 makes the leap 2 of h1 (h2 - 0.6 h1).
  const MatrixXd gram = (MatrixXd(2, 2) << 1, 0.6, 0.6, 1).finished();
  const ExponentOptions options{.log2_points = 10};
  const Target mixed{.g = Expression::parse("z1*(z2 - 0.6*z1)"), .gram = gram};
  CHECK(find_exponents(mixed, options).leap() == 2);
  const Target plain{.g = Expression::parse("z1 + He3(z2)")};
  CHECK(find_exponents(plain, options).leap() == find_exponents({.g = plain.g}, options).leap());
  CHECK(find_exponents(Problem::of(plain, student()).target, options).n_directions == 2);
  // A third direction that g ignores is one of the problem's.
  CHECK(find_exponents(Target{.g = plain.g, .gram = MatrixXd::Identity(3, 3)}, options)
            .correlational.irrelevant.cols() == 1);
  const Target linear{.g = Expression::parse("z2"), .gram = gram};
  const Eigen::VectorXd direction =
      find_exponents(linear, options).correlational.stages.front().directions.col(0);
  CHECK(std::abs(direction[0] - 0.6) < 1e-3);  // h2 = 0.6 z1 + 0.8 z2
  CHECK(std::abs(direction[1] - 0.8) < 1e-3);
}

TEST_CASE("open model: the reach of a student with a custom tanh and a custom loss") {
  const ExponentTarget target{.g = Expression::parse("z1 + z1*z2")};
  const ExponentOptions options{.log2_points = 11};
  const Reach built_in = find_reach(target, Activation::parse("tanh"), Loss::huber(1), options);
  const Reach custom = find_reach(target, custom_tanh(), custom_huber(1), options);
  CHECK(custom.queries.symmetry == built_in.queries.symmetry);
  CHECK(custom.queries.has_degree == built_in.queries.has_degree);
  CHECK(custom.one_pass.leap() == built_in.one_pass.leap());
  CHECK(custom.reuse.leap() == built_in.reuse.leap());
}

TEST_CASE(
    "open model: a sweep over the shift of a custom target finds where theory puts its edge") {
  // A linear student of y = g(z - shift) with g = |.|: M after a step is eta alpha E[y z1], which
  // for |z - s| is -erf(s / sqrt 2): it crosses -1/2 where erf(s / sqrt 2) = 1/2, s = 0.6745.
  const auto at = [](const PhasePoint& point) -> std::vector<Measurement> {
    const double shift = point.values[0];
    const TargetCallable g{.n_variables = 1,
                           .values = [shift](const SampleColumns& z, std::span<double> y) {
                             for (std::size_t i = 0; i < y.size(); ++i) {
                               y[i] = std::abs(z(i, 0) - shift);
                             }
                           }};
    const Problem problem = Problem::of(
        {.g = g},
        {.activation = Activation::parse("linear"), .second_layer = Eigen::VectorXd::Ones(1)},
        Loss::correlation());
    const Solution solution = solve(
        problem,
        GradientDescent{
            .schedule = Schedule::fresh(1), .learning_rate = {1}, .samples_per_dimension = {1}},
        DmftOptions{.points = 16384, .scrambles = 2, .threads = point.threads});
    return {measure(parse_observable("M[1, 1]"), solution, 0)};
  };
  const PhaseTable table =
      sweep_over({numeric_axis("shift", {0, 0.5, 1, 1.5}, Scale::linear, 0.02)}, at,
                 {.refine = PhaseRefinement{0, -0.5}});
  CHECK(table.rows.size() == 4 + 5);
  const auto edge = boundary(table, 0, 0, -0.5);
  REQUIRE(edge.size() == 1);
  CHECK(std::abs(edge[0].crossing.value - 0.67449) < 2e-3);  // points: some 1e-3
  CHECK(edge[0].crossing.error <= 0.01);
}
