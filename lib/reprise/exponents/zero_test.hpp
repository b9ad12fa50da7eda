// Is a vector of moments zero? A decision from independent estimates of it, with its error.
#pragma once

#include <Eigen/Core>

namespace reprise {

/// What S independent estimates x_s of a vector x say about |x|^2.
struct ZeroTest {
  /// Unbiased: |mean|^2 less the noise it contains, 1/(S (S-1)) sum over s != s' of <x_s, x_s'>.
  double square = 0;
  /// Standard deviation of `square` if x = 0: sqrt(2 tr Sigma^2) / S, Sigma the covariance of x_s.
  double noise = 0;
  /// Probability of so large a mean if x = 0; the smaller of two tests, counted twice: the sum of
  /// all squares (F distribution with Satterthwaite's degrees of freedom) and the largest entry in
  /// units of its standard error (Student's t, Bonferroni).
  double p_value = 1;

  /// An upper bound of |x|: `square` plus four times its noise.
  double bound() const;
};

/// estimates (entries, S): one estimate a column, S >= 2. Entries whose mean is below `floor` count
/// as zero: the tests see only what rises above it (rounding errors, where the noise vanishes).
ZeroTest test_zero(const Eigen::Ref<const Eigen::MatrixXd>& estimates, double floor);

}  // namespace reprise
