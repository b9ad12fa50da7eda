#include "reprise/experiments/sweep/sweep_keys.hpp"

#include <algorithm>

#include "reprise/core/number_text.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

namespace {

bool is_range(const Value& value) {
  return value.kind == Value::Kind::table && (value.find("from") || value.find("count"));
}

}  // namespace

void collect_leaves(const std::string& prefix, const Value& table,
                    std::vector<ValueMember>& leaves) {
  for (const auto& [key, value] : table.members) {
    const std::string path = prefix + key;
    if (value.kind == Value::Kind::table && !value.members.empty() && !is_range(value)) {
      collect_leaves(path + ".", value, leaves);
    } else {
      leaves.push_back({path, value});
    }
  }
}

// -- types of fields ------------------------------------------------------------------------------

/// A value of any kind that stands for itself.
template <>
struct FieldType<Value> {
  static std::string name() { return "number, text or list of them"; }
  static Value read(const Value& value, const std::string& path, const Range&) {
    if (value.kind == Value::Kind::table) reject(value, path, "a " + name());
    return value;
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of(0.1), Value::of("tanh"), Value::of({Value::of(1.0), Value::of(-1.0)})};
  }
};

template <>
struct FieldType<AxisValues> {
  static std::string name() { return "list of numbers or names, or { from, to, count, .. }"; }
  static AxisValues read(const Value& value, const std::string& path, const Range&) {
    AxisValues result;
    if (is_range(value)) {
      read_table(schema<RangeKeys>(), value, path, &result.range.emplace());
      return result;
    }
    if (value.kind != Value::Kind::array || value.items.empty()) {
      reject(value, path,
             "a list of values, or a range { from = 0.01, to = 1, count = 40, scale = \"log\" }");
    }
    if (std::ranges::all_of(value.items, &Value::is_number)) read_numbers(value, path, {});
    for (const Value& item : value.items) {
      result.list.push_back(FieldType<Value>::read(item, path, {}));
    }
    return result;
  }
  static std::vector<Value> examples(const Range&) {
    Value range;
    range.put("from", Value::of(0.1));
    range.put("to", Value::of(10.0));
    range.put("count", Value::of(std::int64_t{3}));
    range.put("scale", Value::of("log"));
    return {Value::of({Value::of(0.1), Value::of(0.3)}),
            Value::of({Value::of("relu"), Value::of("tanh")}), range};
  }
};

template <class Kind>
struct FieldType<TableOf<Kind>> {
  using Leaf = FieldType<typename Kind::Leaf>;
  static std::string name() { return "table " + std::string(Kind::shape); }
  static TableOf<Kind> read(const Value& value, const std::string& path, const Range& range) {
    if (value.kind != Value::Kind::table) reject(value, path, "a " + name());
    TableOf<Kind> result;
    collect_leaves("", value, result.members);
    for (const auto& [key, leaf] : result.members) {
      Leaf::read(leaf, path + ".\"" + key + "\"", range);
    }
    return result;
  }
  static std::optional<Value> write(const TableOf<Kind>& table) {
    Value value;
    for (const auto& [key, leaf] : table.members) value.put(key, leaf);
    return value.members.empty() ? std::optional<Value>() : value;
  }
  static std::vector<Value> examples(const Range& range) {
    std::vector<Value> result;
    for (const Value& leaf : Leaf::examples(range)) {
      Value table;
      table.put("training.learning_rate", leaf);
      table.put("\"x\" = \\ y", leaf);
      result.push_back(std::move(table));
    }
    return result;
  }
};

