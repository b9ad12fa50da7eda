#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"
#include "reprise/experiments/figure/figure_style.hpp"

namespace reprise {

namespace {

using namespace figure_style;

constexpr double panel_left = 1.35;  // tic labels
constexpr double axes_gap = 0.75, room_below = 1.05,
                 room_above = 0.8;  // between the axes, and around them
constexpr double least_cell = 4.9, label_spacing = 0.34;
constexpr const char* black = "#000000";

/// Where the axes of a row of panels are.
struct Heights {
  double curves = 0, differences = 0;
};

class Script {
 public:
  Script(const Results& results, FigureFormat format, const std::string& output)
      : results_(results),
        panels_(figure_panels(results)),
        x_scale_(time_scale(results)),
        page_(format, page_width(), 1),
        legend_(legend_items(), margin, page_width() - margin) {
    for (const FigurePanel& panel : panels_) {
      has_differences_ |= !panel.differences.empty();
      has_notes_ |= !note(panel).empty();
    }
    title_ = wrapped(results.figure.title.value_or(results.title),
                     (page_.width() - 2 * margin) / 1.1, 2);
    lay_out();
    page_ = Page(format, page_width(), height_);
    out_ << page_.begin(output);
    head();
    for (std::size_t p = 0; p < panels_.size(); ++p) draw_panel(p);
    out_ << "unset multiplot\nset output\n";
  }

  std::string text() const { return out_.str(); }

 private:
  // Layout.

  double page_width() const { return width_of_page(results_.figure, panels_.size()); }

  void lay_out() {
    const auto fit = static_cast<std::size_t>(page_width() / least_cell);
    const std::size_t most = std::max<std::size_t>(1, fit);
    n_rows_ = (panels_.size() + most - 1) / most;
    n_columns_ = (panels_.size() + n_rows_ - 1) / n_rows_;
    cell_ = page_width() / static_cast<double>(n_columns_);
    std::size_t longest = 0;
    for (const FigurePanel& panel : panels_) {
      if (is_coloured_by_curve()) break;  // the heading says what the one entry is
      for (const std::string& label : panel.labels) longest = std::max(longest, shown(label));
    }
    panel_right_ = 0.3 + 0.16 * static_cast<double>(longest);
    const double width = cell_ - panel_left - panel_right_;
    heights_.curves = std::clamp(0.7 * width, 2.6, 4.2);
    heights_.differences = has_differences_ ? std::clamp(0.5 * heights_.curves, 1.6, 2.1) : 0;
    const double rows = static_cast<double>(n_rows_);
    const double fixed = head_height() + rows * (heading_height() + room_below + difference_gap());
    const double axes = rows * (heights_.curves + heights_.differences);
    const double stretch = stretch_of_axes(results_.figure, fixed, axes);
    height_ = fixed + stretch * axes;
    heights_.curves *= stretch;
    heights_.differences *= stretch;
  }

  /// Letters of a label without its markup.
  static std::size_t shown(const std::string& label) {
    const std::size_t n = n_letters(label);
    const std::size_t markup = (label.find("{/:Italic ") != std::string::npos ? 11 : 0) +
                               (label.find("_{") != std::string::npos ? 3 : 0);
    return n - std::min(n, markup);
  }

  double head_height() const {
    return margin + 0.48 * static_cast<double>(title_.size()) + legend_.height() +
           (title_.empty() && legend_.height() == 0 ? 0 : 0.1);
  }
  double heading_height() const { return room_above + (has_notes_ ? 0.36 : 0); }
  double difference_gap() const { return has_differences_ ? axes_gap : 0; }
  double row_height() const {
    return heading_height() + heights_.curves + difference_gap() + heights_.differences +
           room_below;
  }

  Box curves_box(std::size_t p) const {
    const std::size_t row = p / n_columns_;
    const double left = cell_ * static_cast<double>(p % n_columns_) + panel_left;
    const double top = head_height() + row_height() * static_cast<double>(row) + heading_height();
    return {left, left + cell_ - panel_left - panel_right_, top, top + heights_.curves};
  }
  Box differences_box(std::size_t p) const {
    const Box curves = curves_box(p);
    return {curves.left, curves.right, curves.bottom + axes_gap,
            curves.bottom + axes_gap + heights_.differences};
  }

  // Styles.

  bool has_bars() const {
    const auto has_error = [](const FigureTrace& trace) {
      return std::ranges::any_of(trace.points, [](const FigurePoint& p) { return p.error > 0; });
    };
    return std::ranges::any_of(panels_, [&](const FigurePanel& panel) {
      const auto is_bar = [&](const FigureTrace& trace) {
        return !is_theory(trace.curve) && has_error(trace);
      };
      return std::ranges::any_of(panel.traces, is_bar) ||
             std::ranges::any_of(panel.differences, is_bar);
    });
  }

