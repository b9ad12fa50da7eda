#include "reprise/one_pass/overlap_chain.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/chi_squared.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"
#include "reprise/core/stop.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using lanes::lower;

std::size_t block_of(std::int64_t n_samples) {
  return static_cast<std::size_t>(std::min<std::int64_t>(ChainSamples::block, n_samples));
}

bool is_coupled(const OnePassSgd& algorithm) {
  return algorithm.batch_size > 1 && algorithm.repeats > 1;
}
bool is_displaced_batch(const OnePassSgd& algorithm) {
  return algorithm.batch_size > 1 && algorithm.repeats == 1 && algorithm.displacement != 0;
}

void zero(AlignedArray& array) { std::fill_n(array.data(), array.size(), 0.0); }

}  // namespace

void OverlapChain::check(const Problem& problem, const OnePassSgd& algorithm, double dimension) {
  const Index least = least_dimension(problem);
  if (!(dimension >= static_cast<double>(least) && dimension == std::floor(dimension))) {
    reject("simulation", "dimension", "a whole number, at least " + std::to_string(least),
           dimension);
  }
  if (is_coupled(algorithm)) CoupledBatch::check(algorithm);
}

OverlapChain::OverlapChain(const Problem& problem, const OnePassSgd& algorithm, double dimension,
                           std::uint64_t seed, std::uint64_t group, std::size_t first,
                           std::size_t n)
    : problem_(problem),
      algorithm_(algorithm),
      dimension_(dimension),
      shape_{n, static_cast<std::size_t>(problem.n_neurons()),
             static_cast<std::size_t>(problem.n_directions())},
      first_(first),
      samples_(problem, dimension, seed, group, first, n,
               is_displaced_batch(algorithm) ? shape_.p : 0),
      gradient_maker_(problem, algorithm.use(), n) {
  const auto p = shape_.p, k = shape_.k;
  const std::size_t packed = p * (p + 1) / 2;
  const auto reserve = [n](AlignedArray& array, std::size_t count) {
    array = AlignedArray(count * n);
    zero(array);
  };
  reserve(m_, p * k);
  reserve(q_, packed);
  reserve(weights_, p);
  reserve(a_, p * k);
  reserve(b_, packed);
  reserve(norms_, 1);
  reserve(outside_norms_, 1);
  for (AlignedArray* array : {&fields_, &moving_, &gradient_, &output_}) reserve(*array, p);
  reserve(g_target_, p * k);
  reserve(g_field_, p * p);
  reserve(quadratic_, packed);
  reserve(inner_, packed);
  reserve(along_, (k + p) * p);
  reserve(wishart_, packed);
  reserve(scratch_, packed + p);
  if (is_coupled(algorithm)) {
    coupled_ = std::make_unique<CoupledBatch>(problem, algorithm, dimension);
  }

  for (std::size_t j = 0; j < p; ++j) {
    weight_columns_.push_back(weights_.data() + j * n);
    field_columns_.push_back((algorithm.repeats > 1 ? moving_ : fields_).data() + j * n);
    gradient_columns_.push_back(gradient_.data() + j * n);
  }
  const Eigen::VectorXd output_weights = problem.student.output_weights();
  for (std::size_t j = 0; j < p; ++j) {
    std::fill_n(weights_.data() + j * n, n, output_weights[static_cast<Index>(j)]);
  }
  for (std::size_t lane = 0; lane < n; ++lane) set(lane, problem.initial);
}

void OverlapChain::set(std::size_t lane, const Overlaps& overlaps) {
  const auto [n, p, k] = shape_;
  for (std::size_t i = 0; i < p; ++i) {
    const auto row = static_cast<Index>(i);
    for (std::size_t r = 0; r < k; ++r) {
      m_.data()[(i * k + r) * n + lane] = overlaps.M(row, static_cast<Index>(r));
    }
    for (std::size_t j = 0; j <= i; ++j) {
      q_.data()[lower(i, j) * n + lane] = overlaps.Q(row, static_cast<Index>(j));
    }
  }
}

