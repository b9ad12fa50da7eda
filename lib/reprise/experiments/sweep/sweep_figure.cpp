#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/version.hpp"
#include "reprise/experiments/figure/figure_style.hpp"
#include "reprise/experiments/results/staged_files.hpp"
#include "reprise/experiments/sweep/sweep_panels.hpp"
#include "reprise/experiments/sweep/sweep_report.hpp"

namespace reprise {

namespace {

using namespace figure_style;

constexpr double axes_left = 1.65, axes_right = 0.35, colour_bar_room = 1.85;
constexpr double heading_line = 0.4, axes_below = 1.15, panel_gap = 0.35, least_panel = 7.2;

/// Colour and name of cells that have no place on the scale.
struct CellLook {
  CellKind kind;
  const char* colour;
  const char* name;
};
constexpr CellLook cell_looks[] = {{CellKind::noise, "#FFFFFF", "within the noise of zero"},
                                   {CellKind::censored, "#606060", "level not reached"},
                                   {CellKind::off_scale, "#CC79A7", "diverging, off the scale"},
                                   {CellKind::missing, "#D8D8D8", "no value: diverged or failed"}};

const CellLook& look_of(CellKind kind) {
  return *std::ranges::find(cell_looks, kind, &CellLook::kind);
}

class SweepScript {
 public:
  SweepScript(const Sweep& sweep, std::vector<SweepPanel> panels, FigureFormat format,
              const std::string& output)
      : keys_(sweep.figure_keys), panels_(std::move(panels)), page_(format, 1, 1) {
    is_map_ = !panels_.front().cells.empty();
    lay_out(sweep);
    page_ = Page(format, width_, height_);
    out_ << page_.begin(output) << "set palette defined " << sequential_palette() << "\n";
    double top = margin;
    for (const std::string& line : title_) {
      out_ << page_.text(line, margin, top + 0.2);
      top += heading_line;
    }
    if (has_shared_legend_ && !legends_.empty()) out_ << legends_.front().script(page_, top);
    for (std::size_t p = 0; p < panels_.size(); ++p) draw(p);
    out_ << "unset multiplot\nset output\n";
  }
  std::string text() const { return out_.str(); }

 private:
  void lay_out(const Sweep& sweep) {
    width_ = width_of_page(keys_, panels_.size());
    const auto fit = static_cast<std::size_t>(width_ / least_panel);
    columns_ = std::clamp<std::size_t>(fit, 1, panels_.size());
    const std::size_t rows = (panels_.size() + columns_ - 1) / columns_;
    columns_ = (panels_.size() + rows - 1) / rows;
    cell_ = width_ / static_cast<double>(columns_);
    title_ = wrapped(keys_.title.value_or(sweep.title), width_ - 2 * margin, 2);
    std::size_t n_heading_lines = 0;
    for (std::size_t p = 0; p < panels_.size(); ++p) {
      headings_.push_back(
          wrapped(lettered(panels_[p].heading, p, panels_.size()), cell_ - 2 * margin, 2));
      n_heading_lines = std::max(n_heading_lines, headings_.back().size());
    }
    above_ = heading_line * static_cast<double>(n_heading_lines) + 0.2;
    make_legends();
    double legend = 0;
    for (const Legend& l : legends_) legend = std::max(legend, l.height());
    head_ = margin + heading_line * static_cast<double>(title_.size()) +
            (has_shared_legend_ ? legend : 0) + 0.1;
    below_ = axes_below + (has_shared_legend_ ? 0 : legend) + panel_gap;
    axes_ = {axes_left, cell_ - axes_right - (is_map_ ? colour_bar_room : 0), 0, 0};
    body_ = 0.75 * axes_.width();
    const double n_rows = static_cast<double>(rows);
    const double fixed = head_ + n_rows * (above_ + below_) - panel_gap;
    body_ *= stretch_of_axes(keys_, fixed, n_rows * body_);
    height_ = fixed + n_rows * body_;
  }

