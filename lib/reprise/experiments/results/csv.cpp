#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>

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

/// "M,1,2,"
std::string entry_fields(const Series& series, Eigen::Index entry) {
  const Eigen::Index cols = std::max<Eigen::Index>(series.cols, 1);
  return series.quantity + ',' +
         (series.is_scalar() ? "" : std::to_string(entry / cols + first_index(series.quantity))) +
         ',' + (series.cols == 0 ? "" : std::to_string(entry % cols + 1)) + ',';
}

/// All series of a replica at a time.
void append_run(const CurveResult& curve, const Eigen::MatrixXd& replica, std::size_t time,
                const std::string& prefix, std::string& csv) {
  const auto row = static_cast<Eigen::Index>(time);
  Eigen::Index first = 0;
  for (const Series& series : curve.solution.series) {
    if (is_statistic(series)) return;
    for (Eigen::Index e = 0; row < series.n_times() && e < series.n_entries(); ++e) {
      csv +=
          prefix + entry_fields(series, e) + finite(replica(row, first + e), curve, series) + '\n';
    }
    first += series.n_entries();
  }
}

void append_series(const CurveResult& curve, const Series& series, std::size_t time,
                   const std::string& prefix, std::string& csv) {
  const auto row = static_cast<Eigen::Index>(time);
  for (Eigen::Index entry = 0; row < series.n_times() && entry < series.n_entries(); ++entry) {
    csv += prefix + entry_fields(series, entry);
    csv += finite(series.value(row, entry), curve, series) + ',';
    if (series.has_standard_error())
      csv += finite(series.standard_error(row, entry), curve, series);
    csv += '\n';
  }
}

/// The fields of a row; none where a quote is not closed.
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
  return is_quoted ? std::vector<std::string>{} : fields;
}

/// A row of the table without its curve, time and quantity.
struct Cell {
  std::size_t line = 0;
  Eigen::Index i = 0, j = 0;  // 0 where the quantity has no such index
  double value = 0;
  std::optional<double> standard_error = {};
};

/// A quantity of a curve: the times that are whole, and the cells of the one under way.
struct Table {
  const QuantityRow* row = nullptr;
  std::string name = {};  ///< that of the row, or of a statistic of it
  Eigen::Index rows = 0, cols = 0;
  bool has_error = false;
  std::size_t n_times = 0;
  std::vector<double> value = {}, standard_error = {};
  std::vector<Cell> cells = {};
};

struct Curve {
  std::string name;
  std::vector<std::int64_t> step = {};
  std::vector<double> time = {};
  std::vector<Table> tables = {};  // in the order of the file
};

std::string entry_text(const QuantityRow& row, Eigen::Index i, Eigen::Index j) {
  if (row.n_indices() == 0) return std::string(row.name);
  return std::string(row.name) + "(" + std::to_string(i) +
         (row.n_indices() == 2 ? ", " + std::to_string(j) : "") + ")";
}

class CsvReader {
 public:
  CsvReader(std::string_view text, std::string_view source) : text_(text), source_(source) {}

  std::vector<CurveResult> read() {
    if (next_line() != header) fail(line_, "the first line must be " + std::string(header));
    while (!text_.empty()) read_row(next_line());
    std::vector<CurveResult> results;
    for (Curve& curve : curves_) {
      end_time(curve);
      results.push_back({.name = curve.name, .role = Role::theory, .solution = solution(curve)});
    }
    return results;
  }

 private:
  [[noreturn]] void fail(std::size_t line, const std::string& what) const {
    throw InputError(std::string(source_) + ":" + std::to_string(line) + ": " + what);
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
    if (!value) fail(line_, "\"" + text + "\" is not a finite number");
    return *value;
  }

