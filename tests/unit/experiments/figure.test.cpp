#include "reprise/experiments/figure/figure.hpp"

#include <doctest/doctest.h>

#include "reprise/core/error.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"
#include "reprise/experiments/figure/figure_style.hpp"
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
  CHECK(panel.note == "8 of 48 entries: the largest of 8 of 12 directions");
}

TEST_CASE("figure_panels: of ten neurons every direction is shown, though one has all large ones") {
  Results results = test::some_results();
  for (CurveResult& curve : results.curves) {
    Series M = test::some_series("M", 10, 3, 4, 0.0, 0.1);
    for (Eigen::Index e = 0; e < 30; e += 3) M.value.col(e).array() += 5;
    curve.solution.series[0] = M;
  }
  const FigurePanel panel = figure_panels(results)[0];
  CHECK(panel.labels == std::vector<std::string>{"{/:Italic M}_{8,1}", "{/:Italic M}_{8,3}",
                                                 "{/:Italic M}_{9,1}", "{/:Italic M}_{9,2}",
                                                 "{/:Italic M}_{9,3}", "{/:Italic M}_{10,1}",
                                                 "{/:Italic M}_{10,2}", "{/:Italic M}_{10,3}"});
  CHECK(panel.note == "8 of 30 entries: the largest of each direction");
}

TEST_CASE("figure_panels: those that the figure asks for, with the entries that it names") {
  Results results = test::some_results();
  results.figure.panels = {"training_loss", "M"};
  results.figure.entries = {"M[2,3]", "M[1,1]"};
  const std::vector<FigurePanel> panels = figure_panels(results);
  REQUIRE(panels.size() == 2);
  CHECK(panels[0].heading == "training loss");
  CHECK(panels[1].heading == "overlaps with the target");
  CHECK(panels[1].labels == std::vector<std::string>{"{/:Italic M}_{23}", "{/:Italic M}_{11}"});
  results.figure.entries = {"M[3,1]"};
  CHECK_THROWS_WITH_AS(figure_panels(results),
                       "figure.entries: M[3,1] is none, M has 2 rows and 3 columns", InputError);
  results.figure.panels = {"residual"};
  CHECK_THROWS_WITH_AS(figure_panels(results),
                       "figure.panels: no curve has a value of \"residual\"", InputError);
}

