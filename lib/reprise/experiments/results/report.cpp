#include <algorithm>
#include <iomanip>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/results/results.hpp"

namespace reprise {

namespace {

using Row = std::vector<std::string>;

/// The last value of an entry with its standard error; "-" where there is none.
std::string last_value(const Solution& solution, std::string_view quantity, Eigen::Index entry) {
  const Series* series = solution.find(quantity);
  if (series == nullptr || series->n_times() == 0) return "-";
  const Eigen::Index last = series->n_times() - 1;
  std::optional<double> error;
  if (series->has_standard_error()) error = series->standard_error(last, entry);
  return with_error(series->value(last, entry), error);
}

/// A number that is worth a column.
struct Column {
  std::string heading;
  std::string quantity;
  Eigen::Index entry = 0;
};

/// The entry of the first quantity with indices that is largest at the end of the first curve that
/// has it: an overlap with the target.
Column overlap_column(const Results& results) {
  for (const QuantityRow& row : quantity_rows()) {
    for (const CurveResult& curve : results.curves) {
      const Series* series = curve.solution.find(row.name);
      if (row.n_indices() == 0 || series == nullptr || series->n_times() == 0) continue;
      Column column{.heading = std::string(row.name), .quantity = std::string(row.name)};
      series->value.row(series->n_times() - 1).cwiseAbs().maxCoeff(&column.entry);
      const Eigen::Index cols = std::max<Eigen::Index>(series->cols, 1);
      const std::string i = std::to_string(column.entry / cols + row.first);
      const std::string j = series->cols == 0 ? "" : std::to_string(column.entry % cols + 1);
      column.heading += "_" + i + (std::max(i.size(), j.size()) > 1 ? "," : "") + j;
      return column;
    }
  }
  return {.heading = "M", .quantity = "M"};
}

Column error_column(const Results& results) {
  std::string_view found = "generalisation_error";
  for (const QuantityRow& row : quantity_rows()) {
    for (const CurveResult& curve : results.curves) {
      if (row.is_error && curve.solution.find(row.name) != nullptr) found = row.name;
    }
  }
  std::string heading(found);
  std::ranges::replace(heading, '_', ' ');
  return {.heading = heading, .quantity = std::string(found)};
}

Row row_of(const CurveResult& curve, const Column& overlap, const Column& error) {
  const Solution& solution = curve.solution;
  return {curve.name,
          solution.method,
          std::string(name(solution.ending.termination)),
          solution.time.empty() ? "-" : rounded(solution.time.back(), 6),
          last_value(solution, overlap.quantity, overlap.entry),
          last_value(solution, error.quantity, error.entry),
          rounded(solution.cost.wall_time_s, 3) + " s"};
}

std::string time_name(const Results& results) {
  return std::string(
      name(results.curves.empty() ? Clock::steps : results.curves.front().solution.clock));
}

void print_table(std::ostream& out, const std::vector<Row>& rows) {
  std::vector<std::size_t> width(rows.front().size());
  for (const Row& row : rows) {
    for (std::size_t c = 0; c < row.size(); ++c) width[c] = std::max(width[c], row[c].size());
  }
  for (const Row& row : rows) {
    std::ostringstream line;
    for (std::size_t c = 0; c < row.size(); ++c) {
      line << std::left << std::setw(static_cast<int>(width[c])) << row[c] << "  ";
    }
    std::string text = line.str();
    text.erase(text.find_last_not_of(' ') + 1);
    out << text << '\n';
  }
}

}  // namespace

std::string last_moment(const Solution& solution) {
  return solution.time.empty() ? "" : " after " + solution.moment(solution.time.size() - 1);
}

std::string brief_report(const Results& results) {
  std::ostringstream out;
  out << results.title << "\n\n";
  const Column overlap = overlap_column(results), error = error_column(results);
  std::vector<Row> rows{{"curve", "method", "ended", "last " + time_name(results), overlap.heading,
                         error.heading, "time"}};
  for (const CurveResult& curve : results.curves) rows.push_back(row_of(curve, overlap, error));
  print_table(out, rows);
  std::vector<std::string> warnings;  // once each, though curves share some
  for (const CurveResult& curve : results.curves) {
    for (const std::string& warning : curve.solution.warnings) {
      if (std::ranges::find(warnings, warning) == warnings.end()) warnings.push_back(warning);
    }
  }
  for (const std::string& warning : warnings) out << "warning: " << warning << '\n';
  if (!results.comparisons.empty()) out << '\n';
  for (const PairComparison& pair : results.comparisons) {
    out << pair.theory << " against " << pair.simulation << ": " << pair.comparison.brief_report()
        << '\n';
  }
  return out.str();
}

}  // namespace reprise
