// Benchmark A of THEORY.md: the limit against known numbers and against published simulations.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/core/comparison.hpp"
#include "support/benchmark_a.hpp"

namespace {

using namespace reprise;

const Solution& limit(const std::string& schedule) {
  static std::map<std::string, Solution> cache;
  auto found = cache.find(schedule);
  if (found == cache.end()) {
    const auto algorithm = test::benchmark_a_algorithm(Schedule::parse(schedule, 7));
    const DmftOptions options{.points = 262144, .scrambles = 20, .seed = 1};
    found = cache.emplace(schedule, solve(test::benchmark_a_problem(), algorithm, options)).first;
  }
  return found->second;
}

// The columns of data/reference/<name>.csv by their headings; lines that begin with # are comments.
std::map<std::string, std::vector<double>> reference(const std::string& name) {
  std::ifstream file(std::string(REPRISE_SOURCE_DIR) + "/data/reference/" + name + ".csv");
  REQUIRE(file.good());
  std::vector<std::string> headings;
  std::map<std::string, std::vector<double>> columns;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream cells(line);
    std::vector<std::string> row;
    for (std::string cell; std::getline(cells, cell, ',');) row.push_back(cell);
    if (headings.empty()) {
      headings = row;
      continue;
    }
    for (std::size_t c = 0; c < row.size(); ++c) columns[headings[c]].push_back(std::stod(row[c]));
  }
  return columns;
}

// |difference| in standard errors, the rounding of the table's last digit given away. table_error
// is the standard error of the table itself, 0 to demand agreement within our own.
void check_entry(const std::string& schedule, const std::string& quantity, int i, int j,
                 std::size_t t, double expected, double table_error = 0) {
  const double value = limit(schedule).value(quantity, t)(i, j);
  const double own_error = limit(schedule).standard_error(quantity, t)(i, j);
  const double error = std::hypot(own_error, table_error);
  const double last_digit = quantity == "training_loss" ? 5e-5 : 5e-6;
  INFO(schedule << " " << quantity << "[" << i + 1 << ", " << j + 1 << "] at step " << t << ": "
                << value << " +- " << error << ", table " << expected);
  CHECK(std::abs(value - expected) <= 4 * error + last_digit);
  CHECK(own_error < 1e-4);
}

}  // namespace

TEST_CASE("dmft: reproduces the table of benchmark A within 4 standard errors, each below 1e-4") {
  const double table[8][5] = {{0, 0, 1, 0, 0.4916},
                              {0.07587, -0.06331, 0.85356, 0.10981, 0.3375},
                              {0.12411, -0.10301, 0.80391, 0.14886, 0.2709},
                              {0.15654, -0.12906, 0.78986, 0.15964, 0.2370},
                              {0.18039, -0.14766, 0.79118, 0.15813, 0.2166},
                              {0.19921, -0.16217, 0.80010, 0.15103, 0.2026},
                              {0.21478, -0.17416, 0.81307, 0.14140, 0.1923},
                              {0.22815, -0.18444, 0.82826, 0.13076, 0.1842}};
  for (std::size_t t = 0; t < 8; ++t) {
    check_entry("reuse", "M", 0, 0, t, table[t][0]);
    check_entry("reuse", "M", 0, 1, t, table[t][1]);
    check_entry("reuse", "Q", 0, 0, t, table[t][2]);
    check_entry("reuse", "Q", 0, 1, t, table[t][3]);
    check_entry("reuse", "training_loss", 0, 0, t, table[t][4]);
  }
}

TEST_CASE("dmft: reproduces the table of benchmark A with fresh batches") {
  const double M11[] = {0.07587, 0.13775, 0.18749, 0.22707};
  const double Q11[] = {0.85356, 0.76190, 0.70665, 0.67471};
  for (std::size_t t = 1; t <= 4; ++t) {
    // The table's own errors are just below 1e-4: M_11 at t = 3 is 0.18756(1), over four seeds.
    check_entry("fresh", "M", 0, 0, t, M11[t - 1], 5e-5);
    check_entry("fresh", "Q", 0, 0, t, Q11[t - 1], 5e-5);
  }
}

