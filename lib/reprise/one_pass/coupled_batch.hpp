// One step with a batch whose samples move each other's fields: repeated batches, displaced or not.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/core/random.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/sample_gradient.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// The samples' Gram matrix K = X X^T / d = (C C^T + L L^T) / d, with C (n_b, k + p) the
/// coordinates along the known directions and L the Bartlett factor of the rest, gives the fields
/// between uses,
///
///   H <- H - gamma K Gamma,  Gamma_mu = G(H_mu - rho K_mumu G_mu, y_mu),
///
/// and with the total Gamma what changes M and Q. Cost O(n_b^2 p) a use; memory 16 n_b^2 bytes.
class CoupledBatch {
 public:
  struct Sample {
    Eigen::MatrixXd coordinates;  ///< C, (n_b, k + p)
    Eigen::MatrixXd h_star;       ///< (n_b, k)
    Eigen::MatrixXd fields;       ///< H, (n_b, p)
    Eigen::VectorXd labels;       ///< (n_b)

    void resize(Eigen::Index n_b, Eigen::Index p, Eigen::Index k);
  };
  struct Sums {
    Eigen::MatrixXd g_target, g_field, quadratic;  ///< as in lanes::BatchSums
    Eigen::VectorXd output;                        ///< sum of dl/df sigma(h_j)
  };

  /// Throws InputError for n_b > 4096 that names the dense engine, which has no such limit.
  static void check(const OnePassSgd& algorithm);

  CoupledBatch(const Problem& problem, const OnePassSgd& algorithm, double dimension);

  /// Draws L from the stream and makes all uses of the batch.
  void step(Sample& sample, const Eigen::VectorXd& weights, const Stream& stream, Sums& sums);

 private:
  void draw_gram(const Eigen::MatrixXd& coordinates, const Stream& stream);

  OnePassSgd algorithm_;
  double dimension_;
  Eigen::Index n_, p_;
  SampleGradient gradient_;
  Eigen::MatrixXd gram_, rest_;                            // K; L
  Eigen::MatrixXd moving_, use_, total_, weight_columns_;  // (n_b, p)
  Eigen::VectorXd norms_;                                  // K_mumu
};

}  // namespace reprise
