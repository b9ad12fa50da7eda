#include "reprise/gaussian/moments.hpp"

#include <doctest/doctest.h>

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <cmath>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "support/close.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::make_problem;

struct Rule {
  std::vector<double> nodes, weights;
};

// For E over one standard normal. The trapezoidal rule converges faster than any power of the step
// for analytic integrands with Gaussian tails.
Rule trapezoid(double reach, double step) {
  Rule rule;
  for (double z = -reach; z <= reach + 0.5 * step; z += step) {
    rule.nodes.push_back(z);
    rule.weights.push_back(step * std::exp(-0.5 * z * z) / std::sqrt(2 * M_PI));
  }
  return rule;
}

// Gauss-Hermite: exact for polynomials up to degree 2 n - 1 (eigenvalues of the recurrence).
Rule gauss(int n) {
  MatrixXd jacobi = MatrixXd::Zero(n, n);
  for (int i = 1; i < n; ++i) jacobi(i, i - 1) = jacobi(i - 1, i) = std::sqrt(i);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(jacobi);
  Rule rule;
  for (int i = 0; i < n; ++i) {
    rule.nodes.push_back(eigen.eigenvalues()[i]);
    rule.weights.push_back(std::pow(eigen.eigenvectors()(0, i), 2));
  }
  return rule;
}

// The moments and the error that belongs to them.
struct Averages : Moments {
  double generalisation_error = 0;
};

// The same expectations over z*, z (k + rank dimensions).
Averages by_quadrature(const Problem& problem, const Overlaps& overlaps, const VectorXd& weights,
                       const Rule& rule) {
  const Index p = problem.n_neurons(), k = problem.n_directions();
  const MatrixXd gram_inverse = problem.target.gram.inverse();
  const MatrixXd rest =
      semidefinite_cholesky(overlaps.Q - overlaps.M * gram_inverse * overlaps.M.transpose());
  std::vector<Index> columns;
  for (Index c = 0; c < p; ++c) {
    if (!rest.col(c).isZero(0)) columns.push_back(c);
  }
  const MatrixXd star = semidefinite_cholesky(problem.input_covariance);
  const auto dimension = static_cast<std::size_t>(k) + columns.size();
  std::vector<std::size_t> index(dimension, 0);
  Averages sum{
      {MatrixXd::Zero(p, k), MatrixXd::Zero(p, p), MatrixXd::Zero(p, p), VectorXd::Zero(p)}};
  const bool is_square = problem.loss.name() == "square";
  const double noise = problem.target.noise_variance;
  for (bool more = true; more;) {
    VectorXd z(dimension);
    double weight = 1;
    for (std::size_t a = 0; a < dimension; ++a) {
      z[static_cast<Index>(a)] = rule.nodes[index[a]];
      weight *= rule.weights[index[a]];
    }
    const VectorXd h_star = star * z.head(k);
    VectorXd h = overlaps.M * gram_inverse * h_star;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      h += rest.col(columns[c]) * z[k + static_cast<Index>(c)];
    }
    const double y =
        problem.target.g(std::span<const double>(h_star.data(), static_cast<std::size_t>(k)));
    double f = 0;
    VectorXd sigma(p), slope(p);
    for (Index j = 0; j < p; ++j) {
      sigma[j] = problem.student.activation.value(h[j]);
      slope[j] = weights[j] * problem.student.activation.derivative(h[j]);
      f += weights[j] * sigma[j];
    }
    const double residual = is_square ? f - y : -y;
    sum.g_target += weight * residual * slope * h_star.transpose();
    sum.g_field += weight * residual * slope * h.transpose();
    sum.g_g += weight * (residual * residual + noise) * slope * slope.transpose();
    sum.output += weight * residual * sigma;
    sum.generalisation_error += 0.5 * weight * (f - y) * (f - y);
    more = false;
    for (std::size_t a = 0; a < dimension; ++a) {
      if (++index[a] < rule.nodes.size()) {
        more = true;
        break;
      }
      index[a] = 0;
    }
  }
  return sum;
}

void check_close(const Averages& actual, const Averages& expected, test::Tolerance tolerance) {
  const auto check = [&](const MatrixXd& a, const MatrixXd& b) {
    for (Index i = 0; i < a.rows(); ++i) {
      for (Index j = 0; j < a.cols(); ++j) CHECK(close(a(i, j), b(i, j), tolerance));
    }
  };
  check(actual.g_target, expected.g_target);
  check(actual.g_field, expected.g_field);
  check(actual.g_g, expected.g_g);
  check(actual.output, expected.output);
  CHECK(close(actual.generalisation_error, expected.generalisation_error, tolerance));
}

