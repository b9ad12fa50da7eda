#include "reprise/model/target_function.hpp"

#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "reprise/gaussian/exact_error.hpp"
#include "reprise/model/activation.hpp"
#include "reprise/model/loss.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/symmetry.hpp"
#include "support/allocations.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

using Eigen::MatrixXd;

// z1^2 + 2 z1 z2 - 1
void quadratic(const SampleColumns& z, std::span<double> y) {
  for (std::size_t i = 0; i < z.n_samples(); ++i)
    y[i] = z(i, 0) * z(i, 0) + 2 * z[0][i] * z[1][i] - 1;
}

Polynomial quadratic_form() {
  Polynomial form(2);
  form.add({2, 0}, 1);
  form.add({1, 1}, 2);
  form.add({0, 0}, -1);
  return form;
}

Student one_neuron(const char* activation = "tanh") {
  return {.activation = Activation::parse(activation), .second_layer = Eigen::VectorXd::Ones(1)};
}

void twice(std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = 2 * x[i];
}
void two(std::span<const double> x, std::span<double> out) {
  for (std::size_t i = 0; i < x.size(); ++i) out[i] = 2;
}

}  // namespace

TEST_CASE(
    "TargetFunction: a callable has its values by chunks and one by one, without allocation") {
  const TargetFunction g({.n_variables = 2, .values = quadratic});
  CHECK(g.n_variables() == 2);
  CHECK(g(std::vector<double>{3, 0.5, 7}) == 11);  // what is beyond its variables is ignored
  const std::vector<double> z1{1, 2, 3}, z2{-1, 0, 0.5}, unused{9, 9, 9};
  const std::array columns{z1.data(), z2.data(), unused.data()};
  std::vector<double> y(3);
  ExpressionWorkspace workspace;
  CHECK(allocations_of([&] { g.evaluate(columns, 3, y.data(), workspace); }) == 0);
  CHECK(y == std::vector<double>{-2, 3, 11});
  CHECK(message_of([&] { g.evaluate(std::span(columns).first(1), 3, y.data()); }) ==
        "target: columns must be at least the variables of g, got 1");
  CHECK(message_of([&] { g(std::vector<double>{1}); }) ==
        "target: values must be at least the variables of g, got 1");
}

TEST_CASE("TargetFunction: an expression keeps its values, polynomial, ridge form and text") {
  const Expression expression = Expression::parse("2*erf(z1) - 1");
  const TargetFunction g = expression;
  CHECK(g.expression() != nullptr);
  CHECK(g(std::vector<double>{0.3}) == expression(std::vector<double>{0.3}));
  CHECK(g.text() == "2*erf(z1) - 1");
  CHECK(g.name() == g.text());
  CHECK(!g.polynomial());
  CHECK(g.ridge(RidgeKind::erf, 3)->constant == -1);
  CHECK(TargetFunction(Expression::parse("z1*z2")).polynomial()->degree() == 2);
}

TEST_CASE("TargetFunction: a callable is what it is said to be, and no more") {
  const TargetFunction plain({.n_variables = 2, .values = quadratic});
  CHECK(!plain.polynomial());
  CHECK(!plain.ridge(RidgeKind::erf, 2));
  CHECK(plain.expression() == nullptr);
  const TargetFunction known(
      {.n_variables = 2, .values = quadratic, .polynomial = quadratic_form()});
  CHECK(known.polynomial()->terms() == quadratic_form().terms());

  const auto absolute = [](const SampleColumns& z, std::span<double> y) {
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::abs(z(i, 0));
  };
  RidgeForm form{.kind = RidgeKind::relu, .sum = {}};
  form.sum.coefficients = Eigen::Vector2d(1, 1);
  form.sum.directions = (MatrixXd(2, 1) << 1, -1).finished();
  const TargetFunction ridge({.n_variables = 1, .values = absolute, .ridge = form});
  CHECK(!ridge.ridge(RidgeKind::erf, 1));
  CHECK(ridge.ridge(RidgeKind::relu, 3)->directions ==
        (MatrixXd(2, 3) << 1, 0, 0, -1, 0, 0).finished());
}

