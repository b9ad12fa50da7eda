#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/exponents/exponents_report.hpp"
#include "reprise/experiments/figure/figure_style.hpp"

namespace reprise {

namespace {

using namespace figure_style;

constexpr double least_weight = 1e-7;
constexpr double page_width = cm_per_inch * FigureWidth::double_column;
constexpr double panel_left = 1.25, panel_right = 0.35, room_below = 1.1, axes_height = 3.4;
constexpr int n_panels = 3;

// What the errors do not separate from zero is not drawn.
bool is_drawn(const HermiteWeight& weight) {
  return weight.weight > std::max(4 * weight.error, least_weight);
}

// Weights by order as points.
void write_weights(const char* name, const std::vector<HermiteWeight>& weights, std::ostream& out) {
  out << name << " << END\n";
  for (const HermiteWeight& weight : weights) {
    if (!is_drawn(weight)) continue;
    out << weight.order << " " << rounded(weight.weight, 6) << " " << rounded(weight.error, 3)
        << "\n";
  }
  out << "0 -1 0\nEND\n";  // below the axis: gnuplot refuses a block without points
}

bool is_atom(const ConditionalMoments& moments, Eigen::Index b) { return moments.width[b] == 0; }

double density(const ConditionalMoments& moments, Eigen::Index b) {
  return moments.probability[b] / (is_atom(moments, b) ? 1 : moments.width[b]);
}

/// What the label has: values of positive probability, a density, or both.
struct Kinds {
  bool atoms = false, density = false;
};

Kinds kinds_of(const ConditionalMoments& moments) {
  Kinds kinds;
  for (Eigen::Index b = 0; b < moments.y.size(); ++b) {
    (is_atom(moments, b) ? kinds.atoms : kinds.density) = true;
  }
  return kinds;
}

// Columns: y, density (or probability of an atom), then moment and error of each order.
void write_moments(const char* name, const ConditionalMoments& moments, bool of_atoms,
                   std::ostream& out) {
  out << name << " << END\n";
  for (Eigen::Index b = 0; b < moments.y.size(); ++b) {
    if (is_atom(moments, b) != of_atoms) continue;
    out << rounded(moments.y[b], 8) << " " << rounded(density(moments, b), 6);
    for (int l = 0; l < ConditionalMoments::n_orders; ++l) {
      out << " " << rounded(moments.moment(b, l), 6) << " " << rounded(moments.error(b, l), 3);
    }
    out << "\n";
  }
  out << "END\n";
}

// The power of ten below every weight that is drawn.
double lowest_weight(const Exponents& exponents) {
  double lowest = 0.1;
  for (const auto* weights : {&exponents.label_weights, &exponents.statistical_weights}) {
    for (const HermiteWeight& weight : *weights) {
      if (is_drawn(weight)) lowest = std::min(lowest, weight.weight);
    }
  }
  return std::pow(10.0, std::floor(std::log10(lowest)));
}

struct Panel {
  std::string heading;
  std::vector<LegendItem> legend = {};
  PlotAxis x, y;
  std::string x_label;
  std::string plot;  // what follows "plot"
};

std::string coloured(const char* style, std::size_t colour) {
  return std::string(style) + " lc rgb '" + colours[colour] + "'";
}

Panel weights_panel(const Exponents& exponents) {
  const std::string label = coloured("pt 7 ps 0.6", 0), functions = coloured("pt 5 ps 0.6", 1);
  const PlotAxis x{.range = {0.3, exponents.statistical.max_order + 0.7}, .is_whole = true};
  return {.heading = "Hermite weight of order {/:Italic l}",
          .legend = {{.text = "y", .point = label}, {.text = "functions of y", .point = functions}},
          .x = x,
          .y = {.scale = Scale::log, .range = {lowest_weight(exponents), 2}},
          .x_label = "order {/:Italic l}",
          .plot = "$label using ($1-0.12):2:3 with yerrorbars " + label +
                  ", $functions using ($1+0.12):2:3 with yerrorbars " + functions};
}

// A density as lines in bands of one standard error, atoms as points with bars.
Panel moments_panel(const ConditionalMoments& moments, const PlotAxis& y_of_label, Kinds kinds) {
  const Extent range{moments.moment.minCoeff(), moments.moment.maxCoeff()};
  Panel panel{.heading = "E[{/:Italic h_l}({/:Italic u z}) | {/:Italic y}]",
              .x = y_of_label,
              .y = {.range = range.padded(0.06)},
              .x_label = "{/:Italic y}"};
  std::vector<std::string> bands, lines, points;
  for (std::size_t l = 0; l < ConditionalMoments::n_orders; ++l) {
    const std::string value = "$" + std::to_string(3 + 2 * l);
    const std::string error = "$" + std::to_string(4 + 2 * l);
    LegendItem item{.text = "l = " + std::to_string(l + 1)};
    if (kinds.density) {
      item.line = coloured("lw 1.2", l);
      bands.push_back("$density using 1:(" + value + "-" + error + "):(" + value + "+" + error +
                      ") with filledcurves fs transparent solid 0.3 noborder" + coloured("", l));
      lines.push_back("$density using 1:(" + value + ") with lines " + item.line);
    }
    if (kinds.atoms) {
      item.point = coloured(("ps 0.9 pt " + std::to_string(markers[l])).c_str(), l);
      points.push_back("$atoms using 1:(" + value + "):(" + error + ") with yerrorbars " +
                       item.point);
    }
    panel.legend.push_back(std::move(item));
  }
  for (const auto* layer : {&bands, &lines, &points}) {
    for (const std::string& what : *layer) panel.plot += (panel.plot.empty() ? "" : ", ") + what;
  }
  return panel;
}

Panel density_panel(const ConditionalMoments& moments, const PlotAxis& y_of_label, Kinds kinds) {
  Panel panel{.x = y_of_label, .x_label = "{/:Italic y}"};
  double highest = 0, lowest = std::numeric_limits<double>::infinity();
  for (Eigen::Index b = 0; b < moments.y.size(); ++b) {
    const double value = density(moments, b);
    highest = std::max(highest, value);
    if (value > 0) lowest = std::min(lowest, value);
  }
  if (kinds.atoms) {
    panel.y = {.range = {0, 1.06 * highest}};
    panel.heading = kinds.density ? "density of {/:Italic y}, probability of atoms"
                                  : "probability of {/:Italic y}";
    panel.plot = "$atoms using 1:2 with " + coloured("impulses lw 2", 4);
  } else {
    lowest = std::max(std::min(lowest, highest / 10), 1e-8 * highest);
    panel.y = {.scale = Scale::log, .range = {lowest / 1.5, highest * 1.5}};
    panel.heading = "density of {/:Italic y}";
  }
  if (kinds.density) {
    panel.plot += std::string(panel.plot.empty() ? "" : ", ") + "$density using 1:2 with " +
                  coloured("lines lw 1.4", 4);
  }
  return panel;
}

}  // namespace

std::string exponents_figure_script(const Exponents& exponents, const ConditionalMoments& moments,
                                    FigureFormat format, const std::string& output) {
  const Kinds kinds = kinds_of(moments);
  const PlotAxis y_of_label{.range =
                                Extent{moments.y.minCoeff(), moments.y.maxCoeff()}.padded(0.08)};
  const std::vector<Panel> panels{weights_panel(exponents),
                                  moments_panel(moments, y_of_label, kinds),
                                  density_panel(moments, y_of_label, kinds)};
  const double cell = page_width / n_panels;
  std::vector<Legend> legends;
  double legend_height = 0;
  for (std::size_t p = 0; p < n_panels; ++p) {
    const double left = cell * static_cast<double>(p);
    legends.emplace_back(panels[p].legend, left + panel_left, left + cell - panel_right);
    legend_height = std::max(legend_height, legends.back().height());
  }
  const std::vector<std::string> title =
      wrapped(exponents.expression, (page_width - 2 * margin) / 1.1, 1);
  const double headings = margin + 0.48 * static_cast<double>(title.size()) + 0.3;
  const double top = headings + 0.3 + legend_height + 0.15;
  const Page page(format, page_width, top + axes_height + room_below);
  std::ostringstream out;
  out << page.begin(output);
  write_weights("$label", exponents.label_weights, out);
  write_weights("$functions", exponents.statistical_weights, out);
  if (kinds.density) write_moments("$density", moments, false, out);
  if (kinds.atoms) write_moments("$atoms", moments, true, out);
  out << "set border 3 lw 0.8\nset xtics " << page.font(0.92) << "\nset ytics " << page.font(0.92)
      << "\n";
  for (const std::string& line : title) {
    out << "set label " << in_quotes(line) << " at " << page.at(margin, margin + 0.2)
        << " left noenhanced " << page.font(1.1) << "\n";
  }
  for (std::size_t p = 0; p < n_panels; ++p) {
    const double left = cell * static_cast<double>(p);
    const Box box{left + panel_left, left + cell - panel_right, top, top + axes_height};
    PlotAxis x = panels[p].x, y = panels[p].y;
    x.length = box.width();
    x.is_horizontal = true;
    y.length = box.height();
    out << page.margins(box) << axis("x", x) << axis("y", y) << "set xlabel '" << panels[p].x_label
        << "' offset 0,0.6\nset label " << in_quotes(lettered(panels[p].heading, p, n_panels))
        << " at " << page.at(left + margin, headings) << " left\n"
        << legends[p].script(page, headings + 0.3) << "plot " << panels[p].plot
        << "\nunset label\nunset arrow\n";
  }
  out << "unset multiplot\nset output\n";
  return out.str();
}

Drawing draw_exponents(const std::filesystem::path& file, const Exponents& exponents,
                       const ConditionalMoments& moments) {
  require_page(file);
  const auto script = [&](const std::string& output) {
    return exponents_figure_script(exponents, moments, *format_of(file), output);
  };
  return draw_page(file, script) ? Drawing::drawn : Drawing::no_gnuplot;
}

}  // namespace reprise
