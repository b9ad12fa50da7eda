#include "reprise/batch_reuse/sample_pass.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "reprise/core/parallel.hpp"
#include "reprise/core/stop.hpp"
#include "reprise/gaussian/widened_normals.hpp"

namespace reprise {

namespace {

constexpr std::size_t chunk_bytes = std::size_t{1} << 19;  // a quarter of a common L2 cache
constexpr std::size_t max_chunk = 256;                     // 2 kB a column: scratch stays in L1
constexpr std::size_t max_groups = 64;

std::vector<double> row_major(const Eigen::MatrixXd& matrix) {
  std::vector<double> values(static_cast<std::size_t>(matrix.size()));
  Eigen::Map<Eigen::Matrix<double, -1, -1, Eigen::RowMajor>>(values.data(), matrix.rows(),
                                                             matrix.cols()) = matrix;
  return values;
}

Eigen::MatrixXd stacked(const Eigen::MatrixXd& top, const Eigen::MatrixXd& bottom) {
  Eigen::MatrixXd result(top.rows() + bottom.rows(), top.cols());
  result.topRows(top.rows()) = top;
  result.bottomRows(bottom.rows()) = bottom;
  return result;
}

void multiply(std::span<double* const> columns, const double* factors, std::size_t n) {
  for (double* const column : columns) {
    for (std::size_t i = 0; i < n; ++i) column[i] *= factors[i];
  }
}

void divide(std::span<double* const> columns, const double* divisors, std::size_t n) {
  for (double* const column : columns) {
    for (std::size_t i = 0; i < n; ++i) column[i] /= divisors[i];
  }
}

void append(std::vector<double*>& pointers, std::vector<AlignedArray>& columns, std::size_t first) {
  for (AlignedArray& column : columns) pointers.push_back(column.data() + first);
}

std::span<const double* const> readable(const std::vector<double*>& pointers) {
  return {pointers.data(), pointers.size()};
}

// Samples that are worked on together, n_columns columns of them within the cache.
std::size_t chunk_size(std::size_t n_columns) {
  return std::clamp(std::bit_floor(chunk_bytes / (8 * n_columns)), 4 * column_padding, max_chunk);
}

// Sums over samples: run(worker, first, n, sums) adds those of a chunk. Partial sums belong to
// groups of chunks whose number depends on n_samples alone, and are added in order.
template <class Run>
std::vector<double> sum_over_chunks(std::int64_t n_samples, std::size_t n_columns,
                                    std::size_t n_sums, int threads, const Run& run) {
  const std::size_t length = padded(static_cast<std::size_t>(n_samples));
  const std::size_t chunk = chunk_size(n_columns);
  const std::size_t n_chunks = (length + chunk - 1) / chunk;
  const std::size_t n_groups = std::min(n_chunks, max_groups);
  std::vector<std::vector<double>> sums(n_groups);
  parallel_for(n_groups, threads, [&](std::size_t worker, std::size_t group) {
    sums[group].assign(n_sums, 0.0);
    for (std::size_t c = group * n_chunks / n_groups; c < (group + 1) * n_chunks / n_groups; ++c) {
      check_stop();
      const std::size_t first = c * chunk;
      run(worker, first, std::min(chunk, length - first), sums[group].data());
    }
  });
  std::vector<double> total(n_sums, 0.0);
  for (const std::vector<double>& part : sums) {
    for (std::size_t i = 0; i < n_sums; ++i) total[i] += part[i];
  }
  return total;
}

}  // namespace

/// Pointers to the columns of the current chunk, into the block or into scratch, and scratch.
struct SampleBlock::Pass::Worker {
  Worker(const Problem& problem, std::size_t chunk_size, std::size_t n_scratch)
      : student(problem, chunk_size), scratch(chunk_size * n_scratch), chunk(chunk_size) {}

  double* next_scratch() { return scratch.data() + chunk * used++; }
  void scratch_columns(std::vector<double*>& pointers, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) pointers.push_back(next_scratch());
  }

  StudentEvaluation student;
  ExpressionWorkspace expression;
  AlignedArray scratch;
  std::size_t chunk;
  std::size_t used = 0;

  std::vector<double*> inputs;    // h*, F
  std::vector<double*> history;   // eps
  std::vector<double*> left;      // h*, F, eps, G
  std::vector<double*> gradient;  // G of this use
  std::vector<double*> noise;     // B drawn by this use
  std::vector<double*> fields;    // h
  std::vector<double*> raw;       // raw G of the last use, eps_old
  std::vector<double*> finished;  // eps_new before it replaces raw G
  std::vector<double*> normals;   // behind h*
  double* labels = nullptr;
  double* root_weights = nullptr;  // none: all samples weigh the same
};