  // One legend above all panels where theirs are the same, else one below each.
  void make_legends() {
    if (keys_.legend == LegendPlace::none) return;
    std::vector<std::vector<LegendItem>> items;
    std::vector<LegendItem> all;
    for (const SweepPanel& panel : panels_) {
      items.push_back(legend_items(panel));
      for (const LegendItem& item : items.back()) {
        if (std::ranges::find(all, item.text, &LegendItem::text) == all.end()) all.push_back(item);
      }
    }
    // What a panel has no line of cannot be looked for in vain: cells of a kind need not be there.
    const auto has_all_lines = [&](const std::vector<LegendItem>& own) {
      return std::ranges::all_of(all, [&](const LegendItem& item) {
        return item.line.empty() ||
               std::ranges::find(own, item.text, &LegendItem::text) != own.end();
      });
    };
    has_shared_legend_ = std::ranges::all_of(items, has_all_lines);
    if (all.empty()) return;
    if (has_shared_legend_) {
      legends_.emplace_back(all, margin, width_ - margin);
      return;
    }
    for (std::size_t p = 0; p < panels_.size(); ++p) {
      const double left = cell_ * static_cast<double>(p % columns_) + margin;
      legends_.emplace_back(items[p], left, left + cell_ - 2 * margin);
    }
  }

  std::vector<LegendItem> legend_items(const SweepPanel& panel) const {
    std::vector<LegendItem> items;
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      const SweepLine& line = panel.lines[l];
      if (line.label.empty()) continue;
      LegendItem item{.text = line.label, .line = style_of(panel, l)};
      if (is_map_ && line.is_theory)
        item.line = "lw 1.8" + dashes_of(panel, l) + " lc rgb '#7F7F7F'";
      if (!is_map_ && !line.is_theory && !line.is_bare) item.point = point_of(line);
      if (line.is_unconnected) item.line = "";
      items.push_back(item);
    }
    for (const CellLook& look : cell_looks) {
      const auto is_so = [&](const MapCell& cell) {
        return kind_of(cell.value, panel.colours) == look.kind;
      };
      if (std::ranges::any_of(panel.cells, is_so)) {
        items.push_back({.text = look.name, .fill = look.colour});
      }
    }
    const auto any_line = [&](auto has) { return std::ranges::any_of(panel.lines, has); };
    if (any_line([](const SweepLine& line) { return !line.bounds.empty(); })) {
      items.push_back({.text = "not reached until then", .point = "pt 9 ps 0.8 lc rgb '#000000'"});
    }
    if (any_line([](const SweepLine& line) { return !line.missing.empty(); })) {
      items.push_back(
          {.text = "no value: diverged or failed", .point = "pt 2 ps 0.7 lw 1.4 lc rgb '#000000'"});
    }
    return items;
  }

  static std::string colour_of(const SweepLine& line) {
    return colours[line.colour % colours.size()];
  }

  // Theories to compare with are told apart by their dashes.
  static std::string dashes_of(const SweepPanel& panel, std::size_t l) {
    const auto before = panel.lines.begin() + static_cast<std::ptrdiff_t>(l);
    const auto n = std::count_if(panel.lines.begin(), before, std::mem_fn(&SweepLine::is_theory));
    constexpr const char* theory_dashes[] = {"(6,4)", "(2,3)", "(10,3,2,3)"};
    return std::string(" dt ") +
           theory_dashes[static_cast<std::size_t>(n) % std::size(theory_dashes)];
  }

  static std::string style_of(const SweepPanel& panel, std::size_t l) {
    if (panel.cells.empty()) {
      return panel.lines[l].is_theory
                 ? "lw 1.2" + dashes_of(panel, l) + " lc rgb '#000000'"
                 : std::string("lw 1.4 dt ") + dashes[panel.lines[l].dash % dashes.size()] +
                       " lc rgb '" + colour_of(panel.lines[l]) + "'";
    }
    return panel.lines[l].is_theory ? "lw 1.8" + dashes_of(panel, l) + " lc rgb '#FFFFFF'"
                                    : "lw 2.2 lc rgb '#D55E00'";
  }

  static std::string point_of(const SweepLine& line) {
    return "pt " + std::to_string(markers[line.marker % markers.size()]) +
           " ps 0.6 lw 1.1 lc rgb '" + colour_of(line) + "'";
  }

