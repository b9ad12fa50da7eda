#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/figure/figure_style.hpp"
#include "reprise/experiments/sweep/sweep_panels.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"

namespace reprise {

namespace {

using namespace figure_style;

constexpr double sweep_left = 1.7, sweep_right = 0.5, sweep_above = 0.75, sweep_below = 1.35;
constexpr double bar_room = 1.9, sweep_title = 0.9, legend_row = 0.42;

// A pattern in the noise of zeros means nothing.
bool has_colour(const Measurement& m) {
  return m.outcome == Outcome::measured && m.is_above_noise.value_or(true);
}

class SweepScript {
 public:
  SweepScript(const Sweep& sweep, std::vector<SweepPanel> panels, FigureFormat format,
              const std::string& output)
      : panels_(std::move(panels)) {
    columns_ = std::min<std::size_t>(panels_.size(), 2);
    const std::size_t rows = (panels_.size() + columns_ - 1) / columns_;
    is_map_ = !panels_.front().cells.empty();
    cell_ = columns_ == 1 ? 12.0 : width / static_cast<double>(columns_);
    std::size_t n_labels = 0;
    for (const SweepPanel& panel : panels_) {
      n_labels = std::max<std::size_t>(
          n_labels, std::ranges::count_if(
                        panel.lines, [](const SweepLine& line) { return !line.label.empty(); }));
    }
    legend_ = legend_row * static_cast<double>(n_labels);
    body_ = 0.78 * (cell_ - sweep_left - sweep_right - (is_map_ ? bar_room : 0));
    row_ = sweep_above + body_ + sweep_below + legend_;
    height_ = sweep_title + static_cast<double>(rows) * row_;
    total_width_ = cell_ * static_cast<double>(columns_);
    out_ << preamble(terminal(format, total_width_, height_), output)
         << "set multiplot\nunset key\nset label 1 " << in_quotes(sweep.title)
         << " noenhanced at screen " << sweep_left / total_width_ << "," << 1 - 0.4 / height_
         << "\nset border lw 0.8\nset tics out nomirror scale 0.5\n"
         << "set palette defined (0 '#440154', 1 '#3B528B', 2 '#21918C', 3 '#5EC962', 4 "
            "'#FDE725')\n";
    for (std::size_t p = 0; p < panels_.size(); ++p) draw(p);
    out_ << "unset multiplot\nset output\n";
  }
  std::string text() const { return out_.str(); }

 private:
  void draw(std::size_t p) {
    const SweepPanel& panel = panels_[p];
    const double left = cell_ * static_cast<double>(p % columns_) + sweep_left;
    const double right = left + cell_ - sweep_left - sweep_right - (is_map_ ? bar_room : 0);
    const double top = sweep_title + row_ * static_cast<double>(p / columns_) + sweep_above;
    out_ << "set lmargin at screen " << left / total_width_ << "\nset rmargin at screen "
         << right / total_width_ << "\nset tmargin at screen " << 1 - top / height_
         << "\nset bmargin at screen " << 1 - (top + body_) / height_ << "\nset label 2 "
         << in_quotes("(" + std::string(1, static_cast<char>('a' + p)) + ") " + panel.heading)
         << " noenhanced at screen " << (left - sweep_left + 0.3) / total_width_ << ","
         << 1 - (top - 0.3) / height_ << "\nset xlabel " << in_quotes(panel.x_label)
         << " noenhanced offset 0,0.6\nset ylabel " << in_quotes(panel.y_label)
         << " noenhanced offset 1,0\nunset logscale\n";
    double low = 0, high = 0;
    const auto include = [&](double value) {
      low = low == 0 ? value : std::min(low, value);
      high = std::max(high, value);
    };
    for (const MapCell& cell : panel.cells) include(cell.bottom), include(cell.top);
    if (panel.cells.empty()) {
      for (const SweepLine& line : panel.lines) {
        for (const FigurePoint& point : line.points) include(point.y);
      }
    }
    scale("x", panel.has_log_x, panel.x_low, panel.x_high);
    scale("y", panel.has_log_y, low, high);
    legend(panel, left, top + body_ + sweep_below);
    panel.cells.empty() ? draw_lines(panel) : draw_map(panel);
    out_ << "unset label\nunset arrow\n";
  }

