#include "reprise/model/student_evaluation.hpp"

#include <algorithm>
#include <cassert>

#include "reprise/core/simd.hpp"

namespace reprise {

namespace {

REPRISE_VECTORISED void add_scaled(double weight, const double* __restrict x, std::size_t n,
                                   double* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] += weight * x[i];
}

REPRISE_VECTORISED void scaled_product(double weight, const double* __restrict x,
                                       const double* __restrict y, std::size_t n,
                                       double* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = weight * x[i] * y[i];
}

REPRISE_VECTORISED void multiply(const double* __restrict factors, std::size_t n,
                                 double* __restrict x) {
  for (std::size_t i = 0; i < n; ++i) x[i] *= factors[i];
}

// In four interleaved parts: fixed order, and fast without reassociation by the compiler.
double total(const double* x, std::size_t n) {
  double part[4] = {};
  std::size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    for (int j = 0; j < 4; ++j) part[j] += x[i + j];
  }
  for (; i < n; ++i) part[0] += x[i];
  return (part[0] + part[1]) + (part[2] + part[3]);
}

}  // namespace

StudentEvaluation::StudentEvaluation(const Problem& problem, std::size_t capacity)
    : problem_(problem),
      scale_(factor(problem.student.output_scale, problem.n_neurons())),
      weights_(problem.student.output_weights()),
      capacity_(capacity),
      output_(capacity),
      loss_(capacity),
      slope_(capacity),
      value_(capacity * static_cast<std::size_t>(problem.n_neurons())),
      derivative_(capacity * static_cast<std::size_t>(problem.n_neurons())) {}

void StudentEvaluation::set_second_layer(const Eigen::VectorXd& a) { weights_ = scale_ * a; }

void StudentEvaluation::output(std::span<const double* const> fields, std::size_t n, double* f) {
  assert(n <= capacity_);
  std::fill_n(f, n, 0.0);
  for (std::size_t j = 0; j < fields.size(); ++j) {
    problem_.student.activation.evaluate(fields[j], n, value_.data(), nullptr);
    add_scaled(weights_[j], value_.data(), n, f);
  }
}

double StudentEvaluation::gradient(std::span<const double* const> fields, const double* labels,
                                   std::size_t n, std::span<double* const> gradient,
                                   const double* root_weights) {
  assert(n <= capacity_);
  std::fill_n(output_.data(), n, 0.0);
  for (std::size_t j = 0; j < fields.size(); ++j) {
    double* value = value_.data() + j * capacity_;
    problem_.student.activation.evaluate(fields[j], n, value, derivative_.data() + j * capacity_);
    add_scaled(weights_[j], value, n, output_.data());
  }
  problem_.loss.evaluate(output_.data(), labels, n, loss_.data(), slope_.data());
  if (root_weights != nullptr) {  // one root for each factor of a product over the samples
    for (int twice = 0; twice < 2; ++twice) multiply(root_weights, n, loss_.data());
    multiply(root_weights, n, slope_.data());
    for (std::size_t j = 0; j < fields.size(); ++j) {
      multiply(root_weights, n, value_.data() + j * capacity_);
    }
  }
  for (std::size_t j = 0; j < fields.size(); ++j) {
    scaled_product(weights_[j], slope_.data(), derivative_.data() + j * capacity_, n, gradient[j]);
  }
  return total(loss_.data(), n);
}

void StudentEvaluation::add_second_layer_gradient(std::size_t n, double* sums) const {
  for (Eigen::Index j = 0; j < weights_.size(); ++j) {
    const double* value = value_.data() + static_cast<std::size_t>(j) * capacity_;
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) total += slope_[i] * value[i];
    sums[j] += scale_ * total;
  }
}

double StudentEvaluation::loss(std::span<const double* const> fields, const double* labels,
                               std::size_t n, const double* root_weights) {
  output(fields, n, output_.data());
  problem_.loss.evaluate(output_.data(), labels, n, loss_.data(), slope_.data());
  for (int twice = 0; root_weights != nullptr && twice < 2; ++twice) {
    multiply(root_weights, n, loss_.data());
  }
  return total(loss_.data(), n);
}

}  // namespace reprise
