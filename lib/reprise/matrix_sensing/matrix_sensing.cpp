#include "reprise/matrix_sensing/matrix_sensing.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

namespace {

std::optional<Complaint> wrong_length(const std::vector<double>& numbers) {
  if (numbers.size() == 2) return std::nullopt;
  return Complaint{"two numbers, of mu and of nu", std::to_string(numbers.size()) + " of them"};
}

}  // namespace

template <>
const Schema& schema<MatrixSensing>() {
  using S = MatrixSensing;
  static const Schema result = describe<S>(
      {"matrix_sensing", "initial",
       "a matrix mu* nu*^T of rank one, seen through <x, mu*><z, nu*>"},
      {field(&S::noise_variance, {.key = "target.noise_variance",
                                  .symbol = "sigma^2",
                                  .range = at_least(0),
                                  .meaning = "Of the label"}),
       field(&S::overlap, {.key = "overlap",
                           .symbol = "alpha",
                           .is_required = true,
                           .meaning = "<mu, mu*> and <nu, nu*>"}),
       field(&S::norm, {.key = "norm",
                        .symbol = "rho",
                        .range = above(0),
                        .is_required = true,
                        .meaning = "|mu| and |nu|, where |mu*| = |nu*| = 1"})},
      {},
      {rule<S>("overlap", [](const S& problem) { return wrong_length(problem.overlap); }),
       rule<S>("norm", [](const S& problem) { return wrong_length(problem.norm); }),
       rule<S>("overlap", [](const S& problem) -> std::optional<Complaint> {
         for (const std::size_t i : {0, 1}) {
           if (std::abs(problem.overlap[i]) <= problem.norm[i]) continue;
           return Complaint{"at most norm in size, " + shortest(problem.norm[i]),
                            shortest(problem.overlap[i])};
         }
         return std::nullopt;
       })});
  return result;
}

template <>
const Schema& schema<ProxLinear>() {
  using S = ProxLinear;
  static const Schema result = describe<S>(
      {"prox_linear", "training", "least squares in the linearised model, a fresh batch each step"},
      {field(&S::penalty, {.key = "penalty",
                           .symbol = "lambda",
                           .range = above(0),
                           .is_required = true,
                           .meaning = "Of the squared length of a step, a sample",
                           .aliases = "lambda ridge"}),
       field(&S::samples_per_dimension, {.key = "samples_per_dimension",
                                         .symbol = "1/kappa",
                                         .range = above(0),
                                         .is_required = true,
                                         .meaning = "Fresh samples of a step over d",
                                         .aliases = "alpha"}),
       field(&S::steps, {.key = "steps",
                         .range = integers_from(0, 1'000'000),
                         .is_required = true,
                         .meaning = "Number of steps"})});
  return result;
}

double SensingState::error() const {
  const double norms = norm[0] * norm[1];
  return std::max(norms * norms - 2 * overlap[0] * overlap[1] + 1, 0.0);
}

SensingState start_of(const MatrixSensing& problem) {
  return {.overlap = {problem.overlap[0], problem.overlap[1]},
          .norm = {problem.norm[0], problem.norm[1]}};
}

std::vector<Quantity> sensing_quantities() {
  return {{"overlap", 2}, {"norm", 2}, {"error"}, {"overlap_product"}};
}

Eigen::RowVectorXd sensing_row(const SensingState& state) {
  Eigen::RowVectorXd row(6);
  row << state.overlap[0], state.overlap[1], state.norm[0], state.norm[1], state.error(),
      state.overlap[0] * state.overlap[1];
  return row;
}

void check(const MatrixSensing& problem) { check_fields(problem); }

void check(const MatrixSensing& problem, const ProxLinear& algorithm) {
  check(problem);
  check_fields(algorithm);
}

}  // namespace reprise
