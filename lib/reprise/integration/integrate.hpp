// Adaptive integration of y' = f(y): Boost.Odeint's steps, our own loop around them.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/error.hpp"
#include "reprise/integration/integrator.hpp"

namespace reprise {

using OdeVector = std::vector<double>;
using OdeFunction = std::function<void(const OdeVector& y, OdeVector& dydt)>;
/// Fills jacobian (n, n) with df/dy at y.
using OdeJacobian = std::function<void(const OdeVector& y, Eigen::MatrixXd& jacobian)>;

/// One step of a method, controlled or fixed.
class OdeStepper {
 public:
  virtual ~OdeStepper() = default;
  /// Tries a step of size h from (t, y). Accepted: y and t move on, h becomes the next size, true.
  /// Rejected: h shrinks, false. NOTE: Odeint accepts a NaN; the caller checks y.
  virtual bool try_step(OdeVector& y, double& t, double& h) = 0;
  /// A step of exactly this size, uncontrolled.
  virtual void fixed_step(OdeVector& y, double t, double h) = 0;
  /// Forgets what it kept of earlier steps.
  virtual void reset() = 0;
  virtual int order() const = 0;
};

/// Of each entry of y: the error that a step may have, and the size below which the entry is small.
struct StepScale {
  OdeVector tolerance;
  OdeVector size;
};
/// Fills the scale at the point y, from which steps are tried until one is accepted.
using StepScaleFunction = std::function<void(const OdeVector& y, StepScale& scale)>;

/// The stiff methods take the Jacobian by central differences where none is given.
std::unique_ptr<OdeStepper> make_stepper(Integrator integrator, OdeFunction function,
                                         std::size_t size, StepScaleFunction scale,
                                         OdeJacobian jacobian = {});
/// With the tolerance rtol |y_i| + atol.
std::unique_ptr<OdeStepper> make_stepper(Integrator integrator, OdeFunction function,
                                         std::size_t size, double rtol, double atol);

/// "<what> at t = 2.5", as endings say it.
std::string at_time(std::string_view what, double t);
std::string budget_ended(std::int64_t max_steps, double t);

struct IntegrationOptions {
  std::int64_t max_steps = 1'000'000;
  double first_step = 0;  ///< 0: a hundredth of the scale on which y moves at the start
};

struct Integration {
  Termination termination = Termination::completed;
  std::size_t n_times = 0;   ///< output times that were reached
  std::int64_t n_steps = 0;  ///< tries
  double last_time = 0;
  std::string detail;
};

/// From y at times.front() to times.back(), hitting each of the times. on_step(t0, y0, t1, y1)
/// follows every accepted step, on_time(index, y) every output time. A step whose end is not finite
/// is tried again with a tenth of the size.
Integration integrate(
    OdeStepper& stepper, const OdeFunction& function, OdeVector& y, double start,
    const std::vector<double>& times, const IntegrationOptions& options,
    const std::function<void(double, const OdeVector&, double, const OdeVector&)>& on_step,
    const std::function<void(std::size_t, const OdeVector&)>& on_time);

}  // namespace reprise
