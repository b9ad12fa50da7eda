// The outcomes written beside the shipped experiments of one-pass SGD, at sizes that take seconds.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/results/results.hpp"
#include "support/close.hpp"

namespace {

using namespace reprise;
using test::close;

Results run_paper(const std::string& name, const std::vector<std::string>& overrides = {}) {
  const std::string file = std::string(REPRISE_SOURCE_DIR) + "/data/papers/" + name + ".toml";
  Results results = run(read_experiment(file, overrides));
  for (const CurveResult& curve : results.curves) {
    INFO(name << ", " << curve.name);
    CHECK(curve.solution.ending.is_completed());
  }
  return results;
}

const Solution& curve_of(const Results& results, const std::string& name) {
  const auto found = std::find_if(results.curves.begin(), results.curves.end(),
                                  [&](const CurveResult& curve) { return curve.name == name; });
  REQUIRE(found != results.curves.end());
  return found->solution;
}

double last(const Solution& solution, const std::string& quantity) {
  const Series& series = solution.at(quantity);
  return series.value(series.n_times() - 1, 0);
}

Verdict verdict_of(const Results& results, const std::string& theory,
                   const std::string& simulation) {
  for (const PairComparison& pair : results.comparisons) {
    if (pair.theory == theory && pair.simulation == simulation) {
      INFO(theory << " against " << simulation << ": " << pair.comparison.brief_report());
      return pair.comparison.verdict;
    }
  }
  return Verdict::undecided;
}

}  // namespace

TEST_CASE("arnaboldi2024: He2 with correlation loss is learned in log d steps") {
  const std::vector<int> expected = {1, 5, 8, 11, 14, 17, 21, 24, 27, 30};
  std::vector<int> seen;
  for (int exponent = 5; exponent <= 32; exponent += 3) {
    const double d = std::pow(2.0, exponent);
    const Results results = run_paper(
        "arnaboldi2024/log_d_he2", {"curve.recursion.dimension=" + std::to_string(std::llround(d)),
                                    "training.batch_size=" + std::to_string(std::llround(3 * d)),
                                    "initial.M=[[" + std::to_string(1 / std::sqrt(d)) + "]]"});
    const Series& error = results.curves[0].solution.at("generalisation_error");
    int step = 0;
    while (step < 60 && error.value(step, 0) >= 1.9) ++step;
    seen.push_back(step);
  }
  CHECK(seen == expected);
}

TEST_CASE("arnaboldi2024: at n_b = d^1.75 correlation loss learns He3 where plain SGD does not") {
  const Results plain = run_paper("arnaboldi2024/he3_mu_1.75_plain");
  const Results correlation = run_paper("arnaboldi2024/he3_mu_1.75_correlation");
  // Published: 0.93 and 0.05 to 0.13; sixteen runs here, whose mean lies within 0.02 of one
  // another.
  CHECK(close(last(curve_of(correlation, "recursion"), "max_overlap"), 0.93, {.atol = 0.005}));
  CHECK(close(last(curve_of(correlation, "exact, d = 256"), "max_overlap"), 0.93, {.atol = 0.02}));
  CHECK(last(curve_of(plain, "recursion"), "max_overlap") < 1e-3);
  const Eigen::MatrixXd& stuck = curve_of(plain, "exact, d = 256").at("max_overlap").value;
  CHECK(stuck.maxCoeff() < 0.17);
  CHECK(stuck.bottomRows(20).minCoeff() > 0.03);
  // A step ten times smaller is another regime: plain SGD learns.
  const Results smaller = run_paper("arnaboldi2024/he3_mu_1.75_plain",
                                    {"training.learning_rate=0.008", "training.duration=960"});
  CHECK(curve_of(smaller, "exact, d = 256").at("max_overlap").value.maxCoeff() > 0.9);
  // The full loss at the end brings it closer than correlation loss.
  const Results adaptive = run_paper("arnaboldi2024/he3_mu_1.75_adaptive");
  CHECK(last(adaptive.curves[0].solution, "max_overlap") > 0.98);
  CHECK(last(adaptive.curves[0].solution, "generalisation_error") < 0.02);
  CHECK(last(curve_of(correlation, "recursion"), "generalisation_error") > 1);
}

TEST_CASE("arnaboldi2024: three regimes of batch size and step") {
  const std::string alone = "recursion, the terms of the regime", all = "recursion, all terms";
  const Results noise = run_paper("arnaboldi2024/regime_noise");
  CHECK(curve_of(noise, alone).at("M").value.cwiseAbs().maxCoeff() == 0);
  CHECK(last(curve_of(noise, "d = 10000"), "max_overlap") < 0.1);
  CHECK(close(last(curve_of(noise, alone), "generalisation_error"),
              last(curve_of(noise, "d = 10000"), "generalisation_error"), {.rtol = 0.1}));
  const Results both = run_paper("arnaboldi2024/regime_all");
  CHECK(close(last(curve_of(both, alone), "generalisation_error"),
              last(curve_of(both, all), "generalisation_error"), {.rtol = 0.02}));
  CHECK(last(curve_of(both, all), "generalisation_error") < 0.03);
  const Results drift = run_paper("arnaboldi2024/regime_linear");
  CHECK(close(last(curve_of(drift, alone), "max_overlap"),
              last(curve_of(drift, "d = 10000"), "max_overlap"), {.rtol = 0.005}));
  CHECK(verdict_of(drift, all, "d = 10000") == Verdict::agree);
}

