#include "reprise/wide_flow/finite_width.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/integration/output_times.hpp"
#include "reprise/wide_flow/finite_width_equations.hpp"
#include "reprise/wide_flow/wide_curve.hpp"

namespace reprise {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

template <>
const Schema& schema<FiniteWidthOptions>() {
  using S = FiniteWidthOptions;
  static const Schema result = describe<S>(
      {"finite_width", "curve", "(a, s, r) of m neurons as d goes to infinity"},
      {hidden(&S::times),
       field(&S::group_size,
             {.key = "student.group_size",
              .range = {.low = 1,
                        .high = 1e15,
                        .rule = "a whole number of at least 1",
                        .holds = [](double size) { return size == std::floor(size); }},
              .otherwise = "1",
              .meaning = "Equal neurons that a row of M stands for, a number or one each"}),
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
                        .meaning = "Absolute error allowed in a step; of overlaps times "
                                   "sqrt(epsilon) where epsilon < 1"}),
       field(&S::risk_floor, {.key = "risk_floor",
                              .range = at_least(0),
                              .meaning = "The risk at which the curve ends"}),
       field(&S::max_steps, {.key = "max_steps",
                             .range = integers_from(1),
                             .meaning = "Tries of the integrator, accepted or not"}),
       hidden(&S::progress)});
  return result;
}

void check(const WideStart& start, const MatrixXd& overlaps, const WideFlow& flow,
           const FiniteWidthOptions& options) {
  check(start);
  check(flow);
  check_fields(options);
  check_times("finite_width", options.times);
  check_shape("finite_width", "overlaps", overlaps, start.a.size(), start.a.size());
  check_finite("finite_width", "overlaps", overlaps);
  check_symmetric("finite_width", "overlaps", overlaps);
  const std::size_t n = options.group_size.size();
  if (n > 1 && n != static_cast<std::size_t>(start.a.size())) {
    reject("student", "group_size",
           "a number or one for each of the " + std::to_string(start.a.size()) + " groups",
           std::to_string(n) + " of them");
  }
}

void check(const Problem& problem, const WideFlow& flow, const FiniteWidthOptions& options) {
  check_fields(options);  // max_degree, before it is used
  check(wide_start(problem, options.max_degree), problem.initial.Q, flow, options);
}

namespace {

VectorXd sizes_of(const std::vector<double>& group_size, Index n) {
  if (group_size.size() == static_cast<std::size_t>(n)) {
    return Eigen::Map<const VectorXd>(group_size.data(), n);
  }
  return VectorXd::Constant(n, group_size.empty() ? 1 : group_size.front());
}

class GroupReader final : public WideReader {
 public:
  explicit GroupReader(const FiniteWidthEquations& equations) : equations_(&equations) {}

  const VectorXd& residual(const VectorXd& y) override {
    return residual_ = equations_->residual(y);
  }
  double risk(const VectorXd& y) override { return equations_->risk(y); }
  std::vector<Quantity> quantities() const override {
    const Index n = equations_->n_groups();
    return {{"M", n, 1}, {"Q", n, n}, {"within", n}, {"a", n}};
  }
  void read(const VectorXd& y, Eigen::Ref<VectorXd> row) override {
    const Index n = equations_->n_groups();
    row << y.segment(n, n), equations_->overlaps(y).reshaped(), equations_->within(y), y.head(n);
  }

 private:
  const FiniteWidthEquations* equations_;
  VectorXd residual_;
};

}  // namespace

Solution solve(const WideStart& start, const MatrixXd& overlaps, const WideFlow& flow,
               const FiniteWidthOptions& options) {
  check(start, overlaps, flow, options);
  const Index n = start.a.size();
  FiniteWidthEquations equations(start, overlaps, sizes_of(options.group_size, n), flow.epsilon);
  const VectorXd y = equations.start();
  StiffTolerance tolerance{.rtol = options.rtol,
                           .atol = VectorXd::Constant(y.size(), options.atol)};
  tolerance.atol.tail(y.size() - n) *= std::min(1.0, std::sqrt(flow.epsilon));
  GroupReader reader(equations);
  return follow_wide_flow(
      equations, reader, y, start,
      {.method = "finite_width",
       .times = options.times,
       .risk_floor = options.risk_floor,
       .integrator = {.tolerance = tolerance,
                      .max_steps = options.max_steps,
                      .first_step = 1e-3 * std::min({1.0, flow.epsilon, options.times.back()})},
       .progress = options.progress});
}

Solution solve(const Problem& problem, const WideFlow& flow, const FiniteWidthOptions& options) {
  check_fields(options);
  return solve(wide_start(problem, options.max_degree), problem.initial.Q, flow, options);
}

Solution solve(const Problem& problem, const PopulationFlow& flow,
               const FiniteWidthOptions& options) {
  return solve(problem, wide_flow(flow), options);
}

void check(const Problem& problem, const PopulationFlow& flow, const FiniteWidthOptions& options) {
  check(problem, wide_flow(flow), options);
}

std::vector<Quantity> finite_width_quantities(const Problem& problem,
                                              const FiniteWidthOptions& options) {
  return quantities_of({"M", "Q", "within", "a", "residual", "generalisation_error"},
                       {{"p", problem.n_neurons()},
                        {"k", 1},
                        {"degrees", n_residuals(wide_start(problem, options.max_degree))}});
}

}  // namespace reprise
