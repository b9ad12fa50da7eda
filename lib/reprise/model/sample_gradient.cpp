#include "reprise/model/sample_gradient.hpp"

#include <algorithm>
#include <cassert>

#include "reprise/core/check.hpp"
#include "reprise/core/simd.hpp"

namespace reprise {

namespace {

REPRISE_VECTORISED void add_product(const double* __restrict x, const double* __restrict y,
                                    std::size_t n, double* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += x[i] * y[i];
}

REPRISE_VECTORISED void triple_product(const double* __restrict x, const double* __restrict y,
                                       const double* __restrict z, std::size_t n,
                                       double* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = x[i] * y[i] * z[i];
}

REPRISE_VECTORISED void shift(double factor, const double* __restrict norms,
                              const double* __restrict gradient, const double* from, std::size_t n,
                              double* to) {
  if (norms == nullptr) {
    for (std::size_t i = 0; i < n; ++i) to[i] = from[i] - factor * gradient[i];
  } else {
    for (std::size_t i = 0; i < n; ++i) to[i] = from[i] - factor * norms[i] * gradient[i];
  }
}

double sum(const double* x, std::size_t n) {
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) total += x[i];
  return total;
}

std::vector<double*> columns_of(std::vector<double>& memory, std::size_t count,
                                std::size_t length) {
  std::vector<double*> columns;
  for (std::size_t j = 0; j < count; ++j) columns.push_back(memory.data() + j * length);
  return columns;
}

}  // namespace

SampleGradient::SampleGradient(const Problem& problem, const SampleUse& use, std::size_t capacity)
    : problem_(problem),
      use_(use),
      capacity_(capacity),
      output_(capacity),
      later_output_(capacity),
      loss_(capacity),
      slope_(capacity) {
  check_at_least("training", "repeats", use.repeats, 1);
  check_finite("training", "displacement", use.displacement);
  check_finite("training", "learning_rate", use.learning_rate);
  const auto p = static_cast<std::size_t>(problem.n_neurons());
  for (auto* memory : {&value_, &derivative_, &output_gradient_, &one_, &displaced_}) {
    memory->resize(p * capacity);
  }
  one_columns_ = columns_of(one_, p, capacity);
  displaced_columns_ = columns_of(displaced_, p, capacity);
  from_columns_.resize(p);
  one_readable_.assign(one_columns_.begin(), one_columns_.end());
  displaced_readable_.assign(displaced_columns_.begin(), displaced_columns_.end());
}

double SampleGradient::single(std::span<const double* const> fields,
                              std::span<const double* const> weights, const double* labels,
                              std::size_t n, std::span<double* const> gradient, double* output) {
  std::fill_n(output, n, 0.0);
  for (std::size_t j = 0; j < fields.size(); ++j) {
    double* value = value_.data() + j * capacity_;
    problem_.student.activation.evaluate(fields[j], n, value, derivative_.data() + j * capacity_);
    add_product(weights[j], value, n, output);
  }
  problem_.loss.evaluate(output, labels, n, loss_.data(), slope_.data());
  for (std::size_t j = 0; j < fields.size(); ++j) {
    triple_product(weights[j], slope_.data(), derivative_.data() + j * capacity_, n, gradient[j]);
  }
  return sum(loss_.data(), n);
}

void SampleGradient::move(double factor, const double* norms, std::size_t n,
                          std::span<const double* const> gradient,
                          std::span<const double* const> from, std::span<double* const> to) {
  for (std::size_t j = 0; j < from.size(); ++j) {
    shift(factor, norms, gradient[j], from[j], n, to[j]);
  }
}

double SampleGradient::total(std::span<double* const> fields,
                             std::span<const double* const> weights, const double* labels,
                             const double* norms, std::size_t n,
                             std::span<double* const> gradient) {
  assert(n <= capacity_);
  std::copy(fields.begin(), fields.end(), from_columns_.begin());
  double first_loss = 0;
  for (int use = 0; use < use_.repeats; ++use) {
    const bool is_first = use == 0;
    double* output = is_first ? output_.data() : later_output_.data();
    const auto target = is_first ? gradient : std::span<double* const>(one_columns_);
    double loss = single(from_columns_, weights, labels, n, target, output);
    if (use_.displacement != 0) {
      const std::vector<const double*>& slope_here = one_readable_;
      if (is_first) {
        for (std::size_t j = 0; j < fields.size(); ++j) {
          std::copy_n(gradient[j], n, one_columns_[j]);
        }
      }
      move(use_.displacement, norms, n, slope_here, from_columns_, displaced_columns_);
      single(displaced_readable_, weights, labels, n, target, later_output_.data());
    }
    for (std::size_t j = 0; j < fields.size(); ++j) {
      double* sum_of_uses = output_gradient_.data() + j * capacity_;
      if (is_first) std::fill_n(sum_of_uses, n, 0.0);
      add_product(slope_.data(), value_.data() + j * capacity_, n, sum_of_uses);
    }
    if (is_first) first_loss = loss;
    if (use + 1 < use_.repeats) {
      for (std::size_t j = 0; j < fields.size(); ++j) {
        shift(use_.learning_rate, norms, target[j], fields[j], n, fields[j]);
      }
    }
    if (!is_first) {
      for (std::size_t j = 0; j < fields.size(); ++j) {
        for (std::size_t i = 0; i < n; ++i) gradient[j][i] += one_[j * capacity_ + i];
      }
    }
  }
  return first_loss;
}

}  // namespace reprise
