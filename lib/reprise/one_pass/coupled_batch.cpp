#include "reprise/one_pass/coupled_batch.hpp"

#include <algorithm>
#include <boost/random/gamma_distribution.hpp>
#include <boost/random/normal_distribution.hpp>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"

namespace reprise {

namespace {

using Eigen::Index;
constexpr std::int64_t largest_batch = 4096;

}  // namespace

void CoupledBatch::Sample::resize(Index n_b, Index p, Index k) {
  coordinates.resize(n_b, k + p);
  h_star.resize(n_b, k);
  fields.resize(n_b, p);
  labels.resize(n_b);
}

void CoupledBatch::check(const OnePassSgd& algorithm) {
  if (algorithm.batch_size > largest_batch) {
    reject("training", "batch_size",
           "at most 4096 where batches are repeated (engine = \"dense\" has no such limit)",
           std::string_view(std::to_string(algorithm.batch_size)));
  }
}

CoupledBatch::CoupledBatch(const Problem& problem, const OnePassSgd& algorithm, double dimension)
    : algorithm_(algorithm),
      dimension_(dimension),
      n_(static_cast<Index>(algorithm.batch_size)),
      p_(problem.n_neurons()),
      gradient_(problem, {.displacement = algorithm.displacement},
                static_cast<std::size_t>(algorithm.batch_size)),
      use_(n_, p_),
      total_(n_, p_),
      weight_columns_(n_, p_) {}

void CoupledBatch::draw_gram(const Eigen::MatrixXd& coordinates, const Stream& stream) {
  const double left = std::max(0.0, dimension_ - static_cast<double>(coordinates.cols()));
  const auto rank = static_cast<Index>(std::min(left, static_cast<double>(n_)));
  rest_.setZero(n_, rank);
  StreamEngine engine(stream);
  boost::random::normal_distribution<double> normal;
  for (Index i = 0; i < n_; ++i) {
    for (Index j = 0; j < std::min(i, rank); ++j) rest_(i, j) = normal(engine);
    if (i >= rank) continue;
    boost::random::gamma_distribution<double> gamma(0.5 * (left - static_cast<double>(i)));
    rest_(i, i) = std::sqrt(2 * gamma(engine));
  }
  gram_.noalias() = coordinates * coordinates.transpose() / dimension_;
  gram_.noalias() += rest_ * rest_.transpose() / dimension_;
  norms_ = gram_.diagonal();
}

void CoupledBatch::step(Sample& sample, const Eigen::VectorXd& weights, const Stream& stream,
                        Sums& sums) {
  draw_gram(sample.coordinates, stream);
  std::vector<double*> fields, gradients;
  std::vector<const double*> weight_columns;
  moving_ = sample.fields;
  for (Index j = 0; j < p_; ++j) {
    weight_columns_.col(j).setConstant(weights[j]);
    fields.push_back(moving_.col(j).data());
    gradients.push_back(use_.col(j).data());
    weight_columns.push_back(weight_columns_.col(j).data());
  }
  total_.setZero();
  sums.output.setZero(p_);
  for (int use = 0; use < algorithm_.repeats; ++use) {
    gradient_.total(fields, weight_columns, sample.labels.data(), norms_.data(),
                    static_cast<std::size_t>(n_), gradients);
    total_ += use_;
    for (Index j = 0; j < p_; ++j) {
      sums.output[j] += Eigen::Map<const Eigen::VectorXd>(
                            gradient_.output_gradient(static_cast<std::size_t>(j)), n_)
                            .sum();
    }
    if (use + 1 < algorithm_.repeats) moving_.noalias() -= algorithm_.learning_rate * gram_ * use_;
  }
  sums.g_target.noalias() = total_.transpose() * sample.h_star;
  sums.g_field.noalias() = total_.transpose() * sample.fields;
  sums.quadratic.noalias() = total_.transpose() * gram_ * total_;
}

}  // namespace reprise
