// How much faster is a step of the overlap chain than a dense step of one-pass SGD at d = 10,000?
#include <benchmark/benchmark.h>

#include "reprise/dense/dense_sgd.hpp"
#include "reprise/one_pass/overlap_chain.hpp"
#include "support/problems.hpp"

namespace {

using namespace reprise;

Problem problem() {
  return test::make_problem("erf", Eigen::VectorXd::Ones(2), "erf(z1/sqrt(2)) + erf(z2/sqrt(2))",
                            2);
}
const OnePassSgd sgd{.learning_rate = 0.5};

void chain(benchmark::State& state) {
  const Problem p = problem();
  OverlapChain chain(p, sgd, 1e4, 1, 0, 0, OverlapChain::group_size);
  for (auto _ : state) chain.advance(64);
  state.SetItemsProcessed(state.iterations() * 64 *
                          static_cast<std::int64_t>(OverlapChain::group_size));
}
BENCHMARK(chain);

void dense(benchmark::State& state) {
  const Problem p = problem();
  DenseSgd run(p, sgd, 10000, p.initial, 1, 0);
  for (auto _ : state) run.step();
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(dense);

}  // namespace

BENCHMARK_MAIN();
