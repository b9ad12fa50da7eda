#include "reprise/gaussian/relu_committee.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "reprise/core/linear_algebra.hpp"
#include "support/allocations.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"
#include "support/rotation.hpp"

namespace {

using namespace reprise;
using Eigen::Index;
using test::close;

struct CommitteeCase {
  std::string name;
  Problem problem;
  Coordinates at;
};

Coordinates some_coordinates(Index p, Index k, Index r) {
  Coordinates at{Eigen::MatrixXd(p, k), Eigen::MatrixXd(p, r)};
  for (Index i = 0; i < p * k; ++i) at.M(i) = std::sin(1.3 * double(i) + 0.4);
  for (Index i = 0; i < p * r; ++i) at.L(i) = 0.7 * std::cos(2.1 * double(i) + 0.2);
  return at;
}

// Near the target, far from it, on both of its sides, without a part outside, structured inputs.
std::vector<CommitteeCase> committees() {
  Problem one = test::make_problem("relu", Eigen::VectorXd::Ones(3), "relu(z1)", 1);
  Problem sides = test::make_problem("relu", Eigen::VectorXd{{0.6, 0.5, 0.3}}, "abs(z1)", 1);
  Problem many = test::make_problem("relu", Eigen::VectorXd{{1, -0.5, 0.8}},
                                    "2*relu(z1 + 0.3*z2) - 0.5*abs(z2) + 0.2*z1", 2);
  many.target.gram << 1, 0.3, 0.3, 2;
  many.input_covariance << 1.5, 0.2, 0.2, 1;
  Problem correlation = many;
  correlation.loss = Loss::correlation();
  Coordinates near = some_coordinates(3, 1, 3);
  near.M << 0.3, 0.4, 0.31;
  near.L *= 0.01;
  Coordinates both = near;
  both.M(1) = -0.4;
  return {{"generic", one, some_coordinates(3, 1, 3)},
          {"near", one, near},
          {"both sides", sides, both},
          {"one column", one, some_coordinates(3, 1, 1)},
          {"in the span", many, some_coordinates(3, 2, 0)},
          {"many", many, some_coordinates(3, 2, 3)},
          {"correlation", correlation, some_coordinates(3, 2, 3)}};
}

Overlaps overlaps_of(const CommitteeCase& committee) {
  const auto& [M, L] = committee.at;
  return {M, M * inverse(committee.problem.target.gram) * M.transpose() + L * L.transpose()};
}

std::unique_ptr<ReluCommittee> make(const Problem& problem) {
  auto committee = relu_committee(problem, {}, {});
  REQUIRE(committee != nullptr);
  return committee;
}

}  // namespace

