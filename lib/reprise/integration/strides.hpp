// Many iterates of a map at once: where a step changes little, the map is the time-one map of a
// flow that can be integrated.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "reprise/integration/integrate.hpp"

namespace reprise {

/// The forward differences at x of its iterates under x -> x + f(x), one more at each evaluation.
class IterateDifferences {
 public:
  void start(const OdeVector& x);
  /// Evaluates f at the last iterate, which gives the next difference and the next iterate.
  void extend(const OdeFunction& change);
  int count() const { return count_; }
  /// Delta^k x, 1 <= k <= count(); Delta x = f(x).
  const OdeVector& operator()(int k) const { return leading_[static_cast<std::size_t>(k - 1)]; }

 private:
  int count_ = 0;
  OdeVector iterate_;
  std::vector<OdeVector> leading_;  // the differences at x
  std::vector<OdeVector> row_;      // those that end at the last evaluation, by order
};

/// Iterates x -> x + f(x). Where it pays, a stride of many iterates is one step of an
/// integrator for the flow that has the iterates on its solution,
///
///   dx/dn = ln(1 + Delta) x = Delta x - Delta^2 x / 2 + Delta^3 x / 3 - Delta^4 x / 4 + ...
///
/// with forward differences Delta^k x of x, Phi(x), Phi^2(x), ... A stride of h iterates uses the
/// first K <= 4 of them, the fewest for which
///
///   h |Delta^(K+1) x|_i / (K + 1) <= (atol + rtol |x_i|) / 50       for every i
///
/// at its beginning, and a tenth of the tolerance at its end. That leaves out differences which are
/// rounding: what they could add is below the tolerance. The integrator's own error is below
/// atol + rtol |x_i| a stride. Errors of strides add, and grow as the map makes them grow.
///
/// A mode of the map, of multiplier 1 + mu where mu is an eigenvalue of the Jacobian of f, follows
/// the slow ones in the map and in the flow if -2 < mu < 0 (-1 for a norm that is kept). If mu < -2
/// it alternates and grows, which the flow, stable there, does not know. So a stride begins only
/// where a bound of the spectral radius (from differences, |J^16|^(1/16)) is below 1.5, and is
/// taken back if it ends where that is above 1.9.
///
/// Strides end at whole iterates. Where K = 4 is not enough, where the radius is too large, where a
/// stride would cost more than half of its steps, or so few are left, plain steps are taken: a map
/// whose steps are large is iterated as it is, with the very same numbers, at about a tenth more
/// evaluations for strides that were tried in vain. With an explicit method a part of x that
/// relaxes at the rate r keeps strides below some 3 / r, near fixed points as well.
class Strides {
 public:
  struct Options {
    double rtol = 0;  ///< 0: plain steps only
    double atol = 0;
    Integrator integrator = Integrator::rosenbrock_4_3;
    /// Evaluations of f that `advance` may make in all; looked at between steps and strides
    std::int64_t max_evaluations = std::int64_t{1} << 62;
  };

  /// change  f, fills its second argument, which has `size` entries as the first
  Strides(const OdeFunction& change, std::size_t size, const Options& options);
  Strides(const Strides&) = delete;
  Strides& operator=(const Strides&) = delete;

  /// Advances x by n >= 0 iterates. Returns how many were made: fewer if x stopped being finite
  /// with the last of them, or if the evaluations ran out.
  std::int64_t advance(OdeVector& x, std::int64_t n);

  std::int64_t n_evaluations() const { return n_evaluations_; }
  std::int64_t n_strides() const { return n_strides_; }
  bool is_exhausted() const { return n_evaluations_ >= options_.max_evaluations; }

 private:
  enum class Attempt { made, rejected, vain };

  void plain_step(OdeVector& x);
  Attempt try_stride(OdeVector& x, std::int64_t left);
  /// The K of a stride of h from x; shortens h to what the highest K allows.
  int order_for(const OdeVector& x, double& h);
  /// max_i |Delta^(k+1) x|_i / ((k + 1)(atol + rtol |x_i|)); infinite where it is no number.
  double neglected(const OdeVector& x, int k);
  /// Bounds the spectral radius of the Jacobian of f at x.
  double radius(const OdeVector& x);
  double first_length(const OdeVector& x);
  /// Twice the evaluations of a stride: shorter ones are not worth it.
  double least_length(int order) const;
  void flow(const OdeVector& x, OdeVector& dxdn);

  Options options_;
  OdeFunction change_;  // counts
  std::unique_ptr<OdeStepper> stepper_;
  int order_ = 1;            // K of the stride that is tried
  double natural_ = 0;       // the length that the error of the last one suggests; 0: none yet
  std::int64_t length_ = 0;  // of the stride that was made
  std::int64_t n_evaluations_ = 0, n_strides_ = 0;
  bool is_at_x_ = false;  // whether here_ has the differences of the current x
  IterateDifferences here_, stage_;
  double radius_ = -1;  // at the current x; < 0: not known
  OdeVector before_, step_, shifted_;
};

}  // namespace reprise
