#include "reprise/core/quantity.hpp"

#include <limits>

#include "reprise/core/error.hpp"

namespace reprise {

using Eigen::Index;

std::span<const QuantityRow> quantity_rows() {
  static constexpr QuantityRow rows[] = {
      {.name = "M",
       .rows = "p",
       .cols = "k",
       .symbol = "{/:Italic M}",
       .panel = "overlaps with the target",
       .is_overlap = true},
      {.name = "Q",
       .rows = "p",
       .cols = "p",
       .symbol = "{/:Italic Q}",
       .panel = "self-overlaps",
       .is_symmetric = true},
      {.name = "a",
       .rows = "p",
       .symbol = "{/:Italic a}",
       .panel = "second layer",
       .is_drawn_constant = false},
      {.name = "within", .rows = "p", .symbol = "{/:Italic r}", .panel = "overlaps within groups"},
      {.name = "overlap",
       .rows = "factors",
       .symbol = "{/:Italic α}",
       .panel = "overlaps with the factors"},
      {.name = "norm", .rows = "factors", .symbol = "{/:Italic ρ}", .panel = "norms"},
      {.name = "overlap_product", .symbol = "α_1 α_2", .panel = "product of the overlaps"},
      {.name = "residual",
       .rows = "degrees",
       .symbol = "{/:Italic c}",
       .panel = "coefficients left to learn",
       .first = 0},
      {.name = "generalisation_error",
       .symbol = "ε",
       .panel = "generalisation ε, training ℓ",
       .is_error = true},
      {.name = "training_loss", .symbol = "ℓ", .panel = "generalisation ε, training ℓ"},
      {.name = "error", .symbol = "{/:Italic E}", .panel = "error of the matrix", .is_error = true},
      {.name = "projection",
       .rows = "p",
       .cols = "directions",
       .symbol = "{/:Italic P}",
       .panel = "overlaps along given directions",
       .is_compared = false,
       .is_overlap = true},
      // Functions of M and Q, which are compared; the largest are biased upwards where an overlap
      // is 0.
      {.name = "max_overlap", .symbol = "max", .is_compared = false},
      {.name = "cosine",
       .rows = "p",
       .cols = "k",
       .symbol = "cos",
       .is_compared = false,
       .is_overlap = true},
      {.name = "max_cosine", .rows = "k", .symbol = "max cos", .is_compared = false},
      {.name = "correlation",
       .rows = "p",
       .cols = "k",
       .symbol = "corr",
       .is_compared = false,
       .is_overlap = true}};
  return rows;
}

const QuantityRow* find_quantity(std::string_view name) {
  const auto found =
      std::ranges::find(quantity_rows(), name.substr(0, name.find(':')), &QuantityRow::name);
  return found == quantity_rows().end() ? nullptr : &*found;
}

int first_index(std::string_view quantity) {
  const QuantityRow* row = find_quantity(quantity);
  return row == nullptr ? 1 : row->first;
}

namespace {

Index number_of(std::string_view size, const Sizes& sizes) {
  if (size.empty()) return 0;
  for (const auto& [name, number] : sizes) {
    if (name == size) return number;
  }
  throw InputError("quantities: the problem has no size \"" + std::string(size) + "\"");
}

}  // namespace

std::vector<Quantity> quantities_of(const std::vector<std::string_view>& names,
                                    const Sizes& sizes) {
  std::vector<Quantity> quantities;
  for (const std::string_view name : names) {
    const QuantityRow* row = find_quantity(name);
    if (row == nullptr) {
      throw InputError("quantities: there is none of the name \"" + std::string(name) + "\"");
    }
    quantities.push_back(
        {std::string(name), number_of(row->rows, sizes), number_of(row->cols, sizes)});
  }
  return quantities;
}

Index n_entries(const std::vector<Quantity>& quantities) {
  Index total = 0;
  for (const Quantity& quantity : quantities) total += quantity.n_entries();
  return total;
}

std::pair<Index, Index> place_of(const std::vector<Quantity>& quantities, std::string_view name) {
  Index first = 0;
  for (const Quantity& quantity : quantities) {
    if (quantity.name == name) return {first, quantity.n_entries()};
    first += quantity.n_entries();
  }
  return {first, 0};
}

Eigen::MatrixXd entries_of(
    const std::vector<Quantity>& quantities,
    const Eigen::Ref<const Eigen::RowVectorXd, 0, Eigen::InnerStride<>>& entries,
    std::string_view name) {
  const auto found = std::ranges::find(quantities, name, &Quantity::name);
  if (found == quantities.end()) {
    throw InputError("record: there is no " + std::string(name) + " among the quantities");
  }
  const Index rows = std::max<Index>(found->rows, 1), cols = std::max<Index>(found->cols, 1);
  const Index first = place_of(quantities, name).first;
  Eigen::MatrixXd value(rows, cols);
  for (Index i = 0; i < rows; ++i) value.row(i) = entries.segment(first + i * cols, cols);
  return value;
}

Record::Record(const std::vector<Quantity>& quantities)
    : quantities_(quantities),
      entries_(Eigen::RowVectorXd::Constant(n_entries(quantities),
                                            std::numeric_limits<double>::quiet_NaN())) {}

Record& Record::put(std::string_view name, const Eigen::Ref<const Eigen::MatrixXd>& value) {
  const auto [first, count] = place_of(quantities_, name);
  if (count == 0) return *this;
  if (value.size() != count) {
    throw InputError("record: " + std::string(name) + " must have " + std::to_string(count) +
                     " entries, got " + std::to_string(value.size()));
  }
  Index at = first;
  for (Index i = 0; i < value.rows(); ++i) {
    for (Index j = 0; j < value.cols(); ++j) entries_[at++] = value(i, j);
  }
  return *this;
}

Record& Record::put(std::string_view name, double value) {
  return put(name, Eigen::MatrixXd::Constant(1, 1, value));
}

}  // namespace reprise
