// The keys of [sweep] as they are written: the axes' values, and what is asked of the grid.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/value.hpp"
#include "reprise/experiments/sweep/sweep.hpp"

namespace reprise {

template <>
struct Names<SweepKeep> {
  static constexpr std::pair<SweepKeep, std::string_view> all[] = {{SweepKeep::values, "values"},
                                                                   {SweepKeep::curves, "curves"}};
};

template <>
struct Names<SweepFigure> {
  static constexpr std::pair<SweepFigure, std::string_view> all[] = {
      {SweepFigure::automatic, "automatic"},
      {SweepFigure::map, "map"},
      {SweepFigure::lines, "lines"},
      {SweepFigure::exponents, "exponents"}};
};

/// An axis by its ends.
struct RangeKeys {
  double from = std::numeric_limits<double>::quiet_NaN();
  double to = std::numeric_limits<double>::quiet_NaN();
  std::int64_t count = 0;
  Scale scale = Scale::linear;
  std::optional<bool> whole = {};
};
template <>
const Schema& schema<RangeKeys>();

/// What an axis takes: a range, or a list of numbers or names.
struct AxisValues {
  std::optional<RangeKeys> range = {};
  std::vector<Value> list = {};
};
/// Throws InputError for what is neither; `path` is 'sweep."training.steps"'.
AxisValues read_axis_values(const Value& value, const std::string& path);

/// A table with keys of the file's own, each with a value as a `Kind::Leaf` is written; the keys of
/// tables in it are dotted.
template <class Kind>
struct TableOf {
  std::vector<ValueMember> members = {};
};
struct Variables {
  using Leaf = AxisValues;
  static constexpr std::string_view shape = "{ \"<name>\" = <list or range> }";
};
struct Templates {
  using Leaf = std::string;
  static constexpr std::string_view shape = "{ \"<key>\" = \"<text with {formulas}>\" }";
};
struct Widths {
  using Leaf = double;
  static constexpr std::string_view shape = "{ \"<axis>\" = <width> }";
};
struct Places {
  using Leaf = Value;
  static constexpr std::string_view shape = "{ \"<axis>\" = <value> }";
};
struct Formulas {
  using Leaf = std::string;
  static constexpr std::string_view shape = "{ \"<label>\" = \"<formula of x>\" }";
};

/// The leaves of nested tables under their dotted keys: "training.learning_rate" and the same
/// spelt as a table. A range is a leaf.
void collect_leaves(const std::string& prefix, const Value& table,
                    std::vector<ValueMember>& leaves);

/// What is looked at, where it is not the first of the sweep.
struct LookedAtKeys {
  std::optional<std::string> observable = {};
  std::optional<std::string> curve = {};
};
template <>
const Schema& schema<LookedAtKeys>();

/// What should come out, and how far off it may be.
struct ExpectKeys {
  std::optional<ExpectedValue> expect = {};
  std::optional<double> within = {};
};
template <>
const Schema& schema<ExpectKeys>();

struct RefineKeys {
  double level = std::numeric_limits<double>::quiet_NaN();
  TableOf<Widths> resolution = {};
  LookedAtKeys looked_at = {};
};
template <>
const Schema& schema<RefineKeys>();

struct BoundaryKeys {
  std::string along = {};
  std::optional<double> level = {};
  LookedAtKeys looked_at = {};
  ExpectKeys expected = {};
};
template <>
const Schema& schema<BoundaryKeys>();

struct FitKeys {
  std::string along = {};
  std::optional<std::string> divide_by = {};
  ExpectKeys expected = {};
};
template <>
const Schema& schema<FitKeys>();

struct ClaimKeys {
  std::optional<double> all_above = {};
  std::optional<double> all_below = {};
  std::optional<double> some_above = {};
  std::optional<double> some_below = {};
  std::optional<bool> none_reached = {};
  TableOf<Places> where = {};
  LookedAtKeys looked_at = {};
};
template <>
const Schema& schema<ClaimKeys>();

/// Which of its kinds a claim is, and the bound; none_reached has none.
std::pair<ClaimKind, std::optional<double>> claimed(const ClaimKeys& keys);

/// [sweep] without the axes that are keys of other sections.
struct SweepKeys {
  std::vector<std::string> observable = {};
  std::vector<std::string> curves = {};
  std::int64_t seeds = 1;
  std::vector<std::vector<std::string>> zip = {};
  TableOf<Variables> variables = {};
  TableOf<Templates> set = {};
  std::optional<std::string> maximum_over = {};
  std::optional<BoundaryKeys> boundary = {};
  std::optional<RefineKeys> refine = {};
  std::optional<FitKeys> fit = {};
  std::vector<ClaimKeys> claim = {};
  TableOf<Formulas> overlay = {};
  SweepFigure figure = SweepFigure::automatic;
  SweepKeep keep = SweepKeep::values;
};
template <>
const Schema& schema<SweepKeys>();

}  // namespace reprise
