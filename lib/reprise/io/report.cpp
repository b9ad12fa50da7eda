#include <algorithm>
#include <iomanip>
#include <sstream>

#include "reprise/io/number_text.hpp"
#include "reprise/io/results.hpp"

namespace reprise {

namespace {

using Row = std::vector<std::string>;

/// The last value of a scalar quantity with its standard error; "-" where there is none.
std::string last_value(const Solution& solution, std::string_view quantity) {
  const Series* series = solution.find(quantity);
  if (series == nullptr || series->n_times() == 0) return "-";
  const Eigen::Index last = series->n_times() - 1;
  std::optional<double> error;
  if (series->has_standard_error()) error = series->standard_error(last, 0);
  return with_error(series->value(last, 0), error);
}

Row row_of(const CurveResult& curve) {
  const Solution& solution = curve.solution;
  return {curve.name,
          solution.method,
          std::string(name(solution.ending.termination)),
          solution.step.empty() ? "-" : std::to_string(solution.step.back()),
          last_value(solution, "max_overlap"),
          last_value(solution, "generalisation_error"),
          rounded(solution.cost.wall_time_s, 3) + " s"};
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

std::string brief_report(const Results& results) {
  std::ostringstream out;
  out << results.title << "\n\n";
  std::vector<Row> rows{
      {"curve", "method", "ended", "last step", "max overlap", "generalisation error", "time"}};
  for (const CurveResult& curve : results.curves) rows.push_back(row_of(curve));
  print_table(out, rows);
  if (!results.comparisons.empty()) out << '\n';
  for (const PairComparison& pair : results.comparisons) {
    out << pair.theory << " against " << pair.simulation << ": " << pair.comparison.brief_report()
        << '\n';
  }
  return out.str();
}

}  // namespace reprise