TEST_CASE("TargetFunction: what a callable is wrongly said to be is refused with the number") {
  Polynomial wrong = quadratic_form();
  wrong.add({0, 1}, 1e-6);
  CHECK(contains(message_of([&] {
                   TargetFunction({.n_variables = 2, .values = quadratic, .polynomial = wrong});
                 }),
                 "target: polynomial of a callable must be what the callable gives, got "));
  RidgeForm form;
  form.sum.coefficients = Eigen::VectorXd::Ones(1);
  form.sum.directions = MatrixXd::Ones(1, 2);
  CHECK(contains(
      message_of([&] { TargetFunction({.n_variables = 2, .values = quadratic, .ridge = form}); }),
      "target: ridge form of a callable must be what the callable gives, got "));
  form.sum.directions = MatrixXd::Ones(1, 3);
  CHECK(message_of([&] {
          TargetFunction({.n_variables = 2, .values = quadratic, .ridge = form});
        }) == "target: directions of the ridge form must be of shape (1, 2), got (1, 3)");
  CHECK(message_of([&] { TargetFunction({.n_variables = 0, .values = quadratic}); }) ==
        "target: n_variables of a callable must be from 1 to 256, got 0");
  CHECK(message_of([&] { TargetFunction(TargetCallable{.n_variables = 2}); }) ==
        "target: values of a callable must be callable, got an empty one");
}

TEST_CASE("TargetFunction: labels that depend on more than their sample are refused") {
  const auto running = [](const SampleColumns& z, std::span<double> y) {
    double sum = 0;
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = sum += z(i, 0);
  };
  CHECK(contains(message_of([&] { TargetFunction({.n_variables = 1, .values = running}); }),
                 "target: label of a callable must be a function of its sample alone, got "));
  const auto first_only = [](const SampleColumns& z, std::span<double> y) { y[0] = z(0, 0); };
  CHECK(contains(message_of([&] { TargetFunction({.n_variables = 1, .values = first_only}); }),
                 "got nan at place 64 of 64"));
}

TEST_CASE(
    "TargetFunction, Loss, Activation: in a file stands the name that the author vouches for") {
  const TargetFunction without({.n_variables = 2, .values = quadratic});
  CHECK(without.name() == "callable");
  CHECK(message_of([&] { without.text(); }) ==
        "target: g must be a text, or a callable with a name, to stand in a file, got a callable "
        "without a name");
  CHECK(TargetFunction({.n_variables = 2, .values = quadratic, .name = "mine"}).text() ==
        "callable \"mine\"");
  const LossCallable::Function zero = [](auto, auto, std::span<double> out) {
    std::fill(out.begin(), out.end(), 0.0);
  };
  CHECK(message_of([&] { Loss::custom({.value = zero, .slope = zero}).text(); }) ==
        "training: loss must be a text, or a callable with a name, to stand in a file, got a "
        "callable without a name");
  CHECK(Loss::custom({.value = zero, .slope = zero, .name = "none"}).text() == "callable \"none\"");
  CHECK(Loss::huber(2).text() == "huber(2)");
  CHECK(message_of([&] { Activation::custom("", twice, two).text(); }) ==
        "student: activation must be a text, or a callable with a name, to stand in a file, got a "
        "callable without a name");
  CHECK(Activation::custom("twice", twice, two).text() == "callable \"twice\"");
  CHECK(Activation::parse("He3").text() == "He3");
}

TEST_CASE("check(Problem): a callable that is no number somewhere is refused with the sample") {
  const auto root = [](const SampleColumns& z, std::span<double> y) {
    for (std::size_t i = 0; i < y.size(); ++i) y[i] = std::sqrt(z(i, 0) + 2);
  };
  const Problem problem =
      Problem::of({.g = TargetCallable{.n_variables = 1, .values = root}}, one_neuron());
  CHECK(contains(message_of([&] { check(problem); }),
                 "target: g must be finite at every input, got nan at z = (-"));
}