  void draw(std::size_t p) {
    const SweepPanel& panel = panels_[p];
    const double corner = cell_ * static_cast<double>(p % columns_);
    const std::size_t row = p / columns_;
    const double row_top = head_ + (above_ + body_ + below_) * static_cast<double>(row);
    const Box box{corner + axes_.left, corner + axes_.right, row_top + above_,
                  row_top + above_ + body_};
    for (std::size_t line = 0; line < headings_[p].size(); ++line) {
      const double from_last = static_cast<double>(headings_[p].size() - 1 - line);
      out_ << page_.text(headings_[p][line], corner + margin,
                         box.top - 0.35 - heading_line * from_last);
    }
    if (!has_shared_legend_ && !legends_.empty()) {
      out_ << legends_[p].script(page_, box.bottom + axes_below);
    }
    out_ << page_.margins(box) << "set xlabel " << in_quotes(panel.x_label)
         << " noenhanced offset 0,0.6\nset label " << in_quotes(panel.y_label) << " at "
         << page_.at(corner + 0.3, 0.5 * (box.top + box.bottom))
         << " center rotate by 90 noenhanced\n";
    panel.cells.empty() ? draw_lines(panel, box) : draw_map(panel, box);
    out_ << "unset label\nunset arrow\nunset object\n";
  }

  void block(const std::string& name, const std::vector<FigurePoint>& points) {
    out_ << name << " << EOD\n";
    for (const FigurePoint& p : points) {
      out_ << shortest(p.x) << ' ' << shortest(p.y) << ' ' << shortest(p.error) << '\n';
    }
    out_ << "EOD\n";
  }

  static Scale scale_of(const std::optional<FigureAxisKeys>& keys, bool is_log) {
    const Scale usual = is_log ? Scale::log : Scale::linear;
    return keys ? keys->scale.value_or(usual) : usual;
  }

  /// The axis over the data, or as it is asked for.
  static PlotAxis axis_of(const std::optional<FigureAxisKeys>& keys, const char* name, bool is_log,
                          Extent data, double pad, double length, bool is_horizontal) {
    const Scale scale = scale_of(keys, is_log);
    Extent range = data;
    if (scale == Scale::log && range.low > 0) {
      const double factor =
          range.high > range.low ? std::pow(range.high / range.low, pad) : 1 + 2 * pad;
      range = {range.low / factor, range.high * factor};
    } else if (scale != Scale::log && pad > 0) {
      range = range.padded(pad);
    }
    range = with_ends(range, keys);
    if (scale == Scale::log && !(range.low > 0)) {
      throw InputError(std::string("figure.") + name + ".scale must be \"linear\", or figure." +
                       name + ".from > 0, where the axis begins at " + shortest(range.low));
    }
    check_ends(range, name);
    return {.scale = scale, .range = range, .length = length, .is_horizontal = is_horizontal};
  }

