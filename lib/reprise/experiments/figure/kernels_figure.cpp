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

constexpr double map_left = 1.35, bar_room = 1.75, map_below = 1.15, map_above = 0.75;

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

void write_map(const HeatMap& map, const Page& page, const Box& box,
               const std::vector<double>& color_range, std::ostream& out) {
  const double largest = std::max(map.values.cwiseAbs().maxCoeff(), 1e-300);
  const Extent colours_of =
      color_range.empty() ? Extent{-largest, largest} : Extent{color_range[0], color_range[1]};
  const auto along = [](Eigen::Index n, double length, bool is_horizontal) {
    return PlotAxis{.range = {-0.5, static_cast<double>(n) - 0.5},
                    .length = length,
                    .is_horizontal = is_horizontal,
                    .is_whole = true};
  };
  out << page.margins(box) << axis("x", along(map.values.cols(), box.width(), true))
      << axis("y", along(map.values.rows(), box.height(), false))
      << axis("cb", {.range = colours_of, .length = box.height()}) << "set label "
      << in_quotes(map.title) << " at " << page.at(box.left, box.top - 0.3)
      << " left\nplot '-' matrix with image notitle\n";
  for (Eigen::Index t = 0; t < map.values.rows(); ++t) {
    for (Eigen::Index s = 0; s < map.values.cols(); ++s) {
      out << (s > 0 ? " " : "") << rounded(map.values(t, s), 6);
    }
    out << "\n";
  }
  out << "e\nunset label\n";
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
  const double width =
      cm_per_inch *
      results.figure.width.value_or(FigureWidth{3.3 * static_cast<double>(n_columns)}).inches;
  // Side by side where a map has 2 cm.
  const double cell_needed = map_left + bar_room + 2;
  const std::size_t per_row = width >= cell_needed * static_cast<double>(n_columns) ? n_columns : 1;
  const double cell = width / static_cast<double>(per_row);
  const double size = cell - map_left - bar_room;
  const std::vector<std::string> title = wrapped(
      results.figure.title.value_or(results.title + ": " + curve->name), width - 2 * margin, 2);
  const double head = margin + line_height * static_cast<double>(title.size());
  const double row_height = map_above + size + map_below;
  const std::size_t n_rows = kernels.size() * n_columns / per_row;
  const Page page(format, width, head + static_cast<double>(n_rows) * row_height);
  std::ostringstream out;
  out << page.begin(output) << "set palette defined " << diverging
      << "\nset xlabel '{/:Italic s}' offset 0,0.5\nset ylabel '{/:Italic t}' offset 1,0\n"
      << "set colorbox\n";
  for (std::size_t line = 0; line < title.size(); ++line) {
    out << page.text(title[line], margin, margin + line_height * (static_cast<double>(line) + 0.4));
  }
  for (std::size_t row = 0; row < kernels.size(); ++row) {
    for (std::size_t column = 0; column < n_columns; ++column) {
      const std::string entry = column == 0 ? "11" : "12";
      const std::string& kernel = kernels[row].name;
      const std::string name = kernel == "C_G" ? "{/:Italic C}^G_{" + entry + "}"
                                               : "{/:Italic " + kernel + "}_{" + entry + "}";
      const std::size_t place = row * n_columns + column;
      const std::size_t line = place / per_row;
      const double left = cell * static_cast<double>(place % per_row) + map_left;
      const double top = head + row_height * static_cast<double>(line) + map_above;
      write_map({name + "({/:Italic t}, {/:Italic s})",
                 entry_of(kernels[row], 0, static_cast<Eigen::Index>(column))},
                page, {left, left + size, top, top + size}, results.figure.color_range, out);
    }
  }
  out << "unset multiplot\nset output\n";
  return out.str();
}

}  // namespace reprise
