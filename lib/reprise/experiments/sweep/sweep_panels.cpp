#include "reprise/experiments/sweep/sweep_panels.hpp"

#include <algorithm>
#include <cmath>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

namespace {

using Values = std::map<Sites, PointValues>;

constexpr std::size_t most_panels = 6, most_lines = 8;

double middle(double a, double b, bool is_log) { return is_log ? std::sqrt(a * b) : (a + b) / 2; }
double mirrored(double a, double b, bool is_log) { return is_log ? b * b / a : 2 * b - a; }

// Where the cell of a listed value begins and ends: halfway to its neighbours.
std::pair<double, double> edges(const std::vector<double>& numbers, std::size_t i, bool is_log) {
  const auto edge = [&](std::size_t a, std::size_t b) {
    return middle(numbers[a], numbers[b], is_log);
  };
  const std::size_t last = numbers.size() - 1;
  const double low = i > 0 ? edge(i - 1, i) : mirrored(edge(0, 1), numbers[0], is_log);
  const double high =
      i < last ? edge(i, i + 1) : mirrored(edge(last - 1, last), numbers[last], is_log);
  return {low, high};
}

/// What most of the numbers cover: without those that lie beyond ten times the width of their
/// middle half. Something also for a single number, or none.
Extent robust_range(std::vector<double> numbers, bool is_log) {
  constexpr double reach = 10;
  std::erase_if(numbers, [&](double v) { return is_log && !(v > 0); });
  if (numbers.empty()) return {0.1, 1};
  std::ranges::sort(numbers);
  const auto place = [&](double v) { return is_log ? std::log10(v) : v; };
  const double low = place(numbers[numbers.size() / 4]);
  const double high = place(numbers[numbers.size() - 1 - numbers.size() / 4]);
  const double fence = reach * (high - low);
  if (fence > 0) {
    std::erase_if(numbers,
                  [&](double v) { return place(v) < low - fence || place(v) > high + fence; });
  }
  Extent range{numbers.front(), numbers.back()};
  if (range.high > range.low) return range;
  return is_log ? Extent{range.low / 2, range.low * 2} : range.padded(0.5);
}

class SweepPanels {
 public:
  SweepPanels(const Sweep& sweep, const Values& values) : sweep_(sweep), values_(values) {
    for (std::size_t a = 0; a < sweep.axes.size(); ++a) {
      const bool is_long = sweep.axes[a].is_numeric() && sweep.axes[a].n_values() > 1;
      (is_long && map_axes_.size() < 2 ? map_axes_ : other_axes_).push_back(a);
    }
    const bool is_wanted =
        sweep.figure == SweepFigure::map || (sweep.figure == SweepFigure::automatic &&
                                             std::ranges::all_of(map_axes_, [&](std::size_t a) {
                                               return sweep.axes[a].n_values() >= 5;
                                             }));
    is_map_ = map_axes_.size() == 2 && is_wanted;
  }

  std::vector<SweepPanel> panels() const {
    std::vector<SweepPanel> result;
    for (const std::size_t o : drawn_observables()) {
      if (sweep_.figure == SweepFigure::exponents) {
        result.push_back(exponents_panel(o));
        continue;
      }
      if (!is_map_) {
        result.push_back(lines_panel(o));
        continue;
      }
      for (std::size_t c = 0; c < sweep_.curves.size(); ++c) {
        const std::int64_t n_third =
            other_axes_.empty() ? 1 : sweep_.axes[other_axes_[0]].n_values();
        for (std::int64_t third = 0; third < n_third; ++third) {
          result.push_back(map_panel(c, o, third));
        }
      }
    }
    std::erase_if(result, [](const SweepPanel& p) { return p.lines.empty() && p.cells.empty(); });
    const bool is_asked = !sweep_.figure_keys.panels.empty();
    if (result.size() > most_panels && !is_asked) result.resize(most_panels);
    share_colours(result);
    return result;
  }

