#include "reprise/wide_flow/mean_field.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/integration/output_times.hpp"
#include "reprise/wide_flow/mean_field_equations.hpp"
#include "reprise/wide_flow/wide_curve.hpp"

namespace reprise {

using Eigen::Index;
using Eigen::VectorXd;

template <>
const Schema& schema<MeanFieldOptions>() {
  using S = MeanFieldOptions;
  static const Schema result = describe<S>(
      {"mean_field", "curve", "(a, s) of infinitely many neurons; neurons are particles"},
      {hidden(&S::times),
       field(&S::weights, {.key = "weights",
                           .symbol = "w",
                           .range = above(0),
                           .otherwise = "equal",
                           .meaning = "Of the particles; divided by their sum"}),
       field(&S::max_degree, {.key = "max_degree",
                              .symbol = "K",
                              .range = integers_from(0, 2000),
                              .meaning = "Hermite degrees of activation and target beyond are left "
                                         "out"}),
       field(&S::rtol, {.key = "rtol",
                        .range = above(0),
                        .meaning = "Relative error allowed in a step",
                        .aliases = "tolerance tol"}),
       field(&S::atol, {.key = "atol",
                        .range = above(0),
                        .meaning = "Absolute error allowed in a step; of s times sqrt(epsilon) "
                                   "where epsilon < 1"}),
       field(&S::risk_floor, {.key = "risk_floor",
                              .range = at_least(0),
                              .meaning = "The risk at which the curve ends"}),
       field(&S::max_steps, {.key = "max_steps",
                             .range = integers_from(1),
                             .meaning = "Tries of the integrator, accepted or not"}),
       hidden(&S::progress)});
  return result;
}

void check(const WideStart& start, const WideFlow& flow, const MeanFieldOptions& options) {
  check(start);
  check(flow);
  check_fields(options);
  check_times("mean_field", options.times);
  const auto p = static_cast<std::size_t>(start.a.size());
  if (!options.weights.empty() && options.weights.size() != p) {
    reject("mean_field", "weights", "one number for each of the " + std::to_string(p) + " neurons",
           std::to_string(options.weights.size()) + " of them");
  }
}

void check(const Problem& problem, const WideFlow& flow, const MeanFieldOptions& options) {
  check_fields(options);  // max_degree, before it is used
  check(wide_start(problem, options.max_degree), flow, options);
}

namespace {

VectorXd normalised_weights(const std::vector<double>& weights, Index n) {
  if (weights.empty()) return VectorXd::Constant(n, 1 / static_cast<double>(n));
  const VectorXd w = Eigen::Map<const VectorXd>(weights.data(), n);
  return w / w.sum();
}

class ParticleReader final : public WideReader {
 public:
  explicit ParticleReader(MeanFieldEquations& equations) : equations_(&equations) {}

  const VectorXd& residual(const VectorXd& y) override { return equations_->residual(y); }
  double risk(const VectorXd& y) override { return equations_->risk(y); }
  std::vector<Quantity> quantities() const override {
    const Index n = equations_->n_particles();
    return {{"M", n, 1}, {"a", n}};
  }
  void read(const VectorXd& y, Eigen::Ref<VectorXd> row) override {
    const Index n = equations_->n_particles();
    row << y.tail(n), y.head(n);
  }

 private:
  MeanFieldEquations* equations_;
};

}  // namespace

Solution solve(const WideStart& start, const WideFlow& flow, const MeanFieldOptions& options) {
  check(start, flow, options);
  const Index n = start.a.size();
  MeanFieldEquations equations(start, normalised_weights(options.weights, n), flow.epsilon);
  StiffTolerance tolerance{.rtol = options.rtol, .atol = VectorXd::Constant(2 * n, options.atol)};
  // s stays of the order of sqrt(epsilon) while the sign of a and the neuron's fate are decided.
  tolerance.atol.tail(n) *= std::min(1.0, std::sqrt(flow.epsilon));
  ParticleReader reader(equations);
  return follow_wide_flow(
      equations, reader, equations.start(), start,
      {.method = "mean_field",
       .times = options.times,
       .risk_floor = options.risk_floor,
       .integrator = {.tolerance = tolerance,
                      .max_steps = options.max_steps,
                      .first_step = 1e-3 * std::min({1.0, flow.epsilon, options.times.back()})},
       .progress = options.progress});
}

Solution solve(const Problem& problem, const WideFlow& flow, const MeanFieldOptions& options) {
  check_fields(options);
  return solve(wide_start(problem, options.max_degree), flow, options);
}

Solution solve(const Problem& problem, const PopulationFlow& flow,
               const MeanFieldOptions& options) {
  return solve(problem, wide_flow(flow), options);
}

void check(const Problem& problem, const PopulationFlow& flow, const MeanFieldOptions& options) {
  check(problem, wide_flow(flow), options);
}

std::vector<Quantity> mean_field_quantities(const Problem& problem,
                                            const MeanFieldOptions& options) {
  return quantities_of({"M", "a", "residual", "generalisation_error"},
                       {{"p", problem.n_neurons()},
                        {"k", 1},
                        {"degrees", n_residuals(wide_start(problem, options.max_degree))}});
}

}  // namespace reprise