  bool is_theory(std::size_t curve) const { return results_.curves[curve].role == Role::theory; }

  std::size_t ordinal(std::size_t curve) const {
    std::size_t count = 0;
    for (std::size_t c = 0; c < curve; ++c) count += is_theory(c) == is_theory(curve) ? 1 : 0;
    return count;
  }

  std::size_t n_theories() const {
    return static_cast<std::size_t>(
        std::ranges::count(results_.curves, Role::theory, &CurveResult::role));
  }

  /// Colours tell the entries of a panel apart; where each panel has one, they tell the theories.
  bool is_coloured_by_curve() const {
    const auto has_one_entry = [](const FigurePanel& panel) { return panel.labels.size() == 1; };
    return n_theories() > 1 && std::ranges::all_of(panels_, has_one_entry);
  }

  /// A simulation has the colour of the theory that it is compared with.
  std::size_t theory_of(std::size_t curve) const {
    for (const PairComparison& pair : results_.comparisons) {
      if (pair.simulation != results_.curves[curve].name) continue;
      const auto theory = std::ranges::find(results_.curves, pair.theory, &CurveResult::name);
      if (theory != results_.curves.end()) {
        return static_cast<std::size_t>(theory - results_.curves.begin());
      }
    }
    return curve;
  }

  std::string colour_of_curve(std::size_t curve) const {
    if (!is_theory(curve)) curve = theory_of(curve);
    if (!is_theory(curve)) return black;
    // More than the eye tells apart are a series, from dark to light.
    if (n_theories() <= colours.size()) return colours[ordinal(curve)];
    return shade(static_cast<double>(ordinal(curve)) / static_cast<double>(n_theories() - 1));
  }

  std::string colour(const FigureTrace& trace) const {
    return is_coloured_by_curve() ? colour_of_curve(trace.curve)
                                  : colours[trace.entry % colours.size()];
  }

  std::string line_style(const FigureTrace& trace) const {
    // With one theory the dashes tell the entries apart in grey, and lines that coincide in colour.
    const std::size_t dash = n_theories() == 1 ? trace.entry : ordinal(trace.curve);
    return std::string("lw 1.4 dt ") + dash_of(dash) + " lc rgb '" + colour(trace) + "'";
  }

  const char* dash_of(std::size_t ordinal) const {
    return n_theories() > colours.size() ? dashes[0] : dashes[ordinal % dashes.size()];
  }

  static std::string overlay_style(std::size_t overlay) {
    return std::string("lw 0.9 dt ") + dashes[(overlay + 2) % dashes.size()] + " lc rgb '#7F7F7F'";
  }

  int marker(std::size_t curve) const { return markers[ordinal(curve) % markers.size()]; }

  std::vector<LegendItem> legend_items() const {
    std::vector<LegendItem> items;
    if (results_.figure.legend == LegendPlace::none) return items;
    for (std::size_t c = 0; c < results_.curves.size(); ++c) {
      LegendItem item{.text = name_of(c)};
      const std::string in_colour =
          " lc rgb '" + (is_coloured_by_curve() ? colour_of_curve(c) : black) + "'";
      if (is_theory(c)) {
        item.line =
            std::string("lw 1.4 dt ") + dash_of(n_theories() == 1 ? 0 : ordinal(c)) + in_colour;
      } else {
        item.point = "pt " + std::to_string(marker(c)) + " ps 0.75 lw 1.2" + in_colour;
      }
      items.push_back(item);
    }
    for (std::size_t o = 0; o < overlays().size(); ++o) {
      items.push_back({.text = overlays()[o].label, .line = overlay_style(o)});
    }
    if (has_bars()) items.push_back({.text = "one standard error", .has_bar = true});
    return items;
  }

  std::string name_of(std::size_t curve) const {
    const CurveResult& result = results_.curves[curve];
    std::string text = result.name;
    if (!is_theory(curve) && text.find("simul") == std::string::npos) text += " (simulation)";
    const Ending& ending = result.solution.ending;
    if (!ending.is_completed()) {
      text += ", " + std::string(name(ending.termination)) + last_moment(result.solution);
    }
    return text;
  }

