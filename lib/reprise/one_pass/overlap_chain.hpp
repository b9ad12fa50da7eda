// The exact finite-d Markov chain of the overlaps under one-pass SGD, for many runs side by side.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/sample_gradient.hpp"
#include "reprise/one_pass/chain_samples.hpp"
#include "reprise/one_pass/coupled_batch.hpp"
#include "reprise/one_pass/lane_kernels.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// For a fresh sample (h, h*) is Gaussian with covariance [[Q, M], [M^T, P]] and |x|^2 / d = s with
/// d s = |z|^2 + chi^2_{d-p-k}, z the p + k standard normals that produced (h, h*). Hence
///
///   M <- M - (gamma/d) G h*^T,  Q <- Q - (gamma/d)(G h^T + h G^T) + (gamma^2 s/d) G G^T
///
/// is exactly the law of dense SGD; for a batch, X X^T outside the known directions is Wishart. A
/// displaced gradient depends on |x|^2 too, and the part of sum_mu G_mu x_mu^T outside the known
/// directions is then followed sample by sample. Where d < k + p, no more than d - k of the p
/// normals exist. Cost O((p + k)^2) a sample whatever d is, O(p^3) if displaced in a batch; a batch
/// that is repeated costs O(n_b^2) a step.
class OverlapChain {
 public:
  /// A chain takes some lanes of one group of runs.
  static constexpr std::size_t group_size = ChainSamples::group_size;

  /// dimension    d, as check() wants it
  /// group        the runs 64 group .. 64 group + 63 of this seed
  /// first, n     lanes of the group, multiples of 16
  /// Problem and algorithm must have passed check() and outlive this.
  OverlapChain(const Problem& problem, const OnePassSgd& algorithm, double dimension,
               std::uint64_t seed, std::uint64_t group, std::size_t first, std::size_t n);

  /// Throws InputError for a dimension or a batch that it cannot do.
  static void check(const Problem& problem, const OnePassSgd& algorithm, double dimension);

  /// All lanes start from problem.initial unless set before the first step.
  void set(std::size_t lane, const Overlaps& overlaps);
  /// Output weights scale * a of a run, if not those of the problem.
  void set_weights(std::size_t lane, const Eigen::VectorXd& weights);
  Overlaps overlaps(std::size_t lane) const;
  /// Output weights scale * a of a run.
  Eigen::VectorXd weights(std::size_t lane) const;

  std::int64_t step() const { return step_; }
  /// Makes steps. No allocation but for repeated batches.
  void advance(std::int64_t n_steps);

 private:
  using Sample = ChainSamples::Sample;

  lanes::BatchSums sums();
  void form_fields(const Sample& sample);
  void take_gradient(const double* labels, const double* norms);
  void add_output_gradient();
  void begin_step();
  void factor_of_rank(const lanes::Shape& shape, const double* q, const double* a, std::size_t rank,
                      double* b);
  void single_step(const Sample& sample);
  template <class Use>
  void for_batch(bool has_norms, Use use);
  void batch_step();
  void displaced_batch_step();
  void draw_wishart();
  void coupled_batch_step();
  void take_sums(std::size_t lane, const CoupledBatch::Sums& sums);
  void finish_step();

  const Problem& problem_;
  OnePassSgd algorithm_;
  double dimension_;
  lanes::Shape shape_;
  std::size_t first_;
  ChainSamples samples_;
  std::int64_t step_ = 0;
  SampleGradient gradient_maker_;

  AlignedArray m_, q_, weights_;  // state
  AlignedArray a_, b_;            // h = a c* + b z
  AlignedArray norms_, fields_, moving_, gradient_;
  AlignedArray g_target_, g_field_, quadratic_, inner_, along_, wishart_, scratch_, output_;
  AlignedArray outside_norms_;          // |x|^2 outside the known directions
  Eigen::MatrixXd rest_, rest_factor_;  // of one lane, where d has no room for p directions
  std::vector<const double*> weight_columns_;
  std::vector<double*> field_columns_, gradient_columns_;
  std::unique_ptr<CoupledBatch> coupled_;
  std::vector<CoupledBatch::Sample> batch_samples_;
};

}  // namespace reprise