 private:
  std::vector<std::size_t> drawn_observables() const {
    std::vector<std::size_t> drawn;
    for (const std::string& text : sweep_.figure_keys.panels) {
      const auto found = std::ranges::find(sweep_.observables, text, &Observable::text);
      drawn.push_back(static_cast<std::size_t>(found - sweep_.observables.begin()));
    }
    for (std::size_t o = 0;
         drawn.size() < sweep_.observables.size() && sweep_.figure_keys.panels.empty(); ++o) {
      drawn.push_back(o);
    }
    return drawn;
  }

  // Maps that are to be compared have one scale.
  void share_colours(std::vector<SweepPanel>& panels) const {
    for (SweepPanel& panel : panels) {
      if (panel.cells.empty()) continue;
      std::vector<double> numbers;
      bool is_log_scale = true;
      for (const SweepPanel& other : panels) {
        if (other.observable != panel.observable) continue;
        is_log_scale &= other.has_log_value;
        for (const MapCell& cell : other.cells) {
          if (cell.value.outcome == Outcome::measured && cell.value.is_above_noise.value_or(true)) {
            numbers.push_back(cell.value.value);
          }
        }
      }
      panel.colours = {.range = robust_range(numbers, is_log_scale), .is_log = is_log_scale};
      const std::vector<double>& asked = sweep_.figure_keys.color_range;
      if (!asked.empty()) {
        panel.colours = {.range = {asked[0], asked[1]}, .is_log = is_log_scale && asked[0] > 0};
      }
    }
  }

  bool is_log(std::size_t axis) const { return sweep_.axes[axis].first().scale == Scale::log; }

  SweepPanel map_panel(std::size_t curve, std::size_t observable, std::int64_t third) const {
    const Axis &x = sweep_.axes[map_axes_[0]], &y = sweep_.axes[map_axes_[1]];
    SweepPanel panel{.heading = (sweep_.curves.size() > 1 ? sweep_.curves[curve] + ": " : "") +
                                sweep_.observables[observable].text,
                     .x_label = axis_label(sweep_, x),
                     .y_label = axis_label(sweep_, y),
                     .has_log_x = is_log(map_axes_[0]),
                     .has_log_y = is_log(map_axes_[1]),
                     .observable = observable};
    if (!other_axes_.empty()) {
      const Axis& z = sweep_.axes[other_axes_[0]];
      panel.heading += ", " + axis_label(sweep_, z) + " = " + z.label(third * z.spacing());
    }
    for (std::int64_t i = 0; i < x.n_values(); ++i) {
      for (std::int64_t j = 0; j < y.n_values(); ++j) {
        const Sites sites = map_sites(i, j, third);
        const auto found = values_.find(sites);
        if (found == values_.end()) continue;
        const auto [left, right] =
            edges(x.first().numbers, static_cast<std::size_t>(i), panel.has_log_x);
        const auto [bottom, top] =
            edges(y.first().numbers, static_cast<std::size_t>(j), panel.has_log_y);
        panel.cells.push_back({x.position(i * x.spacing()), y.position(j * y.spacing()),
                               std::min(left, right), std::max(left, right), std::min(bottom, top),
                               std::max(bottom, top), found->second[curve][observable]});
      }
    }
    for (const MapCell& cell : panel.cells) {
      const bool is_first = &cell == &panel.cells.front();
      panel.x_low = is_first ? cell.left : std::min(panel.x_low, cell.left);
      panel.x_high = is_first ? cell.right : std::max(panel.x_high, cell.right);
    }
    const bool is_passage = sweep_.observables[observable].kind == Observable::Kind::passage;
    panel.has_log_value = is_passage && std::ranges::all_of(panel.cells, [](const MapCell& cell) {
                            return cell.value.outcome != Outcome::measured || cell.value.value > 0;
                          });
    add_boundary(panel, curve, observable, third);
    add_overlays(panel);
    return panel;
  }

  // The point at listed values of the axes of the map, and of the third.
  Sites map_sites(std::int64_t i, std::int64_t j, std::int64_t third) const {
    Sites sites(sweep_.axes.size());
    sites[map_axes_[0]] = i * sweep_.axes[map_axes_[0]].spacing();
    sites[map_axes_[1]] = j * sweep_.axes[map_axes_[1]].spacing();
    if (!other_axes_.empty()) {
      sites[other_axes_[0]] = third * sweep_.axes[other_axes_[0]].spacing();
    }
    return sites;
  }

