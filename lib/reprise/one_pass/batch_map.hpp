// One step of the finite-batch recursion as a map of the overlaps: what the step adds to them.
#pragma once

#include <Eigen/Core>

#include "reprise/gaussian/moments.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// Which of the terms of the recursion are kept, for the asymptotic regimes of the source.
struct RecursionTerms {
  bool linear = true;  ///< those of order eta'
  bool noise = true;   ///< eta'^2 (d / n_b) E[G G^T]: the one correlation loss tames
  bool batch = true;   ///< eta'^2 (A P^-1 A^T + B Q_perp^-1 B^T): matters for n_b >~ d
};

/// What a step of W, and of the second layer, adds.
struct OverlapChange {
  Overlaps overlaps;        ///< of M (p, k) and Q (p, p)
  Eigen::VectorXd weights;  ///< of the output weights, (p)
};

/// Phi(x) - x for the map x = (M, Q, a) -> Phi(x) that finite_batch.hpp writes down.
///
/// NOTE: the difference is formed before anything is rounded to the size of x, normalisation
/// included (1 / sqrt(Q_jj) - 1 from log1p and expm1). A change of 1e-12 of the overlaps has the
/// relative accuracy of the moments.
class BatchMap {
 public:
  /// The problem must outlive the map. dimension d > 0.
  BatchMap(const Problem& problem, const OnePassSgd& algorithm, const RecursionTerms& terms,
           double dimension);

  /// moments are those at (overlaps, weights); gamma may differ from the algorithm's.
  void change(const Overlaps& overlaps, const Moments& moments, double gamma,
              OverlapChange& change) const;

 private:
  Eigen::MatrixXd raw_change_of_q(const Overlaps& overlaps, const Moments& moments,
                                  const Eigen::VectorXd& kept, double eta) const;
  void normalise(const Overlaps& overlaps, Overlaps& change) const;

  const Problem& problem_;
  OnePassSgd algorithm_;
  RecursionTerms terms_;
  double dimension_;
  Eigen::MatrixXd gram_inverse_;
};

}  // namespace reprise
