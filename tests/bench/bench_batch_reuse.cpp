// How much faster and smaller than the ways that people compute the same today?
// Benchmark A (p = k = 2, relu, alpha = 3, 7 steps) three times:
//   limit   against a textbook Monte Carlo DMFT with T x T responses, at equal standard error
//   exact   against dense simulation at d = 5000, n = 15000
//   exact   at d = 10^6, or at the dimension given as argument: time and memory
#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "support/benchmark_a.hpp"
#include "support/textbook_dmft.hpp"

namespace {

using namespace reprise;
constexpr int n_steps = 7;

template <class Function>
double seconds(const Function& function) {
  const auto start = std::chrono::steady_clock::now();
  function();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double peak_gigabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) * 1024e-9;
}

GradientDescent full_batch() { return test::benchmark_a_algorithm(Schedule::reuse(n_steps)); }

// The root mean square over the entries of M and Q of the standard deviation of one replica.
double deviation(const Eigen::MatrixXd& M_error, const Eigen::MatrixXd& Q_error, double replicas) {
  return std::sqrt((M_error.squaredNorm() + Q_error.squaredNorm()) * replicas /
                   static_cast<double>(M_error.size() + Q_error.size()));
}

// The error of both falls as the inverse root of the number of replicas, so that time times squared
// deviation of a replica is the price of an accuracy. The textbook route holds all samples at once:
// its memory is the price in samples.
void limit_against_textbook() {
  const Problem problem = test::benchmark_a_problem();
  constexpr int scrambles = 32;
  constexpr std::int64_t points = 65536;
  Solution limit;
  const double limit_s =
      seconds([&] {
        limit = solve(problem, full_batch(),
                      DmftOptions{.points = points, .scrambles = scrambles, .threads = 1});
      }) /
      scrambles;
  const double limit_deviation =
      deviation(limit.standard_error("M", n_steps), limit.standard_error("Q", n_steps), scrambles);

  constexpr int replicas = 32;
  constexpr std::int64_t samples = 4000;
  std::vector<Eigen::MatrixXd> M;
  std::vector<Eigen::MatrixXd> Q;
  double bytes = 0;
  const double textbook_s =
      seconds([&] {
        for (int r = 0; r < replicas; ++r) {
          const auto run = test::textbook_dmft(
              problem, full_batch(), [](double) { return 0.0; }, samples, 40 + r);
          M.push_back(run.M.back());
          Q.push_back(run.Q.back());
          bytes = run.bytes;
        }
      }) /
      replicas;
  const double textbook_deviation =
      deviation(mean_and_error(M).error, mean_and_error(Q).error, replicas);

  const double goal = 1e-4;
  const double limit_total = limit_s * std::pow(limit_deviation / goal, 2);
  const double textbook_total = textbook_s * std::pow(textbook_deviation / goal, 2);
  const double limit_bytes = 8.0 * points * (2 + 1 + 2.0 * n_steps * 4);
  const double textbook_bytes = bytes * std::pow(textbook_deviation / goal, 2);
  std::printf("limit at standard error 1e-4 in M and Q at t = 7, one thread\n");
  std::printf("  textbook  %10.1f s  %10.3f GB  (%lld paths a replica: deviation %.2e, %.3f s)\n",
              textbook_total, textbook_bytes * 1e-9, static_cast<long long>(samples),
              textbook_deviation, textbook_s);
  std::printf("  reprise   %10.3f s  %10.3f GB  (%lld points a scramble: deviation %.2e, %.3f s)\n",
              limit_total, limit_bytes * 1e-9, static_cast<long long>(points), limit_deviation,
              limit_s);
  std::printf("  ratio     %10.0f    %10.0f\n", textbook_total / limit_total,
              textbook_bytes / limit_bytes);
}

void exact_against_dense() {
  const Problem problem = test::benchmark_a_problem();
  constexpr std::int64_t d = 5000;
  constexpr int exact_runs = 64;
  constexpr int dense_runs = 2;
  const double exact_s =
      seconds([&] {
        solve(problem, full_batch(), ExactSimulation{.dimension = d, .runs = exact_runs});
      }) /
      exact_runs;
  const double dense_s =
      seconds([&] {
        solve(problem, full_batch(), DenseSimulation{.dimension = d, .runs = dense_runs});
      }) /
      dense_runs;
  std::printf("a run at d = 5000, n = 15000, 7 steps, all threads\n");
  std::printf("  dense     %10.4f s\n  exact     %10.6f s\n  ratio     %10.0f\n", dense_s, exact_s,
              dense_s / exact_s);
}

void exact_large(std::int64_t dimension) {
  const double before = peak_gigabytes();
  double best = 1e300;
  for (int repeat = 0; repeat < 3; ++repeat) {
    best = std::min(best, seconds([&] {
                      solve(test::benchmark_a_problem(), full_batch(),
                            ExactSimulation{.dimension = dimension, .runs = 1});
                    }));
  }
  std::printf(
      "exact at d = %lld, n = 3 d, 7 steps, all threads\n  %10.3f s (best of 3)  %.3f GB peak "
      "(%.3f GB before)\n",
      static_cast<long long>(dimension), best, peak_gigabytes(), before);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1) {
    exact_large(std::atoll(argv[1]));
    return 0;
  }
  exact_large(1000000);
  limit_against_textbook();
  exact_against_dense();
}