void OverlapChain::set_weights(std::size_t lane, const Eigen::VectorXd& weights) {
  for (std::size_t j = 0; j < shape_.p; ++j) {
    weights_.data()[j * shape_.n + lane] = weights[static_cast<Index>(j)];
  }
}

Overlaps OverlapChain::overlaps(std::size_t lane) const {
  const auto [n, p, k] = shape_;
  Overlaps overlaps{MatrixXd(p, k), MatrixXd(p, p)};
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t r = 0; r < k; ++r) {
      overlaps.M(static_cast<Index>(i), static_cast<Index>(r)) = m_.data()[(i * k + r) * n + lane];
    }
    for (std::size_t j = 0; j < p; ++j) {
      overlaps.Q(static_cast<Index>(i), static_cast<Index>(j)) = q_.data()[lower(i, j) * n + lane];
    }
  }
  return overlaps;
}

Eigen::VectorXd OverlapChain::weights(std::size_t lane) const {
  Eigen::VectorXd result(problem_.n_neurons());
  for (std::size_t j = 0; j < shape_.p; ++j) {
    result[static_cast<Index>(j)] = weights_.data()[j * shape_.n + lane];
  }
  return result;
}

lanes::BatchSums OverlapChain::sums() {
  return {g_target_.data(), g_field_.data(), quadratic_.data()};
}

void OverlapChain::form_fields(const Sample& sample) {
  lanes::form_fields(shape_, samples_.is_orthonormal() ? m_.data() : a_.data(), b_.data(),
                     sample.coordinates, fields_.data());
}

void OverlapChain::take_gradient(const double* labels, const double* norms) {
  if (algorithm_.repeats > 1) std::copy_n(fields_.data(), fields_.size(), moving_.data());
  gradient_maker_.total(field_columns_, weight_columns_, labels, norms, shape_.n,
                        gradient_columns_);
}

void OverlapChain::add_output_gradient() {
  if (!algorithm_.trains_second_layer()) return;
  for (std::size_t j = 0; j < shape_.p; ++j) {
    lanes::add_scaled(shape_.n, 1.0, gradient_maker_.output_gradient(j),
                      output_.data() + j * shape_.n);
  }
}

// b b^T = q - a a^T, of no higher rank than that. Where d has room for p directions one more than
// there are does no harm; where it has not, each counts, and lanes are factored one by one.
void OverlapChain::factor_of_rank(const lanes::Shape& shape, const double* q, const double* a,
                                  std::size_t rank, double* b) {
  const auto [n, p, k] = shape;
  if (rank == p) return lanes::factor_rest(shape, q, a, b);
  rest_.resize(Index(p), Index(p));
  for (std::size_t lane = 0; lane < n; ++lane) {
    double scale = 0;
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        double entry = q[lower(i, j) * n + lane];
        if (i == j) scale = std::max(scale, entry);
        for (std::size_t r = 0; r < k; ++r) {
          entry -= a[(i * k + r) * n + lane] * a[(j * k + r) * n + lane];
        }
        rest_(Index(i), Index(j)) = rest_(Index(j), Index(i)) = entry;
      }
    }
    low_rank_cholesky(rest_, scale, Index(rank), rest_factor_);
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t j = 0; j <= i; ++j) {
        b[lower(i, j) * n + lane] = j < rank ? rest_factor_(Index(i), Index(j)) : 0.0;
      }
    }
  }
}

void OverlapChain::begin_step() {
  const auto [n, p, k] = shape_;
  const bool is_orthonormal = samples_.is_orthonormal();
  if (!is_orthonormal) {
    zero(a_);
    const MatrixXd& inverse = samples_.inverse_gram_factor();
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t r = 0; r < k; ++r) {
        for (std::size_t c = 0; c <= r; ++c) {
          lanes::add_scaled(n, inverse(Index(r), Index(c)), m_.data() + (i * k + c) * n,
                            a_.data() + (i * k + r) * n);
        }
      }
    }
  }
  factor_of_rank(shape_, q_.data(), is_orthonormal ? m_.data() : a_.data(), samples_.n_outside(),
                 b_.data());
  if (algorithm_.trains_second_layer()) zero(output_);
}