  void draw_map(const SweepPanel& panel, const Box& box) {
    Extent ys{panel.cells.front().bottom, panel.cells.front().top};
    for (const MapCell& cell : panel.cells) {
      ys.include(cell.bottom);
      ys.include(cell.top);
    }
    out_ << axis("x", axis_of(keys_.x, "x", panel.has_log_x, {panel.x_low, panel.x_high}, 0,
                              box.width(), true))
         << axis("y", axis_of(keys_.y, "y", panel.has_log_y, ys, 0, box.height(), false))
         << axis("cb", {.scale = panel.colours.is_log ? Scale::log : Scale::linear,
                        .range = panel.colours.range,
                        .length = box.height()})
         << "set colorbox\n$cells << EOD\n";
    std::ostringstream others;
    bool has_cells = false;
    for (const MapCell& c : panel.cells) {
      const CellKind kind = kind_of(c.value, panel.colours);
      has_cells |= kind == CellKind::coloured;
      std::ostream& to = kind == CellKind::coloured ? static_cast<std::ostream&>(out_) : others;
      for (const double number : {c.x, c.y, c.left, c.right, c.bottom, c.top}) {
        to << shortest(number) << ' ';
      }
      if (kind == CellKind::coloured) {
        out_ << shortest(c.value.value) << '\n';
      } else {
        others << "0x" << look_of(kind).colour + 1 << '\n';
      }
    }
    out_ << "EOD\n$others << EOD\n" << others.str() << "EOD\n";
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      block("$l" + std::to_string(l), panel.lines[l].points);
    }
    const char* cells = " using 1:2:3:4:5:6:7 with boxxyerror fs solid 1 lw 0.3 lc ";
    // gnuplot refuses to plot no data.
    out_ << "plot ";
    if (has_cells) out_ << "$cells" << cells << "palette z";
    if (!others.str().empty()) {
      out_ << (has_cells ? ", " : "") << "$others" << cells << "rgb variable";
    }
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      out_ << ", $l" << l << " using 1:2 with lines " << style_of(panel, l);
    }
    out_ << "\nunset logscale cb\nunset colorbox\n";
  }

  /// What the points cover, bars included on a linear axis, overlays left out where there are
  /// points.
  static Extent y_range(const SweepPanel& panel, bool is_log) {
    double low = INFINITY, high = -INFINITY;
    const auto include = [&](double y) {
      if (is_log && !(y > 0)) return;
      low = std::min(low, y);
      high = std::max(high, y);
    };
    const bool has_points = std::ranges::any_of(panel.lines, [](const SweepLine& line) {
      return !line.is_theory && !(line.points.empty() && line.bounds.empty());
    });
    for (const SweepLine& line : panel.lines) {
      if (line.is_theory && has_points) continue;
      for (const FigurePoint& p : line.points) {
        include(is_log ? std::abs(p.y) : p.y - p.error);
        include(is_log ? std::abs(p.y) : p.y + p.error);
      }
      for (const FigurePoint& p : line.bounds) include(p.y);
    }
    return low <= high ? Extent{low, high} : Extent{0.1, 1};
  }

  void draw_lines(const SweepPanel& panel, const Box& box) {
    const bool is_log = scale_of(keys_.y, panel.has_log_y) == Scale::log;
    const PlotAxis x = axis_of(keys_.x, "x", panel.has_log_x, {panel.x_low, panel.x_high}, 0.04,
                               box.width(), true);
    const PlotAxis y =
        axis_of(keys_.y, "y", panel.has_log_y, y_range(panel, is_log), 0.06, box.height(), false);
    out_ << axis("x", x) << axis("y", y);
    const std::string floor = shortest(y.range.low);
    const std::string size = is_log ? "(abs($2))" : "2";
    const std::string low =
        is_log ? "(abs($2)-$3>" + floor + "?abs($2)-$3:" + floor + ")" : "($2-$3)";
    const std::string high = is_log ? "(abs($2)+$3)" : "($2+$3)";
    std::vector<std::string> bands, parts;
    for (std::size_t l = 0; l < panel.lines.size(); ++l) {
      const SweepLine& line = panel.lines[l];
      const std::string name = "$l" + std::to_string(l),
                        colour = " lc rgb '" + colour_of(line) + "'";
      if (!line.points.empty()) {
        block(name, line.points);
        if (line.is_theory) {
          parts.push_back(name + " using 1:" + size + " with lines " + style_of(panel, l));
          continue;
        }
        if (!line.is_unconnected) {
          bands.push_back(name + " using 1:" + low + ":" + high +
                          " with filledcurves fs transparent solid 0.25 noborder" + colour);
        }
        if (line.law) {
          std::vector<FigurePoint> fit = line.points;
          for (FigurePoint& p : fit) p.y = line.law->prefactor * std::pow(p.x, line.law->exponent);
          block(name + "fit", fit);
          parts.push_back(name + "fit using 1:2 with lines " + style_of(panel, l));
        } else if (!line.is_unconnected) {
          parts.push_back(name + " using 1:" + size + " with lines " + style_of(panel, l));
        }
        if (!line.is_bare) {
          parts.push_back(name + " using 1:" + size + " with points " + point_of(line));
          parts.push_back(name + " using 1:" + low + ":(0):(" + high + "-" + low +
                          ") with vectors nohead lw 1" + colour);
        }
      }
      if (!line.bounds.empty()) {
        block(name + "bounds", line.bounds);
        parts.push_back(name + "bounds using 1:2 with points pt 9 ps 0.8" + colour);
      }
      if (!line.missing.empty()) {
        std::vector<FigurePoint> marks;
        for (const double at : line.missing) marks.push_back({at, y.range.low, 0});
        block(name + "missing", marks);
        parts.push_back(name + "missing using 1:2 with points pt 2 ps 0.7 lw 1.4" + colour);
      }
    }
    bands.insert(bands.end(), parts.begin(), parts.end());
    for (std::size_t i = 0; i < bands.size(); ++i) out_ << (i == 0 ? "plot " : ", ") << bands[i];
    out_ << "\n";
  }

  const FigureKeys& keys_;
  std::vector<SweepPanel> panels_;
  Page page_;
  std::vector<std::string> title_;
  std::vector<std::vector<std::string>> headings_;
  std::vector<Legend> legends_;
  bool has_shared_legend_ = true, is_map_ = false;
  std::size_t columns_ = 1;
  Box axes_;  // in a cell, without its heights
  double cell_ = 0, body_ = 0, head_ = 0, above_ = 0, below_ = 0, width_ = 0, height_ = 0;  // cm
  std::ostringstream out_;
};

