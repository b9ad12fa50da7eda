#include "reprise/wide_flow/finite_width.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <string>

#include "reprise/wide_flow/finite_width_equations.hpp"
#include "support/close.hpp"
#include "support/message_of.hpp"
#include "support/wide_starts.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::contains;
using test::risk;
using test::set_a;

}  // namespace

TEST_CASE("finite width: equal neurons one by one are a group") {
  WideStart groups{.sigma = VectorXd{{0.5, 0.8, -0.6, 0.4}},
                   .phi = VectorXd{{-0.2, 0.9, 0.5, -0.3}},
                   .a = VectorXd{{-0.7, 0.9, 0.2}},
                   .s = VectorXd{{0.1, -0.2, 0.3}}};
  WideStart neurons = groups;
  neurons.a = VectorXd{{-0.7, -0.7, 0.9, 0.9, 0.9, 0.2}};
  neurons.s = VectorXd{{0.1, 0.1, -0.2, -0.2, -0.2, 0.3}};
  const WideFlow flow{.epsilon = 0.1};
  const MatrixXd products = neurons.s * neurons.s.transpose();
  const Solution many = solve(neurons, products, flow, {.times = {0.5, 2}});
  const Solution few = solve(groups, groups.s * groups.s.transpose(), flow,
                             {.times = {0.5, 2}, .group_size = {2, 3, 1}});
  for (const std::size_t t : {0, 1}) {
    CHECK(close(risk(many, t), risk(few, t), {.rtol = 1e-7}));
    const MatrixXd q = many.value("Q", t), grouped = few.value("Q", t);
    CHECK(close(q(0, 1), few.value("within", t)(0, 0), {.atol = 1e-7}));
    CHECK(close(q(2, 4), few.value("within", t)(1, 0), {.atol = 1e-7}));
    CHECK(close(q(1, 3), grouped(0, 1), {.atol = 1e-7}));
    CHECK(few.value("within", t)(2, 0) == 1);
    CHECK(close(many.value("M", t)(3, 0), few.value("M", t)(1, 0), {.atol = 1e-7}));
  }
  CHECK(std::abs(many.value("Q", 1)(0, 1) - products(0, 1)) > 0.05);  // something has happened
}

TEST_CASE("finite width: the risk falls as it should, and the Jacobian is that of differences") {
  WideStart start = set_a();
  for (Eigen::Index i = 0; i < 8; ++i) start.s[i] = 0.1 * std::cos(2.0 * double(i));
  FiniteWidthEquations equations(start, start.s * start.s.transpose(), VectorXd::Constant(8, 3),
                                 0.1);
  VectorXd y = equations.start(), dydt, above, below;
  for (double& entry : y) entry += 0.01 * std::sin(1e3 * entry);
  equations.derivative(y, dydt);
  const double h = 1e-6;
  CHECK(equations.risk(y + h * dydt) < equations.risk(y));
  const MatrixXd jacobian = equations.jacobian(y);
  for (Eigen::Index j = 0; j < y.size(); ++j) {
    VectorXd shifted = y;
    shifted[j] += 1e-5;
    equations.derivative(shifted, above);
    shifted[j] -= 2e-5;
    equations.derivative(shifted, below);
    CHECK(((above - below) / 2e-5 - jacobian.col(j)).norm() < 1e-8 * jacobian.norm());
  }
}

TEST_CASE("finite width: group sizes that do not fit are refused") {
  const auto message = [](std::vector<double> sizes) {
    return test::message_of([&] {
      check(set_a(), MatrixXd::Identity(8, 8), {.epsilon = 1},
            {.times = {1}, .group_size = std::move(sizes)});
    });
  };
  CHECK(message({3}) == "(no error)");
  CHECK(contains(message({1, 2}), "group_size must be a number or one for each of the 8 groups"));
  CHECK(contains(message({1.5}), "group_size"));
  CHECK(contains(message({0}), "group_size"));
}
