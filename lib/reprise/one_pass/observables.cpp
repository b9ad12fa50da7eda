#include "reprise/one_pass/observables.hpp"

namespace reprise {

using Eigen::Index;

std::vector<Quantity> one_pass_quantities(const Problem& problem, bool trains_second_layer) {
  const Index p = problem.n_neurons();
  std::vector<Quantity> quantities = {{"M", p, problem.n_directions()}, {"Q", p, p}};
  if (trains_second_layer) quantities.push_back({"a", p, 0});
  quantities.push_back({"generalisation_error"});
  quantities.push_back({"max_overlap"});
  return quantities;
}

Index n_entries(const std::vector<Quantity>& quantities) {
  Index total = 0;
  for (const Quantity& quantity : quantities) total += quantity.n_entries();
  return total;
}

Eigen::RowVectorXd one_pass_row(const Problem& problem, bool trains_second_layer,
                                const Overlaps& overlaps, const Eigen::VectorXd& weights,
                                double generalisation_error) {
  const Index p = problem.n_neurons(), k = problem.n_directions();
  const Index n_weights = trains_second_layer ? p : 0;
  Eigen::RowVectorXd row(p * k + p * p + n_weights + 2);
  for (Index i = 0; i < p; ++i) {
    row.segment(i * k, k) = overlaps.M.row(i);
    row.segment(p * k + i * p, p) = overlaps.Q.row(i);
  }
  if (trains_second_layer) {
    row.segment(p * k + p * p, p) = weights.transpose() / factor(problem.student.output_scale, p);
  }
  row.tail(2) << generalisation_error, max_overlap(overlaps, problem.target.gram);
  return row;
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
