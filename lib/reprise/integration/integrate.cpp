#include "reprise/integration/integrate.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/stop.hpp"

namespace reprise {

namespace {

bool is_finite(const OdeVector& y) {
  return std::all_of(y.begin(), y.end(), [](double v) { return std::isfinite(v); });
}

double size_of(const OdeVector& y) {
  double size = 0;
  for (const double v : y) size = std::max(size, std::abs(v));
  return size;
}

double chosen_first_step(const OdeFunction& function, const OdeVector& y, double span) {
  OdeVector slope(y.size());
  function(y, slope);
  const double size = size_of(y), speed = size_of(slope);
  const double step = speed > 0 ? 0.01 * std::max(size, 1e-6) / speed : 0.01 * span;
  return std::isfinite(step) ? std::min(step, span) : 1e-6 * span;
}

// The step cannot shrink further: a solution that blows up, one that is not a number beyond here,
// or a tolerance below rounding.
void give_up(Integration& result, bool met_non_finite, bool has_grown, double t) {
  result.termination =
      met_non_finite || has_grown ? Termination::diverged : Termination::step_underflow;
  result.detail = at_time(met_non_finite ? "the overlaps stopped being finite"
                          : has_grown    ? "the overlaps grew without bound"
                                         : "the step became too small to advance",
                          t);
}

constexpr double blow_up = 1e3;  // times what it was: then it is not the tolerance

}  // namespace

std::string at_time(std::string_view what, double t) {
  std::ostringstream text;
  text.precision(10);
  text << what << " at t = " << t;
  return text.str();
}

std::string budget_ended(std::int64_t max_steps, double t) {
  return at_time("the budget of " + std::to_string(max_steps) + " steps ended", t);
}

Integration integrate(
    OdeStepper& stepper, const OdeFunction& function, OdeVector& y, double start,
    const std::vector<double>& times, const IntegrationOptions& options,
    const std::function<void(double, const OdeVector&, double, const OdeVector&)>& on_step,
    const std::function<void(std::size_t, const OdeVector&)>& on_time) {
  Integration result{.last_time = start, .detail = ""};
  double t = start;
  double natural = options.first_step;
  if (natural == 0 && times.back() > start) {
    natural = chosen_first_step(function, y, times.back() - start);
  }
  OdeVector before;
  const double start_size = size_of(y);
  bool met_non_finite = false;
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
      double h = is_last ? left : natural;
      const double t_before = t;
      before = y;
      const double tried = h;
      const bool accepted = stepper.try_step(y, t, h);
      if (!accepted || !is_finite(y)) {  // Odeint takes an error of NaN for a small one
        met_non_finite = met_non_finite || accepted || !std::isfinite(h);
        y = before;
        t = t_before;
        natural = accepted || !(h < tried) ? 0.1 * tried : h;
        if (accepted) stepper.reset();
        if (t + natural == t) {
          give_up(result, met_non_finite, size_of(y) > blow_up * (1 + start_size), t);
          return result;
        }
        continue;
      }
      met_non_finite = false;
      if (is_last) {
        t = times[index];
        natural = std::max(natural, h);  // the step was cut short, not its accuracy
      } else {
        natural = h;
      }
      result.last_time = t;
      on_step(t_before, before, t, y);
    }
    on_time(index, y);
    result.n_times = index + 1;
  }
  return result;
}

}  // namespace reprise
