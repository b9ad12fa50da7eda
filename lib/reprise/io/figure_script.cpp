#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "reprise/io/figure.hpp"
#include "reprise/io/number_text.hpp"

namespace reprise {

namespace {

// Okabe and Ito's colours without the yellow, which paper swallows; told apart by the usual colour
// blindnesses. Neighbours differ in lightness, so that they do in grey as well.
constexpr std::array<const char*, 8> colours{"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                             "#000000", "#E69F00", "#56B4E9", "#7F7F7F"};
constexpr std::array<const char*, 5> dashes{"1", "(8,4)", "(2,3)", "(10,3,2,3)", "(5,2)"};
constexpr std::array<int, 6> markers{6, 2, 4, 8, 12, 1};  // circle, cross, square, triangles, plus

// Centimetres. A paper's text is about 17 wide; text of 8 points is 0.28 high.
constexpr double width = 17.0;
constexpr double panel_left = 1.15, panel_right = 0.80;  // tic labels; entry labels
constexpr double curves_height = 4.4, differences_height = 2.6;
constexpr double gap = 0.45, below = 1.15, heading_height = 0.95, legend_line = 0.5;
constexpr double title_height = 0.75, label_spacing = 0.34, character_width = 0.165;

/// Text as a gnuplot string that nothing inside can end, mark up or run.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') result += '\'';
    result += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  return result + "'";
}

struct Range {
  double low = 0, high = 0;

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
  /// Room around the data; a constant gets some as well.
  Range padded(double fraction) const {
    const double span = high - low;
    const double pad = span > 0 ? fraction * span : std::max(0.1 * std::abs(high), 1e-3);
    return {low - pad, high + pad};
  }
};

Range range_of(const std::vector<FigureTrace>& traces, bool of_x) {
  const FigurePoint& first = traces.front().points.front();
  Range range{of_x ? first.x : first.y, of_x ? first.x : first.y};
  for (const FigureTrace& trace : traces) {
    for (const FigurePoint& p : trace.points) {
      range.include(of_x ? p.x : p.y - p.error);
      range.include(of_x ? p.x : p.y + p.error);
    }
  }
  return range;
}

/// Moves labels apart to `spacing`, as little as possible in order, within [0, height].
std::vector<double> spread_labels(std::vector<double> wanted, double spacing, double height) {
  std::vector<std::size_t> order(wanted.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
  // Groups that touch are placed as one around their mean, until none touch.
  struct Group {
    double centre_sum;
    std::size_t size;
    double centre() const { return centre_sum / static_cast<double>(size); }
  };
  std::vector<Group> groups;
  const auto half = [&](const Group& g) { return 0.5 * spacing * static_cast<double>(g.size); };
  const auto clamped = [&](const Group& g) {
    return std::clamp(g.centre(), std::min(half(g), 0.5 * height),
                      std::max(height - half(g), 0.5 * height));
  };
  for (const std::size_t i : order) {
    groups.push_back({wanted[i], 1});
    while (groups.size() > 1) {
      const Group& last = groups.back();
      Group& before = groups[groups.size() - 2];
      if (clamped(last) - half(last) >= clamped(before) + half(before)) break;
      before = {before.centre_sum + last.centre_sum, before.size + last.size};
      groups.pop_back();
    }
  }
  std::vector<double> placed(wanted.size());
  std::size_t next = 0;
  for (const Group& group : groups) {
    const double bottom = clamped(group) - half(group) + 0.5 * spacing;
    for (std::size_t i = 0; i < group.size; ++i) {
      placed[order[next++]] = bottom + spacing * static_cast<double>(i);
    }
  }
  return placed;
}

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

  void preamble(FigureFormat format, const std::string& output) {
    const double pixels_per_cm = format == FigureFormat::svg ? 96 / 2.54 : 300 / 2.54;
    const auto size = [&](double cm) { return std::to_string(std::lround(cm * pixels_per_cm)); };
    out_ << "set encoding utf8\nset minussign\n";
    if (format == FigureFormat::svg) {
      out_ << "set terminal svg size " << size(width) << "," << size(height_)
           << " enhanced font 'DejaVu Sans,10' linewidth 1 background '#FFFFFF'\n";
    } else {
      out_ << "set terminal pngcairo size " << size(width) << "," << size(height_)
           << " enhanced font 'DejaVu Sans,7.5' fontscale 3.125 linewidth 3.125 pointscale 3.125"
           << " background '#FFFFFF'\n";
    }
    out_ << "set output " << in_quotes(output) << "\n"
         << "set multiplot\n"
         << "set border 3 lw 0.8\nset tics nomirror out scale 0.5\nset xtics autofreq\n"
         << "set bars 0.6\nunset key\n";
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
      text += ", " + std::string(name(ending.termination)) + " after step " +
              std::to_string(ending.step);
    }
    return text;
  }

