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
       inlined(&S::integration), hidden(&S::progress)});
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
  check(wide_start(problem, options.integration.max_degree), flow, options);
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
  void record(const VectorXd& y, Record& record) override {
    const Index n = equations_->n_particles();
    record.put("M", y.tail(n)).put("a", y.head(n));
  }

 private:
  MeanFieldEquations* equations_;
};

}  // namespace

std::vector<Quantity> mean_field_quantities(const WideStart& start) {
  return quantities_of({"M", "a", "residual", "generalisation_error"}, sizes_of(start));
}

Solution solve(const WideStart& start, const WideFlow& flow, const MeanFieldOptions& options) {
  check(start, flow, options);
  const Index n = start.a.size();
  MeanFieldEquations equations(start, normalised_weights(options.weights, n), flow.epsilon);
  ParticleReader reader(equations);
  // s stays of the order of sqrt(epsilon) while the sign of a and the neuron's fate are decided.
  return follow_wide_flow(equations, reader, equations.start(), start,
                          {.method = "mean_field",
                           .quantities = mean_field_quantities(start),
                           .times = options.times,
                           .epsilon = flow.epsilon,
                           .n_overlaps = n,
                           .integration = options.integration,
                           .progress = options.progress});
}

Solution solve(const Problem& problem, const WideFlow& flow, const MeanFieldOptions& options) {
  check_fields(options);
  return solve(wide_start(problem, options.integration.max_degree), flow, options);
}

Solution solve(const Problem& problem, const PopulationFlow& flow,
               const MeanFieldOptions& options) {
  return solve(problem, wide_flow(flow), options);
}

void check(const Problem& problem, const PopulationFlow& flow, const MeanFieldOptions& options) {
  check(problem, wide_flow(flow), options);
}

}  // namespace reprise