void OverlapChain::finish_step() {
  const auto [n, p, k] = shape_;
  const double rate = algorithm_.learning_rate / dimension_;
  lanes::apply(shape_, algorithm_.learning_rate, rate, algorithm_.normalise == Normalise::spherical,
               sums(), m_.data(), q_.data(), scratch_.data());
  if (algorithm_.normalise != Normalise::none) {
    lanes::rescale(shape_, m_.data(), q_.data(), scratch_.data());
  }
  if (algorithm_.trains_second_layer()) {
    const double scale = factor(problem_.student.output_scale, problem_.n_neurons());
    lanes::add_scaled(n * p, -algorithm_.second_layer_learning_rate / dimension_ * scale * scale,
                      output_.data(), weights_.data());
  }
  ++step_;
}

void OverlapChain::single_step(const Sample& sample) {
  begin_step();
  form_fields(sample);
  lanes::sum_squares(shape_, sample.coordinates, sample.rest, 1 / dimension_, norms_.data());
  take_gradient(sample.labels, norms_.data());
  add_output_gradient();
  lanes::single_sample_sums(shape_, gradient_.data(), sample.h_star, fields_.data(), norms_.data(),
                            sums());
  finish_step();
}

// Calls use(sample) for the samples of the next batch.
template <class Use>
void OverlapChain::for_batch(bool has_norms, Use use) {
  for (std::int64_t done = 0; done < algorithm_.batch_size; done += ChainSamples::block) {
    const std::size_t count = block_of(algorithm_.batch_size - done);
    samples_.draw(step_ * algorithm_.batch_size + done, count, has_norms);
    for (std::size_t s = 0; s < count; ++s) {
      form_fields(samples_[s]);
      use(samples_[s]);
    }
  }
}

void OverlapChain::batch_step() {
  begin_step();
  for (AlignedArray* array : {&g_target_, &g_field_, &inner_, &along_}) zero(*array);
  for_batch(false, [&](const Sample& sample) {
    take_gradient(sample.labels, nullptr);  // used once, undisplaced: the norm does not matter
    add_output_gradient();
    lanes::add_sample(shape_, gradient_.data(), sample.h_star, fields_.data(), sample.coordinates,
                      sums(), inner_.data(), along_.data());
  });
  draw_wishart();
  lanes::wishart_quadratic(shape_, inner_.data(), along_.data(), wishart_.data(), dimension_,
                           scratch_.data(), quadratic_.data());
  finish_step();
}

// U = sum_mu G_mu x_mu^T outside the known directions, U U^T = F F^T: a sample has normals xi along
// the directions of F and a norm of its own outside them, so that U x = F xi.
void OverlapChain::displaced_batch_step() {
  const auto [n, p, k] = shape_;
  const lanes::Shape outside{n, p, 0}, all{n, p, k + p};
  double* f = scratch_.data();
  double* shift = f + p * (p + 1) / 2 * n;
  begin_step();
  for (AlignedArray* array : {&g_target_, &g_field_, &inner_, &along_}) zero(*array);
  for_batch(true, [&, n_known = k + p](const Sample& sample) {
    const double* const* xi = sample.coordinates + n_known;
    lanes::sum_squares(all, sample.coordinates, sample.rest, 1 / dimension_, norms_.data());
    lanes::sum_squares(outside, xi, sample.rest, 1, outside_norms_.data());
    take_gradient(sample.labels, norms_.data());
    add_output_gradient();
    lanes::add_sample(shape_, gradient_.data(), sample.h_star, fields_.data(), sample.coordinates,
                      sums(), nullptr, along_.data());
    factor_of_rank(outside, inner_.data(), nullptr, samples_.n_more(), f);
    lanes::form_fields(outside, nullptr, f, xi, shift);
    lanes::add_outside(shape_, gradient_.data(), shift, outside_norms_.data(), inner_.data());
  });
  lanes::known_quadratic(shape_, inner_.data(), along_.data(), dimension_, quadratic_.data());
  finish_step();
}

