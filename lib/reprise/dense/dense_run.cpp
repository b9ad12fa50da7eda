#include "reprise/dense/dense_run.hpp"

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <boost/random/normal_distribution.hpp>
#include <cmath>

#include "reprise/model/student_evaluation.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr std::size_t chunk = 1024;

// Orthonormal columns of uniformly random direction, (d, count).
MatrixXd random_frame(Index dimension, Index count, const Stream& stream) {
  StreamEngine engine(stream);
  boost::random::normal_distribution<double> normal;
  MatrixXd gaussian(dimension, count);
  for (double& entry : gaussian.reshaped()) entry = normal(engine);
  const Eigen::HouseholderQR<MatrixXd> qr(gaussian);
  return qr.householderQ() * MatrixXd::Identity(dimension, count);
}

}  // namespace

DenseRun::DenseRun(const Problem& problem, const GradientDescent& algorithm,
                   std::int64_t dimension, std::uint64_t seed, std::uint64_t run)
    : problem_(problem),
      algorithm_(algorithm),
      dimension_(dimension),
      samples_(seed, Purpose::dense_samples, run) {
  const Index k = problem.n_directions();
  const MatrixXd gram_inverse = problem.target.gram.inverse();
  const MatrixXd orthogonal = orthogonal_factor(problem.initial, gram_inverse);
  const MatrixXd frame =
      random_frame(dimension_, k + orthogonal.cols(), Stream(seed, Purpose::dense_frame, run));
  const double length = std::sqrt(static_cast<double>(dimension_));
  const MatrixXd gram_factor = problem.target.gram.llt().matrixL();

  input_directions_ = frame.leftCols(k);
  targets_ = length * input_directions_ * gram_factor.transpose();
  weights_ = targets_ * gram_inverse * problem.initial.M.transpose() +
             length * frame.rightCols(orthogonal.cols()) * orthogonal.transpose();
  weights_previous_ = weights_;

  // V^T x = gram_factor^-1 h*: its covariance becomes that of h* for (A + 1) a factor of it.
  const MatrixXd factor =
      semidefinite_factor("inputs", "covariance", problem.input_covariance);
  MatrixXd mixing = MatrixXd::Zero(k, k);
  mixing.leftCols(factor.cols()) = gram_factor.triangularView<Eigen::Lower>().solve(factor);
  input_map_ = mixing - MatrixXd::Identity(k, k);
  const bool is_isotropic = problem.input_covariance.isApprox(problem.target.gram, 1e-14);
  if (is_isotropic) input_map_.setZero();
}

Overlaps DenseRun::overlaps() const {
  const double d = static_cast<double>(dimension_);
  return {weights_.transpose() * targets_ / d, weights_.transpose() * weights_ / d};
}

double DenseRun::step() {
  const int b = algorithm_.schedule.block(step_);
  Block& block = block_of_step(step_);
  MatrixXd gradient = MatrixXd::Zero(dimension_, problem_.n_neurons());
  const double loss = pass(block, &gradient) / static_cast<double>(block.n);
  const double eta = algorithm_.learning_rate_at(step_);
  const MatrixXd next = weights_ - eta * (gradient + algorithm_.weight_decay * weights_) +
                        algorithm_.momentum * (weights_ - weights_previous_);
  weights_previous_ = std::exchange(weights_, next);
  if (!algorithm_.schedule.next_use(step_)) live_blocks_.erase(b);
  ++step_;
  return loss;
}

std::optional<double> DenseRun::final_loss() {
  if (!algorithm_.schedule.has_step_after_last()) return std::nullopt;
  const Block& block = block_of_step(step_);
  return pass(block, nullptr) / static_cast<double>(block.n);
}

DenseRun::Block& DenseRun::block_of_step(int step) {
  const int b = algorithm_.schedule.block(step);
  const auto found = live_blocks_.find(b);
  return found != live_blocks_.end() ? found->second
                                     : live_blocks_.emplace(b, draw(b)).first->second;
}

