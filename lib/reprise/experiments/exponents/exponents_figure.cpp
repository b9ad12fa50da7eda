#include <algorithm>
#include <cmath>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/exponents/exponents_report.hpp"
#include "reprise/experiments/figure/figure_style.hpp"

namespace reprise {

namespace {

using namespace figure_style;

constexpr double least_weight = 1e-7;
constexpr double page_width = cm_per_inch * FigureWidth::double_column, page_height = 6.2;

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

// Columns: y, density (or probability of an atom), then moment and error of each order.
void write_moments(const ConditionalMoments& moments, std::ostream& out) {
  out << "$moments << END\n";
  for (Eigen::Index b = 0; b < moments.y.size(); ++b) {
    const bool is_atom = moments.width[b] == 0;
    out << rounded(moments.y[b], 8) << " "
        << rounded(moments.probability[b] / (is_atom ? 1 : moments.width[b]), 6);
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

// 1, 2 or 5 times a power of ten: four to eight steps in a range.
double tick_step(double range) {
  if (!(range > 0)) return 1;
  const double least = range / 8;
  const double power = std::pow(10.0, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::string exponents_figure_script(const Exponents& exponents, const ConditionalMoments& moments,
                                    FigureFormat format, const std::string& output) {
  const bool has_atoms = (moments.width.array() == 0).any();
  std::ostringstream out;
  const Page page(format, page_width, page_height);
  out << page.begin(output);
  write_weights("$label", exponents.label_weights, out);
  write_weights("$functions", exponents.statistical_weights, out);
  write_moments(moments, out);
  for (const std::string& line : wrapped(exponents.expression, page_width - 2 * margin, 1)) {
    out << page.text(line, margin, margin + 0.2);
  }
  const auto box = [&](int column) {
    const double left = page_width / 3 * column;
    return page.margins({left + 1.8, left + page_width / 3 - 0.25, 1.9, page_height - 1.2}) +
           page.text("(" + std::string(1, static_cast<char>('a' + column)) + ")", left + margin, 1);
  };
  out << box(0) << "set border 3 lw 0.8\nset tics nomirror out scale 0.5 " << page.font(0.92)
      << "\nset key at graph 1, graph 1.16 right top horizontal samplen 1\n"
      << "set xlabel 'order l' offset 0,0.5\nset ylabel 'Hermite weight' offset 1,0\nset logscale "
         "y\n"
      << "set yrange [" << rounded(lowest_weight(exponents), 2)
      << ":3]\nset format y '10^{%T}'\nset xrange [0.3:" << exponents.statistical.max_order + 0.7
      << "]\n"
      << "plot $label using ($1-0.12):2:3 with yerrorbars pt 7 ps 0.6 lc rgb '" << colours[0]
      << "' title 'y', $functions using ($1+0.12):2:3 with yerrorbars pt 5 ps 0.6 lc rgb '"
      << colours[1] << "' title 'functions of y'\n"
      << "unset label\n"
      << box(1) << "unset logscale y\nset format y '%g'\nset yrange [*:*]\nset xrange [*:*]\n"
      << "set offsets graph 0.05, graph 0.05, graph 0.05, graph 0.05\nset xtics "
      << rounded(tick_step(moments.y.maxCoeff() - moments.y.minCoeff()), 2) << "\n"
      << "set xlabel 'y' offset 0,0.5\nset ylabel 'E[h_l(u z) | y]'\nplot ";
  for (int l = 0; l < ConditionalMoments::n_orders; ++l) {
    out << (l == 0 ? "" : ", ") << "$moments using 1:" << 3 + 2 * l << ":" << 4 + 2 * l
        << (has_atoms ? " with yerrorbars ps 0.9 pt " + std::to_string(4 + 2 * l)
                      : " with yerrorlines ps 0.15 pt 7")
        << " lc rgb '" << colours[l] << "' title 'l = " << l + 1 << "'";
  }
  out << "\nunset label\n"
      << box(2) << "set ylabel '"
      << (has_atoms ? "density, probability of atoms" : "density of the label")
      << (has_atoms ? "'\nset yrange [0:*]" : "'\nset logscale y\nset format y '10^{%T}'")
      << "\nplot $moments using 1:2 with " << (has_atoms ? "impulses lw 2" : "lines lw 1.4")
      << " lc rgb '" << colours[4] << "' notitle\nunset multiplot\nset output\n";
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
