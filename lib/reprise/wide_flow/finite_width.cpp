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
       inlined(&S::integration), hidden(&S::progress)});
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
  check(wide_start(problem, options.integration.max_degree), problem.initial.Q, flow, options);
}

namespace {

VectorXd group_sizes(const std::vector<double>& group_size, Index n) {
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
  void record(const VectorXd& y, Record& record) override {
    const Index n = equations_->n_groups();
    record.put("M", y.segment(n, n))
        .put("Q", equations_->overlaps(y))
        .put("within", equations_->within(y))
        .put("a", y.head(n));
  }

 private:
  const FiniteWidthEquations* equations_;
  VectorXd residual_;
};

}  // namespace

std::vector<Quantity> finite_width_quantities(const WideStart& start) {
  return quantities_of({"M", "Q", "within", "a", "residual", "generalisation_error"},
                       sizes_of(start));
}

Solution solve(const WideStart& start, const MatrixXd& overlaps, const WideFlow& flow,
               const FiniteWidthOptions& options) {
  check(start, overlaps, flow, options);
  const Index n = start.a.size();
  FiniteWidthEquations equations(start, overlaps, group_sizes(options.group_size, n), flow.epsilon);
  const VectorXd y = equations.start();
  GroupReader reader(equations);
  return follow_wide_flow(equations, reader, y, start,
                          {.method = "finite_width",
                           .quantities = finite_width_quantities(start),
                           .times = options.times,
                           .epsilon = flow.epsilon,
                           .n_overlaps = y.size() - n,
                           .integration = options.integration,
                           .progress = options.progress});
}

Solution solve(const Problem& problem, const WideFlow& flow, const FiniteWidthOptions& options) {
  check_fields(options);
  return solve(wide_start(problem, options.integration.max_degree), problem.initial.Q, flow,
               options);
}

Solution solve(const Problem& problem, const PopulationFlow& flow,
               const FiniteWidthOptions& options) {
  return solve(problem, wide_flow(flow), options);
}

void check(const Problem& problem, const PopulationFlow& flow, const FiniteWidthOptions& options) {
  check(problem, wide_flow(flow), options);
}

}  // namespace reprise