// X, h* = X W*^T / sqrt(d) and y = g(h*) + noise.
DenseRun::Block DenseRun::draw(int b) const {
  const auto k = static_cast<std::size_t>(problem_.n_directions());
  const auto d = static_cast<std::size_t>(dimension_);
  const double alpha = algorithm_.samples_per_dimension_of(b);
  Block block;
  block.n = static_cast<std::size_t>(
      std::max<long long>(1, std::llround(alpha * static_cast<double>(dimension_))));
  const std::size_t length = padded(block.n);
  const Stream stream = samples_.substream(static_cast<std::uint64_t>(b));
  std::vector<const double*> inputs;
  for (std::size_t c = 0; c < d; ++c) {
    block.inputs.emplace_back(length);
    fill_normals(stream, c, 0, length, block.inputs[c].data());
    inputs.push_back(block.inputs[c].data());
  }
  const auto project = [&](const MatrixXd& directions, std::vector<AlignedArray>& columns) {
    const RowMajor weights = directions;
    std::vector<double*> outs;
    for (Index j = 0; j < directions.cols(); ++j) {
      columns.emplace_back(length);
      std::fill_n(columns.back().data(), length, 0.0);
      outs.push_back(columns.back().data());
    }
    add_combination(inputs, weights.data(), outs, length);
  };
  if (!input_map_.isZero(0)) {
    std::vector<AlignedArray> along;
    project(input_directions_, along);
    const RowMajor shift = input_map_.transpose() * input_directions_.transpose();
    std::vector<const double*> columns;
    std::vector<double*> outs;
    for (const AlignedArray& column : along) columns.push_back(column.data());
    for (AlignedArray& column : block.inputs) outs.push_back(column.data());
    add_combination(columns, shift.data(), outs, length);
  }
  std::vector<AlignedArray> h_star;
  project(targets_ / std::sqrt(static_cast<double>(dimension_)), h_star);
  std::vector<const double*> columns;
  for (std::size_t r = 0; r < k; ++r) columns.push_back(h_star[r].data());
  block.labels = AlignedArray(length);
  ExpressionWorkspace workspace;
  problem_.target.g.evaluate(columns, length, block.labels.data(), workspace);
  if (problem_.target.noise_variance > 0) {
    fill_normals(stream, d, 0, length, h_star[0].data());
    const double deviation = std::sqrt(problem_.target.noise_variance);
    for (std::size_t i = 0; i < length; ++i) {
      block.labels.data()[i] += deviation * h_star[0].data()[i];
    }
  }
  return block;
}

double DenseRun::pass(const Block& block, MatrixXd* gradient) const {
  const auto p = static_cast<std::size_t>(problem_.n_neurons());
  const double length = std::sqrt(static_cast<double>(dimension_));
  const RowMajor weights = weights_ / length;
  RowMajor products = RowMajor::Zero(dimension_, problem_.n_neurons());
  StudentEvaluation student(problem_, chunk);
  AlignedArray scratch(2 * p * chunk);
  std::vector<double*> fields;
  std::vector<double*> gradients;
  for (std::size_t j = 0; j < p; ++j) {
    fields.push_back(scratch.data() + j * chunk);
    gradients.push_back(scratch.data() + (p + j) * chunk);
  }
  const std::vector<const double*> readable(gradients.begin(), gradients.end());
  const std::vector<const double*> readable_fields(fields.begin(), fields.end());
  std::vector<const double*> inputs(block.inputs.size());
  double loss = 0;
  for (std::size_t first = 0; first < block.n; first += chunk) {
    const std::size_t valid = std::min(chunk, block.n - first);
    const std::size_t n = padded(valid);
    for (std::size_t c = 0; c < inputs.size(); ++c) inputs[c] = block.inputs[c].data() + first;
    for (double* field : fields) std::fill_n(field, n, 0.0);
    add_combination(inputs, weights.data(), fields, n);
    loss += student.gradient(readable_fields, block.labels.data() + first, valid, gradients);
    for (double* column : gradients) std::fill_n(column + valid, n - valid, 0.0);
    if (gradient) add_inner_products(inputs, readable, n, products.data());
  }
  if (gradient) *gradient = products / length;
  return loss;
}

}  // namespace reprise