  void head() {
    out_ << "unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\n"
         << page_.margins({0, page_.width(), 0, page_.height()});
    double top = margin;
    for (const std::string& line : title_) {
      out_ << "set label " << in_quotes(line) << " at " << page_.at(margin, top + 0.2)
           << " left noenhanced " << page_.font(1.1) << "\n";
      top += 0.48;
    }
    out_ << legend_.script(page_, top) << "plot NaN notitle\nunset label\nunset arrow\n"
         << "set border 3 lw 0.8\nset xtics " << page_.font(0.92) << "\nset ytics "
         << page_.font(0.92) << "\n";
  }

  // Panels.

  bool is_log(const FigurePanel& panel) const { return value_scale(results_, panel) == Scale::log; }

  static bool has_negatives(const FigurePanel& panel) {
    return std::ranges::any_of(panel.traces, [](const FigureTrace& trace) {
      return std::ranges::any_of(trace.points, [](const FigurePoint& p) { return p.y < 0; });
    });
  }

  std::string note(const FigurePanel& panel) const {
    const std::string sizes = is_log(panel) && has_negatives(panel) ? "absolute values" : "";
    return sizes + (sizes.empty() || panel.note.empty() ? "" : "; ") + panel.note;
  }

  Clock clock() const {
    return results_.curves.empty() ? Clock::steps : results_.curves.front().solution.clock;
  }

  /// Room on both sides for points that are moved apart sideways.
  PlotAxis x_axis(const FigurePanel& panel) const {
    Extent range = range_of(panel.traces, Coordinate::x);
    const bool is_log_axis = x_scale_ == Scale::log;
    if (is_log_axis) range = {std::log10(range.low), std::log10(range.high)};
    const double pad = std::max(
        0.04 * (range.high - range.low),
        panel.differences.empty() ? 0.0 : 0.45 * smallest_spacing(panel.differences, x_scale_));
    range = pad > 0 ? Extent{range.low - pad, range.high + pad} : range.padded(0.04);
    if (is_log_axis) range = {std::pow(10.0, range.low), std::pow(10.0, range.high)};
    range = with_ends(range, results_.figure.x);
    check_ends(range, "x");
    return {.scale = x_scale_,
            .range = range,
            .length = cell_ - panel_left - panel_right_,
            .is_horizontal = true,
            .is_whole = clock() == Clock::steps};
  }

  PlotAxis y_axis(const FigurePanel& panel, double unit) const {
    PlotAxis axis{.length = heights_.curves};
    if (is_log(panel)) {
      axis.scale = Scale::log;
      const Extent sizes = log_range_of(panel.traces).value_or(Extent{0.1, 1});
      const double pad = std::pow(sizes.high / sizes.low, 0.06) * 1.05;
      axis.range = with_ends({sizes.low / pad, sizes.high * pad}, results_.figure.y);
      check_ends(axis.range, "y");
      if (axis.range.low > 0) return axis;
      throw InputError("figure.y.from must be > 0 on a log axis, got " + shortest(axis.range.low));
    }
    const Extent data = range_of(panel.traces, Coordinate::y);
    axis.range = with_ends(data.padded(0.06), results_.figure.y);
    check_ends(axis.range, "y");
    axis.range = axis.range.divided(unit);
    return axis;
  }

  void draw_panel(std::size_t p) {
    const FigurePanel& panel = panels_[p];
    const Box box = curves_box(p);
    const PlotAxis xs = x_axis(panel);
    const double unit = is_log(panel) ? 1 : unit_of(range_of(panel.traces, Coordinate::y), {-3, 3});
    const PlotAxis ys = y_axis(panel, unit);
    const bool is_lowest = panel.differences.empty();
    out_ << page_.margins(box) << axis("x", xs, is_lowest) << axis("y", ys);
    unit_label(unit, box);
    const double heading = box.top - heading_height() + 0.3;
    out_ << "set label " << in_quotes(lettered(panel.heading, p, panels_.size())) << " at "
         << page_.at(box.left - panel_left + margin, heading) << " left\n";
    if (!note(panel).empty()) {
      out_ << "set label " << in_quotes(note(panel)) << " at "
           << page_.at(box.left - panel_left + margin, heading + 0.36) << " left noenhanced "
           << page_.font(0.87) << "\n";
    }
    entry_labels(panel, ys, unit, box);
    out_ << (is_lowest ? x_label() : "unset xlabel\n");
    plot(panel.traces, unit, ys, 0.0, p == 0 ? overlay_lines(xs, ys, unit) : Lines());
    out_ << "unset label\n";
    if (!is_lowest) draw_differences(p, xs);
  }

  std::string x_label() const {
    return "set xlabel '" + std::string(name(clock())) + "' offset 0,0.6\n";
  }