  void add_boundary(SweepPanel& panel, std::size_t curve, std::size_t observable,
                    std::int64_t third) const {
    SweepLine line{.label = "", .points = {}, .law = {}};
    const bool is_along_y = sweep_.boundary && sweep_.boundary->axis == map_axes_[1];
    const bool is_along_x = sweep_.boundary && sweep_.boundary->axis == map_axes_[0];
    if (!is_along_x && !is_along_y) return;
    const std::size_t other = is_along_y ? map_axes_[0] : map_axes_[1];
    for (const Reduced& b : boundary(sweep_, values_)) {
      if (b.curve != curve || b.observable != observable) continue;
      if (!other_axes_.empty() &&
          b.sites[other_axes_[0]] != map_sites(0, 0, third)[other_axes_[0]]) {
        continue;
      }
      if (b.value.outcome != Outcome::measured) continue;
      const double position = sweep_.axes[other].position(b.sites[other]);
      line.points.push_back(is_along_y ? FigurePoint{position, b.value.value, b.value.error}
                                       : FigurePoint{b.value.value, position, 0});
    }
    line.label = "level " + rounded(sweep_.boundary->level, 4);
    if (!line.points.empty()) panel.lines.push_back(line);
  }

  void add_overlays(SweepPanel& panel) const {
    constexpr int n_points = 200;
    for (const Overlay& overlay : sweep_.overlays) {
      SweepLine line{.label = overlay.label, .points = {}, .law = {}, .is_theory = true};
      for (int i = 0; i <= n_points; ++i) {
        const double f = i / static_cast<double>(n_points);
        const double x = panel.has_log_x ? panel.x_low * std::pow(panel.x_high / panel.x_low, f)
                                         : panel.x_low + f * (panel.x_high - panel.x_low);
        try {
          line.points.push_back({x, evaluate_formula(overlay.formula, {{"x", x}}), 0});
        } catch (const InputError&) {  // no value there, log(x) at 0
        }
      }
      panel.lines.push_back(std::move(line));
    }
  }

  // Lines: over the axis of the fit, else the first numeric one that is left.

  std::size_t line_axis() const {
    if (sweep_.fit) return sweep_.fit->axis;
    for (std::size_t a = 0; a < sweep_.axes.size(); ++a) {
      const bool is_used_up = (sweep_.boundary && sweep_.boundary->axis == a) ||
                              (sweep_.maximum_over && *sweep_.maximum_over == a);
      if (sweep_.axes[a].is_numeric() && !is_used_up) return a;
    }
    return 0;
  }

