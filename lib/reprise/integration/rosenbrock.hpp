// Stiff systems y' = f(y) by a Rosenbrock method, with linear algebra that the system brings along.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "reprise/core/error.hpp"

namespace reprise {

/// y' = f(y) and its Jacobian J. Structure of J (diagonal plus low rank, ...) stays behind solve().
class StiffSystem {
 public:
  virtual ~StiffSystem() = default;
  /// dydt (n) = f(y), y (n).
  virtual void derivative(const Eigen::VectorXd& y, Eigen::VectorXd& dydt) = 0;
  /// J at y is the one that factorise() takes from here on.
  virtual void linearise(const Eigen::VectorXd& y) = 0;
  /// Prepares solve(), shift > 0.
  virtual void factorise(double shift) = 0;
  /// right <- (shift - J)^-1 right; not finite where the matrix is singular.
  virtual void solve(Eigen::VectorXd& right) = 0;
};

/// A step of RODAS (HairerWanner1996, section VI.4): six stages, order 4 with an embedded 3,
/// stiffly accurate, L-stable.
///
///   (1 / (gamma h) - J) u_i = f(y + sum_{j<i} a_ij u_j) + sum_{j<i} c_ij u_j / h
///   y_1 = y + sum_j a_6j u_j + u_6,   error = u_6
class Rodas {
 public:
  explicit Rodas(StiffSystem& system) : system_(&system) {}

  /// after <- the solution a time h > 0 after y, error <- the estimate of its error, both (n).
  /// J is taken at y, anew unless `is_linearised`. Cost: a factorisation, six f and solve().
  void step(const Eigen::VectorXd& y, double h, bool is_linearised, Eigen::VectorXd& after,
            Eigen::VectorXd& error);

 private:
  StiffSystem* system_;
  Eigen::MatrixXd u_;  // stages by columns
  Eigen::VectorXd right_;
};

struct StiffTolerance {
  double rtol = 1e-8;
  Eigen::VectorXd atol;  ///< (n), of each entry; > 0
};

struct StiffOptions {
  StiffTolerance tolerance;
  std::int64_t max_steps = 1'000'000;  ///< tries, accepted or not
  double first_step = 0;               ///< > 0
};

struct StiffIntegration {
  Termination termination = Termination::completed;
  bool is_stopped = false;   ///< on_step asked for it
  std::size_t n_times = 0;   ///< output times that were reached
  std::int64_t n_steps = 0;  ///< tries
  double last_time = 0;
  std::string detail;
};

/// One accepted step; at(theta) is the solution inside it.
class StiffStep {
 public:
  StiffStep(Rodas& rodas, double t0, const Eigen::VectorXd& y0, double t1,
            const Eigen::VectorXd& y1)
      : rodas_(&rodas), t0_(t0), t1_(t1), y0_(&y0), y1_(&y1) {}
  double t0() const { return t0_; }
  double t1() const { return t1_; }
  const Eigen::VectorXd& y0() const { return *y0_; }
  const Eigen::VectorXd& y1() const { return *y1_; }

  /// The time in the step at which `value`, of opposite signs at its ends, is zero: by shorter
  /// steps of the same method from its beginning, so with its accuracy. Cost: some six steps.
  double root(const std::function<double(const Eigen::VectorXd& y)>& value) const;

 private:
  Rodas* rodas_;
  double t0_, t1_;
  const Eigen::VectorXd* y0_;
  const Eigen::VectorXd* y1_;
};

/// From y at time 0 through the increasing times >= 0, hitting each. on_step follows every accepted
/// step and stops the integration by returning false; on_time(index, y) follows every output time.
/// A step is accepted if |error_i| <= atol_i + rtol max(|y_i|, |after_i|) for every i. One whose
/// end is not finite is tried again with a tenth of its size; where that cannot shrink further the
/// end is `diverged`, or `step_underflow` where only the tolerance was missed.
StiffIntegration integrate_stiff(
    StiffSystem& system, Eigen::VectorXd& y, const std::vector<double>& times,
    const StiffOptions& options, const std::function<bool(const StiffStep& step)>& on_step,
    const std::function<void(std::size_t index, const Eigen::VectorXd& y)>& on_time);

}  // namespace reprise
