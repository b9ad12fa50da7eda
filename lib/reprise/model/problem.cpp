#include "reprise/model/problem.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "reprise/core/check.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/random.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/model/label_check.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

// Eigenvalues this far below zero, relative to the largest entry, are rounding.
constexpr double relative_rounding = 1e-12;

[[noreturn]] void reject_spectrum(std::string_view where, std::string_view name,
                                  std::string_view rule, double lowest) {
  std::ostringstream text;
  text << "a lowest eigenvalue of " << lowest;
  reject(where, name, rule, std::string_view(text.str()));
}

}  // namespace

double factor(OutputScale scale, Index n_neurons) {
  const auto p = static_cast<double>(n_neurons);
  switch (scale) {
    case OutputScale::none:
      return 1;
    case OutputScale::inverse_sqrt:
      return 1 / std::sqrt(p);
    case OutputScale::inverse:
      return 1 / p;
  }
  return 1;
}

Eigen::VectorXd Student::output_weights() const {
  return factor(output_scale, n_neurons()) * second_layer;
}

Eigen::VectorXd draw_second_layer(SecondLayerDraw law, Index n_neurons, std::uint64_t seed,
                                  std::uint64_t run) {
  constexpr Index block = 16;  // that fill_normals works in
  Eigen::VectorXd normals((n_neurons + block - 1) / block * block);
  fill_normals(Stream(seed, Purpose::second_layer, run), 0, 0,
               static_cast<std::size_t>(normals.size()), normals.data());
  normals.conservativeResize(n_neurons);
  if (law == SecondLayerDraw::gaussian) return normals;
  return normals.unaryExpr([](double z) { return z < 0 ? -1.0 : 1.0; });
}

Problem problem_of_run(const Problem& problem, std::uint64_t seed, std::uint64_t run) {
  Problem own = problem;
  const SecondLayerDraw law = problem.student.second_layer_draw;
  if (law != SecondLayerDraw::once) {
    own.student.second_layer = draw_second_layer(law, problem.n_neurons(), seed, run);
  }
  return own;
}

Index least_dimension(const Problem& problem) {
  const Index rank = problem.has_random_start
                         ? 1
                         : orthogonal_factor(problem.initial, inverse(problem.target.gram)).cols();
  return problem.n_directions() + std::max<Index>(rank, 1);
}

MatrixXd semidefinite_factor(std::string_view where, std::string_view name,
                             const Eigen::Ref<const MatrixXd>& matrix, double scale) {
  check_finite(where, name, matrix);
  if (matrix.size() == 0) return MatrixXd(matrix.rows(), 0);
  if (scale == 0) scale = matrix.cwiseAbs().maxCoeff();
  const double lowest = symmetric_eigen(matrix).values[0];
  if (lowest < -relative_rounding * scale)
    reject_spectrum(where, name, "positive semidefinite", lowest);
  if (scale == 0) return MatrixXd(matrix.rows(), 0);
  return rank_factor(matrix, relative_rounding * scale, relative_rounding * scale).L;
}

MatrixXd orthogonal_factor(const Overlaps& overlaps, const MatrixXd& gram_inverse) {
  const MatrixXd parallel = matrix_product(overlaps.M, gram_inverse, overlaps.M.transpose());
  // Where targets are nearly parallel the product cancels: some 16 roundings of its terms remain.
  const double terms = matrix_product(overlaps.M.cwiseAbs(), gram_inverse.cwiseAbs(),
                                      overlaps.M.cwiseAbs().transpose())
                           .maxCoeff();
  const double roundings = 16 * std::numeric_limits<double>::epsilon() * terms;
  return semidefinite_factor(
      "initial", "Q - M P^-1 M^T", overlaps.Q - parallel,
      std::max(overlaps.Q.cwiseAbs().maxCoeff(), roundings / relative_rounding));
}

Problem completed(Problem problem) {
  MatrixXd& gram = problem.target.gram;
  const Index p = problem.n_neurons();
  if (gram.size() == 0) {
    const Index k = std::max(1, problem.target.g.n_variables());
    gram = MatrixXd::Identity(k, k);
  }
  if (problem.input_covariance.size() == 0) problem.input_covariance = gram;
  auto& [M, Q] = problem.initial;
  if (M.size() == 0) M = MatrixXd::Zero(p, gram.rows());
  // Of a shape that fits only: check() tells of others.
  if (Q.size() == 0 && gram.rows() == gram.cols() && M.rows() == p && M.cols() == gram.rows()) {
    Q = matrix_product(M, solve(gram, M.transpose())) + MatrixXd::Identity(p, p);
  }
  return problem;
}

Problem Problem::of(Target target, Student student, Loss loss, Overlaps initial) {
  return completed({.target = std::move(target),
                    .student = std::move(student),
                    .loss = std::move(loss),
                    .initial = std::move(initial)});
}

namespace {

// Names what fills them in, where a shape alone would be a riddle.
void check_is_given(std::string_view where, std::string_view name, const MatrixXd& matrix) {
  if (matrix.size() > 0) return;
  reject(where, name, "given (completed(problem) and Problem::of fill in what is left out)",
         std::string_view("none"));
}

}  // namespace

void check(const Problem& problem) {
  const Index p = problem.n_neurons();
  const Index k = problem.n_directions();
  const MatrixXd& gram = problem.target.gram;
  check_at_least("student", "neurons", p, 1);
  check_is_given("target", "gram", gram);
  check_at_least("target", "number of directions", k, std::max(1, problem.target.g.n_variables()));
  check_finite("target", "gram", gram);
  check_symmetric("target", "gram", gram);
  const double lowest = symmetric_eigen(gram).values[0];
  if (!(lowest > relative_rounding * gram.cwiseAbs().maxCoeff())) {
    reject_spectrum("target", "gram", "positive definite", lowest);
  }
  check_nonnegative("target", "noise_variance", problem.target.noise_variance);
  check_finite("student", "second_layer", problem.student.second_layer);
  check_is_given("inputs", "covariance", problem.input_covariance);
  check_shape("inputs", "covariance", problem.input_covariance, k, k);
  check_finite("inputs", "covariance", problem.input_covariance);
  check_symmetric("inputs", "covariance", problem.input_covariance);
  semidefinite_factor("inputs", "covariance", problem.input_covariance);
  check_is_given("initial", "M", problem.initial.M);
  check_shape("initial", "M", problem.initial.M, p, k);
  check_finite("initial", "M", problem.initial.M);
  check_is_given("initial", "Q", problem.initial.Q);
  check_shape("initial", "Q", problem.initial.Q, p, p);
  check_finite("initial", "Q", problem.initial.Q);
  check_symmetric("initial", "Q", problem.initial.Q);
  orthogonal_factor(problem.initial, inverse(gram));
  if (const auto found = find_label_that_is_no_number(problem.target, problem.input_covariance)) {
    reject("target", "g", "finite at every input", std::string_view(*found));
  }
  if (const auto found = find_activation_that_is_no_number(problem.student, problem.initial.Q)) {
    reject("student", "activation", "finite at every field", std::string_view(*found));
  }
  if (const auto found = find_loss_that_is_no_number(problem)) {
    reject("training", "loss", "finite at every output and label", std::string_view(*found));
  }
}

}  // namespace reprise