// Generic overlaps; neuron 2 a copy of neuron 1; neuron 2 of norm 0; neurons in the span of the
// target (Q = M M^T); almost aligned.
std::vector<Overlaps> states() {
  const MatrixXd m = (MatrixXd(2, 2) << 0.3, -0.4, 0.5, 0.2).finished();
  const MatrixXd q = (MatrixXd(2, 2) << 0.9, 0.15, 0.15, 1.2).finished();
  const MatrixXd copy = (MatrixXd(2, 2) << 0.3, -0.4, 0.3, -0.4).finished();
  const MatrixXd zero = (MatrixXd(2, 2) << 0.3, -0.4, 0, 0).finished();
  MatrixXd near = MatrixXd::Constant(2, 2, 0.8);
  near(0, 1) = near(1, 0) = 0.8 - 1e-7;
  return {{m, q},
          {copy, MatrixXd::Constant(2, 2, 0.8)},
          {zero, (MatrixXd(2, 2) << 0.9, 0, 0, 0).finished()},
          {m, m * m.transpose()},
          {copy, near}};
}

const VectorXd second_layer = (VectorXd(2) << 0.7, -1.1).finished();

Averages moments_by(MomentRoute route, const Problem& problem, const Overlaps& overlaps,
                    std::uint64_t scramble = 0) {
  const auto moments =
      gaussian_moments(problem, {}, {.route = route, .points = 1 << 14, .scramble = scramble});
  Averages result;
  moments->evaluate(overlaps, problem.student.output_weights(), result);
  result.generalisation_error =
      moments->generalisation_error(overlaps, problem.student.output_weights());
  return result;
}

}  // namespace

TEST_CASE(
    "gaussian_moments: erf closed forms agree with quadrature to 1e-10, singular overlaps too") {
  Problem problem = make_problem("erf", second_layer, "0.8*erf(z1/sqrt(2)) - erf(0.3*z1) + 0.2", 1);
  problem.target.noise_variance = 0.3;
  for (Overlaps overlaps : states()) {
    const MatrixXd rest = overlaps.Q - overlaps.M * overlaps.M.transpose();
    const MatrixXd first = overlaps.M.col(0);
    overlaps = {first, rest + first * first.transpose()};  // one target direction: three dimensions
    for (const char* loss : {"square", "correlation"}) {
      problem.loss = Loss::parse(loss);
      check_close(moments_by(MomentRoute::exact, problem, overlaps),
                  by_quadrature(problem, overlaps, second_layer, trapezoid(7.5, 0.3)),
                  {.atol = 1e-10});
    }
  }
}

TEST_CASE(
    "gaussian_moments: Hermite algebra agrees with quadrature to 1e-10, singular overlaps too") {
  const VectorXd polynomial_weights = (VectorXd(2) << 0.7, -0.4).finished();
  Problem problem = make_problem("polynomial([0.3, 1, -0.5, 0.2])", polynomial_weights,
                                 "z1*z2 + 0.5*He3(z1) - 0.3*z2^2 + 0.1", 2);
  problem.target.noise_variance = 0.2;
  for (const Overlaps& overlaps : states()) {
    for (const char* loss : {"square", "correlation"}) {
      problem.loss = Loss::parse(loss);
      check_close(moments_by(MomentRoute::exact, problem, overlaps),
                  by_quadrature(problem, overlaps, polynomial_weights, gauss(8)),
                  {.rtol = 1e-10, .atol = 1e-10});
    }
  }
}

TEST_CASE("gaussian_moments: target Gram matrices and structured inputs enter every exact route") {
  for (const char* activation : {"erf", "He2"}) {
    const bool is_erf = activation[0] == 'e';
    Problem problem = make_problem(activation, VectorXd::Constant(1, 0.7),
                                   is_erf ? "erf(z1) - 0.5*erf(z2)" : "z1*z2 + z1", 2);
    problem.target.gram << 1.2, 0.3, 0.3, 0.8;
    problem.input_covariance << 2.0, -0.2, -0.2, 0.7;
    const Overlaps overlaps = {states()[0].M.topRows(1), states()[0].Q.topLeftCorner(1, 1)};
    check_close(moments_by(MomentRoute::exact, problem, overlaps),
                by_quadrature(problem, overlaps, VectorXd::Constant(1, 0.7),
                              is_erf ? trapezoid(7.5, 0.2) : gauss(8)),
                {.rtol = 1e-10, .atol = 1e-10});
  }
}

