#include "reprise/core/chi_squared.hpp"

#include <algorithm>
#include <boost/random/gamma_distribution.hpp>
#include <cmath>

#include "reprise/core/simd.hpp"

namespace reprise {

namespace {

constexpr std::size_t block = 256;

// Twice a gamma variable of shape a = degrees / 2 >= 1 (Marsaglia2000): 2 b (1 + t)^3, b = a - 1/3,
// t = c x, c^2 = 1 / (9 b), to be accepted with probability exp(-c^2 x^4 g(t) / 12), where g falls
// and g(-1/2) < 1.7. Hence u < 1 - 0.15 c^2 x^4 accepts at once where t > -1/2, all but some
// 0.1 / degrees of them; the source's bound for every a, 1 - 0.0331 x^4, leaves 8 % in doubt. Marks
// those with -1, returns how many.
REPRISE_VECTORISED int propose(double b, const double* __restrict x, const double* __restrict u,
                               std::size_t n, double* __restrict out) {
  const double c = 1 / std::sqrt(9 * b);
  const double squeeze = 0.15 * c * c;
  int doubtful = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double root = 1 + c * x[i];
    const double square = x[i] * x[i];
    const bool is_accepted = u[i] < 1 - squeeze * (square * square) && root > 0.5;
    out[i] = is_accepted ? 2 * b * (root * root * root) : -1;
    doubtful += is_accepted ? 0 : 1;
  }
  return doubtful;
}

// The full test of Marsaglia2000 where the quick one failed, then fresh numbers of a stream of its
// own.
double decide(double degrees, double b, double x, double u, const Stream& retries) {
  const double root = 1 + x / std::sqrt(9 * b);
  const double v = root * root * root;
  if (root > 0 && std::log(u) < 0.5 * x * x + b * (1 - v + std::log(v))) return 2 * b * v;
  StreamEngine engine(retries);
  boost::random::gamma_distribution<double> gamma(0.5 * degrees);
  return 2 * gamma(engine);
}

}  // namespace

void fill_chi_squared(const Stream& stream, std::uint64_t column, std::uint64_t first,
                      std::size_t n, double degrees, double* out) {
  if (degrees == 0) {
    std::fill_n(out, n, 0.0);
    return;
  }
  alignas(64) double x[block], u[block];
  for (std::size_t done = 0; done < n; done += block) {
    const std::size_t count = std::min(block, n - done);
    double* part = out + done;
    if (degrees < 2) {
      for (std::size_t i = 0; i < count; ++i) {
        StreamEngine engine(stream.substream(column).substream(first + done + i));
        part[i] = 2 * boost::random::gamma_distribution<double>(0.5 * degrees)(engine);
      }
      continue;
    }
    fill_normals(stream, 2 * column, first + done, count, x);
    fill_uniforms(stream, 2 * column + 1, first + done, count, u);
    const double b = 0.5 * degrees - 1.0 / 3;
    if (propose(b, x, u, count, part) == 0) continue;
    for (std::size_t i = 0; i < count; ++i) {
      if (part[i] >= 0) continue;
      part[i] =
          decide(degrees, b, x[i], u[i], stream.substream(column).substream(first + done + i));
    }
  }
}

}  // namespace reprise