  void legend() {
    constexpr double sample_left = 0.05, sample_right = 0.85;
    out_ << "unset border\nunset tics\nset xrange [0:1]\nset yrange [0:1]\n"
         << "set lmargin at screen 0\nset rmargin at screen 1\n"
         << "set bmargin at screen 0\nset tmargin at screen 1\n"
         << "set label " << in_quotes(shortened(results_.title, 105)) << " at "
         << screen(panel_left, 0.42) << " left noenhanced font ',9'\n";
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
    out_ << "plot NaN notitle\nunset label\nunset arrow\n"
         << "set border 3 lw 0.8\nset tics nomirror out scale 0.5\n";
  }

  std::size_t theories() const {
    return static_cast<std::size_t>(
        std::count_if(results_.curves.begin(), results_.curves.end(),
                      [](const CurveResult& curve) { return curve.role == Role::theory; }));
  }

  static std::string shortened(const std::string& text, std::size_t most) {
    return text.size() <= most ? text : text.substr(0, most) + "...";
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
    const Range xs = range_of(panel.traces, true).padded(0.04);
    const Range ys = range_of(panel.traces, false).padded(0.06);
    axes(xs, ys);
    out_ << "set label 1 "
         << in_quotes("(" + std::string(1, static_cast<char>('a' + p)) + ") " + panel.heading)
         << " at " << screen(cell() * static_cast<double>(p) + 0.35, top - 0.55) << " left\n";
    if (!panel.note.empty()) {
      out_ << "set label 2 " << in_quotes(panel.note) << " at " << screen(right, top - 0.12)
           << " right noenhanced font ',7'\n";
    }
    entry_labels(panel, ys, right, bottom);
    out_ << (has_differences_ ? "set format x ''\nunset xlabel\n" : x_axis());
    plot(panel.traces, 1.0, 0.0);
    out_ << "unset label\nset format x\n";
    if (!panel.differences.empty()) draw_differences(p, xs, left, right, bottom + gap);
  }

  void margins(double left, double right, double top, double bottom) {
    out_ << "set lmargin at screen " << rounded(x(left), 6) << "\nset rmargin at screen "
         << rounded(x(right), 6) << "\nset tmargin at screen " << rounded(y(top), 6)
         << "\nset bmargin at screen " << rounded(y(bottom), 6) << "\n";
  }

  void axes(Range xs, Range ys) {
    out_ << "set xrange [" << shortest(xs.low) << ":" << shortest(xs.high) << "]\nset yrange ["
         << shortest(ys.low) << ":" << shortest(ys.high) << "]\n";
  }

  static std::string x_axis() { return "set format x '%g'\nset xlabel 'step' offset 0,0.6\n"; }

