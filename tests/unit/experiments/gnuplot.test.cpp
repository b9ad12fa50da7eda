#include "reprise/experiments/figure/gnuplot.hpp"

#include <doctest/doctest.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

#include "reprise/core/error.hpp"
#include "reprise/experiments/document/document.hpp"
#include "support/scratch.hpp"
#include "unit/experiments/some_results.hpp"

namespace {

using namespace reprise;
namespace fs = std::filesystem;

std::string message_of(const Results& results) {
  try {
    figure_panels(results);
  } catch (const InputError& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("draw_figure: figure.gp holds the data and draws figure.svg to the byte") {
  const test::Scratch folder;
  const Results results = test::some_results();
  const Drawing drawing = draw_figure(folder.path, results);
  const std::string script = read_text_file(folder.path / "figure.gp");
  CHECK(script.find("set output 'figure.svg'\n") != std::string::npos);
  CHECK(script.find("$t0 << EOD\n0 0.3333333333333333 0.001\n") != std::string::npos);
  CHECK_FALSE(fs::exists(folder.path / "kernels.gp"));  // no curve has kernels
  if (drawing == Drawing::no_gnuplot) return;
  const std::string drawn = read_text_file(folder.path / "figure.svg");
  fs::remove(folder.path / "figure.svg");
  REQUIRE(run_gnuplot(folder.path, script));
  CHECK(read_text_file(folder.path / "figure.svg") == drawn);
}

TEST_CASE("draw_page: what gnuplot did not finish leaves the old figure") {
  const test::Scratch folder;
  const fs::path file = folder.path / "f.svg";
  const auto draw_with = [&](const std::string& end) {
    return draw_page(file, [&](const std::string& output) {
      return "set terminal svg\nset output '" + output + "'\nplot x\n" + end;
    });
  };
  if (!draw_with("set output\n")) return;
  const std::string before = read_text_file(file);
  CHECK_THROWS_AS(draw_with("no such command\n"), Error);
  const auto half = [](const std::string& output) {
    return "set print '" + output + "'\nprint '<svg> and no end of it'\n";
  };
  CHECK_THROWS_AS(draw_page(file, half), Error);
  CHECK(read_text_file(file) == before);
  CHECK_FALSE(fs::exists(folder.path / "f.svg.partial"));
  CHECK_THROWS_WITH_AS(draw_page(folder.path / "none" / "f.svg", half),
                       ((folder.path / "none").string() + ": there is no such folder").c_str(),
                       Error);
}

TEST_CASE("run_gnuplot: one that hangs is ended with what it started") {
  const test::Scratch folder;
  const fs::path program = folder.path / "gnuplot";
  std::ofstream(program) << "#!/bin/sh\n/bin/sleep 60 &\necho $! >child\nwait\n";
  fs::permissions(program, fs::perms::owner_all);
  const std::string path = std::getenv("PATH");
  setenv("PATH", folder.path.c_str(), 1);
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH_AS(run_gnuplot(folder.path, "", std::chrono::milliseconds(1000)),
                       "gnuplot did not end within 1 s and was stopped", Error);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
  setenv("PATH", path.c_str(), 1);
  const int child = std::stoi(read_text_file(folder.path / "child"));
  const auto is_alive = [&] {
    std::ifstream file("/proc/" + std::to_string(child) + "/stat");
    std::string text;
    return std::getline(file, text) && text.find(") Z ") == std::string::npos;
  };
  for (int i = 0; i < 100 && is_alive(); ++i) usleep(10000);
  CHECK_FALSE(is_alive());
}

TEST_CASE("figure_panels: a series of another shape is refused, not read beyond its end") {
  const auto with = [](auto&& change) {
    Results results = test::some_results();
    change(results.curves[1].solution);
    return message_of(results);
  };
  const std::string refused = "figure: Q of curve \"d = 9, n = 3\" has not the shape";
  CHECK(with([](Solution&) {}) == "accepted");
  CHECK(with([](Solution& s) {
          s.series[1] = test::some_series("Q", 1, 1, 4, 0, 0);
        }).starts_with(refused));
  CHECK(with([](Solution& s) { s.series[1].cols = 0; }).starts_with(refused));
  CHECK(with([](Solution& s) { s.series[1].rows = 3; }).starts_with(refused));
  CHECK(with([](Solution& s) { s.series[1].standard_error.resize(1, 1); }).starts_with(refused));
  CHECK(with([](Solution& s) {
          s.series[1] = test::some_series("Q", 2, 2, 5, 0, 0);
        }).starts_with(refused));
  Results results = test::some_results();
  for (CurveResult& curve : results.curves) curve.solution.series[1].cols = 0;
  CHECK(message_of(results).starts_with("figure: Q of curve \"theory\" has not the shape"));
}

TEST_CASE("figure_panels: numbers whose range overflows are refused by name") {
  Results results = test::some_results();
  results.curves[0].solution.series[0].value(1, 0) = -1e308;
  CHECK(message_of(results) ==
        "figure: M after step 2 is -1e+308, and only numbers up to 1e307 can be drawn");
  results.curves[0].solution.series[0].value(1, 0) = std::numeric_limits<double>::quiet_NaN();
  CHECK(message_of(results).starts_with("figure: M after step 2 is "));
}

TEST_CASE("figure_script: the largest and the smallest numbers are drawn") {
  for (const double size : {1e307, 1e-310}) {
    const test::Scratch folder;
    Results results = test::some_results();
    for (CurveResult& curve : results.curves) {
      for (Series& series : curve.solution.series) {
        series.value *= size / 2;
        series.standard_error *= size / 2;
      }
    }
    results.curves[0].solution.series[0].value *= -1;
    const std::string script = figure_script(results, FigureFormat::svg, "f.svg");
    CHECK(script.find("inf") == std::string::npos);
    CHECK_NOTHROW(run_gnuplot(folder.path, script));
  }
}

TEST_CASE(
    "kernels_figure_script: kernels without entries are left out, and too large ones refused") {
  Results results = test::some_results();
  Kernel kernel{.name = "C", .n_neurons = 2, .value = {}, .standard_error = {}};
  results.curves[0].solution.kernels = {kernel};
  CHECK(kernels_figure_script(results, FigureFormat::svg, "k.svg").empty());
  kernel.value = kernel.standard_error = Eigen::MatrixXd::Identity(6, 6);
  results.curves[0].solution.kernels = {kernel};
  CHECK_FALSE(kernels_figure_script(results, FigureFormat::svg, "k.svg").empty());
  results.curves[0].solution.kernels[0].value(0, 0) = 1e308;
  CHECK_THROWS_AS(kernels_figure_script(results, FigureFormat::svg, "k.svg"), InputError);
}
