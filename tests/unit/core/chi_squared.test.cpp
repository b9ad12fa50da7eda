#include "reprise/core/chi_squared.hpp"

#include <doctest/doctest.h>

#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <vector>

#include "support/statistics.hpp"

namespace {

using namespace reprise;

std::vector<double> chi_squared_sample(double degrees, std::size_t n, std::uint64_t column = 0) {
  std::vector<double> out(n);
  fill_chi_squared(Stream(5, Purpose::chain_norms), column, 0, n, degrees, out.data());
  return out;
}

}  // namespace

TEST_CASE("fill_chi_squared: has the law of its degrees of freedom, small, broken and large") {
  for (const double degrees : {0.5, 1.0, 2.0, 3.0, 7.5, 40.0, 1e4, 1e9}) {
    INFO(degrees << " degrees of freedom");
    const boost::math::chi_squared law(degrees);
    const double p = test::kolmogorov_smirnov_p(chi_squared_sample(degrees, 20000),
                                                [&](double x) { return boost::math::cdf(law, x); });
    CHECK(p > 1e-4);
  }
}

TEST_CASE("fill_chi_squared: numbers accepted without the full test are those it would accept") {
  // Accepting all of them moves the distribution of 2 degrees by 9e-3, that of 4 by 4e-3.
  for (const double degrees : {2.0, 4.0}) {
    INFO(degrees << " degrees of freedom");
    const boost::math::chi_squared law(degrees);
    const double p = test::kolmogorov_smirnov_p(chi_squared_sample(degrees, 1 << 20),
                                                [&](double x) { return boost::math::cdf(law, x); });
    CHECK(p > 1e-4);
  }
}

TEST_CASE("fill_chi_squared: mean d and variance 2 d also where d is 1e12") {
  const double degrees = 1e12;
  std::vector<double> scaled;
  for (const double x : chi_squared_sample(degrees, 40000)) {
    scaled.push_back((x - degrees) / std::sqrt(2 * degrees));
  }
  const test::SampleMoments moments = test::moments(scaled);
  CHECK(std::abs(moments.mean) < 4.5 * moments.mean_error);
  CHECK(std::abs(moments.deviation - 1) < 4.5 * moments.deviation_error);
}

TEST_CASE("fill_chi_squared: no degrees of freedom give zero, columns are independent") {
  for (const double x : chi_squared_sample(0, 64)) CHECK(x == 0);
  const std::vector<double> a = chi_squared_sample(3, 20000, 0),
                            b = chi_squared_sample(3, 20000, 1);
  CHECK(std::abs(test::correlation(a, b)) * std::sqrt(20000.0) < 4.5);
}

TEST_CASE("fill_chi_squared: an entry depends on its index alone") {
  const std::vector<double> all = chi_squared_sample(5, 64);
  std::vector<double> part(16);
  fill_chi_squared(Stream(5, Purpose::chain_norms), 0, 32, 16, 5, part.data());
  for (std::size_t i = 0; i < 16; ++i) CHECK(part[i] == all[32 + i]);
}
