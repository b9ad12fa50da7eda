#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"
#include "reprise/experiments/figure/figure_style.hpp"

namespace reprise {

namespace {

using namespace figure_style;

class Script {
 public:
  Script(const Results& results, FigureFormat format, const std::string& output)
      : results_(results), panels_(figure_panels(results)) {
    for (const FigurePanel& panel : panels_) has_differences_ |= !panel.differences.empty();
    place_legend();
    height_ = title_height + legend_line * legend_lines_ + heading_height + curves_height +
              (has_differences_ ? gap + differences_height : 0) + below;
    preamble(format, output);
    legend();
    for (std::size_t p = 0; p < panels_.size(); ++p) draw_panel(p);
    out_ << "unset multiplot\nset output\n";
  }

  std::string text() const { return out_.str(); }

 private:
  double x(double cm) const { return cm / width; }
  double y(double cm_from_top) const { return 1 - cm_from_top / height_; }
  std::string screen(double left, double top) const {
    return "screen " + rounded(x(left), 6) + ", screen " + rounded(y(top), 6);
  }

  /// A size relative to that of the text.
  std::string font(double relative) const {
    return "font '," + rounded(relative * font_size_, 3) + "'";
  }

  void preamble(FigureFormat format, const std::string& output) {
    font_size_ = format == FigureFormat::svg ? 10 : 7.5;
    out_ << figure_style::preamble(terminal(format, width, height_), output)
         << "set multiplot\nunset key\n";
  }

  bool has_bars() const {
    const auto has_error = [](const FigureTrace& trace) {
      return std::ranges::any_of(trace.points, [](const FigurePoint& p) { return p.error > 0; });
    };
    return std::ranges::any_of(panels_, [&](const FigurePanel& panel) {
      return std::ranges::any_of(panel.traces, has_error) ||
             std::ranges::any_of(panel.differences, has_error);
    });
  }

  bool is_theory(std::size_t curve) const { return results_.curves[curve].role == Role::theory; }

  std::size_t ordinal(std::size_t curve) const {
    std::size_t count = 0;
    for (std::size_t c = 0; c < curve; ++c) count += is_theory(c) == is_theory(curve) ? 1 : 0;
    return count;
  }

  std::string line_style(const FigureTrace& trace) const {
    std::size_t n_theories = 0;
    for (std::size_t c = 0; c < results_.curves.size(); ++c) n_theories += is_theory(c) ? 1 : 0;
    // With one theory the dashes tell the entries apart in grey, and lines that coincide in colour.
    const std::size_t dash = n_theories == 1 ? trace.entry : ordinal(trace.curve);
    return std::string("lw 1.4 dt ") + dashes[dash % dashes.size()] + " lc rgb '" +
           colours[trace.entry % colours.size()] + "'";
  }

  int marker(std::size_t curve) const { return markers[ordinal(curve) % markers.size()]; }

  // The legend of the curves: samples in black with their names, left to right, line by line.

  struct LegendItem {
    std::size_t curve;
    double left;
    int line;
  };

  void place_legend() {
    constexpr double sample = 1.05, between = 0.6, first = panel_left;
    double left = first;
    legend_lines_ = 1;
    for (std::size_t c = 0; c < results_.curves.size(); ++c) {
      const double item = sample + character_width * static_cast<double>(caption(c).size());
      if (left > first && left + item > width - 0.3) {
        left = first;
        ++legend_lines_;
      }
      legend_items_.push_back({c, left, legend_lines_});
      left += item + between;
    }
  }

  std::string caption(std::size_t curve) const {
    const CurveResult& result = results_.curves[curve];
    std::string text = result.name;
    if (!is_theory(curve) && text.find("simul") == std::string::npos) text += " (simulation)";
    const Ending& ending = result.solution.ending;
    if (!ending.is_completed()) {
      text += ", " + std::string(name(ending.termination)) + last_moment(result.solution);
    }
    return text;
  }

  void legend() {
    constexpr double sample_left = 0.05, sample_right = 0.85;
    out_ << "unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\n"
         << "set lmargin at screen 0\nset rmargin at screen 1\n"
         << "set bmargin at screen 0\nset tmargin at screen 1\n"
         << "set label " << in_quotes(shortened(results_.title, 85)) << " at "
         << screen(panel_left, 0.42) << " left noenhanced " << font(1.1) << "\n";
    for (const auto& [curve, left, line] : legend_items_) {
      const double top = title_height + legend_line * (line - 0.5);
      out_ << "set label " << in_quotes(caption(curve)) << " at " << screen(left + 1.0, top)
           << " left noenhanced\n";
      if (is_theory(curve)) {
        const FigureTrace sample{.curve = curve, .entry = 4, .points = {}};
        std::string style = line_style(sample);
        if (theories() == 1) style = "lw 1.4 dt 1 lc rgb '#000000'";
        out_ << "set arrow from " << screen(left + sample_left, top) << " to "
             << screen(left + sample_right, top) << " nohead " << style << "\n";
      } else {
        out_ << "set label '' at " << screen(left + 0.5, top) << " point pt " << marker(curve)
             << " ps 0.75 lw 1.2 lc rgb '#000000'\n";
      }
    }
    if (has_bars()) {
      out_ << "set label 'bars: one standard error' at " << screen(width - 0.3, height_ - 0.2)
           << " right " << font(0.87) << "\n";
    }
    out_ << "plot NaN notitle\nunset label\nunset arrow\n"
         << "set border 3 lw 0.8\nset xtics nomirror out scale 0.5 " << font(0.92)
         << "\nset ytics nomirror out scale 0.5 " << font(0.92) << "\n";
  }

