#include "reprise/gaussian/generalisation_error.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/gaussian/exact_error.hpp"
#include "reprise/gaussian/label_spread.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;

constexpr std::size_t error_chunk = 1024;

// L with L L^T = Q - M P^-1 M^T, smooth in the overlaps. Neurons within the span of the targets up
// to the rounding of that difference have no part outside of it, nor have overlaps of no weights.
MatrixXd outside_factor(const Overlaps& overlaps, const MatrixXd& gram_inverse) {
  MatrixXd rest = overlaps.Q - matrix_product(overlaps.M, gram_inverse, overlaps.M.transpose());
  const double terms = matrix_product(overlaps.M.cwiseAbs(), gram_inverse.cwiseAbs(),
                                      overlaps.M.cwiseAbs().transpose())
                           .maxCoeff();
  const double rounding = std::max(1e-12 * overlaps.Q.cwiseAbs().maxCoeff(),
                                   16 * std::numeric_limits<double>::epsilon() * terms);
  for (Index j = 0; j < rest.rows(); ++j) {
    if (rest(j, j) > rounding) continue;
    rest.row(j).setZero();
    rest.col(j).setZero();
  }
  return semidefinite_cholesky(rest);
}

std::unique_ptr<ExactError> closed_form(const Problem& problem, ErrorRoute route) {
  if (route == ErrorRoute::points || !ExactError::covers(problem)) return nullptr;
  return std::make_unique<ExactError>(problem);
}

}  // namespace

std::uint64_t GeneralisationError::n_columns(const Problem& problem) {
  return static_cast<std::uint64_t>(problem.n_directions() + problem.n_neurons());
}

std::string_view GeneralisationError::route_of(const Problem& problem) {
  return ExactError::covers(problem) ? ExactError(problem).route() : "points";
}

GeneralisationError::GeneralisationError(const Problem& problem, const NormalSource& normals,
                                         std::size_t n_points, ErrorRoute route)
    : problem_(problem),
      scale_(factor(problem.student.output_scale, problem.n_neurons())),
      exact_(closed_form(problem, route)),
      n_points_(n_points) {
  if (!exact_) draw(normals);
}

GeneralisationError::GeneralisationError(const Problem& problem, const Stream& stream,
                                         std::size_t n_points, ErrorRoute route)
    : problem_(problem),
      scale_(factor(problem.student.output_scale, problem.n_neurons())),
      exact_(closed_form(problem, route)),
      n_points_(std::bit_ceil(n_points)) {
  if (exact_) return;
  draw(ScrambledSobolNormals(stream, static_cast<int>(std::bit_width(n_points_ - 1)),
                             n_columns(problem)));
}

GeneralisationError::~GeneralisationError() = default;

void GeneralisationError::draw(const NormalSource& normals) {
  const auto k = static_cast<std::size_t>(problem_.n_directions());
  const auto p = static_cast<std::size_t>(problem_.n_neurons());
  gram_inverse_ = inverse(problem_.target.gram);
  student_ = std::make_unique<StudentEvaluation>(problem_, error_chunk);
  output_ = AlignedArray(error_chunk);
  weights_ = AlignedArray(n_points_);
  target_ = AlignedArray(n_points_);
  const MatrixXd map = semidefinite_factor("inputs", "covariance", problem_.input_covariance);
  for (std::size_t c = 0; c < k + p; ++c) inputs_.emplace_back(n_points_);
  for (std::size_t j = 0; j < p; ++j) fields_.emplace_back(error_chunk);

  std::vector<AlignedArray> normal;
  std::vector<const double*> sources;
  std::vector<double*> inside, outside, h_star;
  for (Index r = 0; r < map.cols(); ++r) {
    normal.emplace_back(n_points_);
    normals.fill(static_cast<std::uint64_t>(r), 0, n_points_, normal.back().data());
    sources.push_back(normal.back().data());
    inside.push_back(normal.back().data());
  }
  for (std::size_t j = 0; j < p; ++j) {
    normals.fill(k + j, 0, n_points_, inputs_[k + j].data());
    outside.push_back(inputs_[k + j].data());
  }
  widen_for_moments(problem_, inside, outside, n_points_, weights_.data());
  for (std::size_t r = 0; r < k; ++r) h_star.push_back(inputs_[r].data());
  set_combination(sources, map.data(), h_star, n_points_);

  ExpressionWorkspace workspace;
  problem_.target.g.evaluate({h_star.data(), k}, n_points_, target_.data(), workspace);
}

double GeneralisationError::operator()(const Overlaps& overlaps) {
  return (*this)(overlaps, problem_.student.second_layer);
}

double GeneralisationError::operator()(const Overlaps& overlaps,
                                       const Eigen::VectorXd& second_layer) {
  return exact_ ? (*exact_)(overlaps, scale_ * second_layer) : on_points(overlaps, second_layer);
}

double GeneralisationError::on_points(const Overlaps& overlaps,
                                      const Eigen::VectorXd& second_layer) {
  student_->set_second_layer(second_layer);
  Eigen::Matrix<double, -1, -1, Eigen::RowMajor> map(inputs_.size(), problem_.n_neurons());
  map.topRows(problem_.n_directions()) = matrix_product(overlaps.M, gram_inverse_).transpose();
  map.bottomRows(problem_.n_neurons()) = outside_factor(overlaps, gram_inverse_).transpose();

  double total = 0;
  std::vector<const double*> columns(inputs_.size());
  std::vector<double*> fields;
  for (AlignedArray& field : fields_) fields.push_back(field.data());
  for (std::size_t first = 0; first < n_points_; first += error_chunk) {
    const std::size_t n = std::min(error_chunk, n_points_ - first);
    for (std::size_t c = 0; c < columns.size(); ++c) columns[c] = inputs_[c].data() + first;
    set_combination(columns, map.data(), fields, n);
    student_->output({fields.data(), fields.size()}, n, output_.data());
    double* square = output_.data();
    const double* target = target_.data() + first;
    for (std::size_t i = 0; i < n; ++i) {
      const double residual = square[i] - target[i];
      square[i] = residual * residual;
    }
    const double* const squares = square;
    const double* const weights = weights_.data() + first;
    add_inner_products({&squares, 1}, {&weights, 1}, n, &total);
  }
  return 0.5 * total / static_cast<double>(n_points_);
}

}  // namespace reprise