TEST_CASE("figure_panels: points of a long simulation are thinned to even distances") {
  Results results = test::some_results();
  Solution& solution = results.curves[1].solution;
  solution.step.clear();
  solution.time.clear();
  for (const int last : {30, 1000, 997}) {
    CAPTURE(last);
    solution.step.clear();
    solution.time.clear();
    for (int t = 0; t <= last; ++t) {
      solution.step.push_back(t);
      solution.time.push_back(t);
    }
    solution.series = {test::some_series("M", 2, 3, last + 1, 0.1, 0.1)};
    const std::vector<FigurePanel> panels = figure_panels(results);
    for (const FigureTrace& trace : panels[0].traces) {
      if (trace.curve != 1) continue;
      const std::vector<FigurePoint>& points = trace.points;
      CHECK(points.size() > 12);
      CHECK(points.size() <= 25);
      CHECK(close(points.back().x, last, {}));
      if (last != 997) CHECK(close(points.front().x, 0, {}));  // 997 is a prime
      for (std::size_t i = 2; i < points.size(); ++i) {
        CHECK(close(points[i].x - points[i - 1].x, points[1].x - points[0].x, {.atol = 1e-12}));
      }
    }
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

TEST_CASE("figure_script: the legend says what bars are, where there are any") {
  Results results = test::some_results();
  const auto says = [&] {
    return figure_script(results, FigureFormat::svg, "f").find("standard error") !=
           std::string::npos;
  };
  CHECK(says());
  for (CurveResult& curve : results.curves) {
    for (Series& series : curve.solution.series) series.standard_error.resize(0, 0);
  }
  CHECK_FALSE(says());
  results = test::some_results();
  results.figure.legend = LegendPlace::none;
  CHECK_FALSE(says());
}

TEST_CASE("figure_script: errors that fall by 30 or more are on a log axis, or as it is asked") {
  Results results = test::some_results();
  const auto is_log = [&] {
    return figure_script(results, FigureFormat::svg, "f").find("\nset logscale y\n") !=
           std::string::npos;
  };
  CHECK(is_log());  // the training loss begins at 1e-7
  results.figure.y = FigureAxisKeys{.scale = Scale::linear};
  CHECK_FALSE(is_log());
  for (CurveResult& curve : results.curves) curve.solution.series.pop_back();
  results.figure.y.reset();
  CHECK_FALSE(is_log());
  // Overlaps as sizes: what is 0 has no place.
  results.figure.y = FigureAxisKeys{.scale = Scale::log};
  results.curves[0].solution.series[0].value(0, 0) = 0;
  results.curves[0].solution.series[0].value(1, 0) = -0.5;
  const std::string script = figure_script(results, FigureFormat::svg, "f");
  CHECK(script.find("$t0 << EOD\n2 0.5 0.001\n") != std::string::npos);
  CHECK(script.find("'absolute values'") != std::string::npos);
}

TEST_CASE("figure_script: where panels have one entry, colours tell the theories apart") {
  Results results = test::some_results();
  results.figure.panels = {"generalisation_error"};
  results.curves.push_back(results.curves[0]);
  results.curves.back().name = "fresh";
  results.curves.push_back(results.curves[1]);
  results.curves.back().name = "d = 9, fresh";
  results.comparisons = {{.theory = "fresh", .simulation = "d = 9, fresh"}};
  const std::string script = figure_script(results, FigureFormat::svg, "f.svg");
  using namespace figure_style;
  const std::string second = std::string(" lc rgb '") + colours[1] + "'";
  CHECK(script.find("with lines lw 1.4 dt 1 lc rgb '" + std::string(colours[0])) != script.npos);
  CHECK(script.find("with lines lw 1.4 dt (8,4)" + second) != script.npos);
  // The simulation beside it has its colour, in the axes and in the legend; the other is of no
  // pair.
  CHECK(script.find("pt 2 ps 0.65 lw 1" + second) != script.npos);
  CHECK(script.find("point pt 2 ps 0.75 lw 1.2" + second) != script.npos);
  CHECK(script.find("pt 6 ps 0.65 lw 1 lc rgb '#000000'") != script.npos);
}

TEST_CASE("figure_script: more theories than colours go from dark to light") {
  Results results = test::some_results();
  results.figure.panels = {"generalisation_error"};
  const CurveResult theory = results.curves[0];
  results.curves.assign(12, theory);
  const std::string script = figure_script(results, FigureFormat::svg, "f.svg");
  for (const double place : {0.0, 1 / 11.0, 1.0}) {
    CHECK(script.find("with lines lw 1.4 dt 1 lc rgb '" + figure_style::shade(place)) !=
          script.npos);
  }
  CHECK(figure_style::shade(0) == "#440154");
  CHECK(figure_style::shade(0.5 / 0.9) == "#21918C");
}

TEST_CASE("figure_script: overlays are drawn in the first panel, where they are in its range") {
  Results results = test::some_results();
  results.figure.overlay.all = {{"half", "0.5"}, {"law", "log(x)"}, {"nowhere", "1e9"}};
  results.figure.panels = {"generalisation_error", "M"};
  const std::string script = figure_script(results, FigureFormat::svg, "f.svg");
  const auto count = [&](const std::string& text) {
    int n = 0;
    for (std::size_t at = 0; (at = script.find(text, at)) != script.npos; ++at) ++n;
    return n;
  };
  CHECK(count("$o1 using 1:2 with lines") == 1);
  CHECK(count("$o2 using") == 0);
  CHECK(count("'half' at") == 1);
  CHECK(figure_caption(results).find("law, grey line in the first panel: y = log(x)\n") !=
        std::string::npos);
}

TEST_CASE("figure_script: width and height are those of the page, in every format") {
  Results results = test::some_results();
  results.figure.width = FigureWidth{FigureWidth::single_column};
  results.figure.height = 9;
  const auto terminal = [&](FigureFormat format) {
    const std::string script = figure_script(results, format, "f");
    const std::size_t at = script.find("set terminal");
    return script.substr(at, script.find(" enhanced") - at);
  };
  CHECK(terminal(FigureFormat::svg) == "set terminal svg size 326,864");
  CHECK(terminal(FigureFormat::png) == "set terminal pngcairo size 1020,2700");
  CHECK(terminal(FigureFormat::pdf) == "set terminal pdfcairo size 8.636cm,22.86cm");
  results.figure.height = 2;
  const auto draw = [&] { (void)figure_script(results, FigureFormat::svg, "f"); };
  CHECK_THROWS_AS(draw(), InputError);
}

TEST_CASE("figure_script: a long title is broken between words, and \"\" is none") {
  Results results = test::some_results();
  for (int i = 0; i < 12; ++i) results.title += " and somewhat longer";
  const std::string script = figure_script(results, FigureFormat::svg, "f");
  CHECK(script.find("set label 'Made up and somewhat longer") != std::string::npos);
  CHECK(script.find("...' at") != std::string::npos);  // 250 letters are more than two lines
  results.figure.title = "";
  CHECK(figure_script(results, FigureFormat::svg, "f").find("Made up") == std::string::npos);
}

TEST_CASE("figure_caption: says what lines, points, bars and panels are, and whether they agree") {
  const std::string caption = figure_caption(test::some_results());
  for (const char* part : {"Made up.", "theory, line: dmft",
                           "d = 9, n = 3, points: simulation (exact), mean of 8 runs",
                           "one standard error", "(a) overlaps with the target: M_11, M_12",
                           "theory against d = 9, n = 3: largest |difference|", "Reprise 0.0.0"}) {
    CAPTURE(part);
    CHECK(caption.find(part) != std::string::npos);
  }
}

TEST_CASE("ticks: round numbers whose labels have room, two at least") {
  const auto labels = [](const PlotAxis& axis) {
    std::string text;
    for (const Tick& tick : ticks(axis)) {
      if (!tick.is_minor) text += (text.empty() ? "" : " ") + tick.label;
    }
    return text;
  };
  CHECK(labels({.range = {-1.2, 31.2}, .length = 2.2, .is_horizontal = true, .is_whole = true}) ==
        "0 10 20 30");
  CHECK(labels({.range = {-0.3, 7.3}, .length = 3.8, .is_horizontal = true, .is_whole = true}) ==
        "0 1 2 3 4 5 6 7");
  CHECK(labels({.range = {0.301, 0.349}, .length = 3}) == "0.31 0.32 0.33 0.34");
  CHECK(labels({.range = {-1, 1}, .length = 0.9}) == "−1 0 1");
  CHECK(labels({.range = {0, 3e5}, .length = 3.8, .is_horizontal = true}) ==
        "0 10^{5} 2×10^{5} 3×10^{5}");
  const auto log = [&](double low, double high, double length) {
    return labels(
        {.scale = Scale::log, .range = {low, high}, .length = length, .is_horizontal = true});
  };
  CHECK(log(1e-2, 1e4, 3.5) == "10^{−2} 10^{0} 10^{2} 10^{4}");
  CHECK(log(0.014, 2.8, 5) == "0.03 0.1 0.3 1");
  CHECK(log(0.5, 8, 5) == "0.5 1 2 5");
  CHECK(log(3.1, 3.9, 5).find(' ') != std::string::npos);
}

TEST_CASE("wrapped: letters, not bytes, and never in the middle of one") {
  const std::vector<std::string> lines = figure_style::wrapped("ααααα βββββ γγγγγ", 1.9, 2);
  CHECK(lines == std::vector<std::string>{"ααααα βββββ", "γγγγγ"});
  CHECK(figure_style::wrapped("ααααααααααααααααααααααα", 1.6, 1) ==
        std::vector<std::string>{"ααααααα..."});
  CHECK(figure_style::wrapped("", 5, 2).empty());
}

TEST_CASE("figure_script: theory is drawn with lines, simulation with bars and points over them") {
  const std::string script = figure_script(test::some_results(), FigureFormat::png, "f.png");
  CHECK(script.find("set terminal pngcairo size 2100,") !=
        std::string::npos);  // 7 inches at 300 dpi
  const std::size_t line = script.find("$t0 using 1:2 with lines");
  const std::size_t bars =
      script.find("$t1 using 1:($2-$3):(0):($2+$3-($2-$3)) with vectors nohead");
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
