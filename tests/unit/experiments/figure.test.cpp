#include "reprise/experiments/figure/figure.hpp"

#include <doctest/doctest.h>

#include "reprise/experiments/figure/figure_layout.hpp"
#include "support/close.hpp"
#include "unit/experiments/some_results.hpp"

namespace {

using namespace reprise;
using test::close;

}  // namespace

TEST_CASE("figure_panels: M, Q above its diagonal, and the errors, with differences") {
  const std::vector<FigurePanel> panels = figure_panels(test::some_results());
  REQUIRE(panels.size() == 3);
  CHECK(panels[0].labels.size() == 6);
  CHECK(panels[0].labels[1] == "{/:Italic M}_{12}");
  CHECK(panels[1].labels ==
        std::vector<std::string>{"{/:Italic Q}_{11}", "{/:Italic Q}_{12}", "{/:Italic Q}_{22}"});
  CHECK(panels[2].labels.size() == 2);
  CHECK(panels[0].traces.size() == 12);
  REQUIRE(panels[0].differences.size() == 6);
  const FigurePoint& difference = panels[0].differences[0].points.at(1);
  CHECK(close(difference.y, 0, {.atol = 1e-15}));
  CHECK(close(difference.error, std::hypot(0.001, 0.01), {.rtol = 1e-15}));
  CHECK(panels[0].note.empty());
}

TEST_CASE("figure_panels: of many entries the eight largest are shown, and it says so") {
  Results results = test::some_results();
  for (CurveResult& curve : results.curves) {
    curve.solution.series[0] = test::some_series("M", 4, 12, 4, 0.0, 0.1);
  }
  const FigurePanel panel = figure_panels(results)[0];
  REQUIRE(panel.labels.size() == 8);
  CHECK(panel.labels.front() == "{/:Italic M}_{4,5}");
  CHECK(panel.labels.back() == "{/:Italic M}_{4,12}");
  CHECK(panel.note == "the 8 largest of 48 entries");
}

TEST_CASE("figure_panels: points of a long simulation are thinned, both ends kept") {
  Results results = test::some_results();
  Solution& solution = results.curves[1].solution;
  solution.step.clear();
  solution.time.clear();
  for (int t = 0; t <= 1000; ++t) {
    solution.step.push_back(t);
    solution.time.push_back(t);
  }
  solution.series = {test::some_series("M", 2, 3, 1001, 0.1, 0.1)};
  const std::vector<FigurePanel> panels = figure_panels(results);
  for (const FigureTrace& trace : panels[0].traces) {
    if (trace.curve != 1) continue;
    CHECK(trace.points.size() == 25);
    CHECK(close(trace.points.front().x, 0, {}));
    CHECK(close(trace.points.back().x, 1000, {}));
  }
}

TEST_CASE("figure_script: quotes and markup in titles and names are text, not commands") {
  Results results = test::some_results();
  results.title = "it's `date` \"q\" $(x) @m _{s}\nset output 'elsewhere'";
  const std::string script = figure_script(results, FigureFormat::svg, "it's.svg");
  CHECK(script.find("set output \"it's.svg\"\n") != std::string::npos);
  CHECK(script.find(
            R"("it's \140date\140 \042q\042 \044(x) \100m _{s} set output 'elsewhere'" at)") !=
        std::string::npos);
  CHECK(script.find("\nset output 'elsewhere'") == std::string::npos);
  CHECK(script.find("'d = 9, n = 3 (simulation)' at") != std::string::npos);
}

TEST_CASE("figure_script: theory is drawn with lines, simulation with bars and points over them") {
  const std::string script = figure_script(test::some_results(), FigureFormat::png, "f.png");
  CHECK(script.find("set terminal pngcairo size 2008,") != std::string::npos);  // 17 cm at 300 dpi
  const std::size_t line = script.find("$t0 using 1:2 with lines");
  const std::size_t bars = script.find("$t1 using 1:($2-$3):(0):(2*$3) with vectors nohead");
  const std::size_t points = script.find("$t1 using 1:2 with points pt 6");
  CHECK(line != std::string::npos);
  CHECK(bars != std::string::npos);
  CHECK(points != std::string::npos);
  CHECK(line < bars);
  CHECK(bars < points);
}

TEST_CASE("figure_script: the same results give the same script") {
  CHECK(figure_script(test::some_results(), FigureFormat::svg, "f") ==
        figure_script(test::some_results(), FigureFormat::svg, "f"));
}

TEST_CASE("figure_script: a curve that stopped says where") {
  Results results = test::some_results();
  results.curves[0].solution.ending = {Termination::diverged, 6, "x"};
  CHECK(figure_script(results, FigureFormat::svg, "f").find("'theory, diverged after step 6' at") !=
        std::string::npos);
}

TEST_CASE("spread_labels: keeps order and distance, and stays inside") {
  const auto spread = [](const std::vector<double>& wanted) {
    return spread_labels(wanted, 0.5, 3);
  };
  CHECK(spread({0.3, 2.0}) == std::vector<double>{0.3, 2.0});
  const std::vector<double> same = spread({1.0, 1.0, 1.0});
  CHECK(close(same[0], 0.5, {.atol = 1e-15}));
  CHECK(close(same[1], 1.0, {.atol = 1e-15}));
  CHECK(close(same[2], 1.5, {.atol = 1e-15}));
  const std::vector<double> top = spread({2.9, 2.95, 0.1});
  CHECK(close(top[0], 2.25, {.atol = 1e-15}));
  CHECK(close(top[1], 2.75, {.atol = 1e-15}));
  CHECK(close(top[2], 0.25, {.atol = 1e-15}));
}
