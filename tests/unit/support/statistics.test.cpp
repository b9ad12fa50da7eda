#include "support/statistics.hpp"

#include <doctest/doctest.h>

#include "support/close.hpp"

using namespace reprise::test;

TEST_CASE("moments: mean and deviation of 1, 2, 3, 4 with their errors") {
  const SampleMoments result = moments({1, 2, 3, 4});
  const Tolerance rounding{.rtol = 1e-15};
  CHECK(close(result.mean, 2.5, rounding));
  CHECK(close(result.deviation, std::sqrt(5.0 / 3), rounding));
  CHECK(close(result.mean_error, std::sqrt(5.0 / 12), rounding));
  // Central moments 1.25 and 2.5625: sqrt((2.5625 - 1.25^2) / 4) / (2 deviation).
  CHECK(close(result.deviation_error, 0.25 / std::sqrt(5.0 / 3), rounding));
}

TEST_CASE("kolmogorov_tail: tabulated critical values, and both series agree at 1") {
  const Tolerance four_digits{.atol = 5e-5};  // the digits of the tables
  CHECK(close(kolmogorov_tail(1.22385), 0.10, four_digits));
  CHECK(close(kolmogorov_tail(1.35810), 0.05, four_digits));
  CHECK(close(kolmogorov_tail(1.62762), 0.01, four_digits));
  CHECK(close(kolmogorov_tail(1 - 1e-13), kolmogorov_tail(1), {.atol = 1e-12}));
}

TEST_CASE(
    "kolmogorov_smirnov_p: accepts a uniform grid, rejects its square, equal samples give 1") {
  std::vector<double> grid;
  std::vector<double> square;
  for (int i = 0; i < 500; ++i) {
    grid.push_back((i + 0.5) / 500);
    square.push_back(grid.back() * grid.back());
  }
  const auto uniform = [](double x) { return x; };
  CHECK(kolmogorov_smirnov_p(grid, uniform) > 0.999);
  CHECK(kolmogorov_smirnov_p(square, uniform) < 1e-9);
  CHECK(kolmogorov_smirnov_p(grid, grid) == 1);
  CHECK(kolmogorov_smirnov_p(grid, square) < 1e-9);
  grid[7] = std::nan("");
  CHECK(kolmogorov_smirnov_p(grid, square) == 0);
  CHECK(kolmogorov_smirnov_p(grid, uniform) == 0);
}

TEST_CASE("slope and correlation: exact on a line") {
  const std::vector<double> x{0, 1, 3, 7};
  const std::vector<double> y{5, 3, -1, -9};
  CHECK(close(slope(x, y), -2, {.rtol = 1e-15}));
  CHECK(close(correlation(x, y), -1, {.rtol = 1e-15}));
}
