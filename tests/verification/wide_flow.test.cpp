// Networks of m neurons: an independent table, and the mean field as m grows.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "reprise/wide_flow/finite_width.hpp"
#include "reprise/wide_flow/mean_field.hpp"
#include "support/close.hpp"
#include "support/wide_starts.hpp"

namespace {

using namespace reprise;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using test::close;
using test::passage;
using test::risk;
using test::set_a;

}  // namespace

TEST_CASE("finite width: passage times and risks of set A in groups, from r = 0") {
  // LSODA on the grouped system, tolerance 1e-10.
  struct Row {
    double epsilon, group, t_1, t_2, t_3, R_1, R_3, R_10;
  };
  for (const Row& row :
       {Row{1e-2, 1, .5877271, .6017415, .6096457, 1.0902431, 1.0593544, .0221642},
        Row{1e-2, 100, .1533029, .1894581, .2087518, .8813344, .0201743, .0021910},
        Row{1e-4, 100, .03702924, .06825443, .09132776, .0874199, .0068185, .0025263}}) {
    INFO(row.epsilon, " ", row.group);
    const Solution solution =
        solve(set_a(), MatrixXd::Identity(8, 8), {.epsilon = row.epsilon},
              {.times = {.1, .3, 1}, .group_size = {row.group}, .integration = {.rtol = 1e-7}});
    REQUIRE(solution.ending.is_completed());
    CHECK(close(passage(solution, 1), row.t_1, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 2), row.t_2, {.rtol = 1e-6}));
    CHECK(close(passage(solution, 3), row.t_3, {.rtol = 1e-6}));
    CHECK(close(risk(solution, 0), row.R_1, {.rtol = 2e-6, .atol = 1e-7}));
    CHECK(close(risk(solution, 1), row.R_3, {.rtol = 2e-6, .atol = 1e-7}));
    CHECK(close(risk(solution, 2), row.R_10, {.rtol = 2e-6, .atol = 1e-7}));
  }
}

TEST_CASE("finite width: many neurons are the mean field, to order 1 / m") {
  const WideFlow flow{.epsilon = 1e-2};
  const Solution mean_field = solve(set_a(), flow, {.times = {.1, .15}});
  double difference[2];
  for (const int i : {0, 1}) {
    const Solution solution = solve(set_a(), MatrixXd::Identity(8, 8), flow,
                                    {.times = {.1, .15}, .group_size = {i == 0 ? 1e5 : 1e6}});
    difference[i] = risk(solution, 1) - risk(mean_field, 1);
  }
  CHECK(std::abs(difference[0]) < 1e-3);
  CHECK(close(difference[0] / difference[1], 10, {.rtol = 0.01}));
}
