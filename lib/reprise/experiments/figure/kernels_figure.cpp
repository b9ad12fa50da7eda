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

constexpr double map_size = 5.2, map_left = 1.6, map_gap = 3.2, map_below = 1.5, map_above = 1.0;

struct HeatMap {
  std::string title;
  Eigen::MatrixXd values;  // (t, s)
};

// Entry (i, j) of the blocks of a kernel, as a function of the two times.
Eigen::MatrixXd entry_of(const Kernel& kernel, Eigen::Index i, Eigen::Index j) {
  const Eigen::Index p = kernel.n_neurons;
  Eigen::MatrixXd values(kernel.value.rows() / p, kernel.value.cols() / p);
  for (Eigen::Index t = 0; t < values.rows(); ++t) {
    for (Eigen::Index s = 0; s < values.cols(); ++s) {
      values(t, s) = kernel.value(p * t + i, p * s + j);
      check_drawable("kernel " + kernel.name, values(t, s));
    }
  }
  return values;
}

void write_map(const HeatMap& map, std::size_t row, std::size_t column, double width_cm,
               double height_cm, std::ostream& out) {
  const double left = map_left + static_cast<double>(column) * (map_size + map_gap);
  const double bottom =
      height_cm - map_above - static_cast<double>(row + 1) * (map_size + map_below) + map_below;
  const double largest = std::max(map.values.cwiseAbs().maxCoeff(), 1e-300);
  out << "set lmargin at screen " << left / width_cm << "\nset rmargin at screen "
      << (left + map_size) / width_cm << "\nset bmargin at screen " << bottom / height_cm
      << "\nset tmargin at screen " << (bottom + map_size) / height_cm << "\nset title '"
      << map.title << "' offset 0,-0.6\nset cbrange [" << -largest << ":" << largest
      << "]\nset xrange [-0.5:" << static_cast<double>(map.values.cols()) - 0.5
      << "]\nset yrange [-0.5:" << static_cast<double>(map.values.rows()) - 0.5
      << "]\nplot '-' matrix with image notitle\n";
  for (Eigen::Index t = 0; t < map.values.rows(); ++t) {
    for (Eigen::Index s = 0; s < map.values.cols(); ++s) {
      out << (s > 0 ? " " : "") << rounded(map.values(t, s), 6);
    }
    out << "\n";
  }
  out << "e\n";
}

}  // namespace

std::string kernels_figure_script(const Results& results, FigureFormat format,
                                  const std::string& output) {
  const auto has_entries = [](const Kernel& kernel) {
    const Eigen::Index p = kernel.n_neurons;
    return p > 0 && kernel.value.rows() >= p && kernel.value.cols() >= p;
  };
  const auto has_kernels = [&](const CurveResult& c) {
    const std::vector<Kernel>& all = c.solution.kernels;
    return !all.empty() && std::ranges::all_of(all, has_entries);
  };
  const auto curve = std::find_if(results.curves.begin(), results.curves.end(), has_kernels);
  if (curve == results.curves.end()) return "";
  const std::vector<Kernel>& kernels = curve->solution.kernels;
  // Of p x p entries the two that tell: a neuron with itself, and with the next one.
  const std::size_t n_columns = kernels.front().n_neurons > 1 ? 2 : 1;
  const double width_cm = map_left + static_cast<double>(n_columns) * (map_size + map_gap);
  const double height_cm =
      map_above + static_cast<double>(kernels.size()) * (map_size + map_below) + 0.4;
  std::ostringstream out;
  out << preamble(terminal(format, width_cm, height_cm), output) << "set multiplot\nset label 1 "
      << in_quotes(results.title + ": " + curve->name) << " noenhanced at screen 0.02,"
      << 1 - 0.35 / height_cm << "\nset palette defined (-1 '" << colours[0]
      << "', 0 '#FFFFFF', 1 '" << colours[1]
      << "')\nset tics out nomirror\nset xlabel \"s\" offset 0,0.5\nset ylabel \"t\" offset 1,0\n"
      << "set colorbox\n";
  for (std::size_t row = 0; row < kernels.size(); ++row) {
    for (std::size_t column = 0; column < n_columns; ++column) {
      const std::string entry = column == 0 ? "11" : "12";
      const std::string& kernel = kernels[row].name;
      const std::string name = kernel == "C_G" ? "{/:Italic C}^G_{" + entry + "}"
                                               : "{/:Italic " + kernel + "}_{" + entry + "}";
      write_map({name + "({/:Italic t}, {/:Italic s})",
                 entry_of(kernels[row], 0, static_cast<Eigen::Index>(column))},
                row, column, width_cm, height_cm, out);
      out << "unset label 1\n";
    }
  }
  out << "unset multiplot\n";
  return out.str();
}

}  // namespace reprise