TEST_CASE("dmft: the two neurons of benchmark A mirror each other") {
  // The second layer (1, -1) and the target's odd symmetry give M_2 = -M_1 and Q_22 = Q_11.
  for (std::size_t t = 1; t < 8; ++t) {
    const Eigen::MatrixXd M = limit("reuse").value("M", t);
    const Eigen::MatrixXd M_error = limit("reuse").standard_error("M", t);
    const Eigen::MatrixXd Q = limit("reuse").value("Q", t);
    const Eigen::MatrixXd Q_error = limit("reuse").standard_error("Q", t);
    for (int r = 0; r < 2; ++r) {
      CHECK(std::abs(M(0, r) + M(1, r)) <= 4 * std::hypot(M_error(0, r), M_error(1, r)));
    }
    CHECK(std::abs(Q(0, 0) - Q(1, 1)) <= 4 * std::hypot(Q_error(0, 0), Q_error(1, 1)));
  }
}

TEST_CASE("dmft: agrees with the published dense simulation of benchmark A within 3.5 errors") {
  const auto data = reference("dandi2024_simulation");
  for (std::size_t t = 0; t < data.at("step").size(); ++t) {
    for (const char* quantity : {"M", "Q"}) {
      for (int i = 0; i < 2; ++i) {
        for (int j = (quantity[0] == 'Q' ? i : 0); j < 2; ++j) {
          const std::string name =
              std::string(quantity) + "_" + std::to_string(i + 1) + std::to_string(j + 1);
          const double error = std::hypot(data.at(name + "_se")[t],
                                          limit("reuse").standard_error(quantity, t)(i, j));
          const double value = limit("reuse").value(quantity, t)(i, j);
          INFO(name << " at step " << t << ": " << value << " against " << data.at(name)[t]
                    << " +- " << error);
          CHECK(std::abs(value - data.at(name)[t]) <= 3.5 * error + 1e-15);
        }
      }
    }
    const double error = std::hypot(data.at("generalisation_error_se")[t],
                                    limit("reuse").standard_error("generalisation_error", t)(0, 0));
    const double value = limit("reuse").value("generalisation_error", t)(0, 0);
    CHECK(std::abs(value - data.at("generalisation_error")[t]) <= 3.5 * error);
  }
}

TEST_CASE("published DMFT output of benchmark A: is off by many standard errors from step 3 on") {
  const auto data = reference("dandi2024_dmft");
  for (std::size_t t = 1; t < data.at("step").size(); ++t) {
    const double error = limit("reuse").standard_error("M", t)(0, 0);
    const double difference = std::abs(data.at("M_11")[t] - limit("reuse").value("M", t)(0, 0));
    INFO("step " << t << ": M_11 off by " << difference << " = " << difference / error
                 << " errors");
    if (t >= 3) CHECK(difference > 8 * error);
  }
}

TEST_CASE("exact simulation: agrees with the limit of benchmark A at d = 100000") {
  for (const char* schedule : {"reuse", "fresh"}) {
    const auto algorithm = test::benchmark_a_algorithm(Schedule::parse(schedule, 7));
    const Solution simulation = solve(test::benchmark_a_problem(), algorithm,
                                      ExactSimulation{.dimension = 100000, .runs = 48, .seed = 5});
    const Comparison comparison = compare(limit(schedule), simulation);
    INFO(schedule << ": " << comparison.brief_report());
    CHECK(comparison.n_values >= 70);
    CHECK(comparison.verdict == Verdict::agree);
  }
}

TEST_CASE("solve: gives the same bits on one, two and three threads") {
  const auto algorithm = test::benchmark_a_algorithm(Schedule::reuse(3));
  const auto run = [&](int threads) {
    std::vector<Solution> solutions;
    solutions.push_back(solve(test::benchmark_a_problem(), algorithm,
                              DmftOptions{.points = 4096, .scrambles = 2, .threads = threads}));
    solutions.push_back(solve(test::benchmark_a_problem(), algorithm,
                              ExactSimulation{.dimension = 20001, .runs = 1, .threads = threads}));
    solutions.push_back(solve(test::benchmark_a_problem(), algorithm,
                              ExactSimulation{.dimension = 501, .runs = 5, .threads = threads}));
    return solutions;
  };
  const auto one = run(1);
  for (const int threads : {2, 3}) {
    const auto many = run(threads);
    for (std::size_t s = 0; s < one.size(); ++s) {
      for (const Series& series : one[s].series) {
        CHECK(many[s].at(series.quantity).value == series.value);
        CHECK(many[s].at(series.quantity).standard_error == series.standard_error);
      }
    }
  }
}