  /// Right of the axes, in the colour of the entry, at the height where its line ends.
  void entry_labels(const FigurePanel& panel, Range ys, double right, double bottom) {
    std::vector<double> wanted(panel.labels.size(), 0.5 * curves_height);
    for (auto trace = panel.traces.rbegin(); trace != panel.traces.rend(); ++trace) {
      wanted[trace->entry] = (trace->points.back().y - ys.low) / (ys.high - ys.low) * curves_height;
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
  void draw_differences(std::size_t p, Range xs, double left, double right, double top) {
    const std::vector<FigureTrace>& traces = panels_[p].differences;
    const double bottom = top + differences_height;
    margins(left, right, top, bottom);
    Range ys = range_of(traces, false);
    const double reach = std::max(std::abs(ys.low), std::abs(ys.high));
    const int power = reach > 0 ? static_cast<int>(std::floor(std::log10(reach))) : 0;
    const double unit = std::pow(10.0, power);
    axes(xs, Range{-reach / unit, reach / unit}.padded(0.1));
    out_ << x_axis() << "set arrow 1 from graph 0, first 0 to graph 1, first 0 nohead back lw 0.8"
         << " lc rgb '#000000'\n";
    if (p == 0) {
      out_ << "set ylabel 'simulation − theory' offset 1.8,0\n";
    }
    if (power != 0) {
      out_ << "set label 1 '× 10^{" << (power < 0 ? "−" : "") << std::abs(power) << "}' at "
           << screen(left + 0.1, top - 0.02) << " left font ',9'\n";
    }
    plot(traces, 1 / unit, spacing_of(traces));
    out_ << "unset ylabel\nunset label\nunset arrow\n";
  }

  /// Smallest distance between the points of a trace.
  static double spacing_of(const std::vector<FigureTrace>& traces) {
    double smallest = 0;
    for (const FigureTrace& trace : traces) {
      for (std::size_t i = 1; i < trace.points.size(); ++i) {
        const double distance = trace.points[i].x - trace.points[i - 1].x;
        if (smallest == 0 || distance < smallest) smallest = distance;
      }
    }
    return smallest;
  }

  /// `dodge` > 0 moves the traces apart sideways, within 0.7 of that distance in all.
  void plot(const std::vector<FigureTrace>& traces, double factor, double dodge) {
    std::ostringstream data, commands;
    std::vector<std::string> above;
    for (std::size_t t = 0; t < traces.size(); ++t) {
      const FigureTrace& trace = traces[t];
      const std::string block = "$t" + std::to_string(t);
      const double place =
          (static_cast<double>(t) + 0.5) / static_cast<double>(traces.size()) - 0.5;
      data << block << " << EOD\n";
      for (const FigurePoint& point : trace.points) {
        data << shortest(point.x + 0.7 * dodge * place) << ' ' << shortest(factor * point.y) << ' '
             << shortest(factor * point.error) << '\n';
      }
      data << "EOD\n";
      const std::string colour =
          std::string(" lc rgb '") + colours[trace.entry % colours.size()] + "'";
      if (is_theory(trace.curve)) {
        commands << (commands.str().empty() ? "" : ", \\\n  ") << block << " using 1:2 with lines "
                 << line_style(trace);
      } else {
        above.push_back(block + " using 1:2:3 with yerrorbars pt " +
                        std::to_string(marker(trace.curve)) +
                        (dodge > 0 ? " ps 0.32 lw 0.9" : " ps 0.55 lw 1.1") + colour);
      }
    }
    for (const std::string& command : above) {
      commands << (commands.str().empty() ? "" : ", \\\n  ") << command;
    }
    out_ << data.str() << "plot " << commands.str() << "\n";
  }

  const Results& results_;
  std::vector<FigurePanel> panels_;
  bool has_differences_ = false;
  std::vector<LegendItem> legend_items_;
  int legend_lines_ = 1;
  double height_ = 0;
  std::ostringstream out_;
};

}  // namespace

std::string figure_script(const Results& results, FigureFormat format, const std::string& output) {
  return Script(results, format, output).text();
}

}  // namespace reprise
