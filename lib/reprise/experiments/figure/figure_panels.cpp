#include <algorithm>
#include <cmath>
#include <numeric>

#include "reprise/core/error.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"

namespace reprise {

namespace {

constexpr std::size_t most_entries = 8;   // as many as there are colours
constexpr Eigen::Index most_points = 25;  // of a simulation: more would hide the line
constexpr Eigen::Index most_differences = 13;

std::string index_text(const Series& series, Eigen::Index entry) {
  if (series.is_scalar()) return "";
  const Eigen::Index cols = std::max<Eigen::Index>(series.cols, 1);
  const std::string i = std::to_string(entry / cols + first_index(series.quantity)),
                    j = std::to_string(entry % cols + 1);
  if (series.cols == 0) return "_{" + i + "}";
  return "_{" + i + (std::max(series.rows, series.cols) > 9 ? "," : "") + j + "}";
}

/// Largest |value| of an entry over all curves and times.
double reach(const Results& results, const std::string& quantity, Eigen::Index entry) {
  double largest = 0;
  for (const CurveResult& curve : results.curves) {
    const Series* series = curve.solution.find(quantity);
    if (series == nullptr || series->n_times() == 0) continue;
    largest = std::max(largest, series->value.col(entry).cwiseAbs().maxCoeff());
  }
  return largest;
}

const Series* first_with(const Results& results, const std::string& quantity) {
  for (const CurveResult& curve : results.curves) {
    const Series* series = curve.solution.find(quantity);
    if (series != nullptr && series->n_times() > 0) return series;
  }
  return nullptr;
}

/// Entries in their own order, the largest ones if there are too many.
std::vector<Eigen::Index> chosen_entries(const Results& results, const QuantityRow& row,
                                         const Series& series, std::size_t& n_all) {
  std::vector<Eigen::Index> entries;
  for (Eigen::Index entry = 0; entry < series.n_entries(); ++entry) {
    const bool is_repeated = row.is_symmetric && entry % series.cols < entry / series.cols;
    if (!is_repeated) entries.push_back(entry);
  }
  n_all += entries.size();
  if (entries.size() <= most_entries) return entries;
  std::stable_sort(entries.begin(), entries.end(), [&](Eigen::Index a, Eigen::Index b) {
    return reach(results, series.quantity, a) > reach(results, series.quantity, b);
  });
  entries.resize(most_entries);
  std::sort(entries.begin(), entries.end());
  return entries;
}

/// `most` rows spread over n, first and last among them.
std::vector<Eigen::Index> spread(Eigen::Index n, Eigen::Index most) {
  std::vector<Eigen::Index> rows;
  const Eigen::Index count = std::min(n, most);
  for (Eigen::Index i = 0; i < count; ++i) {
    rows.push_back(count == 1 ? 0 : (i * (n - 1) + (count - 1) / 2) / (count - 1));
  }
  return rows;
}

/// Where a time is on the axis: log10 of it where that is logarithmic.
double place_of(const Results& results, double time) {
  return results.has_log_times ? std::log10(time) : time;
}

FigurePoint point(const Results& results, const Solution& solution, const Series& series,
                  Eigen::Index row, Eigen::Index entry) {
  const FigurePoint point{place_of(results, solution.time[static_cast<std::size_t>(row)]),
                          series.value(row, entry),
                          series.has_standard_error() ? series.standard_error(row, entry) : 0.0};
  for (const double number : {point.x, point.y, point.error}) {
    check_drawable(series.quantity + " after " + solution.moment(static_cast<std::size_t>(row)),
                   number);
  }
  return point;
}

/// Rows that are drawn: at most so many, and not t = 0 where the axis is logarithmic.
std::vector<Eigen::Index> drawn_rows(const Results& results, const Solution& solution,
                                     const Series& series, Eigen::Index most) {
  const Eigen::Index skipped =
      results.has_log_times && series.n_times() > 0 && solution.time.front() == 0 ? 1 : 0;
  std::vector<Eigen::Index> rows = spread(series.n_times() - skipped, most);
  for (Eigen::Index& row : rows) row += skipped;
  return rows;
}

FigureTrace trace(const Results& results, std::size_t curve, const std::string& quantity,
                  Eigen::Index entry, std::size_t position) {
  const Solution& solution = results.curves[curve].solution;
  FigureTrace result{.curve = curve, .entry = position};
  const Series* series = solution.find(quantity);
  if (series == nullptr) return result;
  const bool is_theory = results.curves[curve].role == Role::theory;
  for (const Eigen::Index row :
       drawn_rows(results, solution, *series, is_theory ? 2000 : most_points)) {
    result.points.push_back(point(results, solution, *series, row, entry));
  }
  return result;
}

FigureTrace difference(const Results& results, std::size_t theory, std::size_t simulation,
                       const std::string& quantity, Eigen::Index entry, std::size_t position) {
  FigureTrace result{.curve = simulation, .entry = position};
  const Solution& expected = results.curves[theory].solution;
  const Solution& seen = results.curves[simulation].solution;
  const Series* a = expected.find(quantity);
  const Series* b = seen.find(quantity);
  if (a == nullptr || b == nullptr) return result;
  for (const Eigen::Index row : drawn_rows(results, seen, *b, most_differences)) {
    const Eigen::Index other = find_time(expected, seen.time[static_cast<std::size_t>(row)]);
    if (other < 0 || other >= a->n_times()) continue;
    const FigurePoint left = point(results, expected, *a, other, entry);
    const FigurePoint right = point(results, seen, *b, row, entry);
    result.points.push_back({right.x, right.y - left.y, std::hypot(left.error, right.error)});
  }
  return result;
}

std::ptrdiff_t first_theory(const Results& results) {
  for (std::size_t c = 0; c < results.curves.size(); ++c) {
    if (results.curves[c].role == Role::theory) return static_cast<std::ptrdiff_t>(c);
  }
  return -1;
}

/// Files are checked when they are read; this is for results that a program made.
void check_shapes(const Results& results, const QuantityRow& row, const Series& shape) {
  for (const CurveResult& curve : results.curves) {
    const Series* series = curve.solution.find(row.name);
    if (series == nullptr || series->n_times() == 0) continue;
    const Eigen::Index rows = series->rows, cols = series->cols;
    const bool fits =
        (rows > 0) == (row.n_indices() > 0) && (cols > 0) == (row.n_indices() > 1) &&
        (!row.is_symmetric || rows == cols) && rows == shape.rows && cols == shape.cols &&
        series->n_entries() == std::max<Eigen::Index>(rows, 1) * std::max<Eigen::Index>(cols, 1);
    const bool has_times =
        static_cast<std::size_t>(series->n_times()) <= curve.solution.time.size();
    const bool has_errors =
        !series->has_standard_error() || (series->standard_error.rows() == series->n_times() &&
                                          series->standard_error.cols() == series->n_entries());
    if (!fits || !has_times || !has_errors) {
      throw InputError("figure: " + series->quantity + " of curve \"" + curve.name +
                       "\" has not the shape of its row, of its times or of the other curves");
    }
  }
}

/// A second layer that is not trained is a constant: nothing to see.
bool moves(const Series& series) {
  return (series.value.rowwise() - series.value.row(0)).cwiseAbs().maxCoeff() > 0;
}

void add_quantity(const Results& results, const QuantityRow& row, FigurePanel& panel,
                  std::size_t& n_all) {
  const std::string quantity(row.name);
  const Series* series = first_with(results, quantity);
  if (series != nullptr) check_shapes(results, row, *series);
  if (series == nullptr || !(row.is_drawn_constant || moves(*series))) return;
  const std::ptrdiff_t theory = first_theory(results);
  for (const Eigen::Index entry : chosen_entries(results, row, *series, n_all)) {
    const std::size_t position = panel.labels.size();
    panel.labels.push_back(std::string(row.symbol) + index_text(*series, entry));
    for (std::size_t c = 0; c < results.curves.size(); ++c) {
      panel.traces.push_back(trace(results, c, quantity, entry, position));
      if (theory < 0 || results.curves[c].role == Role::theory) continue;
      panel.differences.push_back(
          difference(results, static_cast<std::size_t>(theory), c, quantity, entry, position));
    }
  }
}

FigurePanel panel_of(const Results& results, std::string_view heading) {
  FigurePanel panel{.heading = std::string(heading)};
  std::size_t n_all = 0;
  for (const QuantityRow& row : quantity_rows()) {
    if (row.panel == heading) add_quantity(results, row, panel, n_all);
  }
  const auto is_empty = [](const FigureTrace& trace) { return trace.points.empty(); };
  std::erase_if(panel.traces, is_empty);
  std::erase_if(panel.differences, is_empty);
  if (n_all > panel.labels.size()) {
    panel.note = "the " + std::to_string(panel.labels.size()) + " largest of " +
                 std::to_string(n_all) + " entries";
  }
  return panel;
}

}  // namespace

std::vector<FigurePanel> figure_panels(const Results& results) {
  std::vector<FigurePanel> panels;
  std::vector<std::string_view> headings = {""};  // of what is not drawn
  for (const QuantityRow& row : quantity_rows()) {
    if (std::ranges::find(headings, row.panel) != headings.end()) continue;
    headings.push_back(row.panel);
    panels.push_back(panel_of(results, row.panel));
  }
  std::erase_if(panels, [](const FigurePanel& panel) { return panel.traces.empty(); });
  return panels;
}

}  // namespace reprise