TEST_CASE("gaussian_moments: the point set agrees with every exact route within its spread") {
  struct Case {
    const char* activation;
    const char* target;
  };
  for (const Case& c : {Case{"erf", "erf(z1) + erf(z2)"}, Case{"He2", "z1*z2"},
                        Case{"relu", "relu(z1 + z2) - 0.4*abs(z2) + z1"}}) {
    Problem problem = make_problem(c.activation, second_layer, c.target, 2);
    problem.target.noise_variance = 0.1;
    const Overlaps overlaps = states()[0];
    const Averages exact = moments_by(MomentRoute::exact, problem, overlaps);
    constexpr int n_scrambles = 16;
    std::vector<Averages> points;
    for (int s = 0; s < n_scrambles; ++s) {
      points.push_back(
          moments_by(MomentRoute::points, problem, overlaps, static_cast<std::uint64_t>(s)));
    }
    const auto check = [&](auto entry) {
      double mean = 0, square = 0;
      for (const Averages& m : points) mean += entry(m) / n_scrambles;
      for (const Averages& m : points) square += std::pow(entry(m) - mean, 2);
      const double error = std::sqrt(square / n_scrambles / (n_scrambles - 1));
      INFO(c.activation << " against " << c.target);
      CHECK(close(mean, entry(exact), {.atol = 4.5 * error}));  // some 50 comparisons
      CHECK(error < 2e-2 * (1 + std::abs(entry(exact))));
    };
    for (Index i = 0; i < 2; ++i) {
      for (Index j = 0; j < 2; ++j) {
        check([=](const Averages& m) { return m.g_target(i, j); });
        check([=](const Averages& m) { return m.g_field(i, j); });
        check([=](const Averages& m) { return m.g_g(i, j); });
      }
      check([=](const Averages& m) { return m.output[i]; });
    }
    check([](const Averages& m) { return m.generalisation_error; });
  }
}

TEST_CASE("gaussian_moments: a tiny overlap keeps its relative accuracy in the drift of He_l") {
  // Correlation loss, h and z of unit variance and covariance m: E[G z] = -E[He_l'(h) He_l(z) z] =
  // -l l! m^(l-1) - l (l-1) l! m^(l+1) by Stein's lemma.
  for (int l = 1; l <= 4; ++l) {
    const std::string name = "He" + std::to_string(l);
    Problem problem = make_problem(name, VectorXd::Ones(1), name + "(z1)", 1);
    problem.loss = Loss::correlation();
    const double m = 1e-9;
    Moments moments;
    gaussian_moments(problem, {})
        ->evaluate({MatrixXd::Constant(1, 1, m), MatrixXd::Ones(1, 1)}, VectorXd::Ones(1), moments);
    CHECK(close(moments.g_target(0, 0), -l * std::tgamma(l + 1) * std::pow(m, l - 1),
                {.rtol = 1e-14}));
  }
}

TEST_CASE("gaussian_moments: picks the exact route where there is one and refuses where not") {
  const auto route = [](const Problem& problem, const SampleUse& use = {}) {
    return std::string(gaussian_moments(problem, use)->route());
  };
  const Problem erf = make_problem("erf", second_layer, "erf(z1)", 1);
  CHECK(route(erf) == "closed forms (erf)");
  CHECK(route(erf, {.repeats = 2}) == "points");
  CHECK(route(make_problem("relu", second_layer, "abs(z1) - z1", 1)) == "closed forms (relu)");
  CHECK(route(make_problem("relu", second_layer, "abs(z1) - 1", 1)) == "points");
  CHECK(route(make_problem("He3", second_layer, "He3(z1)", 1)) == "Hermite algebra");
  const Problem tanh = make_problem("tanh", second_layer, "tanh(z1)", 1);
  CHECK(route(tanh) == "points");
  CHECK_THROWS_WITH_AS(gaussian_moments(tanh, {}, {.route = MomentRoute::exact}),
                       "moments: route must be \"points\" or \"automatic\", got exact although the "
                       "activation tanh is not a polynomial",
                       InputError);
  CHECK_THROWS_AS(gaussian_moments(erf, {}, {.points = 3}), InputError);
}
