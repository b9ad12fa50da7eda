#include "reprise/gaussian/generalisation_error.hpp"

#include <algorithm>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

constexpr std::size_t error_chunk = 1024;

}  // namespace

std::uint64_t GeneralisationError::n_columns(const Problem& problem) {
  return static_cast<std::uint64_t>(problem.n_directions() + problem.n_neurons());
}

GeneralisationError::GeneralisationError(const Problem& problem, const NormalSource& normals,
                                         std::size_t n_points)
    : problem_(problem),
      n_points_(n_points),
      gram_inverse_(inverse(problem.target.gram)),
      student_(problem, error_chunk),
      target_(n_points),
      output_(error_chunk) {
  const auto k = static_cast<std::size_t>(problem.n_directions());
  const auto p = static_cast<std::size_t>(problem.n_neurons());
  const Eigen::MatrixXd factor =
      semidefinite_factor("inputs", "covariance", problem.input_covariance);
  for (std::size_t c = 0; c < k + p; ++c) inputs_.emplace_back(n_points);
  for (std::size_t j = 0; j < p; ++j) fields_.emplace_back(error_chunk);

  std::vector<AlignedArray> normal;
  std::vector<const double*> sources;
  std::vector<double*> targets;
  for (Eigen::Index r = 0; r < factor.cols(); ++r) {
    normal.emplace_back(n_points);
    normals.fill(static_cast<std::uint64_t>(r), 0, n_points, normal.back().data());
    sources.push_back(normal.back().data());
  }
  for (std::size_t i = 0; i < k; ++i) targets.push_back(inputs_[i].data());
  set_combination(sources, factor.data(), targets, n_points);
  for (std::size_t j = 0; j < p; ++j) normals.fill(k + j, 0, n_points, inputs_[k + j].data());

  std::vector<const double*> h_star;
  for (std::size_t r = 0; r < k; ++r) h_star.push_back(inputs_[r].data());
  ExpressionWorkspace workspace;
  problem.target.g.evaluate(h_star, n_points, target_.data(), workspace);
}

double GeneralisationError::operator()(const Overlaps& overlaps) {
  return (*this)(overlaps, problem_.student.second_layer);
}

double GeneralisationError::operator()(const Overlaps& overlaps,
                                       const Eigen::VectorXd& second_layer) {
  student_.set_second_layer(second_layer);
  Eigen::Matrix<double, -1, -1, Eigen::RowMajor> weights(inputs_.size(), problem_.n_neurons());
  weights.setZero();
  const Eigen::MatrixXd orthogonal = orthogonal_factor(overlaps, gram_inverse_);
  weights.topRows(problem_.n_directions()) = (overlaps.M * gram_inverse_).transpose();
  weights.middleRows(problem_.n_directions(), orthogonal.cols()) = orthogonal.transpose();

  double total = 0;
  std::vector<const double*> columns(inputs_.size());
  std::vector<double*> fields;
  for (AlignedArray& field : fields_) fields.push_back(field.data());
  for (std::size_t first = 0; first < n_points_; first += error_chunk) {
    const std::size_t n = std::min(error_chunk, n_points_ - first);
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = inputs_[c].data() + first;
    set_combination(columns, weights.data(), fields, n);
    student_.output({fields.data(), fields.size()}, n, output_.data());
    const double* target = target_.data() + first;
    double* residual = output_.data();
    const double minus = -1;
    add_combination({&target, 1}, &minus, {&residual, 1}, n);
    const double* const squared = residual;
    add_inner_products({&squared, 1}, {&squared, 1}, n, &total);
  }
  return 0.5 * total / static_cast<double>(n_points_);
}

}  // namespace reprise
