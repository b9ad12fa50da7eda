#include "reprise/model/activation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <random>
#include <string>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/allocations.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

using namespace reprise;
using test::close;
using test::contains;

namespace {

const std::vector<std::string> names = {"relu",
                                        "leaky_relu(0.1)",
                                        "erf",
                                        "tanh",
                                        "sigmoid",
                                        "softplus",
                                        "gelu",
                                        "sin",
                                        "cos",
                                        "linear",
                                        "He1",
                                        "He2",
                                        "He3",
                                        "He4",
                                        "He5",
                                        "He6",
                                        "He7",
                                        "He8",
                                        "He9",
                                        "He10",
                                        "He11",
                                        "He12",
                                        "He13",
                                        "He14",
                                        "He15",
                                        "He16",
                                        "He17",
                                        "He18",
                                        "He19",
                                        "He20",
                                        "polynomial([1, -2, 0, 0.5])",
                                        "polynomial([3])"};

std::vector<double> points(std::size_t n) {
  std::mt19937_64 generator(11);
  std::normal_distribution<double> normal(0, 2);
  std::vector<double> x(n);
  for (double& value : x) value = normal(generator);
  return x;
}

std::string refusal_of_name(const std::string& text) {
  try {
    Activation::parse(text);
  } catch (const InputError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

TEST_CASE("Activation: values are the definitions of the experiment format") {
  const double x = 0.7, slope = 1e-15;
  const auto value = [&](const std::string& name) { return Activation::parse(name).value(x); };
  CHECK(value("relu") == x);
  CHECK(Activation::parse("relu").value(-x) == 0);
  CHECK(close(Activation::parse("leaky_relu(0.1)").value(-x), -0.07, {.rtol = slope}));
  CHECK(close(value("erf"), std::erf(x / std::numbers::sqrt2), {.rtol = slope}));
  CHECK(close(value("tanh"), std::tanh(x), {.rtol = slope}));
  CHECK(close(value("sigmoid"), 1 / (1 + std::exp(-x)), {.rtol = slope}));
  CHECK(close(value("softplus"), std::log(1 + std::exp(x)), {.rtol = slope}));
  CHECK(close(value("gelu"), x * 0.5 * (1 + std::erf(x / std::numbers::sqrt2)), {.rtol = slope}));
  CHECK(close(value("sin"), std::sin(x), {.rtol = slope}));
  CHECK(close(value("cos"), std::cos(x), {.rtol = slope}));
  CHECK(value("linear") == x);
  CHECK(close(value("He3"), x * x * x - 3 * x, {.rtol = slope}));
  CHECK(close(value("polynomial([1, -2, 0, 0.5])"), 1 - 2 * x + 0.5 * x * x * x, {.rtol = slope}));
}

TEST_CASE("Activation: the derivative agrees with central differences for every name") {
  for (const std::string& name : names) {
    CAPTURE(name);
    const Activation activation = Activation::parse(name);
    for (const double x : {-4.1, -1.3, -0.2, 0.3, 1.0, 2.9}) {
      CAPTURE(x);
      const double step = 1e-4;
      const auto difference = [&](double h) {
        return (activation.value(x + h) - activation.value(x - h)) / (2 * h);
      };
      // Richardson: the error left is step^4 times the fifth derivative, and round-off / step.
      const double expected = (4 * difference(step) - difference(2 * step)) / 3;
      double size = 1;
      for (const double h : {-4.2, -2.0, 2.0, 4.2}) {
        size = std::max(size, std::abs(activation.value(h)));
      }
      CHECK(close(activation.derivative(x), expected, {.rtol = 1e-9, .atol = 1e-10 * size}));
    }
  }
}

TEST_CASE("Activation: far tails are finite and have the right limits") {
  for (const std::string& name : names) {
    CAPTURE(name);
    const Activation activation = Activation::parse(name);
    for (const double x : {-1e6, -1e3, -40.0, 40.0, 1e3, 1e6}) {
      CAPTURE(x);
      CHECK(std::isfinite(activation.value(x)));
      CHECK(std::isfinite(activation.derivative(x)));
    }
  }
  CHECK(close(Activation::parse("softplus").value(-40), std::exp(-40.0), {.rtol = 1e-15}));
  CHECK(Activation::parse("softplus").value(1e3) == 1e3);
  CHECK(close(Activation::parse("sigmoid").value(-40), std::exp(-40.0), {.rtol = 1e-15}));
  CHECK(close(Activation::parse("sigmoid").derivative(-40), std::exp(-40.0), {.rtol = 1e-15}));
  // erfc(u) there multiplies the rounding of its argument, half an ulp in each, by 2 u^2 = 100.
  CHECK(close(Activation::parse("gelu").value(-10), -5 * std::erfc(std::sqrt(50.0)),
              {.rtol = 3e-14}));
  CHECK(Activation::parse("gelu").value(40) == 40);
  CHECK(Activation::parse("gelu").derivative(-1e3) == 0);
}

TEST_CASE("Activation: at 0, relu' = 0 and leaky_relu' is its slope") {
  CHECK(Activation::parse("relu").derivative(0) == 0);
  CHECK(Activation::parse("relu").derivative(-0.0) == 0);
  CHECK(Activation::parse("leaky_relu(0.25)").derivative(0) == 0.25);
}

TEST_CASE("Activation: NaN comes out of every value") {
  for (const std::string& name : names) {
    if (name == "polynomial([3])")
      continue;  // a constant: 0 * NaN + 3 is NaN too, but not promised
    CAPTURE(name);
    CHECK(std::isnan(Activation::parse(name).value(std::numeric_limits<double>::quiet_NaN())));
  }
}

TEST_CASE("Activation: evaluate gives the same bits at any place, with or without derivative") {
  const std::vector<double> x = points(100);
  std::vector<double> value(x.size()), alone(x.size()), derivative(x.size());
  for (const std::string& name : names) {
    CAPTURE(name);
    const Activation activation = Activation::parse(name);
    activation.evaluate(x.data(), x.size(), value.data(), derivative.data());
    activation.evaluate(x.data(), x.size(), alone.data(), nullptr);
    CHECK(value == alone);
    for (std::size_t i = 0; i < x.size(); ++i) {
      CHECK(activation.value(x[i]) == value[i]);
      CHECK(activation.derivative(x[i]) == derivative[i]);
    }
    std::vector<double> in_place = x, other(x.size());
    activation.evaluate(in_place.data(), x.size(), in_place.data(), other.data());
    CHECK(in_place == value);
    CHECK(other == derivative);
    in_place = x;
    activation.evaluate(in_place.data(), x.size(), other.data(), in_place.data());
    CHECK(other == value);
    CHECK(in_place == derivative);
  }
}

TEST_CASE("Activation: evaluate does not allocate") {
  const std::vector<double> x = points(100);
  std::vector<double> value(x.size()), derivative(x.size());
  for (const std::string& name : names) {
    CAPTURE(name);
    const Activation activation = Activation::parse(name);
    CHECK(test::allocations_of([&] {
            activation.evaluate(x.data(), x.size(), value.data(), derivative.data());
          }) == 0);
  }
}

TEST_CASE("Activation: its name parses back to the same function") {
  for (const std::string& name : names) {
    CAPTURE(name);
    const Activation activation = Activation::parse(name);
    const Activation again = Activation::parse(activation.name());
    CHECK(again.name() == activation.name());
    CHECK(again.kind() == activation.kind());
    CHECK(again.value(0.37) == activation.value(0.37));
  }
  CHECK(Activation::parse("  leaky_relu( 1e-1 ) ").name() == "leaky_relu(0.1)");
  CHECK(Activation::parse("polynomial([ 0,1 , 0.50, 0])").name() == "polynomial([0, 1, 0.5])");
}

TEST_CASE("Activation: polynomial gives monomial coefficients where there are some") {
  CHECK(Activation::parse("linear").polynomial() == std::vector<double>{0, 1});
  CHECK(Activation::parse("He3").polynomial() == std::vector<double>{0, -3, 0, 1});
  CHECK(Activation::parse("polynomial([1, 2])").polynomial() == std::vector<double>{1, 2});
  CHECK(!Activation::parse("relu").polynomial());
  CHECK(!Activation::parse("tanh").polynomial());
}

TEST_CASE("Activation: a Hermite series is normalised, its squared norm that of its coefficients") {
  const Activation activation = Activation::parse("hermite([0.4, 1, -1, 0.5])");
  for (const double x : {-1.7, 0.0, 0.3, 2.2}) {
    const double value =
        0.4 + x - (x * x - 1) / std::sqrt(2.0) + 0.5 * (x * x * x - 3 * x) / std::sqrt(6.0);
    CHECK(std::abs(activation.value(x) - value) < 1e-14);
  }
  CHECK(Activation::parse("hermite([0, 0, 0, 1])").polynomial()->size() == 4);
  CHECK(contains(refusal_of_name("hermite(1)"), "hermite([0, 1, 0.5]) for example"));
  std::string many = "hermite([0";
  for (int k = 1; k <= 21; ++k) many += ", 1";
  CHECK(contains(refusal_of_name(many + "])"), "He20"));
}

TEST_CASE("Activation: custom calls what it was given, and rejects empty callables") {
  const auto square = [](double x) { return x * x; };
  const auto twice = [](double x) { return 2 * x; };
  const Activation activation = Activation::custom("square", square, twice);
  CHECK(activation.name() == "square");
  CHECK(activation.kind() == ActivationKind::custom);
  CHECK(activation.value(3) == 9);
  CHECK(activation.derivative(3) == 6);
  CHECK_THROWS_AS(Activation::custom("none", nullptr, twice), InputError);
  CHECK_THROWS_AS(Activation::custom("none", square, nullptr), InputError);
}

TEST_CASE("Activation: an unknown name is answered with a near one, or with those there are") {
  CHECK(contains(refusal_of_name("rellu"), "'rellu' is unknown, did you mean relu? There are"));
  CHECK(contains(refusal_of_name("Tanh"), "did you mean tanh?"));
  CHECK(contains(refusal_of_name("leeky_relu(0.1)"), "did you mean leaky_relu?"));
  CHECK(contains(refusal_of_name("identity"), "did you mean linear?"));
  for (const char* other : {"swish", "sgn", "silu", "mish", "elu_plus", "x"}) {
    CHECK(contains(refusal_of_name(other), std::string("'") + other + "' is unknown; there are"));
  }
  CHECK(contains(refusal_of_name("He21"), "He1 to He20"));
  CHECK(contains(refusal_of_name("He0"), "He1 to He20"));
  CHECK(contains(refusal_of_name("He03"), "He1 to He20"));
  CHECK(contains(refusal_of_name("leaky_relu"), "leaky_relu(0.1) for example"));
  CHECK(contains(refusal_of_name("leaky_relu(nan)"), "finite numbers, got 'nan'"));
  CHECK(contains(refusal_of_name("leaky_relu(1e999)"), "finite numbers, got '1e999'"));
  CHECK(contains(refusal_of_name("polynomial(1, 2)"), "polynomial([0, 1, 0.5]) for example"));
  CHECK(contains(refusal_of_name("polynomial([1,,2])"), "finite numbers, got ''"));
  CHECK(contains(refusal_of_name("polynomial([])"), "finite numbers, got ''"));
  for (const std::string text : {"", " ", "(", "He", "relu()", "polynomial", "leaky_relu)("}) {
    CAPTURE(text);
    CHECK_THROWS_AS(Activation::parse(text), InputError);
  }
}
