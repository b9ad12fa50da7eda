// The gradient that one-pass SGD takes from a sample: once, repeated, or displaced.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "reprise/model/problem.hpp"

namespace reprise {

/// How often a fresh sample is used in a row, and where its gradient is taken (Arnaboldi2024b).
struct SampleUse {
  int repeats = 1;           ///< r >= 1
  double learning_rate = 0;  ///< gamma: how far the fields move between two uses
  double displacement = 0;   ///< rho: > 0 extragradient, < 0 SAM

  bool is_plain() const { return repeats == 1 && displacement == 0; }
};

/// The total gradient of a sample within which the fields move by O(1):
///
///   Gtot = sum_{i=1..r} G(h_i - rho s G(h_i, y), y),  h_{i+1} = h_i - gamma s (the same G)
///
/// with s = |x|^2 / d, on up to `capacity` samples at a time. It holds the scratch memory, so that
/// no call allocates. One per thread; the problem must outlive it.
class SampleGradient {
 public:
  SampleGradient(const Problem& problem, const SampleUse& use, std::size_t capacity);

  /// fields    p columns of n numbers; overwritten with the fields of the last use if r > 1
  /// weights   p columns: output weights scale * a_j of each sample
  /// labels    n numbers
  /// norms     n numbers s, or nullptr for s = 1
  /// gradient  p columns for Gtot
  /// Returns the sum of the loss at the first use over the samples.
  double total(std::span<double* const> fields, std::span<const double* const> weights,
               const double* labels, const double* norms, std::size_t n,
               std::span<double* const> gradient);

  /// f of the last call, at its first use: n numbers.
  const double* output() const { return output_.data(); }
  /// sum over the uses of dl/df sigma(h_j), of the last call: n numbers.
  const double* output_gradient(std::size_t neuron) const {
    return output_gradient_.data() + neuron * capacity_;
  }

 private:
  double single(std::span<const double* const> fields, std::span<const double* const> weights,
                const double* labels, std::size_t n, std::span<double* const> gradient,
                double* output);
  void move(double factor, const double* norms, std::size_t n,
            std::span<const double* const> gradient, std::span<const double* const> from,
            std::span<double* const> to);

  const Problem& problem_;
  SampleUse use_;
  std::size_t capacity_;
  std::vector<double> output_, later_output_, loss_, slope_;
  std::vector<double> value_, derivative_, output_gradient_, one_, displaced_;  // (p, capacity)
  std::vector<double*> one_columns_, displaced_columns_;
  std::vector<const double*> from_columns_, one_readable_, displaced_readable_;
};

}  // namespace reprise