SampleBlock::Pass::Pass(SampleBlock& block, const Use& use)
    : k(static_cast<std::size_t>(block.problem_.n_directions())),
      m_old(block.fields_.size()),
      m_new(static_cast<std::size_t>(use.field_weights.cols()) - m_old),
      e_old(block.history_.size()),
      e_new(static_cast<std::size_t>(block.gradient_map_.cols())),
      p(static_cast<std::size_t>(block.problem_.n_neurons())),
      n_noise(use.is_last ? 0 : static_cast<std::size_t>(use.n_noise)),
      block_(block),
      use_(use),
      field_column_(block.next_column_) {
  const std::size_t e = e_old + e_new;
  gram_offset = (k + m_old + m_new + e + p) * p;
  noise_offset = gram_offset + e * e_new;
  second_layer_offset = noise_offset + (e + p) * n_noise;
  loss_offset = second_layer_offset + p;
  n_sums = loss_offset + 1;

  n_columns_ = k + 1 + m_old + m_new + e + 3 * p + n_noise + (block.has_weights() ? 1 : 0);

  field_weights_ =
      row_major(stacked(use.target_weights.transpose(), use.field_weights.transpose()));
  input_weights_ = row_major(block.input_factor_.transpose());
  gradient_weights_ = row_major(stacked(block.gradient_map_, block.history_map_));
  if (!block.is_new_) noise_weights_ = row_major(block.noise_correction(m_new));
  allocate_columns();
}

void SampleBlock::Pass::allocate_columns() {
  const std::size_t length = padded(static_cast<std::size_t>(block_.n_samples_));
  const auto grow = [length](std::vector<AlignedArray>& columns, std::size_t count) {
    while (columns.size() < count) columns.emplace_back(length);
  };
  if (block_.is_new_ && !use_.is_last) {
    grow(block_.targets_, k);
    block_.labels_ = AlignedArray(length);
    if (block_.has_weights()) block_.root_weights_ = AlignedArray(length);
    grow(block_.fields_, m_new);
  }
  if (!block_.is_new_) {  // the noise of the last use becomes fields, its gradient becomes history
    for (std::size_t c = 0; c < m_new; ++c) {
      block_.fields_.push_back(std::move(block_.raw_noise_[c]));
    }
  }
  block_.raw_noise_.clear();
  grow(block_.raw_noise_, n_noise);
  if (!use_.is_last) grow(block_.next_gradient_, p);
}

void SampleBlock::Pass::bind(Worker& w, std::size_t first) const {
  const bool is_scratch = block_.is_new_ && use_.is_last;
  for (auto* list : {&w.inputs, &w.history, &w.left, &w.gradient, &w.noise, &w.fields, &w.raw,
                     &w.finished, &w.normals}) {
    list->clear();
  }
  w.used = 0;
  if (is_scratch) {
    w.scratch_columns(w.inputs, k + m_new);
    w.labels = w.next_scratch();
    if (block_.has_weights()) w.root_weights = w.next_scratch();
  } else {
    append(w.inputs, block_.targets_, first);
    append(w.inputs, block_.fields_, first);
    w.labels = block_.labels_.data() + first;
    if (block_.has_weights()) w.root_weights = block_.root_weights_.data() + first;
  }
  append(w.history, block_.history_, first);
  append(w.raw, block_.raw_gradient_, first);
  w.raw.insert(w.raw.end(), w.history.begin(), w.history.end());
  w.history.insert(w.history.end(), w.raw.begin(),
                   w.raw.begin() + static_cast<std::ptrdiff_t>(e_new));
  append(w.noise, block_.raw_noise_, first);
  if (use_.is_last) {
    w.scratch_columns(w.gradient, p);
  } else {
    append(w.gradient, block_.next_gradient_, first);
  }
  w.scratch_columns(w.fields, p);
  w.scratch_columns(w.finished, e_new);
  w.scratch_columns(w.normals, block_.is_new_ ? k : 0);
  w.left = w.inputs;
  w.left.insert(w.left.end(), w.history.begin(), w.history.end());
  w.left.insert(w.left.end(), w.gradient.begin(), w.gradient.end());
}

// h* = factor normals, with the roots of the weights where they are spread out.
void SampleBlock::Pass::draw_inputs(Worker& w, std::size_t first, std::size_t n) const {
  const auto rank = static_cast<std::size_t>(block_.input_factor_.cols());
  const std::span<double* const> normals(w.normals.data(), rank);
  for (std::size_t r = 0; r < rank; ++r) block_.normals_->fill(r, first, n, normals[r]);
  if (w.root_weights != nullptr) {
    widen(normals, block_.target_spread_, n, w.root_weights);
    for (std::size_t i = 0; i < n; ++i) w.root_weights[i] = std::sqrt(w.root_weights[i]);
  }
  set_combination(readable(w.normals).first(rank), input_weights_.data(), {w.inputs.data(), k}, n);
}

