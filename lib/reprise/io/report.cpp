#include <algorithm>
#include <iomanip>
#include <sstream>

#include "reprise/core/number_text.hpp"
#include "reprise/io/results.hpp"

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

/// The entry of M that is largest at the end of the first curve: the one worth a column.
struct ShownOverlap {
  Eigen::Index entry = 0;
  std::string name = "M";
};

ShownOverlap shown_overlap(const Results& results) {
  ShownOverlap shown;
  for (const CurveResult& curve : results.curves) {
    const Series* M = curve.solution.find("M");
    if (M == nullptr || M->n_times() == 0) continue;
    M->value.row(M->n_times() - 1).cwiseAbs().maxCoeff(&shown.entry);
    const std::string i = std::to_string(shown.entry / M->cols + 1);
    const std::string j = std::to_string(shown.entry % M->cols + 1);
    shown.name = "M_" + i + (std::max(i.size(), j.size()) > 1 ? "," : "") + j;
    break;
  }
  return shown;
}

Row row_of(const CurveResult& curve, const ShownOverlap& overlap) {
  const Solution& solution = curve.solution;
  return {curve.name,
          solution.method,
          std::string(name(solution.ending.termination)),
          solution.time.empty() ? "-" : rounded(solution.time.back(), 6),
          last_value(solution, "M", overlap.entry),
          last_value(solution, "generalisation_error", 0),
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
  const ShownOverlap overlap = shown_overlap(results);
  std::vector<Row> rows{{"curve", "method", "ended", "last " + time_name(results), overlap.name,
                         "generalisation error", "time"}};
  for (const CurveResult& curve : results.curves) rows.push_back(row_of(curve, overlap));
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