TEST_CASE("ReluCommittee: drift and error are those of the overlaps where these know the angles") {
  for (const CommitteeCase& committee : committees()) {
    INFO(committee.name);
    const Eigen::VectorXd weights = committee.problem.student.output_weights();
    const auto moments = gaussian_moments(committee.problem, {});
    const auto by_vectors = make(committee.problem);
    Moments expected;
    Drift drift;
    moments->evaluate(overlaps_of(committee), weights, expected);
    by_vectors->evaluate(committee.at, weights, drift);
    const Eigen::MatrixXd g_field =
        drift.g_target * inverse(committee.problem.target.gram) * committee.at.M.transpose() +
        drift.g_outside * committee.at.L.transpose();
    // Products know an angle of 0.01 to 1e-14 / 0.01.
    CHECK((drift.g_target - expected.g_target).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((g_field - expected.g_field).cwiseAbs().maxCoeff() < 1e-12);
    CHECK((drift.output - expected.output).cwiseAbs().maxCoeff() < 1e-12);
    CHECK(close(by_vectors->generalisation_error(committee.at, weights),
                moments->generalisation_error(overlaps_of(committee), weights), {.atol = 1e-13}));
  }
}

TEST_CASE("ReluCommittee: the Jacobian is that of differences") {
  for (const CommitteeCase& committee : committees()) {
    INFO(committee.name);
    const auto by_vectors = make(committee.problem);
    const Index p = committee.at.M.rows(), k = committee.at.M.cols(), r = committee.at.L.cols();
    const auto values = [&](const Eigen::VectorXd& x) {
      Coordinates at = committee.at;
      at.M = x.head(p * k).reshaped<Eigen::RowMajor>(p, k);
      at.L = x.segment(p * k, p * r).reshaped<Eigen::RowMajor>(p, r);
      Drift drift;
      by_vectors->evaluate(at, x.tail(p), drift);
      Eigen::VectorXd result(x.size());
      result << drift.g_target.reshaped<Eigen::RowMajor>(),
          drift.g_outside.reshaped<Eigen::RowMajor>(), drift.output;
      return result;
    };
    Eigen::VectorXd x(p * (k + r) + p);
    x << committee.at.M.reshaped<Eigen::RowMajor>(), committee.at.L.reshaped<Eigen::RowMajor>(),
        committee.problem.student.output_weights();
    Eigen::MatrixXd jacobian;
    by_vectors->jacobian(committee.at, x.tail(p), jacobian);
    REQUIRE(jacobian.rows() == x.size());
    for (Index c = 0; c < x.size(); ++c) {
      // Angles of 0.01 turn within 1e-2: a shift of 1e-6 leaves 1e-8 of what is differentiated.
      Eigen::VectorXd above = x, below = x;
      above[c] += 1e-6;
      below[c] -= 1e-6;
      const Eigen::VectorXd difference = (values(above) - values(below)) / 2e-6;
      CHECK((jacobian.col(c) - difference).cwiseAbs().maxCoeff() < 1e-8);
    }
  }
}

TEST_CASE(
    "ReluCommittee: what turns the frame outside, or exchanges neurons, changes nothing else") {
  const CommitteeCase committee = committees()[5];
  const auto by_vectors = make(committee.problem);
  const Eigen::VectorXd weights = committee.problem.student.output_weights();
  Drift drift, turned_drift, exchanged_drift;
  by_vectors->evaluate(committee.at, weights, drift);
  const Eigen::MatrixXd rotation = test::random_rotation(3, 5);
  const Coordinates turned{committee.at.M, committee.at.L * rotation};
  by_vectors->evaluate(turned, weights, turned_drift);
  CHECK((turned_drift.g_target - drift.g_target).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((turned_drift.g_outside - drift.g_outside * rotation).cwiseAbs().maxCoeff() < 1e-14);
  const Eigen::PermutationMatrix<3> order(Eigen::Vector3i(2, 0, 1));
  by_vectors->evaluate({order * committee.at.M, order * committee.at.L}, order * weights,
                       exchanged_drift);
  CHECK((exchanged_drift.g_target - order * drift.g_target).cwiseAbs().maxCoeff() < 1e-14);
  CHECK((exchanged_drift.output - order * drift.output).cwiseAbs().maxCoeff() < 1e-14);
  CHECK(close(by_vectors->generalisation_error(turned, weights),
              by_vectors->generalisation_error(committee.at, weights), {.rtol = 1e-13}));
}

// z = (cos t, +-sin t) / 2: the sum has cos t - 1 along the target, and
//   E = (1 - cos t)^2 / 4 + G(2 t) / 4 - G(t) = t^3 / (6 pi) (1 + 3 pi t / 8 + ..).
TEST_CASE("ReluCommittee: angles of 1e-2 to 1e-100 keep their digits") {
  const Problem problem = test::make_problem("relu", Eigen::VectorXd::Ones(2), "relu(z1)", 1);
  const auto by_vectors = make(problem);
  for (const double t : {1e-2, 1e-4, 1e-6, 1e-8, 1e-9}) {
    INFO("t = " << t);
    Coordinates at{Eigen::MatrixXd::Constant(2, 1, 0.5 * std::cos(t)), Eigen::MatrixXd(2, 1)};
    at.L << 0.5 * std::sin(t), -0.5 * std::sin(t);
    const double leading = t * t * t / (6 * std::numbers::pi);
    const double expected = leading * (1 + 3 * std::numbers::pi * t / 8);
    // Terms of order t^2 are left out of `expected`; the sum t^2 / 2 along the target has a
    // rounding of 2e-16.
    const double rounding = 0.25 * (t * t * 2e-16 + 4e-32) / leading;
    CHECK(close(by_vectors->generalisation_error(at, Eigen::VectorXd::Ones(2)), expected,
                {.rtol = t * t + 1e-14 + rounding}));
    Drift drift;
    by_vectors->evaluate(at, Eigen::VectorXd::Ones(2), drift);
    // x' = -x^2 / (2 pi l_1 l_2) with x = l t, here 2 t^2 / (4 pi).
    CHECK(close(drift.g_outside(0), t * t / (2 * std::numbers::pi), {.rtol = 2 * t}));
  }
  Coordinates at{Eigen::MatrixXd::Constant(2, 1, 0.5), Eigen::MatrixXd::Constant(2, 1, 5e-101)};
  at.L(1) = -5e-101;
  CHECK(by_vectors->generalisation_error(at, Eigen::VectorXd::Ones(2)) < 1e-299);
  at.L.setZero();
  CHECK(by_vectors->generalisation_error(at, Eigen::VectorXd::Ones(2)) == 0);
}

TEST_CASE("ReluCommittee: a neuron that is 0 takes no part, and others learn as without it") {
  const Problem problem = test::make_problem("relu", Eigen::VectorXd::Ones(3), "relu(z1)", 1);
  const auto by_vectors = make(problem);
  Coordinates at = some_coordinates(3, 1, 2);
  at.M.row(1).setZero();
  at.L.row(1).setZero();
  Drift drift;
  by_vectors->evaluate(at, Eigen::VectorXd::Ones(3), drift);
  CHECK(drift.g_target.row(1).isZero(0));
  CHECK(drift.g_outside.row(1).isZero(0));
  CHECK(drift.g_target.allFinite());
  Eigen::MatrixXd jacobian;
  by_vectors->jacobian(at, Eigen::VectorXd::Ones(3), jacobian);
  CHECK(jacobian.allFinite());
}

TEST_CASE("ReluCommittee: no allocation after the first call") {
  const CommitteeCase committee = committees()[5];
  const auto by_vectors = make(committee.problem);
  const Eigen::VectorXd weights = committee.problem.student.output_weights();
  Drift drift;
  Eigen::MatrixXd jacobian;
  const auto all = [&] {
    by_vectors->evaluate(committee.at, weights, drift);
    by_vectors->generalisation_error(committee.at, weights);
    by_vectors->jacobian(committee.at, weights, jacobian);
  };
  all();
  CHECK(test::allocations_of(all) == 0);
}

TEST_CASE("relu_committee: there is one for closed forms of ReLU alone") {
  const auto exists = [](const Problem& problem, const SampleUse& use = {},
                         const MomentOptions& options = {}) {
    return relu_committee(problem, use, options) != nullptr;
  };
  const Eigen::VectorXd one = Eigen::VectorXd::Ones(1);
  const Problem relu = test::make_problem("relu", one, "relu(z1)", 1);
  CHECK(exists(relu));
  CHECK_FALSE(exists(relu, {.repeats = 2}));
  CHECK_FALSE(exists(relu, {}, {.route = MomentRoute::points}));
  CHECK_FALSE(exists(test::make_problem("erf", one, "erf(z1/sqrt(2))", 1)));
  CHECK_FALSE(exists(test::make_problem("relu", one, "z1*z2", 2)));
  CHECK_FALSE(exists(test::make_problem("relu", one, "relu(z1) + 1", 1)));
}