  // A log axis of less than two decades has tics at 1, 2 and 5, not only at powers of ten.
  void scale(const std::string& axis, bool is_log, double low, double high) {
    if (!is_log) {
      out_ << "set format " << axis << " '%g'\nset " << axis << "tics autofreq\n";
      return;
    }
    out_ << "set logscale " << axis << "\n";
    if (high > 100 * low) {
      out_ << "set format " << axis << " '10^{%T}'\nset " << axis << "tics autofreq\n";
      return;
    }
    out_ << "set format " << axis << " '%g'\nset " << axis << "tics (";
    const char* separator = "";
    for (double decade = std::pow(10.0, std::floor(std::log10(low))); decade <= high;
         decade *= 10) {
      for (const double tic : {decade, 2 * decade, 5 * decade}) {
        out_ << separator << rounded(tic, 3);
        separator = ", ";
      }
    }
    out_ << ")\n";
  }

  static std::string colour_of(std::size_t line) { return colours[line % colours.size()]; }

  // Theories to compare with are told apart by their dashes.
  static std::string dashes_of(const SweepPanel& panel, std::size_t l) {
    const auto before = panel.lines.begin() + static_cast<std::ptrdiff_t>(l);
    const auto n = std::count_if(panel.lines.begin(), before, std::mem_fn(&SweepLine::is_theory));
    constexpr const char* dashes[] = {"(6,4)", "(2,3)", "(10,3,2,3)"};
    return std::string(" dt ") + dashes[static_cast<std::size_t>(n) % std::size(dashes)];
  }

  std::string style_of(const SweepPanel& panel, std::size_t l) const {
    if (panel.cells.empty()) {
      return panel.lines[l].is_theory ? "lw 1.2" + dashes_of(panel, l) + " lc rgb '#000000'"
                                      : "lw 1.4 lc rgb '" + colour_of(l) + "'";
    }
    return panel.lines[l].is_theory ? "lw 1.8" + dashes_of(panel, l) + " lc rgb '#FFFFFF'"
                                    : "lw 2.2 lc rgb '#D55E00'";
  }

  void legend(const SweepPanel& panel, double left, double top) {
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      if (panel.lines[l].label.empty()) continue;
      const double y = 1 - (top + legend_row * (static_cast<double>(l) + 0.3)) / height_;
      std::string style = style_of(panel, l);
      if (!panel.cells.empty() && panel.lines[l].is_theory)
        style = "lw 1.8" + dashes_of(panel, l) + " lc rgb '#7F7F7F'";
      out_ << "set arrow from screen " << (left - 0.9) / total_width_ << "," << y << " to screen "
           << (left - 0.2) / total_width_ << "," << y << " nohead " << style << "\nset label "
           << in_quotes(panel.lines[l].label) << " noenhanced at screen " << left / total_width_
           << "," << y << "\n";
    }
  }

  void block(const std::string& name, const std::vector<FigurePoint>& points) {
    out_ << name << " << EOD\n";
    for (const FigurePoint& p : points) {
      out_ << shortest(p.x) << ' ' << shortest(p.y) << ' ' << shortest(p.error) << '\n';
    }
    out_ << "EOD\n";
  }