/// [sweep] zip: groups of two or more keys, one of them or a list.
template <>
struct FieldType<std::vector<std::vector<std::string>>> {
  using Groups = std::vector<std::vector<std::string>>;
  static std::string name() { return "list of two or more of its keys, or list of such lists"; }
  static Groups read(const Value& value, const std::string& path, const Range&) {
    const auto is_list = [](const Value& item) { return item.kind == Value::Kind::array; };
    Groups groups;
    const bool is_nested = is_list(value) && !value.items.empty() && is_list(value.items.front());
    for (const Value& group : is_nested ? value.items : std::vector<Value>{value}) {
      if (!is_list(group) || group.items.size() < 2) reject(value, path, "a " + name());
      groups.push_back(read_texts(group, path));
    }
    return groups;
  }
  static std::optional<Value> write(const Groups& groups) {
    using Texts = FieldType<std::vector<std::string>>;
    if (groups.empty()) return std::nullopt;
    std::vector<Value> items;
    for (const auto& group : groups) items.push_back(*Texts::write(group));
    return items.size() == 1 ? items.front() : Value::of(std::move(items));
  }
  static std::vector<Value> examples(const Range&) {
    const Value pair = Value::of({Value::of("a"), Value::of("b.c")});
    return {pair, Value::of({pair, Value::of({Value::of("d"), Value::of("e"), Value::of("f")})})};
  }
};

template <>
struct FieldType<ExpectedValue> {
  static std::string name() { return "number, list of numbers or formula"; }
  static ExpectedValue read(const Value& value, const std::string& path, const Range& range) {
    if (value.kind == Value::Kind::text) return {.formula = value.text};
    const std::vector<double> numbers = read_numbers(value, path, range);
    if (value.is_number()) return {.formula = shortest(numbers.front())};
    return {.values = numbers};
  }
  static std::optional<Value> write(const ExpectedValue& expected) {
    if (!expected.formula.empty()) return Value::of(expected.formula);
    std::vector<Value> items;
    for (const double number : expected.values) items.push_back(Value::of(number));
    return Value::of(std::move(items));
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of(-0.1), Value::of({Value::of(1.0)}), Value::of("max(l/2 - 1, 0)")};
  }
};

AxisValues read_axis_values(const Value& value, const std::string& path) {
  return FieldType<AxisValues>::read(value, path, {});
}

// -- statements -----------------------------------------------------------------------------------

namespace {

std::optional<Complaint> unfit_on_log(Scale scale, double number) {
  if (scale != Scale::log || number > 0) return std::nullopt;
  return Complaint{above(0).text(), shortest(number)};
}

std::optional<Complaint> unfit_within(const ExpectKeys& keys) {
  if (keys.expect.has_value() == keys.within.has_value()) return std::nullopt;
  if (keys.expect) return Complaint{};
  return Complaint{"left out without expect", shortest(*keys.within)};
}

std::optional<Complaint> not_one_kind(const ClaimKeys& keys) {
  const int n = keys.all_above.has_value() + keys.all_below.has_value() +
                keys.some_above.has_value() + keys.some_below.has_value() +
                keys.none_reached.has_value();
  if (n == 1) return std::nullopt;
  std::string names;
  for (const auto& kind : Names<ClaimKind>::all) {
    names.append(names.empty() ? "" : ", ").append(kind.second);
  }
  return Complaint{"a table with one of " + names,
                   n == 0 ? "none of them" : std::to_string(n) + " of them"};
}

constexpr Facts kind_facts(ClaimKind kind, std::string_view meaning) {
  return {.key = name(kind), .meaning = meaning};
}

constexpr Facts along_facts(std::string_view meaning) {
  return {.key = "along", .is_required = true, .meaning = meaning};
}

}  // namespace

