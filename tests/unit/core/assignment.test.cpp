#include "reprise/core/assignment.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <random>

using namespace reprise;

namespace {

double total(const Eigen::MatrixXd& cost, const std::vector<Eigen::Index>& columns) {
  double sum = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    sum += cost(static_cast<Eigen::Index>(i), columns[i]);
  }
  return sum;
}

}  // namespace

TEST_CASE("cheapest_assignment: no permutation costs less, for random costs of up to 6 rows") {
  std::mt19937_64 generator(7);
  std::uniform_real_distribution<double> uniform(-1, 2);
  for (int n = 1; n <= 6; ++n) {
    for (int trial = 0; trial < 20; ++trial) {
      const Eigen::MatrixXd cost =
          Eigen::MatrixXd::NullaryExpr(n, n, [&] { return uniform(generator); });
      std::vector<Eigen::Index> columns(static_cast<std::size_t>(n));
      std::iota(columns.begin(), columns.end(), Eigen::Index{0});
      double least = total(cost, columns);
      while (std::next_permutation(columns.begin(), columns.end())) {
        least = std::min(least, total(cost, columns));
      }
      const std::vector<Eigen::Index> found = cheapest_assignment(cost);
      CHECK(std::abs(total(cost, found) - least) < 1e-12);
      std::vector<Eigen::Index> sorted = found;
      std::ranges::sort(sorted);
      CHECK(std::ranges::adjacent_find(sorted) == sorted.end());
    }
  }
}

TEST_CASE("cheapest_assignment: of equal ones rows stay in their own order") {
  CHECK(cheapest_assignment(Eigen::MatrixXd::Zero(3, 3)) == std::vector<Eigen::Index>{0, 1, 2});
  Eigen::MatrixXd cost(2, 2);
  cost << 1, 0.3 - 0.1, 0.1 + 0.2, -0.5;  // both cost 0.5
  CHECK(cheapest_assignment(cost) == std::vector<Eigen::Index>{0, 1});
}
