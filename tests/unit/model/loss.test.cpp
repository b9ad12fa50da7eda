#include "reprise/model/loss.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

struct Point {
  double value = 0;
  double slope = 0;
};

Point at(const Loss& loss, double f, double y) {
  Point result;
  loss.evaluate(&f, &y, 1, &result.value, &result.slope);
  return result;
}

const std::vector<Loss> all{Loss::square(), Loss::correlation(), Loss::logistic(),
                            Loss::huber(0.75)};

}  // namespace

TEST_CASE("Loss: the slope is the central difference of the value") {
  const double h = 1e-5;
  for (const Loss& loss : all) {
    for (const double y : {-1.0, 1.0}) {
      for (const double f : {-3.1, -1.2, -0.4, 0.0, 0.3, 1.6, 4.2}) {
        const double difference = (at(loss, f + h, y).value - at(loss, f - h, y).value) / (2 * h);
        CAPTURE(loss.name());
        CAPTURE(f);
        // h^2/6 times a third derivative below 0.1, and values below 15 rounded, over h.
        CHECK(close(at(loss, f, y).slope, difference, {.atol = 2e-12 + 2 * 15 * 2.3e-16 / h}));
      }
    }
  }
}

TEST_CASE("Loss: values of the formulas, on both sides of Huber's kink") {
  CHECK(at(Loss::square(), 3, 1).value == 2);
  CHECK(at(Loss::square(), 3, 1).slope == 2);
  CHECK(at(Loss::correlation(), 3, -2).value == 6);
  CHECK(at(Loss::correlation(), 3, -2).slope == 2);
  const Tolerance rounding{.rtol = 1e-15};
  CHECK(close(at(Loss::logistic(), 0, 1).value, std::log(2.0), rounding));
  CHECK(close(at(Loss::logistic(), 0, 1).slope, -0.5, rounding));
  CHECK(at(Loss::huber(0.5), 1.25, 1).value == 0.03125);
  CHECK(at(Loss::huber(0.5), 3, 1).value == 0.875);  // 0.5 (2 - 0.25)
  CHECK(at(Loss::huber(0.5), -1, 1).value == 0.875);
  CHECK(at(Loss::huber(0.5), 3, 1).slope == 0.5);
  CHECK(at(Loss::huber(0.5), -1, 1).slope == -0.5);
}

TEST_CASE("Loss: logistic neither overflows nor loses its tail for large outputs") {
  for (const double y : {-1.0, 1.0}) {
    for (const double size : {30.0, 100.0, 700.0, 1e4, 1e300}) {
      const Point wrong = at(Loss::logistic(), -y * size, y);
      const Point right = at(Loss::logistic(), y * size, y);
      CAPTURE(size);
      const Tolerance few_ulp{.rtol = 16 * 2.3e-16};  // two elementary functions within 4 ulp each
      CHECK(close(wrong.value, size + std::log1p(std::exp(-size)), few_ulp));
      CHECK(close(wrong.slope, -y / (1 + std::exp(-size)), few_ulp));
      CHECK(close(right.value, std::log1p(std::exp(-size)), few_ulp));
      CHECK(close(right.slope, -y * std::exp(-size) / (1 + std::exp(-size)), few_ulp));
    }
  }
}

TEST_CASE("Loss: NaN in the output gives NaN in the value") {
  for (const Loss& loss : all) {
    CAPTURE(loss.name());
    CHECK(std::isnan(at(loss, std::nan(""), 1).value));
  }
}

TEST_CASE("Loss: arrays give what single samples give") {
  const std::vector<double> f{-2, -0.5, 0, 0.1, 0.9, 1.4, 3, 8, -7};
  const std::vector<double> y{1, -1, 1, -1, 1, -1, 1, -1, 1};
  for (const Loss& loss : all) {
    std::vector<double> value(f.size());
    std::vector<double> slope(f.size());
    loss.evaluate(f.data(), y.data(), f.size(), value.data(), slope.data());
    for (std::size_t i = 0; i < f.size(); ++i) {
      CHECK(value[i] == at(loss, f[i], y[i]).value);
      CHECK(slope[i] == at(loss, f[i], y[i]).slope);
    }
  }
}

TEST_CASE("Loss: parse reads what name() writes, with every digit of a width") {
  for (const std::string text :
       {"square", "correlation", "logistic", "huber(2.5)", "huber(1e-05)"}) {
    CHECK(Loss::parse(text).name() == text);
  }
  const double width = 1.0 / 3;
  const Loss again = Loss::parse(Loss::huber(width).name());
  CHECK(at(again, 10, 0).slope == width);
}

TEST_CASE("Loss: parse and huber reject the rest and show it") {
  for (const std::string text :
       {"", "Square", "huber", "huber()", "huber(0)", "huber(-1)", "huber(nan)", "huber(inf)",
        "huber(1", "huber(1)x", "huber(1 )", "hinge"}) {
    CHECK(message_of([&] { Loss::parse(text); }) ==
          "training: loss must be \"square\", \"correlation\", \"logistic\" or \"huber(width)\" "
          "with width > 0, got \"" +
              text + "\"");
  }
  CHECK(message_of([] { Loss::huber(-2); }) == "loss: huber width must be finite and > 0, got -2");
}
