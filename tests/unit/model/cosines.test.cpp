#include "reprise/model/cosines.hpp"

#include <doctest/doctest.h>

#include <Eigen/LU>
#include <cmath>

#include "support/close.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;

// Weights in d = 7 dimensions, their overlaps, and inputs of covariance S along the targets.
struct Dense {
  static constexpr int d = 7;
  MatrixXd W, targets, gram, sigma;
  Overlaps overlaps;

  explicit Dense(const MatrixXd& S) {
    W.resize(3, d);
    targets.resize(2, d);
    for (int i = 0; i < 3; ++i) {
      for (int j = 0; j < d; ++j) W(i, j) = std::sin(1 + 3 * i + 2.3 * j);
    }
    for (int r = 0; r < 2; ++r) {
      for (int j = 0; j < d; ++j) targets(r, j) = std::cos(2 + r + 1.7 * j);
    }
    gram = targets * targets.transpose() / d;
    overlaps = {W * targets.transpose() / d, W * W.transpose() / d};
    const MatrixXd dual = gram.inverse() * targets / std::sqrt(d);  // of the directions, (2, d)
    sigma = MatrixXd::Identity(d, d) - dual.transpose() * gram * dual + dual.transpose() * S * dual;
  }

  double correlation(int i, int r) const {
    const auto variance = [&](const VectorXd& w) { return w.dot(sigma * w); };
    const VectorXd w = W.row(i), v = targets.row(r);
    return w.dot(sigma * v) / std::sqrt(variance(w) * variance(v));
  }
};

}  // namespace

TEST_CASE("cosines: those of the vectors, 0 for a neuron of norm 0") {
  const Dense dense(MatrixXd::Identity(2, 2));
  const MatrixXd cosine = cosines(dense.overlaps, dense.gram);
  for (int i = 0; i < 3; ++i) {
    for (int r = 0; r < 2; ++r) {
      const double expected = dense.W.row(i).normalized().dot(dense.targets.row(r).normalized());
      CHECK(test::close(cosine(i, r), expected, {.rtol = 1e-14}));
    }
  }
  CHECK(max_overlap(dense.overlaps, dense.gram) == cosine.cwiseAbs().maxCoeff());
  CHECK(cosines({MatrixXd::Zero(1, 2), MatrixXd::Zero(1, 1)}, dense.gram).isZero(0));
}

TEST_CASE("field_correlations: those of fields over structured inputs, cosines without") {
  MatrixXd S(2, 2);
  S << 5, -0.7, -0.7, 0.4;
  const Dense dense(S);
  const MatrixXd correlation = field_correlations(dense.overlaps, dense.gram, S);
  for (int i = 0; i < 3; ++i) {
    for (int r = 0; r < 2; ++r) {
      CHECK(test::close(correlation(i, r), dense.correlation(i, r), {.rtol = 1e-13}));
    }
  }
  const MatrixXd plain = field_correlations(dense.overlaps, dense.gram, dense.gram);
  CHECK((plain - cosines(dense.overlaps, dense.gram)).cwiseAbs().maxCoeff() < 1e-14);
}

TEST_CASE("put_cosines: the correlation is recorded where inputs have a covariance of their own") {
  Problem problem = test::make_problem("relu", VectorXd::Ones(2), "z1*z2", 2);
  CHECK(cosine_names(problem).size() == 3);
  problem.input_covariance(0, 0) = 4;
  const std::vector<Quantity> quantities =
      quantities_of(cosine_names(problem), {{"p", 2}, {"k", 2}});
  Record record(quantities);
  Overlaps overlaps{MatrixXd::Constant(2, 2, 0.1), MatrixXd::Identity(2, 2)};
  overlaps.M(1, 0) = -0.3;
  const auto& entries = put_cosines(record, problem, overlaps).entries();
  CHECK(entries.allFinite());
  CHECK(entries_of(quantities, entries, "max_overlap")(0, 0) == doctest::Approx(0.3));
  CHECK(entries_of(quantities, entries, "max_cosine")(0, 0) == doctest::Approx(0.3));
  CHECK(entries_of(quantities, entries, "max_cosine")(1, 0) == doctest::Approx(0.1));
  CHECK(entries_of(quantities, entries, "cosine")(1, 0) == doctest::Approx(-0.3));
  CHECK(entries_of(quantities, entries, "correlation")(1, 0) ==
        doctest::Approx(-0.6 / std::sqrt(1 + 3 * 0.09)));
}
