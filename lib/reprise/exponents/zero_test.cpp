#include "reprise/exponents/zero_test.hpp"

#include <algorithm>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "reprise/core/linear_algebra.hpp"

namespace reprise {

namespace {

// Beyond any test's level: no need to evaluate the distribution, which may underflow there.
constexpr double certain = 1e-60;

double student_p(double t, double degrees) {
  if (!(t < 1e6)) return certain;
  const boost::math::students_t distribution(degrees);
  return 2 * boost::math::cdf(boost::math::complement(distribution, t));
}

double fisher_p(double ratio, double degrees, double noise_degrees) {
  if (!(ratio < 1e12)) return certain;
  if (ratio <= 1) return 1;
  const boost::math::fisher_f distribution(degrees, noise_degrees);
  return boost::math::cdf(boost::math::complement(distribution, ratio));
}

}  // namespace

double ZeroTest::bound() const { return std::sqrt(std::max(0.0, square) + 4 * noise); }

ZeroTest test_zero(const Eigen::Ref<const Eigen::MatrixXd>& given, double floor) {
  ZeroTest test;
  const double size = given.size() == 0 ? 0 : given.cwiseAbs().maxCoeff();
  if (size == 0) return test;
  if (!given.allFinite()) {  // nothing is known
    test.noise = std::numeric_limits<double>::infinity();
    return test;
  }
  // Fourth powers follow: far from 1, they would leave the range of numbers.
  if (!(size < 1e50 && size > 1e-50)) {
    const double scale = std::ldexp(1.0, std::ilogb(size));
    ZeroTest scaled = test_zero(given / scale, floor / scale);
    scaled.square *= scale * scale;
    scaled.noise *= scale * scale;
    return scaled;
  }
  const auto& estimates = given;
  const double S = static_cast<double>(estimates.cols());
  const Eigen::VectorXd mean = estimates.rowwise().mean();
  const Eigen::MatrixXd centred = estimates.colwise() - mean;
  const Eigen::VectorXd variance = centred.rowwise().squaredNorm() / (S - 1);
  const double trace = variance.sum();
  // Unbiased for normal estimates; kept within what a covariance of this trace allows.
  const double raw = inner_products(centred, centred).squaredNorm() / ((S - 1) * (S - 1));
  const double least = trace * trace / static_cast<double>(estimates.rows());
  double trace_square = trace * trace;
  if (S > 2) {
    trace_square = (S - 1) * (S - 1) / ((S - 2) * (S + 1)) * (raw - trace * trace / (S - 1));
    trace_square = std::clamp(trace_square, least, trace * trace);
  }
  test.square = mean.squaredNorm() - trace / S;
  test.noise = std::sqrt(2 * trace_square) / S;
  if (mean.norm() <= floor) return test;
  if (trace <= 1e-24 * mean.squaredNorm()) {
    test.p_value = certain;
    return test;
  }
  const double degrees = trace * trace / trace_square;
  double p = fisher_p(mean.squaredNorm() * S / trace, degrees, degrees * (S - 1));
  double largest = 0;
  for (Eigen::Index i = 0; i < mean.size(); ++i) {
    if (std::abs(mean[i]) <= floor) continue;
    largest = std::max(largest, std::abs(mean[i]) / std::sqrt(variance[i] / S));
  }
  p = std::min(p, static_cast<double>(mean.size()) * student_p(largest, S - 1));
  test.p_value = std::min(1.0, 2 * p);
  return test;
}

}  // namespace reprise