  /// The power of ten that the numbers on an axis are shown in: 1 while the largest is within
  /// [10^free.low, 10^(free.high + 1)).
  static double unit_of(Extent range, Extent free) {
    const double reach = std::max(std::abs(range.low), std::abs(range.high));
    if (!(reach > 0)) return 1;
    const double power = std::max(std::floor(std::log10(reach)), -300.0);  // 1 / unit is finite
    return power >= free.low && power <= free.high ? 1 : std::pow(10.0, power);
  }

  void unit_label(double unit, const Box& box) {
    if (unit == 1) return;
    const long power = std::lround(std::log10(unit));
    out_ << "set label '× 10^{" << (power < 0 ? "−" : "") << std::labs(power) << "}' at "
         << page_.at(box.left, box.top - 0.22) << " left " << page_.font(0.92) << "\n";
  }

  /// Right of the axes, in the colour of the entry, at the height where its line ends.
  void entry_labels(const FigurePanel& panel, const PlotAxis& ys, double unit, const Box& box) {
    if (is_coloured_by_curve()) return;
    const auto place = [&](double value) {
      const double y = std::abs(value) > 0 && ys.scale == Scale::log
                           ? std::log10(std::abs(value) / ys.range.low) /
                                 std::log10(ys.range.high / ys.range.low)
                           : (value / unit - ys.range.low) / (ys.range.high - ys.range.low);
      return std::clamp(y, 0.0, 1.0) * box.height();
    };
    std::vector<double> wanted(panel.labels.size(), 0.5 * box.height());
    for (auto trace = panel.traces.rbegin(); trace != panel.traces.rend(); ++trace) {
      wanted[trace->entry] = place(trace->points.back().y);
    }
    const double spacing =
        std::min(label_spacing, box.height() / static_cast<double>(wanted.size()));
    const std::vector<double> placed = spread_labels(wanted, spacing, box.height());
    for (std::size_t e = 0; e < placed.size(); ++e) {
      out_ << "set label " << in_quotes(panel.labels[e]) << " at "
           << page_.at(box.right + 0.1, box.bottom - placed[e]) << " left tc rgb '"
           << colours[e % colours.size()] << "'\n";
    }
  }

  const std::vector<FigureOverlay>& overlays() const { return results_.figure.overlay.all; }

  /// Where it has no value, as log(x) at 0, there is a gap.
  std::vector<FigurePoint> points_of(const FigureOverlay& overlay, const PlotAxis& xs) const {
    constexpr int n_points = 400;
    std::vector<FigurePoint> points;
    for (int i = 0; i <= n_points; ++i) {
      const double f = i / static_cast<double>(n_points);
      const double x = xs.scale == Scale::log
                           ? xs.range.low * std::pow(xs.range.high / xs.range.low, f)
                           : xs.range.low + f * (xs.range.high - xs.range.low);
      double y = NAN;
      try {
        y = evaluate_formula(overlay.formula, {{"x", x}});
      } catch (const InputError&) {
      }
      points.push_back({.x = x, .y = y});
    }
    return points;
  }

  /// In units of a power of ten that stands above them.
  void draw_differences(std::size_t p, const PlotAxis& xs) {
    const std::vector<FigureTrace>& traces = panels_[p].differences;
    const Box box = differences_box(p);
    Extent range = range_of(traces, Coordinate::y);
    range.include(0);
    const double unit = unit_of(range, {0, 0});
    const PlotAxis ys{.range = range.padded(0.08).divided(unit), .length = box.height()};
    out_ << page_.margins(box) << axis("x", xs) << axis("y", ys);
    unit_label(unit, box);
    out_ << x_label() << "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back lw 0.8"
         << " lc rgb '#000000'\n";
    if (p % n_columns_ == 0) {
      out_ << "set label 'simulation − theory' at " << page_.at(0.25, 0.5 * (box.top + box.bottom))
           << " center rotate by 90 " << page_.font(0.85) << "\n";
    }
    const double share = std::min(0.7, 0.1 * static_cast<double>(traces.size()));
    plot(traces, unit, ys, share * smallest_spacing(traces, x_scale_));
    out_ << "unset label\nunset arrow\n";
  }

