#include <charconv>
#include <cmath>
#include <map>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/results/tables.hpp"

namespace reprise {

std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + '"';
}

namespace {

constexpr std::string_view header = "curve,step,time,quantity,i,j,value,standard_error";
constexpr std::size_t n_columns = 8;

std::string finite(double value, const CurveResult& curve, const Series& series) {
  if (std::isfinite(value)) return shortest(value);
  throw NumericalError("curve \"" + curve.name + "\": " + series.quantity +
                       " has a value that is not finite, which no method may return");
}

void append_series(const CurveResult& curve, const Series& series, std::size_t time,
                   const std::string& prefix, std::string& csv) {
  const auto row = static_cast<Eigen::Index>(time);
  const Eigen::Index cols = std::max<Eigen::Index>(series.cols, 1);
  const int first = first_index(series.quantity);
  for (Eigen::Index entry = 0; row < series.n_times() && entry < series.n_entries(); ++entry) {
    csv += prefix + series.quantity + ',';
    csv += (series.is_scalar() ? "" : std::to_string(entry / cols + first)) + ',';
    csv += (series.cols == 0 ? "" : std::to_string(entry % cols + 1)) + ',';
    csv += finite(series.value(row, entry), curve, series) + ',';
    if (series.has_standard_error())
      csv += finite(series.standard_error(row, entry), curve, series);
    csv += '\n';
  }
}

std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields(1);
  bool is_quoted = false;
  for (std::size_t c = 0; c < line.size(); ++c) {
    if (line[c] == '"' && is_quoted && c + 1 < line.size() && line[c + 1] == '"') {
      fields.back() += line[++c];
    } else if (line[c] == '"') {
      is_quoted = !is_quoted;
    } else if (line[c] == ',' && !is_quoted) {
      fields.emplace_back();
    } else {
      fields.back() += line[c];
    }
  }
  return fields;
}

/// A number of one line, as it stands in the table.
struct Cell {
  Eigen::Index i = 0, j = 0;  // from 1; 0: no such index
  double value = 0;
  std::optional<double> standard_error = {};
};

/// The numbers of one curve before they are put into series.
struct Cells {
  std::vector<std::int64_t> step;
  std::vector<double> time;
  std::vector<std::string> order;                              // of the quantities
  std::map<std::string, std::vector<std::vector<Cell>>> rows;  // per quantity and time
};

class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  std::vector<CurveResult> read() {
    if (next_line() != header) fail("the first line must be " + std::string(header));
    while (!text_.empty()) read_row(next_line());
    std::vector<CurveResult> curves;
    for (const std::string& name : names_) {
      curves.push_back({.name = name, .role = Role::theory, .solution = solution(cells_.at(name))});
    }
    return curves;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw InputError(std::string(source_) + ":" + std::to_string(line_) + ": " + what);
  }

  std::string_view next_line() {
    ++line_;
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    const std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    return line.ends_with('\r') ? line.substr(0, line.size() - 1) : line;
  }

  double number(const std::string& text) const {
    const std::optional<double> value = parse_finite(text);
    if (!value) fail("\"" + text + "\" is not a finite number");
    return *value;
  }

  std::int64_t integer(const std::string& text) const {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0) {
      fail("\"" + text + "\" is not an integer from 0");
    }
    return value;
  }

  void read_row(std::string_view line) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() != n_columns)
      fail("a row must have " + std::to_string(n_columns) + " fields");
    if (cells_.count(fields[0]) == 0) names_.push_back(fields[0]);
    Cells& cells = cells_[fields[0]];
    const std::int64_t step = integer(fields[1]);
    if (cells.step.empty() || cells.step.back() != step) {
      if (!cells.step.empty() && cells.step.back() > step) fail("steps must not go back");
      cells.step.push_back(step);
      cells.time.push_back(number(fields[2]));
    }
    auto& rows = cells.rows[fields[3]];
    if (rows.empty()) cells.order.push_back(fields[3]);
    rows.resize(cells.step.size());
    Cell cell{.i = fields[4].empty() ? 0 : integer(fields[4]),
              .j = fields[5].empty() ? 0 : integer(fields[5]),
              .value = number(fields[6])};
    if (!fields[7].empty()) cell.standard_error = number(fields[7]);
    rows.back().push_back(cell);
  }

  Series series(const std::string& quantity, const std::vector<std::vector<Cell>>& rows) const {
    Series result;
    result.quantity = quantity;
    const std::size_t n_entries = rows.front().size();
    if (n_entries > 0) {
      result.rows = rows.front().back().i + 1 - first_index(quantity);
      result.cols = rows.front().back().j;
    }
    result.value.resize(static_cast<Eigen::Index>(rows.size()),
                        static_cast<Eigen::Index>(n_entries));
    const bool has_error = n_entries > 0 && rows.front().front().standard_error.has_value();
    if (has_error) result.standard_error.resizeLike(result.value);
    for (std::size_t t = 0; t < rows.size(); ++t) {
      if (rows[t].size() != n_entries) {
        throw InputError(std::string(source_) + ": " + quantity +
                         " has not the same entries at every time");
      }
      for (std::size_t e = 0; e < n_entries; ++e) {
        const auto row = static_cast<Eigen::Index>(t), col = static_cast<Eigen::Index>(e);
        result.value(row, col) = rows[t][e].value;
        if (has_error) result.standard_error(row, col) = rows[t][e].standard_error.value_or(0);
      }
    }
    return result;
  }

  Solution solution(const Cells& cells) const {
    Solution result;
    result.step = cells.step;
    result.time = cells.time;
    for (const std::string& quantity : cells.order) {
      result.series.push_back(series(quantity, cells.rows.at(quantity)));
    }
    return result;
  }

  std::string_view text_;
  std::string_view source_;
  std::size_t line_ = 0;
  std::vector<std::string> names_;
  std::map<std::string, Cells> cells_;
};

}  // namespace

std::string curves_csv(const std::vector<CurveResult>& curves) {
  std::string csv(header);
  csv += '\n';
  for (const CurveResult& curve : curves) {
    for (std::size_t t = 0; t < curve.solution.step.size(); ++t) {
      const std::string prefix = csv_field(curve.name) + ',' +
                                 std::to_string(curve.solution.step[t]) + ',' +
                                 shortest(curve.solution.time[t]) + ',';
      for (const Series& series : curve.solution.series) {
        append_series(curve, series, t, prefix, csv);
      }
    }
  }
  return csv;
}

std::vector<CurveResult> parse_curves_csv(std::string_view text, std::string_view source) {
  return CsvReader(text, source).read();
}

}  // namespace reprise
