#include "reprise/one_pass/overlap_chain.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/core/check.hpp"
#include "reprise/core/chi_squared.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/semidefinite_cholesky.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using lanes::lower;

void zero(AlignedArray& array) { std::fill_n(array.data(), array.size(), 0.0); }

}  // namespace

void OverlapChain::check(const Problem& problem, const OnePassSgd& algorithm, double dimension) {
  const Index least = problem.n_neurons() + problem.n_directions();
  if (!(dimension >= static_cast<double>(least) && dimension == std::floor(dimension))) {
    reject("simulation", "dimension", "a whole number, at least k + p = " + std::to_string(least),
           dimension);
  }
  if (algorithm.batch_size > 1 && !algorithm.use().is_plain()) CoupledBatch::check(algorithm);
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
      samples_(seed, Purpose::chain, group),
      norms_(seed, Purpose::chain_norms, group),
      gram_factor_(cholesky(problem.target.gram)),
      gradient_maker_(problem, algorithm.use(), n) {
  const auto p = shape_.p, k = shape_.k;
  const auto identity = MatrixXd::Identity(problem.n_directions(), problem.n_directions());
  is_orthonormal_ = problem.target.gram == identity && problem.input_covariance == identity;
  inverse_gram_factor_ = solve_lower(gram_factor_, identity);
  mixing_ = inverse_gram_factor_ * semidefinite_cholesky(problem.input_covariance);

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
  reserve(normals_, (k + p + 1) * block);
  reserve(chi_, block);
  reserve(coordinates_, k);
  reserve(h_star_, k);
  for (AlignedArray* array : {&labels_, &norms_array_}) reserve(*array, 1);
  for (AlignedArray* array : {&fields_, &moving_, &gradient_, &output_}) reserve(*array, p);
  reserve(g_target_, p * k);
  reserve(g_field_, p * p);
  reserve(quadratic_, packed);
  reserve(inner_, packed);
  reserve(along_, (k + p) * p);
  reserve(wishart_, packed);
  reserve(scratch_, packed + p);
  if (algorithm.batch_size > 1 && !algorithm.use().is_plain()) {
    coupled_ = std::make_unique<CoupledBatch>(problem, algorithm, dimension);
  }

  coordinate_columns_.resize(k + p);
  for (std::size_t r = 0; r < k; ++r) h_star_columns_.push_back(h_star_.data() + r * n);
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

// Standard normals, and the squared norms outside every known direction, of samples first .. +
// count. A number depends on its sample and its lane in the group alone.
void OverlapChain::draw(std::int64_t first_sample, std::size_t count) {
  const auto [n, p, k] = shape_;
  const bool has_noise = problem_.target.noise_variance > 0;
  const bool is_single = algorithm_.batch_size == 1;
  const double degrees = dimension_ - static_cast<double>(k + p);
  const auto fill = [&](auto function, double* out) {
    const auto start = static_cast<std::uint64_t>(first_sample) * group_size + first_;
    if (n == group_size) return function(start, count * n, out);
    for (std::size_t s = 0; s < count; ++s) function(start + s * group_size, n, out + s * n);
  };
  for (std::size_t c = 0; c < k + p + (has_noise ? 1 : 0); ++c) {
    fill([&](std::uint64_t start, std::size_t length,
             double* out) { fill_normals(samples_, c, start, length, out); },
         normals_.data() + c * block * n);
  }
  if (!is_single) return;
  fill([&](std::uint64_t start, std::size_t length,
           double* out) { fill_chi_squared(norms_, 0, start, length, degrees, out); },
       chi_.data());
}

// The fields and the label of one sample of the block.
void OverlapChain::form_sample(std::size_t in_block) {
  const auto [n, p, k] = shape_;
  const auto normal = [&](std::size_t c) { return normals_.data() + (c * block + in_block) * n; };
  for (std::size_t c = 0; c < k + p; ++c) coordinate_columns_[c] = normal(c);
  if (is_orthonormal_) {
    for (std::size_t r = 0; r < k; ++r) h_star_columns_[r] = normal(r);
  } else {
    zero(coordinates_);
    zero(h_star_);
    for (std::size_t r = 0; r < k; ++r) {
      double* coordinate = coordinates_.data() + r * n;
      for (std::size_t c = 0; c <= r; ++c) {
        lanes::add_scaled(n, mixing_(Index(r), Index(c)), normal(c), coordinate);
      }
      coordinate_columns_[r] = coordinate;
      double* h_star = h_star_.data() + r * n;
      for (std::size_t c = 0; c <= r; ++c) {
        lanes::add_scaled(n, gram_factor_(Index(r), Index(c)), coordinates_.data() + c * n, h_star);
      }
    }
  }
  lanes::form_fields(shape_, is_orthonormal_ ? m_.data() : a_.data(), b_.data(),
                     coordinate_columns_.data(), fields_.data());
  problem_.target.g.evaluate(h_star_columns_, n, labels_.data(), workspace_);
  if (problem_.target.noise_variance > 0) {
    lanes::add_scaled(n, std::sqrt(problem_.target.noise_variance), normal(k + p), labels_.data());
  }
}

void OverlapChain::take_gradient(const double* norms) {
  if (algorithm_.repeats > 1) std::copy_n(fields_.data(), fields_.size(), moving_.data());
  gradient_maker_.total(field_columns_, weight_columns_, labels_.data(), norms, shape_.n,
                        gradient_columns_);
}

void OverlapChain::add_output_gradient() {
  if (!algorithm_.trains_second_layer()) return;
  for (std::size_t j = 0; j < shape_.p; ++j) {
    lanes::add_scaled(shape_.n, 1.0, gradient_maker_.output_gradient(j),
                      output_.data() + j * shape_.n);
  }
}

void OverlapChain::begin_step() {
  const auto [n, p, k] = shape_;
  if (!is_orthonormal_) {
    zero(a_);
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t r = 0; r < k; ++r) {
        for (std::size_t c = 0; c <= r; ++c) {
          lanes::add_scaled(n, inverse_gram_factor_(Index(r), Index(c)),
                            m_.data() + (i * k + c) * n, a_.data() + (i * k + r) * n);
        }
      }
    }
  }
  lanes::factor_rest(shape_, q_.data(), is_orthonormal_ ? m_.data() : a_.data(), b_.data());
  if (algorithm_.trains_second_layer()) zero(output_);
}