  /// The traces as data blocks $t0, $t1, ... of x, y and standard error; `dodge` > 0 spreads them
  /// sideways over that distance of the axis.
  void data_blocks(const std::vector<FigureTrace>& traces, double unit, const PlotAxis& ys,
                   double dodge) {
    const auto count = static_cast<double>(traces.size());
    const bool has_sizes = ys.scale == Scale::log;
    for (std::size_t t = 0; t < traces.size(); ++t) {
      const double shift = dodge * ((static_cast<double>(t) + 0.5) / count - 0.5);
      out_ << "$t" << t << " << EOD\n";
      for (const FigurePoint& point : traces[t].points) {
        const double y = has_sizes ? std::abs(point.y) : point.y / unit;
        if (has_sizes && y == 0) continue;
        out_ << shortest(x_scale_ == Scale::log ? point.x * std::pow(10.0, shift) : point.x + shift)
             << ' ' << shortest(y) << ' ' << shortest(has_sizes ? point.error : point.error / unit)
             << '\n';
      }
      out_ << "EOD\n";
    }
  }

  static bool is_drawn(const FigureTrace& trace, const PlotAxis& ys) {
    return ys.scale != Scale::log ||
           std::ranges::any_of(trace.points, [](const FigurePoint& p) { return p.y != 0; });
  }

  using Lines = std::vector<std::string>;

  /// As data blocks $o0, $o1, .. and what draws them: within the panel alone.
  Lines overlay_lines(const PlotAxis& xs, const PlotAxis& ys, double unit) {
    Lines lines;
    for (std::size_t o = 0; o < overlays().size(); ++o) {
      const std::string block = "$o" + std::to_string(o);
      std::string points;
      bool is_visible = false;
      for (const FigurePoint& point : points_of(overlays()[o], xs)) {
        const double y = ys.scale == Scale::log ? std::abs(point.y) : point.y / unit;
        const bool is_in = y >= ys.range.low && y <= ys.range.high;
        is_visible |= is_in;
        points += is_in ? shortest(point.x) + ' ' + shortest(y) + '\n' : "\n";
      }
      if (!is_visible) continue;  // gnuplot refuses to plot no data
      out_ << block << " << EOD\n" << points << "EOD\n";
      lines.push_back(block + " using 1:2 with lines " + overlay_style(o));
    }
    return lines;
  }

  /// Lines first, points over them. A white disc under each point keeps it apart from its line.
  void plot(const std::vector<FigureTrace>& traces, double unit, const PlotAxis& ys, double dodge,
            Lines lines = {}) {
    data_blocks(traces, unit, ys, dodge);
    // On a log axis a bar may go through 0.
    const std::string floor = shortest(ys.range.low);
    const std::string low =
        ys.scale == Scale::log ? "($2-$3>" + floor + "?$2-$3:" + floor + ")" : "($2-$3)";
    Lines points;
    for (std::size_t t = 0; t < traces.size(); ++t) {
      const FigureTrace& trace = traces[t];
      if (!is_drawn(trace, ys)) continue;  // gnuplot refuses to plot no data
      const std::string block = "$t" + std::to_string(t);
      if (is_theory(trace.curve)) {
        lines.push_back(block + " using 1:2 with lines " + line_style(trace));
        continue;
      }
      const bool is_hollow = ordinal(trace.curve) % markers.size() != 1;
      if (is_hollow && dodge == 0) {
        points.push_back(block + " using 1:2 with points pt 7 ps 0.6 lc rgb '#FFFFFF'");
      }
      // Not "with yerrorbars", which erases everything around each point.
      std::ostringstream bar, point;
      bar << block << " using 1:" << low << ":(0):($2+$3-" << low << ") with vectors nohead lw "
          << (dodge > 0 ? "0.8" : "1") << " lc rgb '" << colour(trace) << "'";
      point << block << " using 1:2 with points pt " << marker(trace.curve)
            << (dodge > 0 ? " ps 0.32 lw 0.8" : " ps 0.65 lw 1") << " lc rgb '" << colour(trace)
            << "'";
      points.push_back(bar.str());
      points.push_back(point.str());
    }
    lines.insert(lines.end(), points.begin(), points.end());
    if (lines.empty()) lines.emplace_back("NaN notitle");
    for (std::size_t c = 0; c < lines.size(); ++c) {
      out_ << (c == 0 ? "plot " : ", \\\n  ") << lines[c];
    }
    out_ << "\n";
  }

  const Results& results_;
  std::vector<FigurePanel> panels_;
  Scale x_scale_;
  Page page_;
  Legend legend_;
  std::vector<std::string> title_;
  bool has_differences_ = false, has_notes_ = false;
  std::size_t n_rows_ = 1, n_columns_ = 1;
  Heights heights_;
  double cell_ = 0, panel_right_ = 0, height_ = 0;  // cm
  std::ostringstream out_;
};

}  // namespace

std::string figure_script(const Results& results, FigureFormat format, const std::string& output) {
  return Script(results, format, output).text();
}

}  // namespace reprise
