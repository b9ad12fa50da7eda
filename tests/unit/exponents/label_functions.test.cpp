#include "reprise/exponents/label_functions.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "support/close.hpp"

namespace {

using namespace reprise;
using reprise::test::close;

// Gram matrix under the law of the pilot set.
Eigen::MatrixXd gram(const LabelFunctions& functions, const std::vector<double>& labels) {
  Eigen::MatrixXd values(labels.size(), functions.size());
  std::vector<double*> out;
  for (int j = 0; j < functions.size(); ++j) out.push_back(values.col(j).data());
  functions.evaluate(labels.data(), labels.size(), out.data());
  return values.transpose() * values / static_cast<double>(labels.size());
}

}  // namespace

TEST_CASE("LabelFunctions: orthonormal for continuous, discrete and mixed labels") {
  // relu(z1) sees the cosines on half of their period, where they are nearly dependent: rounding
  // errors grow with the coefficients, up to 1 / sqrt(2e-3) for each function. Seen: 6e-12 with 12
  // cosines, 4e-8 with 24.
  for (const std::string text :
       {"tanh(z1) + z2", "sign(z1) + 2*sign(z2)", "relu(z1)", "relu(z1 - 1)", "1/z1"}) {
    const ExponentTarget target{.g = Expression::parse(text)};
    const LabelRanks ranks(target);
    for (const int n_cosines : {12, 24}) {
      const double bound = n_cosines == 12 ? 1e-9 : 1e-6;
      CAPTURE(text);
      CAPTURE(n_cosines);
      const LabelFunctions functions(ranks, n_cosines, LabelParity::any);
      const Eigen::MatrixXd products = gram(functions, ranks.pilot());
      const Eigen::MatrixXd one = Eigen::MatrixXd::Identity(products.rows(), products.cols());
      CHECK((products - one).norm() < bound);
    }
  }
}

TEST_CASE("LabelFunctions: as many as a discrete label has values, less one") {
  const ExponentTarget four{.g = Expression::parse("sign(z1) + 2*sign(z2)")};
  const LabelRanks ranks(four);
  CHECK(LabelFunctions(ranks, 12, LabelParity::any).size() == 3);
  // 0.1 + 0.2 and 0.3 are the same label up to rounding.
  const ExponentTarget rounding{
      .g = Expression::parse("0.1*(z1 > 0) + 0.2*(z1 > 0) + 0.3*(z2 > 0)")};
  const LabelRanks rounded(rounding);
  CHECK(LabelFunctions(rounded, 12, LabelParity::any).size() == 2);
}

TEST_CASE("LabelFunctions: odd and even families have their parity") {
  const ExponentTarget target{.g = Expression::parse("z1 + z2^2")};
  const LabelRanks ranks(target);
  const std::vector<double> y{-1.3, 1.3};
  for (const auto parity : {LabelParity::odd, LabelParity::even}) {
    const LabelFunctions functions(ranks, 6, parity);
    Eigen::MatrixXd values(2, functions.size());
    std::vector<double*> out;
    for (int j = 0; j < functions.size(); ++j) out.push_back(values.col(j).data());
    functions.evaluate(y.data(), 2, out.data());
    for (int j = 0; j < functions.size(); ++j) {
      const double sign = parity == LabelParity::odd ? -1 : 1;
      CHECK(close(values(0, j), sign * values(1, j), {.rtol = 1e-9, .atol = 1e-9}));
    }
  }
}

TEST_CASE("LabelRanks: the rank of a label is its distribution function") {
  const ExponentTarget target{.g = Expression::parse("z1")};
  const LabelRanks ranks(target);
  // Phi(1) = 0.841344746 (DLMF 7.17); linear between knots some 0.01 apart.
  CHECK(close(ranks(1.0), 0.841344746, {.atol = 2e-4}));
  CHECK(close(ranks(0.0), 0.5, {.atol = 2e-4}));
  const ExponentTarget half{.g = Expression::parse("relu(z1)")};
  CHECK(close(LabelRanks(half)(0.0), 0.25, {.atol = 1e-3}));
  // Beside the atom the rank is 1/2 at least: functions are orthonormal on ranks that occur, and
  // may be as large as their coefficients elsewhere.
  CHECK(close(LabelRanks(half)(1e-9), 0.5, {.atol = 1e-3}));
}
