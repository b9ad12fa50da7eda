#include "reprise/dense/dense_run.hpp"

#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <utility>

#include "reprise/core/linear_algebra.hpp"
#include "reprise/model/student_evaluation.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t dense_chunk = 1024;

MatrixXd gaussian_matrix(Index rows, Index cols, const Stream& stream) {
  StreamEngine engine(stream);
  boost::random::normal_distribution<double> normal;
  MatrixXd gaussian(rows, cols);
  for (double& entry : gaussian.reshaped()) entry = normal(engine);
  return gaussian;
}

std::vector<const double*> readable(const std::vector<AlignedArray>& columns) {
  std::vector<const double*> pointers;
  for (const AlignedArray& column : columns) pointers.push_back(column.data());
  return pointers;
}

// X times the columns of `directions` (d, count).
std::vector<AlignedArray> project(const std::vector<AlignedArray>& inputs,
                                  const MatrixXd& directions) {
  const std::size_t length = inputs.front().size();
  const RowMajor weights = directions;
  std::vector<AlignedArray> columns;
  std::vector<double*> outs;
  for (Index j = 0; j < directions.cols(); ++j) {
    columns.emplace_back(length);
    outs.push_back(columns.back().data());
  }
  set_combination(readable(inputs), weights.data(), outs, length);
  return columns;
}

}  // namespace

DenseRun::DenseRun(const Problem& problem, const GradientDescent& algorithm, std::int64_t dimension,
                   std::uint64_t seed, std::uint64_t run)
    : problem_(problem),
      algorithm_(algorithm),
      dimension_(dimension),
      samples_(seed, Purpose::dense_samples, run),
      second_layer_(problem.student.second_layer) {
  start(seed, run);
}

// W* = P^{1/2} V^T sqrt(d) and W_0 = M_0 P^-1 W* + L U^T sqrt(d), [V, U] a random orthonormal
// frame; or W_0 of standard normals.
void DenseRun::start(std::uint64_t seed, std::uint64_t run) {
  const Index k = problem_.n_directions();
  const Index p = problem_.n_neurons();
  const double length = std::sqrt(static_cast<double>(dimension_));
  const MatrixXd gram_inverse = inverse(problem_.target.gram);
  const MatrixXd gram_factor = cholesky(problem_.target.gram);
  const MatrixXd orthogonal = orthogonal_factor(problem_.initial, gram_inverse);
  const Stream stream(seed, Purpose::dense_frame, run);
  const MatrixXd frame =
      orthonormal_columns(gaussian_matrix(dimension_, k + orthogonal.cols(), stream));

  input_directions_ = frame.leftCols(k);
  targets_ = length * matrix_product(input_directions_, gram_factor.transpose());
  if (problem_.has_random_start) {
    weights_ = gaussian_matrix(dimension_, p, stream.substream(1));
  } else {
    weights_ = matrix_product(targets_, gram_inverse, problem_.initial.M.transpose()) +
               length * matrix_product(frame.rightCols(orthogonal.cols()), orthogonal.transpose());
  }
  if (algorithm_.normalise != Normalise::none) normalise();
  weights_previous_ = weights_;

  // V^T x has covariance I; to make that of h* = P^{1/2} V^T x the covariance asked for, V^T x <-
  // (1 + A) V^T x.
  const MatrixXd factor = semidefinite_factor("inputs", "covariance", problem_.input_covariance);
  MatrixXd mixing = MatrixXd::Zero(k, k);
  mixing.leftCols(factor.cols()) = solve_lower(gram_factor, factor);
  input_map_ = mixing - MatrixXd::Identity(k, k);
  if (problem_.input_covariance.isApprox(problem_.target.gram, 1e-14)) input_map_.setZero();
}

Overlaps DenseRun::overlaps() const {
  const double d = static_cast<double>(dimension_);
  return {inner_products(weights_, targets_) / d, inner_products(weights_, weights_) / d};
}

void DenseRun::normalise() {
  const double length = std::sqrt(static_cast<double>(dimension_));
  for (Index j = 0; j < weights_.cols(); ++j) {
    const double norm = weights_.col(j).norm();
    if (norm > 0) weights_.col(j) *= length / norm;
  }
}

double DenseRun::step() {
  const int b = algorithm_.schedule.block(step_);
  const Block& block = block_of_step(step_);
  Gradient g = gradient(block, weights_);
  const double loss = g.loss;
  if (algorithm_.displacement != 0) {
    g = gradient(block, weights_ - algorithm_.displacement * g.weights);
  }
  if (algorithm_.normalise == Normalise::spherical) {
    for (Index j = 0; j < weights_.cols(); ++j) {
      const double norm = weights_.col(j).squaredNorm();
      if (norm > 0)
        g.weights.col(j) -= weights_.col(j).dot(g.weights.col(j)) / norm * weights_.col(j);
    }
  }
  const double eta = algorithm_.learning_rate_at(step_);
  MatrixXd next = weights_ - eta * (g.weights + algorithm_.weight_decay * weights_) +
                  algorithm_.momentum * (weights_ - weights_previous_);
  weights_previous_ = std::exchange(weights_, std::move(next));
  if (algorithm_.normalise != Normalise::none) normalise();
  if (algorithm_.trains_second_layer()) {
    second_layer_ -= algorithm_.second_layer_learning_rate_at(step_) * g.second_layer;
  }
  if (!algorithm_.schedule.next_use(step_)) live_blocks_.erase(b);
  ++step_;
  return loss;
}

