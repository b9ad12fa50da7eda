// How much less work is the adaptive ODE than fixed Euler steps dt = 1/d with the same closed forms
// at equal error? p = 10, k = 2, t to 10,000. Euler's error at dt falls as dt: it is run to t = 10
// at dt = 1e-2 and 1e-3, and the dt that reaches the ODE's error, and the time for t = 10,000,
// follow from that.
#include <benchmark/benchmark.h>

#include <chrono>

#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/ode_state.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;
using Seconds = std::chrono::duration<double>;

Problem problem() {
  Problem result =
      test::make_problem("erf", Eigen::VectorXd::Ones(10), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))", 2);
  result.student.output_scale = OutputScale::inverse;
  for (int i = 0; i < 10; ++i) result.initial.M.row(i) << 0.02 * (i + 1), 0.1 - 0.02 * i;
  result.initial.Q += result.initial.M * result.initial.M.transpose();
  return result;
}
const OnePassSgd sgd{.learning_rate = 0.5};

double euler_q(double dt, double end, double& seconds) {
  const Problem p = problem();
  OverlapOde system(p, sgd, {.times = {1}}, 0);
  std::vector<double> y = system.pack(p.initial, p.student.output_weights()), slope(y.size());
  const auto start = std::chrono::steady_clock::now();
  const auto n = static_cast<std::int64_t>(end / dt + 0.5);
  for (std::int64_t i = 0; i < n; ++i) {
    system.derivative(y, slope);
    for (std::size_t e = 0; e < y.size(); ++e) y[e] += dt * slope[e];
  }
  seconds = Seconds(std::chrono::steady_clock::now() - start).count();
  return y[20];
}

double ode_q(double rtol, double end) {
  return solve(problem(), sgd, OdeOptions{.times = {end}, .rtol = rtol, .atol = 0.01 * rtol})
      .value("Q", 0)(0, 0);
}

void ode_against_euler(benchmark::State& state) {
  const double exact = ode_q(1e-12, 10);
  const double error = std::abs(ode_q(1e-6, 10) - exact);
  double coarse_s = 0, fine_s = 0;
  const double coarse = std::abs(euler_q(1e-2, 10, coarse_s) - exact);
  const double fine = std::abs(euler_q(1e-3, 10, fine_s) - exact);
  double seconds = 0;
  for (auto _ : state) {
    const auto start = std::chrono::steady_clock::now();
    benchmark::DoNotOptimize(ode_q(1e-6, 1e4));
    seconds = Seconds(std::chrono::steady_clock::now() - start).count();
  }
  const double needed_dt = 1e-3 * error / fine;
  state.counters["euler_order"] = std::log10(coarse / fine);
  state.counters["ode_error"] = error;
  state.counters["euler_dt"] = needed_dt;
  state.counters["ratio_at_equal_error"] = fine_s * 1e3 * (1e-3 / needed_dt) / seconds;
  state.counters["ratio_at_dt_1e-4"] = fine_s * 1e3 * 10 / seconds;  // d = 10,000
}
BENCHMARK(ode_against_euler)->Unit(benchmark::kMillisecond)->Iterations(3);

}  // namespace

BENCHMARK_MAIN();
