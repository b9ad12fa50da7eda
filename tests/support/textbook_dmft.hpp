// The textbook Monte Carlo form of DMFT for full-batch gradient descent, an independent route to
// the numbers of the library and the baseline of its benchmarks.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/model/problem.hpp"

namespace reprise::test {

/// Overlaps at times 0..T.
struct TextbookDmft {
  std::vector<Eigen::MatrixXd> M;
  std::vector<Eigen::MatrixXd> Q;
  Eigen::MatrixXd response;              // R(t,s), ((T+1) p, T p)
  Eigen::MatrixXd correlation;           // C(t,t'), ((T+1) p, (T+1) p)
  Eigen::MatrixXd gradient_correlation;  // C_G(t,t'), (T p, T p)
  double bytes = 0;                      ///< of the sample paths and responses
};

/// Two coupled processes (Celentano, Cheng and Montanari 2021 in discrete time), full batch, square
/// loss, P = I, no label noise:
///   h_t = omega_t - eta sum_{s<t} R(t,s) G_s,   omega Gaussian with covariance C(t,t'),
///   D(t,r) = G'_t [ delta_tr - eta sum_{s=r}^{t-1} R(t,s) D(s,r) ],  Gamma = alpha E D,
///   R(s+1,s) = 1,  R(t+1,s) = (1 - eta lambda) R(t,s) - eta sum_{r=s+1}^t Gamma(t,r) R(r,s),
///   C_perp(t,t') = A_t Q_0 A_t'^T + eta^2 sum R(t,s) C_G(s,s') R(t',s')^T,  C_G = alpha E G G^T,
/// with expectations over n_samples pseudo-random paths that are kept, with their T x T responses,
/// for all times. G' needs a second derivative of the activation: sigma'' is passed in (0 for relu,
/// which leaves out its kink as the published code does).
TextbookDmft textbook_dmft(const Problem& problem, const GradientDescent& algorithm,
                           double (*second_derivative)(double), std::int64_t n_samples,
                           std::uint64_t seed);

}  // namespace reprise::test