std::optional<double> DenseRun::final_loss() {
  if (!algorithm_.schedule.has_step_after_last()) return std::nullopt;
  return gradient(block_of_step(step_), weights_).loss;
}

DenseRun::Block& DenseRun::block_of_step(int step) {
  const int b = algorithm_.schedule.block(step);
  const auto found = live_blocks_.find(b);
  return found != live_blocks_.end() ? found->second
                                     : live_blocks_.emplace(b, draw(b)).first->second;
}

// Inputs structured in the span of the targets: x <- x + V A V^T x.
void DenseRun::colour(std::vector<AlignedArray>& inputs) const {
  const std::vector<AlignedArray> along = project(inputs, input_directions_);
  const RowMajor shift = inner_products(input_map_, input_directions_.transpose());
  std::vector<double*> outs;
  for (AlignedArray& column : inputs) outs.push_back(column.data());
  add_combination(readable(along), shift.data(), outs, inputs.front().size());
}

// X, and y = g(h*) + noise with h* = X W*^T / sqrt(d).
DenseRun::Block DenseRun::draw(int b) const {
  const auto d = static_cast<std::size_t>(dimension_);
  const double alpha = algorithm_.samples_per_dimension_of(b);
  Block block;
  block.n = static_cast<std::size_t>(
      std::max<long long>(1, std::llround(alpha * static_cast<double>(dimension_))));
  const std::size_t length = padded(block.n);
  const Stream stream = samples_.substream(static_cast<std::uint64_t>(b));
  for (std::size_t c = 0; c < d; ++c) {
    block.inputs.emplace_back(length);
    fill_normals(stream, c, 0, length, block.inputs[c].data());
  }
  if (!input_map_.isZero(0)) colour(block.inputs);
  std::vector<AlignedArray> h_star =
      project(block.inputs, targets_ / std::sqrt(static_cast<double>(dimension_)));
  block.labels = AlignedArray(length);
  ExpressionWorkspace workspace;
  problem_.target.g.evaluate(readable(h_star), length, block.labels.data(), workspace);
  if (problem_.target.noise_variance > 0) {
    double* noise = h_star[0].data();
    fill_normals(stream, d, 0, length, noise);
    const double deviation = std::sqrt(problem_.target.noise_variance);
    for (std::size_t i = 0; i < length; ++i) block.labels.data()[i] += deviation * noise[i];
  }
  return block;
}

DenseRun::Gradient DenseRun::gradient(const Block& block, const MatrixXd& at) const {
  const auto p = static_cast<std::size_t>(problem_.n_neurons());
  const double d = static_cast<double>(dimension_);
  const RowMajor weights = at / std::sqrt(d);
  RowMajor products = RowMajor::Zero(dimension_, problem_.n_neurons());
  Gradient result{.second_layer = Eigen::VectorXd::Zero(problem_.n_neurons())};
  StudentEvaluation student(problem_, dense_chunk);
  student.set_second_layer(second_layer_);
  AlignedArray scratch(2 * p * dense_chunk);
  std::vector<double*> fields;
  std::vector<double*> gradients;
  for (std::size_t j = 0; j < p; ++j) {
    fields.push_back(scratch.data() + j * dense_chunk);
    gradients.push_back(scratch.data() + (p + j) * dense_chunk);
  }
  const std::vector<const double*> h(fields.begin(), fields.end());
  const std::vector<const double*> G(gradients.begin(), gradients.end());
  std::vector<const double*> inputs(block.inputs.size());
  for (std::size_t first = 0; first < block.n; first += dense_chunk) {
    const std::size_t valid = std::min(dense_chunk, block.n - first);
    const std::size_t n = padded(valid);
    for (std::size_t c = 0; c < inputs.size(); ++c) inputs[c] = block.inputs[c].data() + first;
    set_combination(inputs, weights.data(), fields, n);
    result.loss += student.gradient(h, block.labels.data() + first, valid, gradients);
    student.add_second_layer_gradient(valid, result.second_layer.data());
    for (double* column : gradients) std::fill_n(column + valid, n - valid, 0.0);
    add_inner_products(inputs, G, n, products.data());
  }
  result.loss /= static_cast<double>(block.n);
  result.second_layer /= d;
  result.weights = products / std::sqrt(d);
  return result;
}

}  // namespace reprise