TEST_CASE("repetita2024: displacement makes He3 leave 1/sqrt d in O(d), without it never") {
  const Results displaced = run_paper("repetita2024/he3"),
                plain = run_paper("repetita2024/he3_plain");
  // mu_1 = -0.114 gives |M| = 0.01 * 0.114 * 50 = 0.057 at every d.
  const Solution& small = curve_of(displaced, "d = 512");
  const Solution& large = curve_of(displaced, "d = 2048");
  CHECK(close(last(large, "M"), -0.057, {.atol = 4 * 0.001}));
  CHECK(std::abs(last(large, "M") - last(small, "M")) <
        4.5 * std::hypot(small.standard_error("M", 20)(0, 0), large.standard_error("M", 20)(0, 0)));
  CHECK(verdict_of(displaced, "ode", "d = 2048") == Verdict::agree);
  // Without: a random walk whose size halves where d is four times as large.
  const double ratio = last(curve_of(plain, "d = 512"), "max_overlap") /
                       last(curve_of(plain, "d = 2048"), "max_overlap");
  CHECK(close(ratio, 2, {.atol = 0.5}));
  CHECK(last(curve_of(plain, "d = 2048"), "max_overlap") < 1 / std::sqrt(2048.0));
}

TEST_CASE("repetita2024: relu is learned in O(d), He2 and displaced He4 in O(d log d)") {
  const Results relu = run_paper("repetita2024/relu");
  CHECK(last(curve_of(relu, "d = 512"), "max_overlap") > 0.5);
  CHECK(verdict_of(relu, "ode", "d = 2048") == Verdict::agree);
  // The larger d is later, but by log d only.
  const Results he2 =
      run_paper("repetita2024/he2", {"curve.1.dimension=128", "curve.2.dimension=512"});
  const auto time_to = [&](const Solution& solution, double level) {
    const Series& overlap = solution.at("max_overlap");
    for (Eigen::Index t = 0; t < overlap.n_times(); ++t) {
      if (overlap.value(t, 0) > level) return solution.time[static_cast<std::size_t>(t)];
    }
    return std::numeric_limits<double>::infinity();
  };
  const double early = time_to(he2.curves[0].solution, 0.5);
  const double late = time_to(he2.curves[1].solution, 0.5);
  CHECK(early < 700);
  CHECK(late < 2 * early);  // four times the d
  const std::vector<std::string> small{"curve.1.dimension=128", "curve.2.dimension=256",
                                       "training.duration=1700"};
  const Results he4 = run_paper("repetita2024/he4", small);
  const Results he4_plain = run_paper("repetita2024/he4_plain", small);
  const auto late_overlap = [](const Results& results) {
    return results.curves[1].solution.at("max_overlap").value.bottomRows(10).mean();
  };
  CHECK(late_overlap(he4) > 0.3);
  // Noise against a restoring force of third order: some 2 / sqrt d.
  CHECK(late_overlap(he4_plain) < 3 / std::sqrt(256.0));
}

TEST_CASE("repetita2024: z1 + He3(z2) gains its second direction from displacement alone") {
  const std::vector<std::string> quick{"curve.2.dimension=1024", "curve.1.runs=16",
                                       "curve.2.runs=16"};
  const Results displaced = run_paper("repetita2024/z1_plus_he3", quick);
  const Results plain = run_paper("repetita2024/z1_plus_he3_plain", quick);
  for (std::size_t c = 0; c < 2; ++c) {
    const Eigen::MatrixXd with = displaced.curves[c].solution.value("M", 20);
    const Eigen::MatrixXd without = plain.curves[c].solution.value("M", 20);
    CHECK(with.col(1).cwiseAbs().minCoeff() > 0.08);
    CHECK(without.col(1).cwiseAbs().maxCoeff() < 0.03);
    CHECK(without.col(0).cwiseAbs().minCoeff() > 0.3);
  }
}

TEST_CASE("veiga2022: gradient flow, full equations, noise alone") {
  const std::vector<std::string> quick{"curve.d = 500.runs=8"};
  const Results flow = run_paper("veiga2022/gradient_flow", {"curve.d = 500.dimension=60"});
  const Results balanced = run_paper("veiga2022/balanced", quick);
  const auto gap = [](const Results& results) {
    return std::abs(last(curve_of(results, "full equations"), "generalisation_error") -
                    last(curve_of(results, "gradient flow"), "generalisation_error"));
  };
  // The same gamma t, the step fifty times smaller.
  CHECK(close(gap(balanced) / gap(flow), 50, {.rtol = 0.05}));
  CHECK(verdict_of(balanced, "full equations", "d = 500") == Verdict::agree);
  const Results noise = run_paper("veiga2022/noise_only");
  CHECK(last(curve_of(noise, "noise only"), "M") == 0.2);
  CHECK(close(last(curve_of(noise, "noise only"), "Q"), last(curve_of(noise, "d = 100000"), "Q"),
              {.rtol = 0.05}));
  CHECK(verdict_of(noise, "full equations", "d = 100000") == Verdict::agree);
}

TEST_CASE("saad1995: a plateau, then specialisation and an error that vanishes") {
  const Results results = run_paper("saad1995/committee", {"curve.d = 2000.dimension=500"});
  const Solution& ode = curve_of(results, "ode");
  double entered = 0, left = 0, specialised = 0;
  for (const Event& event : ode.events) {
    if (event.name == "plateau entered") entered = event.time;
    if (event.name == "plateau left") left = event.time;
    if (event.name == "overlap [1, 1] above 0.8") specialised = event.time;
  }
  CHECK(entered > 5);
  CHECK(left > 2 * entered);
  CHECK(specialised > left);
  CHECK(last(ode, "generalisation_error") < 1e-7);
  CHECK(last(curve_of(results, "d = 2000"), "generalisation_error") < 1e-6);
}