TEST_CASE(
    "completed: P = I, inputs of covariance P, M = 0 and Q = M P^-1 M^T + I, what is left out") {
  const TargetFunction g = Expression::parse("z1 + z3");
  const Problem all = Problem::of({.g = g}, one_neuron());
  CHECK(all.target.gram == MatrixXd::Identity(3, 3));
  CHECK(all.input_covariance == MatrixXd::Identity(3, 3));
  CHECK(all.initial.M == MatrixXd::Zero(1, 3));
  CHECK(all.initial.Q == MatrixXd::Identity(1, 1));
  CHECK_NOTHROW(check(all));

  const MatrixXd gram = 2 * MatrixXd::Identity(4, 4);
  MatrixXd M(1, 4);
  M << 1, 0, -1, 2;
  const Problem some = Problem::of({.g = g, .gram = gram}, one_neuron(), Loss::huber(1), {.M = M});
  CHECK(some.input_covariance == gram);
  CHECK(some.initial.Q(0, 0) == 4);  // 6 / 2 + 1
  CHECK(some.loss.name() == "huber(1)");
  CHECK_NOTHROW(check(some));
  // What is given stays, and M of a wrong shape is told as such.
  const MatrixXd covariance = MatrixXd::Identity(4, 4);
  CHECK(completed({.target = {.g = g, .gram = gram},
                   .student = one_neuron(),
                   .input_covariance = covariance})
            .input_covariance == covariance);
  const Problem wrong = Problem::of({.g = g}, one_neuron(), Loss::square(), {.M = M});
  CHECK(message_of([&] { check(wrong); }) == "initial: M must be of shape (1, 3), got (1, 4)");
}

TEST_CASE("check(Problem): what is left out is told with the function that fills it in") {
  const Problem problem{.target = {.g = Expression::parse("z1"), .gram = MatrixXd::Identity(1, 1)},
                        .student = one_neuron(),
                        .initial = {MatrixXd::Zero(1, 1), MatrixXd::Identity(1, 1)}};
  CHECK(message_of([&] { check(problem); }) ==
        "inputs: covariance must be given (completed(problem) and Problem::of fill in what is left "
        "out), got none");
}

TEST_CASE(
    "ExactError: a callable said to be a polynomial has the closed form, one that is not has "
    "none") {
  const auto problem = [](std::optional<Polynomial> form) {
    return Problem::of(
        {.g = TargetCallable{.n_variables = 2, .values = quadratic, .polynomial = form}},
        one_neuron("relu"));
  };
  const Problem known = problem(quadratic_form());
  REQUIRE(ExactError::covers(known));
  const Problem text =
      Problem::of({.g = Expression::parse("z1^2 + 2*z1*z2 - 1")}, one_neuron("relu"));
  CHECK(ExactError(known)(known.initial, Eigen::VectorXd::Ones(1)) ==
        ExactError(text)(text.initial, Eigen::VectorXd::Ones(1)));
  CHECK(!ExactError::covers(problem({})));
}

TEST_CASE("Loss: a custom one takes its samples one by one, and has the slope it is said to have") {
  const LossCallable::Function value = [](std::span<const double> f, std::span<const double> y,
                                          std::span<double> out) {
    for (std::size_t i = 0; i < f.size(); ++i) out[i] = 0.5 * f[i] * f[i] - f[i] * y[i];
  };
  const LossCallable::Function slope = [](std::span<const double> f, std::span<const double> y,
                                          std::span<double> out) {
    for (std::size_t i = 0; i < f.size(); ++i) out[i] = f[i] - y[i];
  };
  const Loss loss =
      Loss::custom({.value = value, .slope = slope, .slope_kind = LossSlope::residual});
  CHECK(loss.slope_kind() == LossSlope::residual);
  CHECK(loss.is_symmetric());
  CHECK(loss.name() == "custom");
  const double f[2] = {3, -1}, y[2] = {1, 0.5};
  double values[2], slopes[2];
  CHECK(allocations_of([&] { loss.evaluate(f, y, 2, values, slopes); }) == 0);
  CHECK(values[0] == 1.5);
  CHECK(slopes[1] == -1.5);
  CHECK(message_of([&] {
          Loss::custom({.value = value, .slope = slope, .slope_kind = LossSlope::label});
        }) == "loss: slope must be -y, as it is said to be, got -0.6 at f = -3.1, y = -2.5");
  CHECK(message_of([&] { Loss::custom({.value = value}); }) ==
        "loss: slope must be callable, got an empty one");
  const LossCallable::Function mean = [](std::span<const double> at, auto, std::span<double> out) {
    for (double& x : out) x = at[0] + double(at.size());
  };
  CHECK(contains(message_of([&] { Loss::custom({.value = mean, .slope = slope}); }),
                 "loss: value must be a function of its sample alone"));
  CHECK(Loss::square().slope_kind() == LossSlope::residual);
  CHECK(Loss::correlation().slope_kind() == LossSlope::label);
  CHECK(Loss::huber(1).slope_kind() == LossSlope::other);
  CHECK(Loss::parse("logistic").slope_kind() == LossSlope::other);
}

