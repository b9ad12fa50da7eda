// A block of samples as revealed descent sees it: what has been revealed of its data, column by
// column, and the one pass over the samples that a step makes.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <vector>

#include "reprise/core/column_kernels.hpp"
#include "reprise/gaussian/normal_source.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// Means over the samples of a block: p neurons, k target fields, m directions, e gradients kept.
struct Averages {
  Eigen::MatrixXd target;        ///< <h* G^T>, (k, p)
  Eigen::MatrixXd field;         ///< <F G^T>, (m, p)
  Eigen::MatrixXd history;       ///< <eps G^T>, (e, p)
  Eigen::MatrixXd gradient;      ///< <G G^T>, (p, p)
  Eigen::VectorXd second_layer;  ///< <dl/df scale sigma(h)>, (p)
  double loss = 0;

  bool all_finite() const;
};

/// What a step asks of a block.
struct Use {
  Eigen::MatrixXd target_weights;    ///< M P^-1, (p, k)
  Eigen::MatrixXd field_weights;     ///< L, (p, m)
  Eigen::VectorXd second_layer;      ///< a, (p)
  Eigen::Index n_noise = 0;          ///< directions that the next use will meet first, at most
  bool is_last = false;              ///< no later use: nothing is stored
  bool trains_second_layer = false;  ///< the gradient in a is wanted too, else it is 0
  bool needs_gradient = true;        ///< false: only the loss is wanted
};

/// The revealed part of a block of n samples: target fields h*, labels y, fields F along the basis
/// directions, and orthonormal gradients eps with mean of eps eps^T = I.
///
/// One pass over the samples per use. The columns that a use creates wait in raw form, the gradient
/// G and the noise B of the next fields, and are finished as they stream by in the next pass:
///   eps = T^T (G - sum_r c_r eps_r),    F = B - sum_r eps_r <eps_r B^T> + eps R^T / sqrt(alpha).
///
/// Samples whose h* are spread out have weights w of mean 1. Every column but the labels then holds
/// sqrt(w) times what it stands for, so that products of two columns are weighted and combinations
/// stay combinations; only activations, loss and labels need the numbers themselves.
class SampleBlock {
 public:
  /// n_samples >= 1, with normals from `normals`: its first columns feed h* and the label noise,
  /// the others the fields. ratio is n/d, target_spread that of Reading. The problem must outlive
  /// the block.
  SampleBlock(const Problem& problem, std::unique_ptr<NormalSource> normals, std::int64_t n_samples,
              double ratio, double target_spread = 1);

  /// Columns of normals that a block takes before any field.
  static std::uint64_t n_target_columns(const Problem& problem);

  /// Reveals the fields of all m directions, forms h, G and the loss, and averages.
  /// Memory: a use that is not the last stores p + n_noise columns of 8 n bytes.
  Averages use(const Use& use, int threads);

  /// Splits the gradient of the last use into its part along earlier gradients and the rest,
  /// G = c^T eps + K eps_new, and makes eps_new part of the history at the next use. q, the rank of
  /// the rest, may be less than p: what is below 1e-10 of a neuron's gradient is rounding, and so
  /// is a rest of which less than 3e-7 is not a combination of other neurons' rests. Where the rest
  /// is small it is formed and measured itself, in a second pass over the samples: as a difference
  /// of averages it would be known to 1e-8 of the gradient only. K is triangular, neurons in order
  /// (see rank_factor): a continuous function of the averages.
  struct Split {
    Eigen::MatrixXd coefficients;  ///< c, (e, p)
    Eigen::MatrixXd K;             ///< (p, q)
  };
  Split orthonormalise(const Averages& averages, int threads);

  /// Tells the block the factor R (rows, q) of the directions that its last gradient created.
  void set_created_directions(const Eigen::MatrixXd& triangular_factor);

  std::int64_t n_samples() const { return n_samples_; }
  double ratio() const { return ratio_; }
  bool has_weights() const { return target_spread_ != 1; }

 private:
  class Pass;
  Eigen::MatrixXd noise_correction(Eigen::Index n_new) const;
  Eigen::MatrixXd along_history(const Eigen::MatrixXd& products) const;
  void keep(const Pass& pass, const std::vector<double>& means);
  /// Replaces the raw gradient by G - c^T eps and returns its means [eps, G, B] G^T, rows of p.
  std::vector<double> subtract_history(const Eigen::MatrixXd& coefficients, int threads);

  const Problem& problem_;
  std::unique_ptr<NormalSource> normals_;
  std::int64_t n_samples_;
  double ratio_;
  double target_spread_;
  Eigen::MatrixXd input_factor_;  // h* = input_factor * normals

  // Columns of padded length: finished ones, and those of the last use in raw form.
  std::vector<AlignedArray> targets_;
  AlignedArray labels_;
  AlignedArray root_weights_;
  std::vector<AlignedArray> fields_;
  std::vector<AlignedArray> history_;
  std::vector<AlignedArray> raw_gradient_;   // of the last use
  std::vector<AlignedArray> next_gradient_;  // of the use that is running
  std::vector<AlignedArray> raw_noise_;
  bool is_new_ = true;
  std::uint64_t next_column_;  // of normals_

  Eigen::MatrixXd history_gram_;    // <eps eps^T> as measured, I up to rounding, (e, e)
  Eigen::MatrixXd gradient_map_;    // T, (p, q)
  Eigen::MatrixXd history_map_;     // -c T, (e, q)
  Eigen::MatrixXd noise_history_;   // <eps B^T>, (e, n_noise)
  Eigen::MatrixXd noise_gradient_;  // <G B^T>, (p, n_noise)
  Eigen::MatrixXd created_;         // R / sqrt(alpha), (rows, q)
};

}  // namespace reprise