template <>
const Schema& schema<RangeKeys>() {
  using S = RangeKeys;
  static const Schema result = describe<S>(
      {"range", "sweep.<axis>",
       "an axis, \"<section>.<key>\" or a variable, where it is no list of its values"},
      {field(&S::from, {.key = "from", .is_required = true, .meaning = "The first value"}),
       field(&S::to, {.key = "to", .is_required = true, .meaning = "The last one"}),
       field(&S::count, {.key = "count",
                         .range = integers_from(2, 100'000),
                         .is_required = true,
                         .meaning = "Values, both ends included"}),
       field(&S::scale, {.key = "scale", .meaning = "On which they are evenly spaced"}),
       field(&S::whole, {.key = "whole",
                         .otherwise = "true of keys that are whole numbers",
                         .meaning = "Whether they are rounded to whole numbers"})},
      {},
      {rule<S>("from", [](const S& s) { return unfit_on_log(s.scale, s.from); }),
       rule<S>("to", [](const S& s) { return unfit_on_log(s.scale, s.to); }),
       rule<S>("to", [](const S& s) -> std::optional<Complaint> {
         if (s.to != s.from) return std::nullopt;
         return Complaint{"other than from", shortest(s.to)};
       })});
  return result;
}

template <>
const Schema& schema<LookedAtKeys>() {
  using S = LookedAtKeys;
  static const Schema result =
      describe<S>({"looked_at", "sweep", "what is looked at"},
                  {field(&S::observable, {.key = "observable",
                                          .otherwise = "the first; in boundary that of refine",
                                          .meaning = "One of the sweep's"}),
                   field(&S::curve, {.key = "curve",
                                     .otherwise = "the first; in boundary that of refine",
                                     .meaning = "One of the sweep's"})});
  return result;
}

template <>
const Schema& schema<ExpectKeys>() {
  using S = ExpectKeys;
  static const Schema result = describe<S>(
      {"expect", "sweep", "what should come out"},
      {field(&S::expect, {.key = "expect",
                          .meaning = "What should come out: a formula of the variables, or a "
                                     "number for each value of the one axis that is left"}),
       field(&S::within, {.key = "within",
                          .range = above(0),
                          .otherwise = "required with expect",
                          .meaning = "How far off it may be; beyond, the status is 4"})});
  return result;
}

template <>
const Schema& schema<BoundaryKeys>() {
  using S = BoundaryKeys;
  static const Schema result = describe<S>(
      {"boundary", "sweep.boundary", "where an observable crosses a level along an axis"},
      {field(&S::along, along_facts("An axis of numbers, in order")),
       field(&S::level, {.key = "level",
                         .otherwise = "that of refine, else required",
                         .meaning = "To be crossed"}),
       inlined(&S::looked_at), inlined(&S::expected)},
      {}, {rule<S>("within", [](const S& s) { return unfit_within(s.expected); })});
  return result;
}

template <>
const Schema& schema<RefineKeys>() {
  using S = RefineKeys;
  static const Schema result = describe<S>(
      {"refine", "sweep.refine", "more points along the line where an observable crosses a level"},
      {field(&S::level, {.key = "level", .is_required = true, .meaning = "To be crossed"}),
       field(&S::resolution,
             {.key = "resolution",
              .range = above(0),
              .is_required = true,
              .meaning = "The width, or the ratio minus one on a log scale, at which "
                         "their gaps are divided no more"}),
       inlined(&S::looked_at)},
      {}, {rule<S>("resolution", [](const S& s) -> std::optional<Complaint> {
        if (!s.resolution.members.empty()) return std::nullopt;
        return Complaint{"a " + FieldType<TableOf<Widths>>::name(), "an empty one"};
      })});
  return result;
}

template <>
const Schema& schema<FitKeys>() {
  using S = FitKeys;
  static const Schema result = describe<S>(
      {"fit", "sweep.fit",
       "a power law along an axis: of the boundary, of the maxima, or of the observables"},
      {field(&S::along, along_facts("An axis of numbers > 0, x")),
       field(&S::divide_by, {.key = "divide_by",
                             .otherwise = "1",
                             .meaning = "A formula of x, > 0, by which numbers are divided first"}),
       inlined(&S::expected)},
      {}, {rule<S>("within", [](const S& s) { return unfit_within(s.expected); })});
  return result;
}

template <>
const Schema& schema<ClaimKeys>() {
  using S = ClaimKeys;
  static const Schema result = describe<S>(
      {"claim", "sweep.claim",
       "what the points show, by one of the first five keys; where they do not, the status is 4"},
      {field(&S::all_above, kind_facts(ClaimKind::all_above, "Every point is above it")),
       field(&S::all_below, kind_facts(ClaimKind::all_below, "Every point is below it")),
       field(&S::some_above, kind_facts(ClaimKind::some_above, "A point is above it")),
       field(&S::some_below, kind_facts(ClaimKind::some_below, "A point is below it")),
       field(&S::none_reached,
             kind_facts(ClaimKind::none_reached, "true: no passage arrives anywhere")),
       field(&S::where, {.key = "where",
                         .otherwise = "all points",
                         .meaning = "Of axes, the values at the points that are meant"}),
       inlined(&S::looked_at)},
      {},
      {rule<S>("", not_one_kind),
       rule<S>("none_reached", [](const S& s) -> std::optional<Complaint> {
         if (s.none_reached.value_or(true)) return std::nullopt;
         return Complaint{"true", "false"};
       })});
  return result;
}

std::pair<ClaimKind, std::optional<double>> claimed(const ClaimKeys& keys) {
  using Kind = ClaimKind;
  if (keys.all_above) return {Kind::all_above, keys.all_above};
  if (keys.all_below) return {Kind::all_below, keys.all_below};
  if (keys.some_above) return {Kind::some_above, keys.some_above};
  if (keys.some_below) return {Kind::some_below, keys.some_below};
  return {Kind::none_reached, std::nullopt};
}

template <>
const Schema& schema<SweepKeys>() {
  using S = SweepKeys;
  static const Schema result = describe<S>(
      {"sweep", "sweep",
       "a grid of experiments: one, two or three axes, \"<section>.<key>\" = [0.1, 0.2] or "
       "{ from, to, count, scale }, and what is read off it"},
      {field(
           &S::observable,
           {.key = "observable",
            .is_required = true,
            .meaning = "squared_overlap, max_overlap, generalisation_error, training_loss, M[i,r], "
                       "Q[i,j], a[i] at the end, diverged; or time to, steps to, samples to a "
                       "level of one of them, \"steps to max_overlap >= 0.5\""}),
       field(&S::curves, {.key = "curves",
                          .otherwise = "all",
                          .meaning = "Names of the [[curve]]s that are measured"}),
       field(&S::seeds, {.key = "seeds",
                         .range = integers_from(1, 1'000'000),
                         .meaning = "Experiments at a point, with seeds of their own"}),
       field(&S::zip, {.key = "zip", .meaning = "Axes that vary together, as one"}),
       field(&S::variables,
             {.key = "variables", .meaning = "Axes that are no keys: names in formulas of set"}),
       field(&S::set, {.key = "set",
                       .meaning = "Of keys, texts with {formulas} of the variables, "
                                  "\"target.expression\" = \"cos({phi})*z1\""}),
       field(&S::maximum_over, {.key = "maximum_over",
                                .meaning = "An axis along which only the largest values count"}),
       table(&S::boundary, {.key = "boundary", .meaning = "Where an observable crosses a level"}),
       table(&S::refine, {.key = "refine", .meaning = "More points along that line"}),
       table(&S::fit, {.key = "fit", .meaning = "A power law along an axis"}),
       tables(&S::claim, {.key = "claim", .meaning = "What the points should show"}),
       field(&S::overlay, {.key = "overlay",
                           .meaning = "Of labels, theory curves to draw, y as a formula of x"}),
       field(&S::figure, {.key = "figure",
                          .meaning = "automatic: a map where the first two axes have five numbers "
                                     "or more, else lines"}),
       field(&S::keep, {.key = "keep",
                        .meaning = "Of each point: the values of the observables, or the curves as "
                                   "well, in sweep_curves.csv"})});
  return result;
}

}  // namespace reprise