// R upper triangular: chi numbers of d - k - p - i degrees on the diagonal, normals above it.
void OverlapChain::draw_wishart() {
  const auto [n, p, k] = shape_;
  const auto start = static_cast<std::uint64_t>(step_) * group_size + first_;
  const double degrees = dimension_ - static_cast<double>(k + p);
  for (std::size_t i = 0; i < p; ++i) {
    double* diagonal = wishart_.data() + lower(i, i) * n;
    const double left = std::max(0.0, degrees - static_cast<double>(i));
    fill_chi_squared(samples_.norms(), i, start, n, left, diagonal);
    for (std::size_t l = 0; l < n; ++l) diagonal[l] = std::sqrt(diagonal[l]);
    for (std::size_t j = i + 1; j < p; ++j) {
      double* entry = wishart_.data() + lower(j, i) * n;
      if (left == 0) {
        std::fill_n(entry, n, 0.0);
      } else {
        fill_normals(samples_.norms(), 2 * p + lower(j, i), start, n, entry);
      }
    }
  }
}

// Batches whose samples move each other's fields: run by run, since the Gram matrix is the run's
// own.
void OverlapChain::coupled_batch_step() {
  const std::size_t n = shape_.n, p = shape_.p, k = shape_.k;
  begin_step();
  batch_samples_.resize(n);
  for (CoupledBatch::Sample& sample : batch_samples_) {
    sample.resize(Index(algorithm_.batch_size), Index(p), Index(k));
  }
  Index row = 0;
  for_batch(false, [&](const Sample& sample) {
    for (std::size_t lane = 0; lane < n; ++lane) {
      CoupledBatch::Sample& to = batch_samples_[lane];
      for (std::size_t c = 0; c < k + p; ++c) {
        to.coordinates(row, Index(c)) = sample.coordinates[c][lane];
      }
      for (std::size_t r = 0; r < k; ++r) to.h_star(row, Index(r)) = sample.h_star[r][lane];
      for (std::size_t j = 0; j < p; ++j) to.fields(row, Index(j)) = fields_.data()[j * n + lane];
      to.labels[row] = sample.labels[lane];
    }
    ++row;
  });
  CoupledBatch::Sums sums;
  for (std::size_t lane = 0; lane < n; ++lane) {
    const auto index = static_cast<std::uint64_t>(step_) * group_size + first_ + lane;
    coupled_->step(batch_samples_[lane], weights(lane), samples_.norms().substream(index), sums);
    take_sums(lane, sums);
  }
  finish_step();
}

void OverlapChain::take_sums(std::size_t lane, const CoupledBatch::Sums& sums) {
  const auto [n, p, k] = shape_;
  for (std::size_t i = 0; i < p; ++i) {
    for (std::size_t r = 0; r < k; ++r) {
      g_target_.data()[(i * k + r) * n + lane] = sums.g_target(Index(i), Index(r));
    }
    for (std::size_t j = 0; j < p; ++j) {
      g_field_.data()[(i * p + j) * n + lane] = sums.g_field(Index(i), Index(j));
    }
    for (std::size_t j = 0; j <= i; ++j) {
      quadratic_.data()[lower(i, j) * n + lane] = sums.quadratic(Index(i), Index(j));
    }
    output_.data()[i * n + lane] = sums.output[Index(i)];
  }
}

void OverlapChain::advance(std::int64_t n_steps) {
  if (algorithm_.batch_size > 1) {
    const bool is_displaced = is_displaced_batch(algorithm_);
    for (std::int64_t t = 0; t < n_steps; ++t) {
      check_stop();
      coupled_ ? coupled_batch_step() : is_displaced ? displaced_batch_step() : batch_step();
    }
    return;
  }
  while (n_steps > 0) {
    check_stop();
    const std::size_t count = block_of(n_steps);
    samples_.draw(step_, count, true);
    for (std::size_t s = 0; s < count; ++s) single_step(samples_[s]);
    n_steps -= static_cast<std::int64_t>(count);
  }
}

}  // namespace reprise