  void draw_map(const SweepPanel& panel) {
    out_ << "set xrange [" << shortest(panel.x_low) << ":" << shortest(panel.x_high) << "]\n";
    double low = panel.cells.front().bottom, high = panel.cells.front().top;
    double least = INFINITY, most = -INFINITY;
    for (const MapCell& cell : panel.cells) {
      low = std::min(low, cell.bottom);
      high = std::max(high, cell.top);
      if (!has_colour(cell.value)) continue;
      least = std::min(least, cell.value.value);
      most = std::max(most, cell.value.value);
    }
    if (!(most > least)) {
      least = std::isfinite(least) ? least - 0.5 : 0;
      most = least + 1;
    }
    out_ << "set yrange [" << shortest(low) << ":" << shortest(high) << "]\nset cbrange ["
         << shortest(least) << ":" << shortest(most) << "]\nset colorbox\n";
    scale("cb", panel.has_log_value && least > 0, least, most);
    out_ << "$cells << EOD\n";
    std::ostringstream others;  // censored: dark grey; missing: light grey; noise: white
    for (const MapCell& c : panel.cells) {
      std::ostream& to = has_colour(c.value) ? static_cast<std::ostream&>(out_) : others;
      to << shortest(c.x) << ' ' << shortest(c.y) << ' ' << shortest(c.left) << ' '
         << shortest(c.right) << ' ' << shortest(c.bottom) << ' ' << shortest(c.top) << ' ';
      if (has_colour(c.value)) {
        out_ << shortest(c.value.value) << '\n';
      } else {
        others << (c.value.outcome == Outcome::measured   ? 0xFFFFFF
                   : c.value.outcome == Outcome::censored ? 0x606060
                                                          : 0xD8D8D8)
               << '\n';
      }
    }
    out_ << "EOD\n$others << EOD\n" << others.str() << "EOD\n";
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      block("$l" + std::to_string(l), panel.lines[l].points);
    }
    const char* box = " using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 lw 0.3 lc ";
    // gnuplot refuses to plot no data.
    const bool has_cells = std::ranges::any_of(
        panel.cells, [](const MapCell& cell) { return has_colour(cell.value); });
    out_ << "plot ";
    if (has_cells) out_ << "$cells" << box << "palette z";
    if (!others.str().empty()) {
      out_ << (has_cells ? ", " : "") << "$others" << box << "rgb variable";
    }
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      out_ << ", $l" << l << " using 1:2 with lines " << style_of(panel, l);
    }
    out_ << "\nunset logscale cb\nunset colorbox\n";
  }

  void draw_lines(const SweepPanel& panel) {
    out_ << "set autoscale fix\nset offsets graph 0.04, graph 0.04, graph 0.06, graph 0.06\n";
    std::vector<std::string> bands, parts;
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      const SweepLine& line = panel.lines[l];
      const std::string name = "$l" + std::to_string(l);
      block(name, line.points);
      if (line.is_theory) {
        parts.push_back(name + " using 1:2 with lines " + style_of(panel, l));
        continue;
      }
      if (!line.is_unconnected)
        bands.push_back(name +
                        " using 1:($2-$3):($2+$3) with filledcurves fs transparent solid 0.25 "
                        "noborder lc rgb '" +
                        colour_of(l) + "'");
      if (line.law) {
        std::vector<FigurePoint> fit = line.points;
        for (FigurePoint& p : fit) p.y = line.law->prefactor * std::pow(p.x, line.law->exponent);
        block(name + "fit", fit);
        parts.push_back(name + "fit using 1:2 with lines " + style_of(panel, l));
      } else if (!line.is_unconnected) {
        parts.push_back(name + " using 1:2 with lines " + style_of(panel, l));
      }
      parts.push_back(name + " using 1:2 with points pt " +
                      std::to_string(markers[l % markers.size()]) + " ps 0.6 lw 1.1 lc rgb '" +
                      colour_of(l) + "'");
      parts.push_back(name + " using 1:($2-$3):(0):(2*$3) with vectors nohead lw 1 lc rgb '" +
                      colour_of(l) + "'");
    }
    bands.insert(bands.end(), parts.begin(), parts.end());
    for (std::size_t i = 0; i < bands.size(); ++i) out_ << (i == 0 ? "plot " : ", ") << bands[i];
    out_ << "\n";
  }

  std::vector<SweepPanel> panels_;
  std::size_t columns_ = 1;
  bool is_map_ = false;
  double cell_ = 0, body_ = 0, row_ = 0, height_ = 0, total_width_ = 0, legend_ = 0;  // cm
  std::ostringstream out_;
};

}  // namespace

std::string sweep_figure_script(const Sweep& sweep, const std::map<Sites, PointValues>& values,
                                FigureFormat format, const std::string& output) {
  std::vector<SweepPanel> panels = sweep_panels(sweep, values);
  if (panels.empty()) return "";
  return SweepScript(sweep, std::move(panels), format, output).text();
}

}  // namespace reprise
