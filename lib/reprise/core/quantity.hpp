// What methods record: a row a quantity, its name and shape and what readers of results do with it.
#pragma once

#include <Eigen/Core>
#include <algorithm>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reprise {

/// Shapes are products of named sizes, "p" neurons or "k" directions, whose numbers a problem has.
struct QuantityRow {
  std::string_view name;
  std::string_view rows = {};     ///< the size that i counts; empty: a scalar
  std::string_view cols = {};     ///< the size that j counts; empty: a scalar or a vector
  std::string_view symbol = {};   ///< in figures, gnuplot's enhanced text
  std::string_view panel = {};    ///< the heading it is drawn under; empty: it is not drawn
  bool is_compared = true;        ///< theory with simulation; not what is biased by its noise
  bool is_symmetric = false;      ///< (i, j) and (j, i) are one number
  bool is_drawn_constant = true;  ///< also where it never moves
  int first = 1;                  ///< what i begins with: degrees begin with 0
  bool is_overlap = false;        ///< signed, and nothing but noise where it is not above that
  bool is_error = false;          ///< what learning is to make small: a column of the report

  int n_indices() const { return rows.empty() ? 0 : cols.empty() ? 1 : 2; }
};

/// Every quantity that any method records, in the order of figures and comparisons.
std::span<const QuantityRow> quantity_rows();
/// The row of that name, or of what "M:median" is a statistic of; nullptr if there is none.
const QuantityRow* find_quantity(std::string_view name);

/// What i begins with; 1 for a quantity without a row.
int first_index(std::string_view quantity);

/// Name and shape of one quantity, as in Series.
struct Quantity {
  std::string name;
  Eigen::Index rows = 0;  ///< 0 for a scalar
  Eigen::Index cols = 0;  ///< 0 for a scalar or a vector

  Eigen::Index n_entries() const {
    return std::max<Eigen::Index>(rows, 1) * std::max<Eigen::Index>(cols, 1);
  }
};

/// The numbers of the sizes: {{"p", 2}, {"k", 3}}.
using Sizes = std::vector<std::pair<std::string_view, Eigen::Index>>;

/// The quantities of these names with their shapes. Throws InputError for a name without a row, or
/// a size without a number.
std::vector<Quantity> quantities_of(const std::vector<std::string_view>& names, const Sizes& sizes);

/// Of all of them together.
Eigen::Index n_entries(const std::vector<Quantity>& quantities);

/// Where the entries of a quantity stand among those of all, side by side: {first, count}; count 0
/// where it is not among them.
std::pair<Eigen::Index, Eigen::Index> place_of(const std::vector<Quantity>& quantities,
                                               std::string_view name);

/// A quantity read back from such entries, (rows, cols or 1), a scalar as (1, 1). Throws InputError
/// where it is not among them.
Eigen::MatrixXd entries_of(
    const std::vector<Quantity>& quantities,
    const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& entries,
    std::string_view name);

/// One output time of one replica: all quantities side by side, matrices in row-major order.
class Record {
 public:
  /// NaN everywhere. The quantities must outlive it.
  explicit Record(const std::vector<Quantity>& quantities);

  /// Sets a quantity; one that is not among those recorded is left out. Throws InputError for a
  /// value of another shape.
  Record& put(std::string_view name, const Eigen::Ref<const Eigen::MatrixXd>& value);
  Record& put(std::string_view name, double value);

  const Eigen::RowVectorXd& entries() const { return entries_; }

 private:
  const std::vector<Quantity>& quantities_;
  Eigen::RowVectorXd entries_;
};

}  // namespace reprise
