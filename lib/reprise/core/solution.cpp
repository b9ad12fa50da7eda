#include "reprise/core/solution.hpp"

#include <sstream>

namespace reprise {

namespace {

Eigen::MatrixXd as_matrix(const Eigen::MatrixXd& table, const Series& series, std::size_t time) {
  if (time >= static_cast<std::size_t>(table.rows())) {
    throw InputError("Solution: no value of " + series.quantity + " at output time " +
                     std::to_string(time) + ", there are " + std::to_string(table.rows()));
  }
  const Eigen::Index rows = std::max<Eigen::Index>(series.rows, 1);
  const Eigen::Index cols = std::max<Eigen::Index>(series.cols, 1);
  Eigen::MatrixXd result(rows, cols);
  for (Eigen::Index i = 0; i < rows; ++i) {
    for (Eigen::Index j = 0; j < cols; ++j) {
      result(i, j) = table(static_cast<Eigen::Index>(time), i * cols + j);
    }
  }
  return result;
}

}  // namespace

std::string_view name(Clock clock) {
  switch (clock) {
    case Clock::steps:
      return "step";
    case Clock::samples:
      return "samples / d";
    case Clock::flow:
      return "t";
  }
  return "unknown";
}

std::string Solution::moment(std::size_t time_index) const {
  if (clock == Clock::steps) return "step " + std::to_string(step.at(time_index));
  std::ostringstream text;
  text << "t = " << time.at(time_index);
  return text.str();
}

const Series* Solution::find(std::string_view quantity) const {
  for (const Series& candidate : series) {
    if (candidate.quantity == quantity) return &candidate;
  }
  return nullptr;
}

Eigen::Index Solution::first_column(std::string_view quantity) const {
  Eigen::Index column = 0;
  for (const Series* s = series.data(); s != &at(quantity); ++s) column += s->n_entries();
  return column;
}

const Series& Solution::at(std::string_view quantity) const {
  if (const Series* found = find(quantity)) return *found;
  std::ostringstream text;
  text << "Solution: there is no quantity \"" << quantity << "\"; there are";
  for (const Series& candidate : series) text << ' ' << candidate.quantity;
  throw InputError(text.str());
}

Eigen::MatrixXd Solution::value(std::string_view quantity, std::size_t time_index) const {
  const Series& found = at(quantity);
  return as_matrix(found.value, found, time_index);
}

Eigen::MatrixXd Solution::standard_error(std::string_view quantity, std::size_t time_index) const {
  const Series& found = at(quantity);
  return as_matrix(found.standard_error, found, time_index);
}

}  // namespace reprise
