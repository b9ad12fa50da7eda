// [output] runs, align, directions, quantities, statistics.
#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "reprise/experiments/results/results_folder.hpp"
#include "support/message_of.hpp"
#include "support/scratch.hpp"
#include "unit/experiments/experiment_text.hpp"

using namespace reprise;
using reprise::test::contains;
using reprise::test::good_experiment;
using reprise::test::message_of;

namespace {

Experiment output_with(const std::string& lines) {
  return parse_experiment(std::string(good_experiment) + lines + "\n", "test.toml");
}

std::string output_refusal(const std::string& lines) {
  return message_of([&] { (void)output_with(lines); });
}

}  // namespace

TEST_CASE("output.directions: projections are M v, in the means, in every run, with errors") {
  const Results results = run(output_with("directions = [[1, 0], [0.6, -0.8]]\nruns = true"));
  REQUIRE(results.has_runs);
  for (const CurveResult& curve : results.curves) {
    const Solution& solution = curve.solution;
    Eigen::MatrixXd v(2, 2);
    v << 1, 0, 0.6, -0.8;
    const Eigen::MatrixXd expected = solution.value("M", 2) * v.transpose();
    CHECK((solution.value("projection", 2) - expected).cwiseAbs().maxCoeff() < 1e-14);
    const auto n = static_cast<double>(solution.replicas.size());
    const Eigen::Index at = solution.first_column("projection"), M = solution.first_column("M");
    double mean = 0;
    for (const Eigen::MatrixXd& replica : solution.replicas) {
      CHECK(std::abs(replica(2, at + 1) - 0.6 * replica(2, M) + 0.8 * replica(2, M + 1)) < 1e-14);
      mean += replica(2, at + 1) / n;
    }
    CHECK(std::abs(mean - solution.value("projection", 2)(0, 1)) < 1e-12);
    CHECK(solution.at("projection").standard_error.row(2).minCoeff() > 0);
  }
}

TEST_CASE("output.statistics: the median of five runs is the third, quantiles lie between runs") {
  const Results results = run(
      output_with("statistics = [\"median\", \"quantile 0.25\", \"quantile 0.3\"]\nruns = true"));
  const Solution& solution = results.curves[1].solution;
  REQUIRE(solution.replicas.size() == 5);
  std::vector<double> values;
  for (const Eigen::MatrixXd& replica : solution.replicas) values.push_back(replica(2, 1));
  std::ranges::sort(values);
  CHECK(solution.value("M:median", 2)(0, 1) == values[2]);
  CHECK(solution.value("M:quantile 0.25", 2)(0, 1) == values[1]);
  CHECK(std::abs(solution.value("M:quantile 0.3", 2)(0, 1) -
                 (values[1] + 0.2 * (values[2] - values[1]))) < 1e-14);
  CHECK(solution.standard_error("M:median", 2)(0, 1) > 0);
}

TEST_CASE("output.quantities: others are left out, comparisons are as with all") {
  const Results all = run(output_with(""));
  const Results some = run(output_with("quantities = [\"Q\", \"cosine\"]"));
  for (std::size_t c = 0; c < 2; ++c) {
    const Solution& solution = some.curves[c].solution;
    REQUIRE(solution.series.size() == 2);
    CHECK(solution.at("Q").value == all.curves[c].solution.at("Q").value);
    CHECK(solution.at("cosine").value == all.curves[c].solution.at("cosine").value);
  }
  CHECK(some.comparisons[0].comparison.largest_z == all.comparisons[0].comparison.largest_z);
}

TEST_CASE("write_results: runs, statistics and projections are read back as they were") {
  const test::Scratch scratch;
  const Experiment e = output_with(
      "runs = true\nstatistics = \"median\"\ndirections = [[1, 1]]\nquantities = [\"M\", "
      "\"training_loss\", \"projection\"]");
  const Results results = run(e);
  write_results(scratch.path, results);
  const Results read = read_results(scratch.path);
  const std::optional<Results> earlier = earlier_results(scratch.path, e);
  REQUIRE(earlier.has_value());
  CHECK(earlier->has_runs);
  for (std::size_t c = 0; c < 2; ++c) {
    const Solution& before = results.curves[c].solution;
    const Solution& after = earlier->curves[c].solution;
    REQUIRE(read.curves[c].solution.series.size() == before.series.size());
    CHECK(read.curves[c].solution.at("projection:median").value ==
          before.at("projection:median").value);
    REQUIRE(after.replicas.size() == before.replicas.size());
    for (std::size_t r = 0; r < before.replicas.size(); ++r) {
      CHECK(after.replicas[r].leftCols(6) == before.replicas[r].leftCols(6));
      CHECK(after.replicas[r].rightCols(3) == before.replicas[r].rightCols(3));
    }
  }
}

TEST_CASE("output.align: a committee that specialises in random order has a mean") {
  const auto text = [](const std::string& align) {
    return "format = 1\n[target]\nexpression = \"erf(z1/sqrt(2)) + erf(z2/sqrt(2))\"\n"
           "[student]\nactivation = \"erf\"\nsecond_layer = [1, 1]\n[initial]\nkind = \"random\"\n"
           "[training]\nalgorithm = \"sgd\"\nlearning_rate = 1.0\nduration = 150\n[[curve]]\n"
           "name = \"runs\"\nmethod = \"simulation\"\ndimension = 100\nruns = 12\n[output]\n"
           "times = [0, 150]\n" +
           align;
  };
  const auto last_error = [&](const std::string& align) {
    const Results results = run(parse_experiment(text(align), "committee.toml"));
    return results.curves[0].solution.standard_error("cosine", 1).maxCoeff();
  };
  CHECK(last_error("") > 0.1);
  CHECK(last_error("align = true\n") < 0.02);
  const Results aligned = run(parse_experiment(text("align = true\n"), "committee.toml"));
  const Eigen::MatrixXd cosine = aligned.curves[0].solution.value("cosine", 1);
  CHECK(cosine(0, 0) > 0.9);
  CHECK(cosine(1, 1) > 0.9);
}

TEST_CASE("output: what cannot be kept is refused with its key") {
  CHECK(contains(output_refusal("directions = [[1, 0, 0]]"),
                 "output.directions must be rows of 2 numbers"));
  CHECK(contains(output_refusal("statistics = [\"mode\"]"),
                 "output.statistics must be \"median\" or \"quantile q\" with q above 0"));
  CHECK(contains(output_refusal("statistics = [\"quantile 1\"]"), "got \"quantile 1\""));
  CHECK(contains(output_refusal("quantities = [\"N\"]"), "output.quantities must be one of \"M\""));
  CHECK(contains(output_refusal("quantities = [\"projection\"]"), "got \"projection\""));
}
