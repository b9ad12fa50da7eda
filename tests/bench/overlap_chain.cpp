// How much faster is the overlap chain of many runs side by side than a plain scalar chain? p = k =
// 2, erf.
#include <benchmark/benchmark.h>

#include <cmath>
#include <random>

#include "reprise/one_pass/overlap_chain.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;

Problem problem() {
  Problem result =
      test::make_problem("erf", Eigen::VectorXd::Ones(2), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))", 2);
  result.initial.M << 0.1, 0.05, -0.02, 0.1;
  return result;
}

void lanes(benchmark::State& state) {
  const Problem p = problem();
  const OnePassSgd sgd{.learning_rate = 0.5};
  OverlapChain chain(p, sgd, 1e6, 1, 0, 0, OverlapChain::group_size);
  for (auto _ : state) chain.advance(64);
  state.SetItemsProcessed(state.iterations() * 64 *
                          static_cast<std::int64_t>(OverlapChain::group_size));
}
BENCHMARK(lanes);

// The same chain as one would write it down: <random>, <cmath>, one run, no allocation.
void plain(benchmark::State& state) {
  constexpr double d = 1e6, gamma = 0.5;
  double m[2][2] = {{0.1, 0.05}, {-0.02, 0.1}}, q[2][2] = {{1, 0}, {0, 1}};
  std::mt19937_64 engine(1);
  std::normal_distribution<double> normal;
  std::chi_squared_distribution<double> chi(d - 4);
  for (auto _ : state) {
    const double b00 = std::sqrt(q[0][0] - m[0][0] * m[0][0] - m[0][1] * m[0][1]);
    const double b10 = (q[1][0] - m[0][0] * m[1][0] - m[0][1] * m[1][1]) / b00;
    const double b11 = std::sqrt(q[1][1] - m[1][0] * m[1][0] - m[1][1] * m[1][1] - b10 * b10);
    const double z0 = normal(engine), z1 = normal(engine), z2 = normal(engine), z3 = normal(engine);
    const double h[2] = {m[0][0] * z0 + m[0][1] * z1 + b00 * z2,
                         m[1][0] * z0 + m[1][1] * z1 + b10 * z2 + b11 * z3};
    const double star[2] = {z0, z1};
    const double s = (z0 * z0 + z1 * z1 + z2 * z2 + z3 * z3 + chi(engine)) / d;
    const double y = std::erf(z0 / std::sqrt(2.0)) + std::erf(z1 / std::sqrt(2.0));
    const double f = std::erf(h[0] / std::sqrt(2.0)) + std::erf(h[1] / std::sqrt(2.0));
    double g[2];
    for (int j = 0; j < 2; ++j) g[j] = (f - y) * std::sqrt(2 / M_PI) * std::exp(-0.5 * h[j] * h[j]);
    for (int i = 0; i < 2; ++i) {
      for (int r = 0; r < 2; ++r) m[i][r] -= gamma / d * g[i] * star[r];
      for (int j = 0; j < 2; ++j) {
        q[i][j] += -gamma / d * (g[i] * h[j] + g[j] * h[i]) + gamma * gamma * s / d * g[i] * g[j];
      }
    }
    benchmark::DoNotOptimize(m[0][0]);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(plain);

}  // namespace

BENCHMARK_MAIN();