// First use: h*, y = g(h*) + noise, and independent fields.
void SampleBlock::Pass::generate(Worker& w, std::size_t first, std::size_t n) const {
  const Target& target = block_.problem_.target;
  const NormalSource& normals = *block_.normals_;
  const auto rank = static_cast<std::size_t>(block_.input_factor_.cols());
  draw_inputs(w, first, n);
  target.g.evaluate(readable(w.inputs).first(k), n, w.labels, w.expression);
  if (target.noise_variance > 0) {
    normals.fill(rank, first, n, w.normals[0]);
    const double scale = std::sqrt(target.noise_variance);
    add_combination(readable(w.normals).first(1), &scale, {&w.labels, 1}, n);
  }
  for (std::size_t c = 0; c < m_new; ++c) {
    normals.fill(field_column_ + c, first, n, w.inputs[k + c]);
  }
  if (w.root_weights != nullptr) multiply({w.inputs.data(), k + m_new}, w.root_weights, n);
}

// Later uses: raw gradient and noise of the last use become eps_new and fields.
void SampleBlock::Pass::finish(Worker& w, std::size_t n) const {
  set_combination(readable(w.raw), gradient_weights_.data(), w.finished, n);
  for (std::size_t c = 0; c < e_new; ++c) std::copy_n(w.finished[c], n, w.raw[c]);
  const std::span<double* const> new_fields(w.inputs.data() + k + m_old, m_new);
  add_combination(readable(w.history), noise_weights_.data(), new_fields, n);
}

void SampleBlock::Pass::run_chunk(Worker& w, std::size_t first, std::size_t n, double* sums) const {
  bind(w, first);
  if (block_.is_new_) {
    generate(w, first, n);
  } else {
    finish(w, n);
  }
  set_combination(readable(w.inputs), field_weights_.data(), w.fields, n);
  if (w.root_weights != nullptr) divide(w.fields, w.root_weights, n);

  const std::size_t valid = std::min(n, static_cast<std::size_t>(block_.n_samples_) - first);
  if (!use_.needs_gradient) {
    sums[loss_offset] += w.student.loss(readable(w.fields), w.labels, valid, w.root_weights);
    return;
  }
  sums[loss_offset] +=
      w.student.gradient(readable(w.fields), w.labels, valid, w.gradient, w.root_weights);
  if (use_.trains_second_layer) {
    w.student.add_second_layer_gradient(valid, sums + second_layer_offset);
  }
  for (double* column : w.gradient) std::fill_n(column + valid, n - valid, 0.0);

  add_inner_products(readable(w.left), readable(w.gradient), n, sums);
  add_inner_products(readable(w.history), readable(w.history).subspan(e_old), n,
                     sums + gram_offset);
  for (std::size_t c = 0; c < n_noise; ++c) {
    block_.normals_->fill(field_column_ + (block_.is_new_ ? m_new : 0) + c, first, n, w.noise[c]);
  }
  if (w.root_weights != nullptr) multiply(w.noise, w.root_weights, n);
  const auto kept = readable(w.left).subspan(k + m_old + m_new);
  add_inner_products(kept, readable(w.noise), n, sums + noise_offset);
}

std::vector<double> SampleBlock::Pass::run(int threads) {
  const std::size_t n_scratch = 2 * k + m_new + 2 + 2 * p + e_new;
  std::vector<std::unique_ptr<Worker>> workers(static_cast<std::size_t>(std::max(threads, 1)));
  return sum_over_chunks(block_.n_samples_, n_columns_, n_sums, threads,
                         [&](std::size_t worker, std::size_t first, std::size_t n, double* sums) {
                           if (!workers[worker]) {
                             workers[worker] = std::make_unique<Worker>(
                                 block_.problem_, chunk_size(n_columns_), n_scratch);
                             workers[worker]->student.set_second_layer(use_.second_layer);
                           }
                           run_chunk(*workers[worker], first, n, sums);
                         });
}

std::vector<double> SampleBlock::subtract_history(const Eigen::MatrixXd& coefficients,
                                                  int threads) {
  const std::size_t e = history_.size();
  const std::size_t p = raw_gradient_.size();
  const std::size_t rows = e + p + raw_noise_.size();
  const std::vector<double> weights = row_major(-coefficients);
  std::vector<double> means =
      sum_over_chunks(n_samples_, rows + p, rows * p, threads,
                      [&](std::size_t, std::size_t first, std::size_t n, double* sums) {
                        std::vector<double*> left, rest;
                        append(left, history_, first);
                        append(rest, raw_gradient_, first);
                        add_combination(readable(left), weights.data(), rest, n);
                        left.insert(left.end(), rest.begin(), rest.end());
                        append(left, raw_noise_, first);
                        add_inner_products(readable(left), readable(rest), n, sums);
                      });
  for (double& mean : means) mean /= static_cast<double>(n_samples_);
  return means;
}

}  // namespace reprise
