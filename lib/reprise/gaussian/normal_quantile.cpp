#include "reprise/gaussian/normal_quantile.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "reprise/core/simd.hpp"
#include "reprise/core/vector_math.hpp"

namespace reprise {

namespace {

// Wichura1988: numerators and denominators, constant term first, of the central region
// |u - 1/2| <= 0.425 in r = 0.180625 - (u - 1/2)^2 and of the tails in r = sqrt(-log(tail)) - 1.6
// or, where sqrt(-log(tail)) > 5, in r = sqrt(-log(tail)) - 5.
constexpr double central_top[8] = {3.3871328727963666080e0, 1.3314166789178437745e2,
                                   1.9715909503065514427e3, 1.3731693765509461125e4,
                                   4.5921953931549871457e4, 6.7265770927008700853e4,
                                   3.3430575583588128105e4, 2.5090809287301226727e3};
constexpr double central_bottom[8] = {1.0,
                                      4.2313330701600911252e1,
                                      6.8718700749205790830e2,
                                      5.3941960214247511077e3,
                                      2.1213794301586595867e4,
                                      3.9307895800092710610e4,
                                      2.8729085735721942674e4,
                                      5.2264952788528545610e3};
constexpr double tail_top[8] = {1.42343711074968357734e0,  4.63033784615654529590e0,
                                5.76949722146069140550e0,  3.64784832476320460504e0,
                                1.27045825245236838258e0,  2.41780725177450611770e-1,
                                2.27238449892691845833e-2, 7.74545014278341407640e-4};
constexpr double tail_bottom[8] = {1.0,
                                   2.05319162663775882187e0,
                                   1.67638483018380384940e0,
                                   6.89767334985100004550e-1,
                                   1.48103976427480074590e-1,
                                   1.51986665636164571966e-2,
                                   5.47593808499534494600e-4,
                                   1.05075007164441684324e-9};
constexpr double far_top[8] = {6.65790464350110377720e0,  5.46378491116411436990e0,
                               1.78482653991729133580e0,  2.96560571828504891230e-1,
                               2.65321895265761230930e-2, 1.24266094738807843860e-3,
                               2.71155556874348757815e-5, 2.01033439929228813265e-7};
constexpr double far_bottom[8] = {1.0,
                                  5.99832206555887937690e-1,
                                  1.36929880922735805310e-1,
                                  1.48753612908506148525e-2,
                                  7.86869131145613259100e-4,
                                  1.84631831751005468180e-5,
                                  1.42151175831644588870e-7,
                                  2.04426310338993978564e-15};

REPRISE_ALWAYS_INLINE double ratio(const double* top, const double* bottom, double r) {
  double numerator = top[7];
  double denominator = bottom[7];
  for (int i = 6; i >= 0; --i) {
    numerator = numerator * r + top[i];
    denominator = denominator * r + bottom[i];
  }
  return numerator / denominator;
}

constexpr std::size_t quantile_block = 256;

REPRISE_VECTORISED void central(const double* u, std::size_t n, double* out) {
  for (std::size_t i = 0; i < n; ++i) {
    const double q = u[i] - 0.5;
    out[i] = q * ratio(central_top, central_bottom, 0.180625 - q * q);
  }
}

REPRISE_VECTORISED void tails(const double* __restrict u, const double* __restrict log_tail,
                              std::size_t n, double* __restrict out) {
  for (std::size_t i = 0; i < n; ++i) {
    const double magnitude = ratio(tail_top, tail_bottom, std::sqrt(-log_tail[i]) - 1.6);
    out[i] = std::copysign(magnitude, u[i] - 0.5);
  }
}

}  // namespace

// The 15 % in the tails are gathered, so that only they pay for a logarithm and a root.
void normal_quantile(const double* u, std::size_t n, double* out) {
  alignas(64) double tail[quantile_block];
  alignas(64) double log_tail[quantile_block];
  alignas(64) double result[quantile_block];
  std::uint32_t place[quantile_block + 1];
  for (std::size_t done = 0; done < n; done += quantile_block) {
    const std::size_t count = std::min(quantile_block, n - done);
    std::size_t n_tail = 0;
    for (std::size_t i = 0; i < count; ++i) {
      place[n_tail] = static_cast<std::uint32_t>(i);
      n_tail += std::abs(u[done + i] - 0.5) > 0.425;
    }
    for (std::size_t i = 0; i < n_tail; ++i) {
      tail[i] = u[done + place[i]];
      log_tail[i] = std::min(tail[i], 1 - tail[i]);
    }
    central(u + done, count, out + done);
    vector_math::log(log_tail, n_tail, log_tail);
    tails(tail, log_tail, n_tail, result);
    for (std::size_t i = 0; i < n_tail; ++i) {
      if (log_tail[i] < -25) {  // one number in 7e10
        const double far = ratio(far_top, far_bottom, std::sqrt(-log_tail[i]) - 5);
        result[i] = std::copysign(far, tail[i] - 0.5);
      }
      out[done + place[i]] = result[i];
    }
  }
}

}  // namespace reprise
