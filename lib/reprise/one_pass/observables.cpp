#include "reprise/one_pass/observables.hpp"

namespace reprise {

using Eigen::Index;

std::vector<Quantity> one_pass_quantities(const Problem& problem, bool trains_second_layer) {
  std::vector<std::string_view> names = {"M", "Q"};
  if (trains_second_layer) names.push_back("a");
  names.insert(names.end(), {"generalisation_error", "max_overlap"});
  return quantities_of(names, {{"p", problem.n_neurons()}, {"k", problem.n_directions()}});
}

Eigen::RowVectorXd one_pass_row(const Problem& problem, bool trains_second_layer,
                                const Overlaps& overlaps, const Eigen::VectorXd& weights,
                                double generalisation_error) {
  const std::vector<Quantity> quantities = one_pass_quantities(problem, trains_second_layer);
  return Record(quantities)
      .put("M", overlaps.M)
      .put("Q", overlaps.Q)
      .put("a", weights / factor(problem.student.output_scale, problem.n_neurons()))
      .put("generalisation_error", generalisation_error)
      .put("max_overlap", max_overlap(overlaps, problem.target.gram))
      .entries();
}

void read_row(const Problem& problem, bool trains_second_layer,
              const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& row,
              Overlaps& overlaps, Eigen::VectorXd& second_layer) {
  const Index p = problem.n_neurons(), k = problem.n_directions();
  overlaps.M.resize(p, k);
  overlaps.Q.resize(p, p);
  for (Index i = 0; i < p; ++i) {
    overlaps.M.row(i) = row.segment(i * k, k);
    overlaps.Q.row(i) = row.segment(p * k + i * p, p);
  }
  if (trains_second_layer) second_layer = row.segment(p * k + p * p, p).transpose();
}

}  // namespace reprise
