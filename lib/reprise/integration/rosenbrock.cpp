#include "reprise/integration/rosenbrock.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/stop.hpp"
#include "reprise/integration/integrate.hpp"

namespace reprise {

namespace {

using Eigen::VectorXd;

constexpr int rodas_stages = 6;
constexpr double gamma = 0.25;
// a_ij of stages 1..5; those of stage 6 are a_5j and then 1.
constexpr double a[rodas_stages - 1][4] = {
    {},
    {1.544},
    {0.9466785280815826, 0.2557011698983284},
    {3.314825187068521, 2.896124015972201, 0.9986419139977817},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950}};
constexpr double c[rodas_stages][rodas_stages - 1] = {
    {},
    {-5.6688},
    {-2.430093356833875, -0.2063599157091915},
    {-0.1073529058151375, -9.594562251023355, -20.47028614809616},
    {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160},
    {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136,
     -6.058818238834054}};

// The largest error over tolerance; a NaN stays one.
double scaled_error(const VectorXd& error, const VectorXd& y, const VectorXd& after,
                    const StiffTolerance& tolerance) {
  double largest = 0;
  for (Eigen::Index i = 0; i < y.size(); ++i) {
    const double size = std::max(std::abs(y[i]), std::abs(after[i]));
    const double ratio = std::abs(error[i]) / (tolerance.atol[i] + tolerance.rtol * size);
    if (!(ratio <= largest)) largest = ratio;
  }
  return largest;
}

// Where steps cannot shrink further: of a solution that blows up, or of a tolerance below rounding.
void give_up(StiffIntegration& result, bool is_finite, double t) {
  result.termination = is_finite ? Termination::step_underflow : Termination::diverged;
  result.detail = at_time(
      is_finite ? "the step became too small to advance" : "the solution stopped being finite", t);
}

}  // namespace

void Rodas::step(const VectorXd& y, double h, bool is_linearised, VectorXd& after,
                 VectorXd& error) {
  u_.resize(y.size(), rodas_stages);
  if (!is_linearised) system_->linearise(y);
  system_->factorise(1 / (gamma * h));
  for (int i = 0; i < rodas_stages; ++i) {
    after = y;
    const int row = std::min(i, rodas_stages - 2);
    for (int j = 0; j < row; ++j) after += a[row][j] * u_.col(j);
    if (i == rodas_stages - 1) after += u_.col(i - 1);
    system_->derivative(after, right_);
    for (int j = 0; j < i; ++j) right_ += c[i][j] / h * u_.col(j);
    system_->solve(right_);
    u_.col(i) = right_;
  }
  error = u_.col(rodas_stages - 1);
  after += error;
}

double StiffStep::root(const std::function<double(const VectorXd& y)>& value) const {
  VectorXd after, error;
  double low = 0, high = 1;  // parts of the step
  double at_low = value(*y0_), at_high = value(*y1_);
  bool is_linearised = false;
  for (int side = 0, i = 0; i < 60 && high - low > 1e-14; ++i) {  // the Illinois rule
    const double middle = (low * at_high - high * at_low) / (at_high - at_low);
    if (!(middle > low && middle < high)) break;
    rodas_->step(*y0_, middle * (t1_ - t0_), is_linearised, after, error);
    is_linearised = true;
    const double at_middle = value(after);
    if (at_middle == 0) return t0_ + middle * (t1_ - t0_);
    if ((at_middle > 0) == (at_high > 0)) {
      high = middle;
      at_high = at_middle;
      if (side == -1) at_low /= 2;
      side = -1;
    } else {
      low = middle;
      at_low = at_middle;
      if (side == 1) at_high /= 2;
      side = 1;
    }
  }
  const double root = (low * at_high - high * at_low) / (at_high - at_low);
  return t0_ + std::clamp(root, low, high) * (t1_ - t0_);
}

StiffIntegration integrate_stiff(
    StiffSystem& system, VectorXd& y, const std::vector<double>& times, const StiffOptions& options,
    const std::function<bool(const StiffStep& step)>& on_step,
    const std::function<void(std::size_t index, const VectorXd& y)>& on_time) {
  constexpr double safety = 0.9, least_factor = 0.2, largest_factor = 6;
  StiffIntegration result{.detail = ""};
  Rodas rodas(system);
  VectorXd after, error;
  double t = 0, natural = options.first_step;
  bool is_linearised = false, was_rejected = false;
  for (std::size_t index = 0; index < times.size(); ++index) {
    while (t < times[index]) {
      check_stop();
      if (result.n_steps++ >= options.max_steps) {
        result.termination = Termination::max_steps;
        result.detail = budget_ended(options.max_steps, t);
        return result;
      }
      const double left = times[index] - t;
      const bool is_last = natural >= left * (1 - 1e-12);
      const double h = is_last ? left : natural;
      rodas.step(y, h, is_linearised, after, error);
      is_linearised = true;
      const bool is_finite = after.allFinite() && error.allFinite();
      const double scaled = is_finite ? scaled_error(error, y, after, options.tolerance) : 0;
      const double factor = std::clamp(safety * std::pow(scaled, -0.25), least_factor,
                                       was_rejected ? 1 : largest_factor);
      was_rejected = !is_finite || !(scaled <= 1);
      if (was_rejected) {
        natural = h * (is_finite ? std::min(factor, safety) : 0.1);
        if (t + natural == t) {
          give_up(result, is_finite, t);
          return result;
        }
        continue;
      }
      const double t0 = t;
      t = is_last ? times[index] : t + h;
      natural = is_last ? std::max(natural, h * factor) : h * factor;  // cut short, not inaccurate
      is_linearised = false;
      result.last_time = t;
      const bool goes_on = on_step(StiffStep(rodas, t0, y, t, after));
      y.swap(after);
      if (!goes_on) {
        result.is_stopped = true;
        return result;
      }
    }
    on_time(index, y);
    result.n_times = index + 1;
  }
  return result;
}

}  // namespace reprise
