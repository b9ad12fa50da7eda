// How much faster is the adaptive ODE than Euler steps of dt = 1/d with the same closed forms, at
// equal error? p = 10, k = 2, t to 10,000, d = 1000.
//
// Euler's 10^7 steps are not all made: its error is measured at larger dt over the whole time and
// taken to dt = 1/d by its order, which is measured too and checked at dt = 1/d itself over the
// first hundredth of the time, which also gives the time of a step.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/ode_state.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using States = std::vector<Overlaps>;

constexpr double dimension = 1000, end = 1e4;
const OnePassSgd sgd{.learning_rate = 0.5};

Problem problem() {
  Problem result =
      test::make_problem("erf", Eigen::VectorXd::Ones(10), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))", 2);
  result.student.output_scale = OutputScale::inverse;
  for (int i = 0; i < 10; ++i) result.initial.M.row(i) << 0.02 * (i + 1), 0.1 - 0.02 * i;
  result.initial.Q += result.initial.M * result.initial.M.transpose();
  return result;
}

// Whole numbers, six a decade: every dt below meets them.
std::vector<double> times_until(double last) {
  std::vector<double> times;
  for (int j = 0; j <= 24; ++j) {
    const double time = std::round(std::pow(10, j / 6.0));
    if (time <= last && (times.empty() || time > times.back())) times.push_back(time);
  }
  return times;
}

template <class Function>
double seconds_of(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

States euler(double dt, double last) {
  const Problem p = problem();
  OverlapOde system(p, sgd, {.times = {1}}, 0);
  Eigen::VectorXd weights = p.student.output_weights();
  std::vector<double> y = system.layout().pack(p.initial, weights), slope(y.size());
  States states;
  std::int64_t step = 0;
  for (const double time : times_until(last)) {
    for (; step < std::llround(time / dt); ++step) {
      system.derivative(y, slope);
      for (std::size_t e = 0; e < y.size(); ++e) y[e] += dt * slope[e];
    }
    states.emplace_back();
    system.layout().unpack(y, states.back(), weights);
  }
  return states;
}

States adaptive(double rtol, Integrator integrator) {
  const Solution solution = solve(problem(), sgd,
                                  OdeOptions{.times = times_until(end),
                                             .rtol = rtol,
                                             .atol = 0.01 * rtol,
                                             .integrator = integrator,
                                             .threads = 1});
  States states;
  for (std::size_t t = 0; t < solution.time.size(); ++t) {
    states.push_back({solution.value("M", t), solution.value("Q", t)});
  }
  return states;
}

// The largest error of an overlap at the times that both have.
double error(const States& states, const States& exact) {
  double largest = 0;
  for (std::size_t t = 0; t < std::min(states.size(), exact.size()); ++t) {
    largest = std::max({largest, (states[t].M - exact[t].M).cwiseAbs().maxCoeff(),
                        (states[t].Q - exact[t].Q).cwiseAbs().maxCoeff()});
  }
  return largest;
}

struct EulerCost {
  double error, seconds;
};

EulerCost euler_cost(const States& exact) {
  constexpr double part = end / 100;
  double last = 0, order = 0, dt = 0.1, early = 0;
  for (; dt > 0.02; dt /= 2) {
    States states;
    const double seconds = seconds_of([&] { states = euler(dt, end); });
    const double now = error(states, exact);
    early = error(States(states.begin(), states.begin() + long(times_until(part).size())), exact);
    order = last > 0 ? std::log2(last / now) : 0;
    last = now;
    std::printf("Euler, dt = %-6g to t = %g: error %.2e; %.3g s", dt, end, now, seconds);
    std::printf(order > 0 ? "; order %.3f\n" : "\n", order);
  }
  const double ratio = 1 / dimension / (2 * dt);
  States states;
  const double seconds = seconds_of([&] { states = euler(1 / dimension, part); });
  std::printf(
      "Euler, dt = 1/d = %g to t = %g: error %.2e, by first order from above %.2e; %.3g s\n",
      1 / dimension, part, error(states, exact), early * ratio, seconds);
  return {last * ratio, seconds * end / part};
}

}  // namespace

int main() {
  const States exact = adaptive(1e-12, Integrator::fehlberg_7_8);
  std::printf(
      "p = 10, k = 2, t to %g, d = %g; errors are the largest of any overlap at any of %zu "
      "times\nreference: fehlberg_7_8 at rtol 1e-12, dormand_prince_5_4 at 1e-11 differs "
      "by %.1e\n",
      end, dimension, exact.size(), error(adaptive(1e-11, Integrator::dormand_prince_5_4), exact));
  const EulerCost cost = euler_cost(exact);
  std::printf("Euler, dt = 1/d to t = %g, scaled from those: error %.2e, %.3g s\n", end, cost.error,
              cost.seconds);
  for (double rtol = 1e-2; rtol > 1e-9; rtol /= 10) {
    States states;
    double seconds = 1e300;
    for (int repeat = 0; repeat < 3; ++repeat) {
      const auto run = [&] { states = adaptive(rtol, Integrator::dormand_prince_5_4); };
      seconds = std::min(seconds, seconds_of(run));
    }
    const double here = error(states, exact);
    std::printf("ODE, rtol = %.0e: error %.2e, %.4f s\n", rtol, here, seconds);
    if (here > cost.error) continue;
    std::printf("at no larger error: %.0f times faster (goal 1000)\n", cost.seconds / seconds);
    return 0;
  }
  std::printf("no tolerance reached the error of Euler\n");
  return 1;
}