  std::size_t theories() const {
    return static_cast<std::size_t>(
        std::count_if(results_.curves.begin(), results_.curves.end(),
                      [](const CurveResult& curve) { return curve.role == Role::theory; }));
  }

  static std::string shortened(const std::string& text, std::size_t most) {
    if (text.size() <= most) return text;
    std::string cut = text;
    cut.resize(most);
    cut += "...";
    return cut;
  }

  // Panels.

  double cell() const { return width / static_cast<double>(panels_.size()); }

  void draw_panel(std::size_t p) {
    const FigurePanel& panel = panels_[p];
    const double left = cell() * static_cast<double>(p) + panel_left;
    const double right = cell() * static_cast<double>(p + 1) - panel_right;
    const double top = title_height + legend_line * legend_lines_ + heading_height;
    const double bottom = top + curves_height;
    margins(left, right, top, bottom);
    const Extent xs = x_range(panel);
    const Extent data = range_of(panel.traces, Coordinate::y);
    const double unit = unit_of(data, {-3, 3});
    const Extent ys = data.padded(0.06).divided(unit);
    axes(xs, ys);
    unit_label(unit, left, top);
    out_ << "set label 1 "
         << in_quotes("(" + std::string(1, static_cast<char>('a' + p)) + ") " + panel.heading)
         << " at " << screen(cell() * static_cast<double>(p) + 0.35, top - 0.7) << " left\n";
    if (!panel.note.empty()) {
      out_ << "set label 2 " << in_quotes(panel.note) << " at " << screen(right, top - 0.12)
           << " right noenhanced " << font(0.87) << "\n";
    }
    entry_labels(panel, ys, unit, right, bottom);
    out_ << (panel.differences.empty() ? x_axis() : "set format x ''\nunset xlabel\n");
    plot(panel.traces, 1 / unit, 0.0);
    out_ << "unset label\nset format x\n";
    if (!panel.differences.empty()) draw_differences(p, xs, left, right, bottom + gap);
  }

  void margins(double left, double right, double top, double bottom) {
    out_ << "set lmargin at screen " << rounded(x(left), 6) << "\nset rmargin at screen "
         << rounded(x(right), 6) << "\nset tmargin at screen " << rounded(y(top), 6)
         << "\nset bmargin at screen " << rounded(y(bottom), 6) << "\n";
  }

  void axes(Extent xs, Extent ys) {
    // Steps are whole numbers, and so are their tics; so are exponents of ten. As many as fit.
    const double span = xs.high - xs.low;
    if (results_.has_log_times && span > 1.2) {
      const double most = panels_.size() > 3 ? 3 : 5;
      out_ << "set xtics " << shortest(std::ceil(span / most)) << "\n";
    } else {
      const bool are_whole = !results_.has_log_times && counts_steps() && span < 12;
      out_ << (are_whole ? "set xtics 1\n" : "set xtics autofreq\n");
    }
    out_ << "set xrange [" << shortest(xs.low) << ":" << shortest(xs.high) << "]\nset yrange ["
         << shortest(ys.low) << ":" << shortest(ys.high) << "]\n";
  }

  Clock clock() const {
    return results_.curves.empty() ? Clock::steps : results_.curves.front().solution.clock;
  }
  bool counts_steps() const { return clock() == Clock::steps; }

  std::string x_axis() const {
    return std::string("set format x '") + (results_.has_log_times ? "10^{%g}" : "%g") +
           "'\nset xlabel '" + std::string(name(clock())) + "' offset 0,0.6\n";
  }

  /// The power of ten that the numbers on an axis are shown in: 1 while the largest is within
  /// [10^free.low, 10^(free.high + 1)).
  static double unit_of(Extent range, Extent free) {
    const double reach = std::max(std::abs(range.low), std::abs(range.high));
    if (!(reach > 0)) return 1;
    const double power = std::max(std::floor(std::log10(reach)), -300.0);  // 1 / unit is finite
    return power >= free.low && power <= free.high ? 1 : std::pow(10.0, power);
  }

  void unit_label(double unit, double left, double top) {
    if (unit == 1) return;
    const long power = std::lround(std::log10(unit));
    out_ << "set label 3 '× 10^{" << (power < 0 ? "−" : "") << std::labs(power) << "}' at "
         << screen(left, top - 0.24) << " left " << font(1.0) << "\n";
  }

