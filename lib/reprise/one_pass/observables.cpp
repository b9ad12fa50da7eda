#include "reprise/one_pass/observables.hpp"

namespace reprise {

std::vector<Quantity> one_pass_quantities(const Problem& problem, bool trains_second_layer) {
  std::vector<std::string_view> names = {"M", "Q"};
  if (trains_second_layer) names.push_back("a");
  names.insert(names.end(), {"generalisation_error", "max_overlap"});
  return quantities_of(names, {{"p", problem.n_neurons()}, {"k", problem.n_directions()}});
}

Eigen::RowVectorXd one_pass_row(const Problem& problem, const std::vector<Quantity>& quantities,
                                const Overlaps& overlaps, const Eigen::VectorXd& weights,
                                double generalisation_error) {
  return Record(quantities)
      .put("M", overlaps.M)
      .put("Q", overlaps.Q)
      .put("a", weights / factor(problem.student.output_scale, problem.n_neurons()))
      .put("generalisation_error", generalisation_error)
      .put("max_overlap", max_overlap(overlaps, problem.target.gram))
      .entries();
}

}  // namespace reprise
