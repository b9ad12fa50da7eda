// How far is the core step from what this machine can do?
// Measures memory bandwidth and the peak of fused multiply-adds, counts what benchmark A at
// d = 10^6 moves and computes, and times its parts: normals, target, student, the first touch of
// its memory, and the whole.
#include <chrono>
#include <cstdio>
#include <vector>

#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/core/column_kernels.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/random.hpp"
#include "reprise/model/student_evaluation.hpp"
#include "support/benchmark_a.hpp"

namespace {

using namespace reprise;

template <class Function>
double best_seconds(int repeats, const Function& function) {
  double best = 1e300;
  for (int repeat = 0; repeat < repeats; ++repeat) {
    const auto start = std::chrono::steady_clock::now();
    function();
    best = std::min(
        best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  return best;
}

// Reading long columns that do not fit any cache, all threads: bytes a second.
double bandwidth(int threads) {
  constexpr std::size_t n = std::size_t{1} << 25;  // 256 MB a column
  std::vector<AlignedArray> columns;
  for (int c = 0; c < 2 * threads; ++c) {
    columns.emplace_back(n);
    std::fill_n(columns.back().data(), n, 1.0);
  }
  const double s = best_seconds(3, [&] {
    parallel_for(static_cast<std::size_t>(threads), threads, [&](std::size_t, std::size_t t) {
      const double* left = columns[2 * t].data();
      const double* right = columns[2 * t + 1].data();
      double product = 0;
      add_inner_products({&left, 1}, {&right, 1}, n, &product);
    });
  });
  return 16.0 * static_cast<double>(n) * threads / s;
}

// Inner products of columns in the first cache, all threads: multiply-adds a second.
double peak(int threads) {
  constexpr std::size_t n = 256;
  constexpr int repeats = 20000;
  const double s = best_seconds(3, [&] {
    parallel_for(static_cast<std::size_t>(threads), threads, [&](std::size_t, std::size_t) {
      std::vector<AlignedArray> columns;
      std::vector<const double*> pointers;
      for (int c = 0; c < 8; ++c) {
        columns.emplace_back(n);
        std::fill_n(columns.back().data(), n, 1.0);
        pointers.push_back(columns.back().data());
      }
      double products[16] = {};
      const std::span<const double* const> all(pointers);
      for (int r = 0; r < repeats; ++r) {
        add_inner_products(all.first(4), all.last(4), n, products);
      }
    });
  });
  return 16.0 * n * repeats * threads / s;
}

// Fresh memory costs the clearing of its pages: seconds for n_columns columns of n numbers.
double first_touch_seconds(std::size_t n_columns, std::size_t n, int threads) {
  return best_seconds(3, [&] {
    std::vector<AlignedArray> columns;
    for (std::size_t c = 0; c < n_columns; ++c) columns.emplace_back(n);
    parallel_for(n_columns, threads, [&](std::size_t, std::size_t c) {
      for (std::size_t i = 0; i < n; i += 512) columns[c].data()[i] = 0;
    });
  });
}

// Activations, loss and gradients of benchmark A for n samples, in chunks that stay in L1.
double student_seconds(const Problem& problem, double n, int threads) {
  constexpr std::size_t chunk = 256;
  constexpr std::size_t tasks = 64, repeats = 256;
  return best_seconds(3,
                      [&] {
                        parallel_for(tasks, threads, [&](std::size_t, std::size_t) {
                          StudentEvaluation student(problem, chunk);
                          AlignedArray columns(5 * chunk);
                          double* at = columns.data();
                          std::fill_n(at, 5 * chunk, 0.3);
                          const double* const fields[] = {at, at + chunk};
                          double* const gradients[] = {at + 2 * chunk, at + 3 * chunk};
                          for (std::size_t r = 0; r < repeats; ++r)
                            student.gradient(fields, at + 4 * chunk, chunk, gradients);
                        });
                      }) /
         (tasks * repeats * chunk) * n;
}

// What benchmark A moves and multiplies for one sample over all passes: at use t the block holds
// h*, y, t + 1 fields and t gradients of p columns each.
struct Work {
  double bytes = 0;
  double multiply_adds = 0;
  double normals = 0;
  double columns = 0;  // that are stored
};

Work work_of_benchmark_a(int n_steps) {
  constexpr double p = 2;
  constexpr double k = 2;
  Work work;
  for (int t = 0; t <= n_steps; ++t) {
    const double fields = p * (t + 1);
    const double kept = p * t;
    work.bytes += 8 * (k + 1 + fields + kept);            // read
    work.bytes += 8 * (t == 0 ? k + 1 + p : 2 * p);       // finished columns, or the first ones
    work.multiply_adds += p * (k + fields);               // h
    if (t > 0) work.multiply_adds += p * (p + 2 * kept);  // finishing gradient and noise
    if (t == n_steps) break;
    work.bytes += 8 * 2 * p;                            // raw gradient and noise
    work.multiply_adds += p * (k + fields + kept + p);  // products with G
    work.multiply_adds += p * kept + p * (kept + p);    // Gram matrix, products with noise
    work.normals += p;
  }
  work.normals += k + p;
  work.columns = k + 1 + p * (2 * n_steps + 1);
  return work;
}

}  // namespace

int main() {
  const int threads = resolve_threads(0);
  const double bytes_per_s = bandwidth(threads);
  const double multiply_adds_per_s = peak(threads);
  std::printf("machine, %d threads: %.1f GB/s, %.1f e9 multiply-adds/s\n", threads,
              bytes_per_s * 1e-9, multiply_adds_per_s * 1e-9);

  constexpr std::int64_t d = 1000000;
  constexpr double n = 3e6;
  const Work work = work_of_benchmark_a(7);
  const double normals_s =
      best_seconds(3,
                   [&] {
                     parallel_for(64, threads, [&](std::size_t, std::size_t task) {
                       AlignedArray out(4096);
                       for (int r = 0; r < 16; ++r)
                         fill_normals(Stream(1, Purpose::samples, task), 0, 0, 4096, out.data());
                     });
                   }) /
      (64 * 16 * 4096) * n * work.normals;
  const Problem problem = test::benchmark_a_problem();
  const double target_s =
      best_seconds(3,
                   [&] {
                     parallel_for(64, threads, [&](std::size_t, std::size_t) {
                       AlignedArray z(4096);
                       AlignedArray y(1024);
                       std::fill_n(z.data(), 4096, 0.3);
                       const double* columns[] = {z.data(), z.data() + 1024};
                       ExpressionWorkspace workspace;
                       for (int r = 0; r < 64; ++r)
                         problem.target.g.evaluate(columns, 1024, y.data(), workspace);
                     });
                   }) /
      (64 * 64 * 1024) * n;
  const double total_s = best_seconds(3, [&] {
    solve(problem, test::benchmark_a_algorithm(Schedule::reuse(7)),
          ExactSimulation{.dimension = d, .runs = 1});
  });
  const double memory_s = n * work.bytes / bytes_per_s;
  const double compute_s = n * work.multiply_adds / multiply_adds_per_s;
  const double bound_s = std::max(memory_s, compute_s + normals_s);
  std::printf(
      "benchmark A at d = 10^6: %.2f GB moved (%.3f s), %.2f e9 multiply-adds (%.3f s), "
      "%.1f e6 normals (%.3f s)\n",
      n * work.bytes * 1e-9, memory_s, n * work.multiply_adds * 1e-9, compute_s,
      n * work.normals * 1e-6, normals_s);
  std::printf(
      "  whole %.3f s; bound %.3f s (the larger of memory, and arithmetic with normals): %.0f %%\n",
      total_s, bound_s, 100 * bound_s / total_s);
  const double touch_s = first_touch_seconds(static_cast<std::size_t>(work.columns),
                                             static_cast<std::size_t>(n), threads);
  const double student_s = student_seconds(problem, 8 * n, threads);
  const double sum_s = memory_s + compute_s + normals_s + touch_s + student_s + target_s;
  std::printf(
      "  student, 8 passes %.3f s; clearing of %.2f GB of fresh pages %.3f s\n"
      "  all parts one after the other %.3f s: %.0f %% of the whole\n",
      student_s, 8e-9 * n * work.columns, touch_s, sum_s, 100 * sum_s / total_s);
  std::printf("  target expression %.4f s: %.1f %% of the whole\n", target_s,
              100 * target_s / total_s);
}
