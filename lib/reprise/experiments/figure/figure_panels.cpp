#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>

#include "reprise/core/error.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/figure/figure.hpp"
#include "reprise/experiments/figure/figure_layout.hpp"
#include "reprise/phase/observable.hpp"

namespace reprise {

namespace {

constexpr std::size_t most_entries = 8;  // as many as there are colours
constexpr std::size_t most_points = 25;  // of a simulation: more would hide the line
constexpr std::size_t most_differences = 13;

std::string index_text(const Series& series, Eigen::Index entry) {
  if (series.is_scalar()) return "";
  const Eigen::Index cols = std::max<Eigen::Index>(series.cols, 1);
  const std::string i = std::to_string(entry / cols + first_index(series.quantity)),
                    j = std::to_string(entry % cols + 1);
  if (series.cols == 0) return "_{" + i + "}";
  return "_{" + i + (std::max(series.rows, series.cols) > 9 ? "," : "") + j + "}";
}

std::string symbol_of(const QuantityRow& row) {
  return std::string(row.symbol.empty() ? row.name : row.symbol);
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

/// Positions of the entries that the figure names; empty where it names none of the quantity.
std::vector<Eigen::Index> named_entries(const Results& results, const Series& series) {
  std::vector<Eigen::Index> entries;
  for (const std::string& text : results.figure.entries) {
    const Observable named = parse_observable(text);
    if (named.quantity != series.quantity) continue;
    const Eigen::Index i = named.i - first_index(series.quantity);
    if (i < 0 || i >= series.rows || named.j > series.cols) {
      throw InputError("figure.entries: " + text + " is none, " + series.quantity + " has " +
                       std::to_string(series.rows) + " rows and " + std::to_string(series.cols) +
                       " columns");
    }
    entries.push_back(i * std::max<Eigen::Index>(series.cols, 1) +
                      std::max<Eigen::Index>(named.j, 1) - 1);
  }
  return entries;
}

/// Entries that are compared with each other: of one direction, on the diagonal or off it.
Eigen::Index group_of(const QuantityRow& row, const Series& series, Eigen::Index entry) {
  if (series.cols == 0) return 0;
  const Eigen::Index i = entry / series.cols, j = entry % series.cols;
  return row.is_symmetric ? (i == j ? 0 : 1) : j;
}

/// The largest of each group, then the second of each, until there are enough; in their own order.
std::vector<Eigen::Index> largest_of_groups(const Results& results, const QuantityRow& row,
                                            const Series& series,
                                            const std::vector<Eigen::Index>& all) {
  struct Candidate {
    Eigen::Index entry, rank;
    double reach;
  };
  std::vector<Candidate> candidates;
  for (const Eigen::Index entry : all) {
    candidates.push_back({entry, 0, reach(results, series.quantity, entry)});
  }
  std::ranges::stable_sort(candidates, std::greater<>(), &Candidate::reach);
  std::map<Eigen::Index, Eigen::Index> n_seen;
  for (Candidate& c : candidates) c.rank = n_seen[group_of(row, series, c.entry)]++;
  std::ranges::stable_sort(candidates, {}, &Candidate::rank);
  std::vector<Eigen::Index> entries;
  for (const Candidate& c : candidates) {
    if (entries.size() < most_entries) entries.push_back(c.entry);
  }
  std::ranges::sort(entries);
  return entries;
}

/// "8 of 30 entries: the largest of each direction"
std::string note_of(const QuantityRow& row, const Series& series,
                    const std::vector<Eigen::Index>& entries, std::size_t n_all) {
  const std::string count = std::to_string(entries.size()), all = std::to_string(n_all);
  if (series.cols == 0) return "the " + count + " largest of " + all + " entries";
  if (row.is_symmetric)
    return count + " of " + all + " entries: the largest on the diagonal and off it";
  std::set<Eigen::Index> groups;
  for (const Eigen::Index entry : entries) groups.insert(group_of(row, series, entry));
  const auto n_groups = static_cast<Eigen::Index>(groups.size());
  return count + " of " + all + " entries: the largest of " +
         (n_groups == series.cols
              ? "each direction"
              : std::to_string(n_groups) + " of " + std::to_string(series.cols) + " directions");
}

/// Entries in their own order, and what to say where there are too many.
std::vector<Eigen::Index> chosen_entries(const Results& results, const QuantityRow& row,
                                         const Series& series, std::string& note) {
  std::vector<Eigen::Index> entries = named_entries(results, series);
  if (!entries.empty()) return entries;
  for (Eigen::Index entry = 0; entry < series.n_entries(); ++entry) {
    const bool is_repeated = row.is_symmetric && entry % series.cols < entry / series.cols;
    if (!is_repeated) entries.push_back(entry);
  }
  if (entries.size() <= most_entries) return entries;
  const std::vector<Eigen::Index> chosen = largest_of_groups(results, row, series, entries);
  note = note_of(row, series, chosen, entries.size());
  return chosen;
}

/// At most so many of the places, which increase, at even distances; the last among them, and the
/// first where even distances lead there.
std::vector<std::size_t> thinned(const std::vector<double>& places, std::size_t most) {
  const std::size_t n = places.size();
  std::vector<std::size_t> kept;
  if (n <= most) {
    for (std::size_t i = 0; i < n; ++i) kept.push_back(i);
    return kept;
  }
  const double span = places.back() - places.front();
  double spacing = span / static_cast<double>(most - 1);
  const double step = span / static_cast<double>(n - 1);
  const auto is_even = [&](std::size_t i) {
    return std::abs(places[i] - places.front() - step * static_cast<double>(i)) < 1e-6 * span;
  };
  const auto least = static_cast<std::size_t>(std::ceil(spacing / step - 1e-9));
  bool are_even = true;
  for (std::size_t i = 0; i < n; ++i) are_even &= is_even(i);
  if (are_even) {
    std::size_t stride = least;
    while ((n - 1) % stride != 0 && stride < 2 * least) ++stride;
    spacing = step * static_cast<double>((n - 1) % stride == 0 ? stride : least);
  }
  double next = places.back();
  for (std::size_t i = n; i-- > 0;) {
    if (places[i] > next + 1e-6 * step) continue;
    kept.push_back(i);
    next = places[i] - spacing;
  }
  std::ranges::reverse(kept);
  return kept;
}

FigurePoint point(const Solution& solution, const Series& series, Eigen::Index row,
                  Eigen::Index entry) {
  const FigurePoint point{solution.time[static_cast<std::size_t>(row)], series.value(row, entry),
                          series.has_standard_error() ? series.standard_error(row, entry) : 0.0};
  for (const double number : {point.x, point.y, point.error}) {
    check_drawable(series.quantity + " after " + solution.moment(static_cast<std::size_t>(row)),
                   number);
  }
  return point;
}

/// Rows that are drawn: at most so many, and not t = 0 where the axis is logarithmic.
std::vector<Eigen::Index> drawn_rows(const Results& results, const Solution& solution,
                                     const Series& series, std::size_t most) {
  const bool is_log = time_scale(results) == Scale::log;
  std::vector<Eigen::Index> rows;
  std::vector<double> places;
  for (Eigen::Index row = 0; row < series.n_times(); ++row) {
    const double time = solution.time[static_cast<std::size_t>(row)];
    if (is_log && !(time > 0)) continue;
    rows.push_back(row);
    places.push_back(is_log ? std::log10(time) : time);
  }
  std::vector<Eigen::Index> kept;
  for (const std::size_t i : thinned(places, most)) kept.push_back(rows[i]);
  return kept;
}

FigureTrace trace(const Results& results, std::size_t curve, const std::string& quantity,
                  Eigen::Index entry, std::size_t position) {
  const Solution& solution = results.curves[curve].solution;
  FigureTrace result{.curve = curve, .entry = position};
  const Series* series = solution.find(quantity);
  if (series == nullptr) return result;
  const bool is_theory = results.curves[curve].role == Role::theory;
  for (const Eigen::Index row :
       drawn_rows(results, solution, *series, is_theory ? std::size_t{2000} : most_points)) {
    result.points.push_back(point(solution, *series, row, entry));
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
    const FigurePoint left = point(expected, *a, other, entry);
    const FigurePoint right = point(seen, *b, row, entry);
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

void add_quantity(const Results& results, const QuantityRow& row, FigurePanel& panel) {
  const std::string quantity(row.name);
  const Series* series = first_with(results, quantity);
  if (series != nullptr) check_shapes(results, row, *series);
  if (series == nullptr || !(row.is_drawn_constant || moves(*series))) return;
  panel.is_of_errors |= row.is_error;
  const std::ptrdiff_t theory = first_theory(results);
  for (const Eigen::Index entry : chosen_entries(results, row, *series, panel.note)) {
    const std::size_t position = panel.labels.size();
    panel.labels.push_back(symbol_of(row) + index_text(*series, entry));
    for (std::size_t c = 0; c < results.curves.size(); ++c) {
      panel.traces.push_back(trace(results, c, quantity, entry, position));
      if (theory < 0 || results.curves[c].role == Role::theory) continue;
      panel.differences.push_back(
          difference(results, static_cast<std::size_t>(theory), c, quantity, entry, position));
    }
  }
}

std::vector<std::string> quantities_under(std::string_view heading) {
  std::vector<std::string> names;
  for (const QuantityRow& row : quantity_rows()) {
    if (row.panel == heading) names.emplace_back(row.name);
  }
  return names;
}

/// That of the quantities where they are all that stand under it, else their names.
std::string heading_of(std::vector<std::string> quantities) {
  const std::string_view shared = find_quantity(quantities.front())->panel;
  std::vector<std::string> usual = quantities_under(shared);
  if (!shared.empty() && std::ranges::is_permutation(usual, quantities)) return std::string(shared);
  std::string heading;
  for (std::string& name : quantities) {
    std::ranges::replace(name, '_', ' ');
    heading += (heading.empty() ? "" : ", ") + name;
  }
  return heading;
}

FigurePanel panel_of(const Results& results, const std::vector<std::string>& quantities) {
  FigurePanel panel{.heading = heading_of(quantities)};
  for (const std::string& quantity : quantities) {
    add_quantity(results, *find_quantity(quantity), panel);
  }
  const auto is_empty = [](const FigureTrace& trace) { return trace.points.empty(); };
  std::erase_if(panel.traces, is_empty);
  std::erase_if(panel.differences, is_empty);
  return panel;
}

}  // namespace

Scale time_scale(const Results& results) {
  const Scale usual = results.has_log_times ? Scale::log : Scale::linear;
  return results.figure.x ? results.figure.x->scale.value_or(usual) : usual;
}

Scale value_scale(const Results& results, const FigurePanel& panel) {
  constexpr double least_fall = 30;
  if (results.figure.y && results.figure.y->scale) return *results.figure.y->scale;
  if (!panel.is_of_errors) return Scale::linear;
  double low = INFINITY, high = 0;
  for (const FigureTrace& trace : panel.traces) {
    for (const FigurePoint& p : trace.points) {
      if (p.y < 0) return Scale::linear;
      if (p.y > 0) low = std::min(low, p.y);
      high = std::max(high, p.y);
    }
  }
  return high > least_fall * low ? Scale::log : Scale::linear;
}

std::string lettered(const std::string& heading, std::size_t panel, std::size_t n_panels) {
  if (n_panels < 2) return heading;
  return "(" + std::string(1, static_cast<char>('a' + panel % 26)) + ") " + heading;
}

std::vector<FigurePanel> figure_panels(const Results& results) {
  std::vector<FigurePanel> panels;
  for (const std::string& asked : results.figure.panels) {
    panels.push_back(panel_of(results, quantities_of_panel(asked)));
    if (panels.back().traces.empty()) {
      throw InputError("figure.panels: no curve has a value of \"" + asked + "\"");
    }
  }
  if (!panels.empty()) return panels;
  std::vector<std::string_view> headings = {""};  // of what is not drawn
  for (const QuantityRow& row : quantity_rows()) {
    if (std::ranges::find(headings, row.panel) != headings.end()) continue;
    headings.push_back(row.panel);
    panels.push_back(panel_of(results, quantities_under(row.panel)));
  }
  std::erase_if(panels, [](const FigurePanel& panel) { return panel.traces.empty(); });
  return panels;
}

}  // namespace reprise