TEST_CASE("symmetries: a loss that is not symmetric has no turning round of labels") {
  // The quantile loss, whose slope is -0.9 below the label and 0.1 above.
  const LossCallable::Function value = [](std::span<const double> f, std::span<const double> y,
                                          std::span<double> out) {
    for (std::size_t i = 0; i < f.size(); ++i) {
      out[i] = f[i] < y[i] ? 0.9 * (y[i] - f[i]) : 0.1 * (f[i] - y[i]);
    }
  };
  const LossCallable::Function slope = [](std::span<const double> f, std::span<const double> y,
                                          std::span<double> out) {
    for (std::size_t i = 0; i < f.size(); ++i) out[i] = f[i] < y[i] ? -0.9 : 0.1;
  };
  Problem problem = Problem::of({.g = Expression::parse("z1*z2")}, one_neuron());
  const std::size_t n_of_square = symmetries(problem).size();
  problem.loss = Loss::custom({.value = value, .slope = slope});
  CHECK(!problem.loss.is_symmetric());
  CHECK(symmetries(problem).size() < n_of_square);
  CHECK_NOTHROW(check(problem));
}

TEST_CASE("check(Problem): a custom loss that is no number at some label is refused with it") {
  const LossCallable::Function root = [](auto, std::span<const double> y, std::span<double> out) {
    for (std::size_t i = 0; i < y.size(); ++i) out[i] = std::sqrt(y[i] + 1);
  };
  const Problem problem = Problem::of({.g = Expression::parse("z1")}, one_neuron(),
                                      Loss::custom({.value = root, .slope = root}));
  CHECK(contains(message_of([&] { check(problem); }),
                 "training: loss must be finite at every output and label, got nan at (f, y) = ("));
}

TEST_CASE("Activation: chunk functions are called in place of x too, and give what they are") {
  const Activation activation = Activation::custom("twice", twice, two);
  std::vector<double> x(700);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = double(i) - 300;
  std::vector<double> value = x, derivative(x.size());
  CHECK(allocations_of([&] {
          activation.evaluate(value.data(), value.size(), value.data(), derivative.data());
        }) == 0);
  std::vector<double> slope_in_place = x, other(x.size());
  activation.evaluate(slope_in_place.data(), x.size(), other.data(), slope_in_place.data());
  for (std::size_t i = 0; i < x.size(); ++i) {
    CHECK(value[i] == 2 * x[i]);
    CHECK(other[i] == 2 * x[i]);
    CHECK(derivative[i] == 2);
    CHECK(slope_in_place[i] == 2);
  }
  CHECK(activation.value(3) == 6);
  CHECK(activation.derivative(3) == 2);
  const auto none = [](std::span<const double>, std::span<double>) {};
  CHECK(std::isnan(Activation::custom("none", none, none).value(1)));
  const auto count = [](std::span<const double> at, std::span<double> out) {
    for (double& y : out) y = double(at.size());
  };
  CHECK(contains(message_of([&] { Activation::custom("count", count, two); }),
                 "activation: value must be a function of its sample alone"));
  CHECK_THROWS_AS(Activation::custom("none", Activation::ChunkFunction(), two), InputError);
  Problem problem = Problem::of({.g = Expression::parse("z1")}, one_neuron());
  problem.student.activation = Activation::custom("none", twice, none);
  CHECK(contains(message_of([&] { check(problem); }),
                 "student: activation must be finite at every field, got nan at h = ("));
}
