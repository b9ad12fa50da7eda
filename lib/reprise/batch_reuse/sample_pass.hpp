// One pass over the samples of a block, chunk by chunk: internal to SampleBlock.
#pragma once

#include <vector>

#include "reprise/batch_reuse/sample_block.hpp"
#include "reprise/model/student_evaluation.hpp"

namespace reprise {

/// The loop over samples of SampleBlock::use. Chunks fit the cache; partial sums belong to groups
/// of chunks whose number depends on n alone, and are added in order.
class SampleBlock::Pass {
 public:
  Pass(SampleBlock& block, const Use& use);

  /// Runs the pass and returns the sums over samples, laid out as the offsets below say.
  std::vector<double> run(int threads);

  // Counts: target fields, fields (old, new), gradients kept (old, new), neurons, noise columns.
  std::size_t k, m_old, m_new, e_old, e_new, p, n_noise;
  // Offsets of the sums: [h*, F, eps, G] G^T; eps eps_new^T; [eps, G] B^T; dl/da; loss.
  std::size_t gram_offset, noise_offset, second_layer_offset, loss_offset, n_sums;

 private:
  struct Worker;

  void allocate_columns();
  void bind(Worker& worker, std::size_t first) const;
  void draw_inputs(Worker& worker, std::size_t first, std::size_t n) const;
  void generate(Worker& worker, std::size_t first, std::size_t n) const;
  void finish(Worker& worker, std::size_t n) const;
  void run_chunk(Worker& worker, std::size_t first, std::size_t n, double* sums) const;

  SampleBlock& block_;
  const Use& use_;
  std::size_t n_columns_;       // that a chunk of samples takes
  std::uint64_t field_column_;  // of the normals: the first field or noise column of this use
  std::vector<double> input_weights_;     // (rank, k): normals -> h*
  std::vector<double> field_weights_;     // (k + m, p): h*, F -> h
  std::vector<double> gradient_weights_;  // (p + e_old, e_new): raw G, eps -> eps_new
  std::vector<double> noise_weights_;     // (e, m_new): eps -> correction of B
};

}  // namespace reprise
