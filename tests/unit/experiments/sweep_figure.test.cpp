#include <doctest/doctest.h>

#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/experiments/sweep/sweep_panels.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"
#include "reprise/phase/axis.hpp"
#include "unit/experiments/experiment_text.hpp"

namespace {

using namespace reprise;

Sweep sweep_of(const std::string& keys, const std::vector<std::string>& overrides = {}) {
  return parse_sweep(test::small_descent + "[sweep]\n" + keys, "s.toml", overrides);
}

/// value(i, o) at the i-th point of the grid, of observable o.
template <class Value>
std::map<Sites, PointValues> made_up(const Sweep& sweep, const Value& value) {
  std::map<Sites, PointValues> values;
  std::size_t i = 0;
  for (const Sites& sites : grid(sweep.axes)) {
    PointValues point(1);
    for (std::size_t o = 0; o < sweep.observables.size(); ++o) point[0].push_back(value(i, o));
    values.emplace(sites, std::move(point));
    ++i;
  }
  return values;
}

Measurement measured(double value, double error = 0.01) {
  return {.outcome = Outcome::measured, .value = value, .error = error};
}

std::string script(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  return sweep_figure_script(sweep, values, FigureFormat::svg, "f.svg");
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* map_keys = R"toml(
"training.learning_rate" = { from = 0.01, to = 1, count = 5, scale = "log" }
"training.samples_per_dimension" = { from = 1, to = 16, count = 5, scale = "log" }
"training.schedule" = ["reuse", "fresh"]
observable = "M[1,1]"
)toml";

}  // namespace

TEST_CASE(
    "sweep_figure: maps of an observable share their colours, unless color_range says which") {
  const Sweep sweep = sweep_of(map_keys);
  // The schedule is the last axis: points take turns.
  const auto values = made_up(sweep, [](std::size_t i, std::size_t) {
    return measured(i % 2 == 0 ? 0.2 + 0.001 * static_cast<double>(i) : 0.7);
  });
  const std::vector<SweepPanel> panels = sweep_panels(sweep, values);
  REQUIRE(panels.size() == 2);
  CHECK(panels[0].colours.range.low == 0.2);
  CHECK(panels[0].colours.range.high == 0.7);
  CHECK(panels[1].colours.range.low == panels[0].colours.range.low);
  CHECK(panels[1].colours.range.high == panels[0].colours.range.high);
  const Sweep asked = sweep_of(map_keys, {"figure.color_range=[0, 0.5]"});
  CHECK(has(script(asked, values), "set cbrange [0:0.5]"));
}

TEST_CASE("sweep_figure: cells that diverge have a colour of their own and leave the scale alone") {
  const Sweep sweep = sweep_of(map_keys);
  const auto values = made_up(sweep, [](std::size_t i, std::size_t) {
    if (i == 3) return measured(3e6, 5e6);
    if (i == 4) return measured(0.1, 300);
    if (i == 5) return Measurement{};
    return measured(0.01 * static_cast<double>(i % 20));
  });
  const std::vector<SweepPanel> panels = sweep_panels(sweep, values);
  CHECK(panels[0].colours.range.high == 0.19);
  const auto kind = [&](std::size_t panel, std::size_t cell) {
    return kind_of(panels[panel].cells[cell].value, panels[panel].colours);
  };
  CHECK(kind(0, 0) == CellKind::coloured);
  CHECK(kind(1, 1) == CellKind::off_scale);
  CHECK(kind(0, 2) == CellKind::off_scale);  // 0.1 +- 300 says nothing
  CHECK(kind(1, 2) == CellKind::missing);
  const std::string text = script(sweep, values);
  CHECK(has(text, "0xCC79A7"));
  CHECK(has(text, "'diverging, off the scale'"));
  CHECK(has(text, "'no value: diverged or failed'"));
  CHECK_FALSE(has(text, "'level not reached'"));
  CHECK(has(sweep_caption(sweep, values),
            "1 cells in #CC79A7: diverging, off the scale, up to 3e+06"));
}

TEST_CASE(
    "sweep_figure: a censored and a missing point have their marks, and the legend names them") {
  const Sweep sweep = sweep_of(
      "\"target.noise_variance\" = [0, 0.1, 0.2, 0.3]\nobservable = \"steps to max_overlap >= "
      "0.5\"\n");
  const auto values = made_up(sweep, [](std::size_t i, std::size_t) {
    if (i == 2) return Measurement{.outcome = Outcome::censored, .value = 9};
    if (i == 3) return Measurement{};
    return measured(2 + static_cast<double>(i));
  });
  const std::string text = script(sweep, values);
  CHECK(has(text, "$l0bounds << EOD\n0.2 9 0\nEOD\n"));
  CHECK(has(text, "$l0missing << EOD\n0.3 "));
  CHECK(has(text, "'not reached until then'"));
  CHECK(has(text, "'no value: diverged or failed'"));
  CHECK(has(sweep_caption(sweep, values), "at 0.2 not reached until 9: a triangle"));
  const auto none = made_up(sweep, [](std::size_t, std::size_t) {
    return Measurement{.outcome = Outcome::censored, .value = 9};
  });
  CHECK(has(script(sweep, none), "$l0bounds << EOD\n0 9 0\n"));
}

TEST_CASE("sweep_figure: panels are those that are asked for, axes as they are asked") {
  const std::string keys =
      "\"training.steps\" = [1, 10, 100]\nobservable = [\"max_overlap\", \"training_loss\"]\n";
  const Sweep sweep = sweep_of(keys, {"figure.panels=training_loss", "figure.x.scale=log",
                                      "figure.y.to=8", "figure.width=single"});
  const auto values = made_up(
      sweep, [](std::size_t i, std::size_t) { return measured(1 + static_cast<double>(i)); });
  REQUIRE(sweep_panels(sweep, values).size() == 1);
  const std::string text = script(sweep, values);
  CHECK(has(text, "set logscale x\n"));
  CHECK(has(text, ":8]"));
  CHECK(has(text, "svg size 326,"));
  CHECK_FALSE(has(text, "(a)"));
  CHECK_THROWS_WITH_AS(sweep_of(keys, {"figure.panels=M[1,1]"}),
                       "--set figure.panels: figure.panels must be observables of the sweep, got "
                       "M[1,1]",
                       InputError);
}