void describe_panel(const SweepPanel& panel, const std::string& heading, std::ostream& out) {
  out << "  " << heading << ": ";
  if (panel.cells.empty()) {
    out << "against " << panel.x_label << (panel.has_log_x ? " on a log axis" : "")
        << (panel.has_log_y ? ", on a log axis" : "")
        << "; bars and bands are one standard error\n";
    for (const SweepLine& line : panel.lines) {
      if (!line.label.empty())
        out << "    " << line.label << (line.is_theory ? ", a formula" : "") << "\n";
      for (const FigurePoint& bound : line.bounds) {
        out << "    at " << rounded(bound.x, 6) << " not reached until " << rounded(bound.y, 6)
            << ": a triangle\n";
      }
    }
    return;
  }
  out << "colour over " << panel.x_label << " and " << panel.y_label << ", from "
      << rounded(panel.colours.range.low, 4) << " to " << rounded(panel.colours.range.high, 4)
      << (panel.colours.is_log ? ", log" : "") << "\n";
  for (const CellLook& look : cell_looks) {
    double largest = 0;
    std::size_t n = 0;
    for (const MapCell& cell : panel.cells) {
      if (kind_of(cell.value, panel.colours) != look.kind) continue;
      ++n;
      if (std::isfinite(cell.value.value)) largest = std::max(largest, std::abs(cell.value.value));
    }
    if (n == 0) continue;
    out << "    " << n << " cells in " << look.colour << ": " << look.name;
    if (look.kind == CellKind::off_scale) out << ", up to " << rounded(largest, 3);
    out << "\n";
  }
  for (const SweepLine& line : panel.lines) {
    if (!line.label.empty()) out << "    line: " << line.label << "\n";
  }
}

}  // namespace

std::string sweep_figure_script(const Sweep& sweep, const std::map<Sites, PointValues>& values,
                                FigureFormat format, const std::string& output) {
  std::vector<SweepPanel> panels = sweep_panels(sweep, values);
  if (panels.empty()) return "";
  return SweepScript(sweep, std::move(panels), format, output).text();
}

std::string sweep_caption(const Sweep& sweep, const std::map<Sites, PointValues>& values) {
  std::ostringstream out;
  out << sweep.title << ".\n\nPanels:\n";
  const std::vector<SweepPanel> panels = sweep_panels(sweep, values);
  for (std::size_t p = 0; p < panels.size(); ++p) {
    describe_panel(panels[p], lettered(panels[p].heading, p, panels.size()), out);
  }
  out << "\nAxes of the sweep:\n";
  for (const Axis& axis : sweep.axes) {
    for (const AxisKey& key : axis.keys) {
      out << "  " << key.key << ": " << axis.n_values() << " values, " << axis.label(key, 0)
          << " to " << axis.label(key, axis.last_site()) << "\n";
    }
  }
  if (sweep.seeds > 1) out << "  " << sweep.seeds << " experiments at each point\n";
  out << "\nThe experiment:\n\n" << sweep.plan << "\nComputed by Reprise " << version() << ".\n";
  return out.str();
}

Drawing draw_sweep(const std::filesystem::path& folder, const Sweep& sweep,
                   const std::map<Sites, PointValues>& values) {
  const Drawing drawing = draw(folder, "figure", sweep.figure_keys.format,
                               [&](FigureFormat format, const std::string& output) {
                                 return sweep_figure_script(sweep, values, format, output);
                               });
  const bool is_there = drawing == Drawing::drawn || drawing == Drawing::no_gnuplot;
  if (is_there && sweep.figure_keys.caption) {
    write_text(folder / "figure.txt", sweep_caption(sweep, values));
  }
  return drawing;
}

}  // namespace reprise
