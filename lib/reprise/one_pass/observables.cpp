#include "reprise/one_pass/observables.hpp"

#include "reprise/model/cosines.hpp"

namespace reprise {

std::vector<Quantity> one_pass_quantities(const Problem& problem, bool trains_second_layer) {
  std::vector<std::string_view> names = {"M", "Q"};
  if (trains_second_layer) names.push_back("a");
  names.push_back("generalisation_error");
  for (const std::string_view name : cosine_names(problem)) names.push_back(name);
  return quantities_of(names, {{"p", problem.n_neurons()}, {"k", problem.n_directions()}});
}

Eigen::RowVectorXd one_pass_row(const Problem& problem, const std::vector<Quantity>& quantities,
                                const Overlaps& overlaps, const Eigen::VectorXd& weights,
                                double generalisation_error) {
  Record row(quantities);
  row.put("M", overlaps.M)
      .put("Q", overlaps.Q)
      .put("a", weights / factor(problem.student.output_scale, problem.n_neurons()))
      .put("generalisation_error", generalisation_error);
  return put_cosines(row, problem, overlaps).entries();
}

}  // namespace reprise