  /// Right of the axes, in the colour of the entry, at the height where its line ends.
  void entry_labels(const FigurePanel& panel, Extent ys, double unit, double right, double bottom) {
    std::vector<double> wanted(panel.labels.size(), 0.5 * curves_height);
    for (auto trace = panel.traces.rbegin(); trace != panel.traces.rend(); ++trace) {
      wanted[trace->entry] =
          (trace->points.back().y / unit - ys.low) / (ys.high - ys.low) * curves_height;
    }
    const double spacing =
        std::min(label_spacing, curves_height / static_cast<double>(wanted.size()));
    const std::vector<double> placed = spread_labels(wanted, spacing, curves_height);
    for (std::size_t e = 0; e < placed.size(); ++e) {
      out_ << "set label " << in_quotes(panel.labels[e]) << " at "
           << screen(right + 0.1, bottom - placed[e]) << " left tc rgb '"
           << colours[e % colours.size()] << "'\n";
    }
  }

  /// In units of a power of ten that the heading names.
  void draw_differences(std::size_t p, Extent xs, double left, double right, double top) {
    const std::vector<FigureTrace>& traces = panels_[p].differences;
    const double bottom = top + differences_height;
    margins(left, right, top, bottom);
    Extent ys = range_of(traces, Coordinate::y);
    ys.include(0);
    const double unit = unit_of(ys, {0, 0});
    axes(xs, ys.padded(0.08).divided(unit));
    unit_label(unit, left, top);
    out_ << x_axis() << "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back lw 0.8"
         << " lc rgb '#000000'\n";
    if (p == 0) {
      out_ << "set label 2 'simulation − theory' at " << screen(0.2, 0.5 * (top + bottom))
           << " center rotate by 90\n";
    }
    const double share = std::min(0.7, 0.1 * static_cast<double>(traces.size()));
    plot(traces, 1 / unit, share * smallest_spacing(traces));
    out_ << "unset label\nunset arrow\n";
  }

  /// Room on both sides for points that are moved apart sideways.
  static Extent x_range(const FigurePanel& panel) {
    const Extent range = range_of(panel.traces, Coordinate::x);
    const double pad =
        std::max(0.04 * (range.high - range.low),
                 panel.differences.empty() ? 0.0 : 0.45 * smallest_spacing(panel.differences));
    return pad > 0 ? Extent{range.low - pad, range.high + pad} : range.padded(0.04);
  }

  /// The traces as data blocks $t0, $t1, ...; `dodge` > 0 spreads them sideways over that
  /// distance.
  void data_blocks(const std::vector<FigureTrace>& traces, double factor, double dodge) {
    const auto count = static_cast<double>(traces.size());
    for (std::size_t t = 0; t < traces.size(); ++t) {
      const double shift = dodge * ((static_cast<double>(t) + 0.5) / count - 0.5);
      out_ << "$t" << t << " << EOD\n";
      for (const FigurePoint& point : traces[t].points) {
        out_ << shortest(point.x + shift) << ' ' << shortest(factor * point.y) << ' '
             << shortest(factor * point.error) << '\n';
      }
      out_ << "EOD\n";
    }
  }

  /// Lines first, points over them. A white disc under each point keeps it apart from its line.
  void plot(const std::vector<FigureTrace>& traces, double factor, double dodge) {
    data_blocks(traces, factor, dodge);
    std::vector<std::string> lines, points;
    for (std::size_t t = 0; t < traces.size(); ++t) {
      const FigureTrace& trace = traces[t];
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
      const char* colour = colours[trace.entry % colours.size()];
      std::ostringstream bar, point;
      bar << block << " using 1:($2-$3):(0):(2*$3) with vectors nohead lw "
          << (dodge > 0 ? "0.8" : "1") << " lc rgb '" << colour << "'";
      point << block << " using 1:2 with points pt " << marker(trace.curve)
            << (dodge > 0 ? " ps 0.32 lw 0.8" : " ps 0.65 lw 1") << " lc rgb '" << colour << "'";
      points.push_back(bar.str());
      points.push_back(point.str());
    }
    lines.insert(lines.end(), points.begin(), points.end());
    for (std::size_t c = 0; c < lines.size(); ++c) {
      out_ << (c == 0 ? "plot " : ", \\\n  ") << lines[c];
    }
    out_ << "\n";
  }

  const Results& results_;
  std::vector<FigurePanel> panels_;
  bool has_differences_ = false;
  std::vector<LegendItem> legend_items_;
  int legend_lines_ = 1;
  double height_ = 0;     // cm
  double font_size_ = 0;  // points of the terminal
  std::ostringstream out_;
};

}  // namespace

std::string figure_script(const Results& results, FigureFormat format, const std::string& output) {
  return Script(results, format, output).text();
}

}  // namespace reprise