  SweepPanel lines_panel(std::size_t observable) const {
    const std::size_t axis = line_axis();
    const bool is_reduced = sweep_.boundary || sweep_.maximum_over;
    SweepPanel panel{
        .heading = sweep_.observables[observable].text,
        .x_label = axis_label(sweep_, sweep_.axes[axis]),
        .y_label = sweep_.boundary ? axis_label(sweep_, sweep_.axes[sweep_.boundary->axis]) : "",
        .has_log_x = is_log(axis)};
    if (sweep_.boundary) panel.heading += " at level " + rounded(sweep_.boundary->level, 4);
    if (sweep_.maximum_over) {
      panel.heading =
          "largest " + panel.heading + " over " + sweep_.axes[*sweep_.maximum_over].name();
    }
    std::map<std::pair<std::size_t, Sites>, SweepLine> lines;
    const auto add = [&](const Sites& sites, std::size_t curve, const Measurement& m) {
      Sites rest = sites;
      rest[axis] = 0;
      SweepLine& line = lines[{curve, rest}];
      const double x = sweep_.axes[axis].position(sites[axis]);
      if (m.outcome == Outcome::missing) line.missing.push_back(x);
      if (m.outcome == Outcome::censored) line.bounds.push_back({x, m.value, 0});
      if (m.outcome != Outcome::measured) return;
      line.points.push_back({x, m.value, std::isfinite(m.error) ? m.error : 0});
    };
    if (is_reduced) {
      for (const Reduced& r :
           sweep_.boundary ? boundary(sweep_, values_) : maxima(sweep_, values_)) {
        if (r.observable == observable) add(r.sites, r.curve, r.value);
      }
    } else {
      for (const auto& [sites, point] : values_) {
        for (std::size_t c = 0; c < point.size(); ++c) add(sites, c, point[c][observable]);
      }
    }
    std::vector<std::size_t> used_up{axis};
    if (sweep_.boundary) used_up.push_back(sweep_.boundary->axis);
    if (sweep_.maximum_over) used_up.push_back(*sweep_.maximum_over);
    const std::vector<SweepFit> all_fits = fits(sweep_, values_);
    set_looks(lines);
    for (auto& [key, line] : lines) {
      if (line.points.empty() && line.bounds.empty()) continue;
      const std::string rest = describe_rest(sweep_, key.second, used_up, AxisWords::labels);
      const bool names_curve = sweep_.curves.size() > 1 || rest.empty();
      line.label = (names_curve ? sweep_.curves[key.first] : "") +
                   (names_curve && !rest.empty() ? ", " : "") + rest;
      for (const SweepFit& fit : all_fits) {
        if (fit.sites == key.second && fit.curve == key.first && fit.observable == observable &&
            fit.law && sweep_.fit->divide_by.empty()) {
          line.law = fit.law;
          line.label += ": exponent " + with_error(fit.law->exponent, fit.law->error);
        }
      }
      std::ranges::sort(line.points, {}, &FigurePoint::x);
      panel.lines.push_back(std::move(line));
    }
    if (panel.lines.size() > most_lines) panel.lines.resize(most_lines);
    set_x_range(panel);
    choose_scales(panel);
    if (!panel.lines.empty()) add_overlays(panel);
    return panel;
  }

  // Where there are theories and simulations the former are lines and the latter points, and what
  // is to be compared has one colour. Else each line has its own.
  void set_looks(std::map<std::pair<std::size_t, Sites>, SweepLine>& lines) const {
    const std::vector<Role> roles = curve_roles();
    const bool are_mixed = std::ranges::count(roles, Role::theory) > 0 &&
                           std::ranges::count(roles, Role::simulation) > 0;
    std::vector<Sites> rests;
    std::size_t n_lines = 0;
    for (auto& [key, line] : lines) {
      const auto& [curve, rest] = key;
      const auto known = std::ranges::find(rests, rest);
      const auto of_rest = static_cast<std::size_t>(known - rests.begin());
      if (known == rests.end()) rests.push_back(rest);
      const auto own = roles.begin() + static_cast<std::ptrdiff_t>(curve);
      const auto of_role = static_cast<std::size_t>(std::count(roles.begin(), own, *own));
      line.colour = are_mixed ? of_rest : n_lines;
      line.marker = are_mixed ? of_role : n_lines;
      line.dash = are_mixed ? of_role : 0;
      line.is_bare = are_mixed && *own == Role::theory;
      line.is_unconnected = are_mixed && *own == Role::simulation;
      ++n_lines;
    }
  }

  std::vector<Role> curve_roles() const {
    const Experiment experiment = experiment_at(sweep_, {Sites(sweep_.axes.size(), 0)});
    std::vector<Role> roles;
    for (const std::string& name : sweep_.curves) {
      const auto spec = std::ranges::find(experiment.curves, name, &CurveSpec::name);
      roles.push_back(row_of(experiment, *spec).role);
    }
    return roles;
  }