void OverlapChain::finish_step() {
  const auto [n, p, k] = shape_;
  const double rate = algorithm_.learning_rate / dimension_;
  lanes::apply(shape_, algorithm_.learning_rate, rate, algorithm_.normalise == Normalise::spherical,
               {g_target_.data(), g_field_.data(), quadratic_.data()}, m_.data(), q_.data(),
               scratch_.data());
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

void OverlapChain::single_step(std::size_t in_block) {
  begin_step();
  form_sample(in_block);
  lanes::sum_squares(shape_, coordinate_columns_.data(), chi_.data() + in_block * shape_.n,
                     1 / dimension_, norms_array_.data());
  take_gradient(norms_array_.data());
  add_output_gradient();
  lanes::single_sample_sums(shape_, gradient_.data(), h_star_columns_.data(), fields_.data(),
                            norms_array_.data(),
                            {g_target_.data(), g_field_.data(), quadratic_.data()});
  finish_step();
}

void OverlapChain::batch_step() {
  const auto [n, p, k] = shape_;
  const lanes::BatchSums sums{g_target_.data(), g_field_.data(), quadratic_.data()};
  begin_step();
  for (AlignedArray* array : {&g_target_, &g_field_, &inner_, &along_}) zero(*array);
  for (std::int64_t done = 0; done < algorithm_.batch_size; done += block) {
    const auto count =
        static_cast<std::size_t>(std::min<std::int64_t>(block, algorithm_.batch_size - done));
    draw(step_ * algorithm_.batch_size + done, count);
    for (std::size_t s = 0; s < count; ++s) {
      form_sample(s);
      take_gradient(nullptr);  // used once, undisplaced: the norm does not matter
      add_output_gradient();
      lanes::add_sample(shape_, gradient_.data(), h_star_columns_.data(), fields_.data(),
                        coordinate_columns_.data(), sums, inner_.data(), along_.data());
    }
  }
  // R upper triangular: chi numbers of d - k - p - i degrees on the diagonal, normals above it.
  const auto start = static_cast<std::uint64_t>(step_) * group_size + first_;
  const double degrees = dimension_ - static_cast<double>(k + p);
  for (std::size_t i = 0; i < p; ++i) {
    double* diagonal = wishart_.data() + lower(i, i) * n;
    const double left = std::max(0.0, degrees - static_cast<double>(i));
    fill_chi_squared(norms_, i, start, n, left, diagonal);
    for (std::size_t l = 0; l < n; ++l) diagonal[l] = std::sqrt(diagonal[l]);
    for (std::size_t j = i + 1; j < p; ++j) {
      double* entry = wishart_.data() + lower(j, i) * n;
      if (left == 0) {
        std::fill_n(entry, n, 0.0);
      } else {
        fill_normals(norms_, 2 * p + lower(j, i), start, n, entry);
      }
    }
  }
  lanes::wishart_quadratic(shape_, inner_.data(), along_.data(), wishart_.data(), dimension_,
                           scratch_.data(), quadratic_.data());
  finish_step();
}

// Batches whose samples move each other's fields: run by run, since the Gram matrix is the run's
// own.
void OverlapChain::coupled_batch_step() {
  const auto [n, p, k] = shape_;
  const auto size = static_cast<Index>(algorithm_.batch_size);
  begin_step();
  batch_samples_.resize(n);
  for (CoupledBatch::Sample& sample : batch_samples_) {
    sample.coordinates.resize(size, Index(k + p));
    sample.h_star.resize(size, Index(k));
    sample.fields.resize(size, Index(p));
    sample.labels.resize(size);
  }
  for (Index done = 0; done < size; done += Index(block)) {
    const auto count = static_cast<std::size_t>(std::min<Index>(block, size - done));
    draw(step_ * algorithm_.batch_size + done, count);
    for (std::size_t s = 0; s < count; ++s) {
      form_sample(s);
      const Index row = done + Index(s);
      for (std::size_t lane = 0; lane < n; ++lane) {
        CoupledBatch::Sample& sample = batch_samples_[lane];
        for (std::size_t c = 0; c < k + p; ++c)
          sample.coordinates(row, Index(c)) = coordinate_columns_[c][lane];
        for (std::size_t r = 0; r < k; ++r) sample.h_star(row, Index(r)) = h_star_columns_[r][lane];
        for (std::size_t j = 0; j < p; ++j)
          sample.fields(row, Index(j)) = fields_.data()[j * n + lane];
        sample.labels[row] = labels_.data()[lane];
      }
    }
  }
  CoupledBatch::Sums sums;
  for (std::size_t lane = 0; lane < n; ++lane) {
    const auto index = static_cast<std::uint64_t>(step_) * group_size + first_ + lane;
    coupled_->step(batch_samples_[lane], weights(lane), norms_.substream(index), sums);
    for (std::size_t i = 0; i < p; ++i) {
      for (std::size_t r = 0; r < k; ++r)
        g_target_.data()[(i * k + r) * n + lane] = sums.g_target(Index(i), Index(r));
      for (std::size_t j = 0; j < p; ++j)
        g_field_.data()[(i * p + j) * n + lane] = sums.g_field(Index(i), Index(j));
      for (std::size_t j = 0; j <= i; ++j)
        quadratic_.data()[lower(i, j) * n + lane] = sums.quadratic(Index(i), Index(j));
      output_.data()[i * n + lane] = sums.output[Index(i)];
    }
  }
  finish_step();
}

void OverlapChain::advance(std::int64_t n_steps) {
  if (coupled_) {
    for (std::int64_t t = 0; t < n_steps; ++t) coupled_batch_step();
    return;
  }
  if (algorithm_.batch_size > 1) {
    for (std::int64_t t = 0; t < n_steps; ++t) batch_step();
    return;
  }
  while (n_steps > 0) {
    const auto count = static_cast<std::size_t>(std::min<std::int64_t>(block, n_steps));
    draw(step_, count);
    for (std::size_t s = 0; s < count; ++s) single_step(s);
    n_steps -= static_cast<std::int64_t>(count);
  }
}

}  // namespace reprise
