#include "reprise/wide_flow/wide_flow.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/gaussian/hermite_series.hpp"
#include "reprise/integration/output_times.hpp"

namespace reprise {

using Eigen::Index;
using Eigen::VectorXd;

WideFlow wide_flow(const PopulationFlow& flow) {
  if (flow.epsilon) return {.epsilon = *flow.epsilon};
  throw InputError("training.epsilon is missing: this method is that of its time-scales");
}

template <>
const Schema& schema<WideIntegration>() {
  using S = WideIntegration;
  static const Schema result = describe<S>(
      {"wide_integration", "curve", "how a curve of a wide flow is integrated, and where it ends"},
      {field(&S::max_degree, {.key = "max_degree",
                              .symbol = "K",
                              .range = integers_from(0, 2000),
                              .meaning = "Hermite degrees of activation and target beyond are left "
                                         "out"}),
       field(&S::rtol, rtol_facts()),
       field(&S::atol, {.key = "atol",
                        .range = above(0),
                        .meaning = "Absolute error allowed in a step; of overlaps times "
                                   "sqrt(epsilon) where epsilon < 1"}),
       field(&S::risk_floor, {.key = "risk_floor",
                              .range = at_least(0),
                              .meaning = "The risk at which the curve ends"}),
       field(&S::max_steps, {.key = "max_steps",
                             .range = integers_from(1),
                             .meaning = "Tries of the integrator, accepted or not"})});
  return result;
}

Sizes sizes_of(const WideStart& start) {
  return {{"p", start.a.size()},
          {"k", 1},
          {"degrees", std::min<Index>(start.sigma.size(), most_residual_degrees + 1)}};
}

void check(const WideFlow& flow) {
  if (std::isfinite(flow.epsilon) && flow.epsilon > 0) return;
  reject("wide flow", "epsilon", "above 0", shortest(flow.epsilon));
}

void check(const WideStart& start) {
  if (start.sigma.size() == 0 || start.sigma.size() != start.phi.size()) {
    reject("wide flow", "phi", "as long as sigma, with one coefficient at least",
           std::to_string(start.phi.size()) + " and " + std::to_string(start.sigma.size()));
  }
  if (start.a.size() == 0 || start.a.size() != start.s.size()) {
    reject("wide flow", "s", "as long as a, with one neuron at least",
           std::to_string(start.s.size()) + " and " + std::to_string(start.a.size()));
  }
  check_finite("wide flow", "sigma", start.sigma);
  check_finite("wide flow", "phi", start.phi);
  check_finite("wide flow", "a", start.a);
  check_finite("wide flow", "s", start.s);
  for (Index i = 0; i < start.s.size(); ++i) {
    if (std::abs(start.s[i]) <= 1) continue;
    reject("initial", "M[" + std::to_string(i + 1) + ", 1]", "-1 to 1 for neurons of norm 1",
           start.s[i]);
  }
}

namespace {

void check_is_wide(const Problem& problem) {
  check(problem);
  if (problem.n_directions() != 1) {
    reject("target", "expression", "a function of z1 alone for a wide flow",
           std::string_view(problem.target.g.text()));
  }
  if (problem.target.gram(0, 0) != 1) {
    reject("target", "gram", "[[1]] for a wide flow", problem.target.gram(0, 0));
  }
  if (problem.input_covariance(0, 0) != 1) {
    reject("inputs", "covariance", "[[1]] for a wide flow", problem.input_covariance(0, 0));
  }
  if (problem.loss.name() != "square") {
    reject("training", "loss", "\"square\" for a wide flow", problem.loss.name());
  }
  if (problem.student.output_scale != OutputScale::inverse) {
    reject("student", "output_scale", "\"inverse\" for a wide flow",
           "\"" + std::string(name(problem.student.output_scale)) + "\"");
  }
  if (problem.student.second_layer_draw != SecondLayerDraw::once) {
    reject("student", "second_layer", "drawn once for a wide flow, whose neurons stand for many",
           "\"" + std::string(name(problem.student.second_layer_draw)) + "\" in each run");
  }
  for (Index i = 0; i < problem.n_neurons(); ++i) {
    if (std::abs(problem.initial.Q(i, i) - 1) <= 1e-12) continue;
    const std::string entry = std::to_string(i + 1);
    reject("initial", "Q[" + entry + ", " + entry + "]", "1 for a wide flow",
           problem.initial.Q(i, i));
  }
}

VectorXd padded(const VectorXd& coefficients, Index size) {
  VectorXd result = VectorXd::Zero(size);
  result.head(coefficients.size()) = coefficients;
  return result;
}

}  // namespace

WideStart wide_start(const Problem& problem, int max_degree) {
  check_is_wide(problem);
  const HermiteSeries sigma = hermite_series(problem.student.activation, max_degree);
  const HermiteSeries phi = hermite_series(problem.target.g, max_degree);
  const Index size = std::max(sigma.coefficients.size(), phi.coefficients.size());
  return {.sigma = padded(sigma.coefficients, size),
          .phi = padded(phi.coefficients, size),
          .a = problem.student.second_layer,
          .s = problem.initial.M.col(0),
          .sigma_tail = sigma.tail,
          .phi_tail = phi.tail};
}

std::vector<double> wide_flow_times(const WideFlow& flow, double duration, int per_decade) {
  check(flow);
  check_positive("wide flow", "duration", duration);
  return log_times(std::min(flow.epsilon / 100, duration), duration, per_decade);
}

}  // namespace reprise