  std::int64_t integer(const std::string& text) const {
    std::int64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{} || parsed.ptr != text.data() + text.size() || value < 0) {
      fail(line_, "\"" + text + "\" is not an integer from 0");
    }
    return value;
  }

  Curve& curve_of(const std::string& name) {
    const auto [place, is_new] = places_.try_emplace(name, curves_.size());
    if (is_new) curves_.push_back({.name = name});
    return curves_[place->second];
  }

  Table& table_of(Curve& curve, const std::string& quantity) const {
    for (Table& table : curve.tables) {
      if (table.name == quantity) return table;
    }
    const QuantityRow* row = find_quantity(quantity);
    if (row == nullptr) fail(line_, "there is no quantity \"" + quantity + "\"");
    curve.tables.push_back({.row = row, .name = quantity});
    return curve.tables.back();
  }

  void read_row(std::string_view line) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.empty()) fail(line_, "a quote is not closed");
    if (fields.size() != n_columns) {
      fail(line_, "a row must have " + std::to_string(n_columns) + " fields");
    }
    Curve& curve = curve_of(fields[0]);
    read_time(curve, integer(fields[1]), number(fields[2]));
    Table& table = table_of(curve, fields[3]);
    const std::string& quantity = table.name;
    if (table.n_times + 1 != curve.time.size()) {
      fail(line_, quantity + " has no values at an earlier time of the curve");
    }
    const int n_indices = table.row->n_indices();
    if (fields[4].empty() != (n_indices < 1) || fields[5].empty() != (n_indices < 2)) {
      fail(line_, quantity + (n_indices == 2   ? " needs i and j"
                              : n_indices == 1 ? " needs i, and has no j"
                                               : " has no i and no j"));
    }
    Cell cell{.line = line_,
              .i = n_indices < 1 ? 0 : integer(fields[4]),
              .j = n_indices < 2 ? 0 : integer(fields[5]),
              .value = number(fields[6])};
    if (!fields[7].empty()) cell.standard_error = number(fields[7]);
    if (cell.standard_error && !(*cell.standard_error >= 0)) {
      fail(line_, "standard_error must be >= 0, got " + fields[7]);
    }
    if (table.value.empty() && table.cells.empty()) table.has_error = !fields[7].empty();
    if (table.has_error == fields[7].empty()) {
      fail(line_, quantity + " has a standard error in some rows only");
    }
    table.cells.push_back(cell);
  }

  void read_time(Curve& curve, std::int64_t step, double time) {
    if (!curve.step.empty() && curve.step.back() == step) {
      if (curve.time.back() != time) fail(line_, "step " + std::to_string(step) + " has two times");
      return;
    }
    if (!curve.step.empty() && curve.step.back() > step) fail(line_, "steps must not go back");
    if (curve.time.empty() ? !(time >= 0) : !(time > curve.time.back())) {
      fail(line_, "times must increase from 0, got " + shortest(time));
    }
    end_time(curve);
    curve.step.push_back(step);
    curve.time.push_back(time);
  }

  void end_time(Curve& curve) {
    for (Table& table : curve.tables) {
      if (!table.cells.empty()) end_time(curve, table);
    }
  }

  /// The cells of a time must be i = first, first + 1, .., j = 1, 2, .., in this order.
  void end_time(const Curve& curve, Table& table) {
    const std::vector<Cell>& cells = table.cells;
    const QuantityRow& row = *table.row;
    const int n_indices = row.n_indices();
    const auto next_row =
        std::ranges::find_if(cells, [&](const Cell& cell) { return cell.i != cells.front().i; });
    const Eigen::Index cols = n_indices == 2 ? next_row - cells.begin() : 1;
    const auto n_cells = static_cast<Eigen::Index>(cells.size());
    for (Eigen::Index e = 0; e < n_cells; ++e) {
      const Cell& cell = cells[static_cast<std::size_t>(e)];
      const Eigen::Index i = n_indices < 1 ? 0 : e / cols + row.first;
      const Eigen::Index j = n_indices < 2 ? 0 : e % cols + 1;
      if (n_indices == 0 && e > 0) fail(cell.line, entry_text(row, 0, 0) + " has two values");
      if (cell.i != i || cell.j != j) {
        fail(cell.line, entry_text(row, cell.i, cell.j) + " stands where " + entry_text(row, i, j) +
                            " must follow");
      }
    }
    const Cell& last = cells.back();
    if (n_cells % cols != 0) {
      fail(last.line, entry_text(row, last.i, last.j) + " is the last entry of a row of " +
                          std::to_string(cols));
    }
    if (n_indices > 0) check_size(curve, row, row.rows, " rows", n_cells / cols, last.line);
    if (n_indices > 1) check_size(curve, row, row.cols, " columns", cols, last.line);
    table.rows = n_indices > 0 ? n_cells / cols : 0;
    table.cols = n_indices > 1 ? cols : 0;
    for (const Cell& cell : cells) {
      table.value.push_back(cell.value);
      if (table.has_error) table.standard_error.push_back(*cell.standard_error);
    }
    table.cells.clear();
    ++table.n_times;
  }

  /// Sizes belong to the problem: "p" is one number in all quantities of all curves.
  void check_size(const Curve& curve, const QuantityRow& row, std::string_view size,
                  const char* what, Eigen::Index number, std::size_t line) {
    const std::string here = std::string(row.name) + " of curve \"" + curve.name + "\"";
    const auto [found, is_new] = sizes_.try_emplace(size, Size{number, here});
    if (is_new || found->second.number == number) return;
    fail(line, here + " has " + std::to_string(number) + what + ", but " + std::string(size) +
                   " = " + std::to_string(found->second.number) + " in " + found->second.where);
  }

  static Series series(const Table& table) {
    using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
    const auto n_times = static_cast<Eigen::Index>(table.n_times);
    const Eigen::Index n_entries = static_cast<Eigen::Index>(table.value.size()) / n_times;
    const auto matrix = [&](const std::vector<double>& numbers) {
      return Eigen::Map<const RowMajor>(numbers.data(), n_times, n_entries);
    };
    Series result{.quantity = table.name, .rows = table.rows, .cols = table.cols};
    result.value = matrix(table.value);
    if (table.has_error) result.standard_error = matrix(table.standard_error);
    return result;
  }

  static Solution solution(const Curve& curve) {
    Solution result;
    result.step = curve.step;
    result.time = curve.time;
    for (const Table& table : curve.tables) result.series.push_back(series(table));
    return result;
  }

  struct Size {
    Eigen::Index number;
    std::string where;
  };

  std::string_view text_;
  std::string_view source_;
  std::size_t line_ = 0;
  std::vector<Curve> curves_;
  std::map<std::string, std::size_t, std::less<>> places_;
  std::map<std::string_view, Size> sizes_;
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

std::string runs_csv(const std::vector<CurveResult>& curves) {
  std::string csv = "curve,run,step,time,quantity,i,j,value\n";
  for (const CurveResult& curve : curves) {
    const Solution& solution = curve.solution;
    for (std::size_t r = 0; r < solution.replicas.size(); ++r) {
      const std::string run = csv_field(curve.name) + ',' + std::to_string(r + 1) + ',';
      for (std::size_t t = 0; t < solution.step.size(); ++t) {
        const std::string prefix =
            run + std::to_string(solution.step[t]) + ',' + shortest(solution.time[t]) + ',';
        append_run(curve, solution.replicas[r], t, prefix, csv);
      }
    }
  }
  return csv;
}

std::vector<CurveResult> parse_curves_csv(std::string_view text, std::string_view source) {
  return CsvReader(text, source).read();
}

}  // namespace reprise