  SweepPanel exponents_panel(std::size_t observable) const {
    const std::vector<std::size_t> by_fit = used_up_by_fit(sweep_);
    std::size_t axis = sweep_.axes.size();
    for (std::size_t a = sweep_.axes.size(); a-- > 0;) {
      const bool is_left = std::ranges::find(by_fit, a) == by_fit.end();
      if (is_left && sweep_.axes[a].is_numeric()) axis = a;
    }
    if (axis == sweep_.axes.size()) return {};
    SweepPanel panel{.heading = "exponent along " +
                                axis_label(sweep_, sweep_.axes[sweep_.fit->axis]) +
                                " of: " + sweep_.observables[observable].text,
                     .x_label = axis_label(sweep_, sweep_.axes[axis]),
                     .y_label = "exponent"};
    std::vector<std::size_t> used_up = by_fit;
    used_up.push_back(axis);
    std::map<std::pair<std::size_t, Sites>, std::pair<SweepLine, SweepLine>> lines;
    for (const SweepFit& fit : fits(sweep_, values_)) {
      if (fit.observable != observable) continue;
      Sites rest = fit.sites;
      rest[axis] = 0;
      auto& [line, theory] = lines[{fit.curve, rest}];
      line.label = describe_rest(sweep_, rest, used_up, AxisWords::labels);
      if (line.label.empty() || sweep_.curves.size() > 1) {
        line.label = sweep_.curves[fit.curve] + (line.label.empty() ? "" : ", " + line.label);
      }
      const double x = sweep_.axes[axis].position(fit.sites[axis]);
      const double error = fit.law && std::isfinite(fit.law->error) ? fit.law->error : 0;
      if (fit.law) line.points.push_back({x, fit.law->exponent, error});
      if (fit.expected) theory.points.push_back({x, *fit.expected, 0});
    }
    for (auto& [key, pair] : lines) {
      if (pair.first.points.empty()) continue;
      pair.first.is_unconnected = true;
      pair.first.colour = pair.first.marker = panel.lines.size();
      pair.second.is_theory = true;
      panel.lines.push_back(pair.first);
    }
    bool is_first = true;
    for (auto& [key, pair] : lines) {
      if (pair.second.points.empty()) continue;
      pair.second.label = is_first ? "expected" : "";
      is_first = false;
      panel.lines.push_back(pair.second);
    }
    set_x_range(panel);
    return panel;
  }

  // What the lines cover, marks of values that are not there included.
  static void set_x_range(SweepPanel& panel) {
    Extent range{INFINITY, -INFINITY};
    for (const SweepLine& line : panel.lines) {
      for (const FigurePoint& p : line.points) range.include(p.x);
      for (const FigurePoint& p : line.bounds) range.include(p.x);
      for (const double x : line.missing) range.include(x);
    }
    panel.x_low = range.low;
    panel.x_high = range.high;
  }

  void choose_scales(SweepPanel& panel) const {
    if (panel.lines.empty()) return;
    Extent values{INFINITY, -INFINITY};
    for (const SweepLine& line : panel.lines) {
      for (const FigurePoint& p : line.points) values.include(p.y);
      for (const FigurePoint& p : line.bounds) values.include(p.y);
    }
    panel.has_log_y = values.low > 0 && (sweep_.fit || values.high / values.low > 30);
    panel.has_log_x = panel.x_low > 0 && (panel.has_log_x || sweep_.fit.has_value());
  }

  const Sweep& sweep_;
  const Values& values_;
  std::vector<std::size_t> map_axes_, other_axes_;  // the first two of numbers, and the rest
  bool is_map_ = false;
};

}  // namespace

CellKind kind_of(const Measurement& value, const ColourScale& scale) {
  if (value.outcome == Outcome::missing) return CellKind::missing;
  if (value.outcome == Outcome::censored) return CellKind::censored;
  // Ends that were asked for are just those of the colours.
  const double reach = 10 * std::max(std::abs(scale.range.low), std::abs(scale.range.high));
  const bool is_uncertain = std::isfinite(value.error) && value.error > reach;
  if (std::abs(value.value) > reach || is_uncertain) return CellKind::off_scale;
  return value.is_above_noise.value_or(true) ? CellKind::coloured : CellKind::noise;
}

std::vector<SweepPanel> sweep_panels(const Sweep& sweep, const Values& values) {
  return SweepPanels(sweep, values).panels();
}

}  // namespace reprise
