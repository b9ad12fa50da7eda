#include "reprise/experiments/figure/figure_keys.hpp"

#include <algorithm>

#include "reprise/core/check.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/document/section.hpp"

namespace reprise {

template <>
struct FieldType<FigureFormats> {
  using Format = FieldType<FigureFormat>;
  static std::string name() { return "\"none\", or one or a list of " + Format::name(); }
  static FigureFormats read(const Value& value, const std::string& path, const Range& range) {
    FigureFormats formats{.all = {}};
    if (value.kind == Value::Kind::text && value.text == "none") return formats;
    const bool is_list = value.kind == Value::Kind::array && !value.items.empty();
    for (const Value& item : is_list ? value.items : std::vector<Value>{value}) {
      formats.all.push_back(Format::read(item, path, range));
    }
    return formats;
  }
  static std::optional<Value> write(const FigureFormats& formats) {
    if (formats.all.empty()) return Value::of("none");
    std::vector<Value> items;
    for (const FigureFormat format : formats.all) items.push_back(*Format::write(format));
    return items.size() == 1 ? items.front() : Value::of(std::move(items));
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("none"), Value::of("pdf"), Value::of({Value::of("svg"), Value::of("png")})};
  }
};

template <>
struct FieldType<FigureWidth> {
  static constexpr std::pair<std::string_view, double> columns[] = {
      {"single", FigureWidth::single_column}, {"double", FigureWidth::double_column}};
  static std::string name() { return "\"single\", \"double\" or a number of inches, 2 to 20"; }
  static FigureWidth read(const Value& value, const std::string& path, const Range&) {
    for (const auto& [word, inches] : columns) {
      if (value.kind == Value::Kind::text && value.text == word) return {inches};
    }
    if (!value.is_number() || !(value.number() >= 2 && value.number() <= 20)) {
      reject(value, path, name());
    }
    return {value.number()};
  }
  static std::optional<Value> write(const FigureWidth& width) {
    for (const auto& [word, inches] : columns) {
      if (width.inches == inches) return Value::of(word);
    }
    return Value::of(width.inches);
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("single"), Value::of("double"), Value::of(5.5)};
  }
};

template <>
struct FieldType<FigureOverlays> {
  static std::string name() { return "table { \"<label>\" = \"<formula of x>\" }"; }
  static FigureOverlays read(const Value& value, const std::string& path, const Range&) {
    if (value.kind != Value::Kind::table) reject(value, path, "a " + name());
    FigureOverlays overlays;
    for (const auto& [label, formula] : value.members) {
      const std::string key = path + ".\"" + label + "\"";
      if (formula.kind != Value::Kind::text) reject(formula, key, "a formula of x");
      try {
        evaluate_formula(formula.text, {{"x", 2.0}});
      } catch (const InputError& error) {
        reject(formula.origin, key, "a formula of x", error.what());
      }
      overlays.all.push_back({label, formula.text});
    }
    return overlays;
  }
  static std::optional<Value> write(const FigureOverlays& overlays) {
    Value table;
    for (const auto& [label, formula] : overlays.all) table.put(label, Value::of(formula));
    return table.members.empty() ? std::optional<Value>() : table;
  }
  static std::vector<Value> examples(const Range&) {
    Value law, level;
    law.put("t^{-3}", Value::of("2*x^-3"));
    level.put("\"x\" = \\ y", Value::of("0.5"));
    return {law, level};
  }
};

namespace {

std::optional<Complaint> unfit_ends(const FigureAxisKeys& keys) {
  if (keys.from && keys.to && !(*keys.from < *keys.to)) {
    return Complaint{"above from = " + shortest(*keys.from), shortest(*keys.to)};
  }
  return std::nullopt;
}

std::optional<Complaint> unfit_on_log_axis(const FigureAxisKeys& keys,
                                           const std::optional<double>& end) {
  if (keys.scale != Scale::log || !end || *end > 0) return std::nullopt;
  return Complaint{above(0).text() + " on a log axis", shortest(*end)};
}

std::optional<Complaint> unfit_color_range(const FigureKeys& keys) {
  const std::vector<double>& range = keys.color_range;
  if (range.empty() || (range.size() == 2 && range[0] < range[1])) return std::nullopt;
  return Complaint{"two numbers [low, high], low below high", value_of(range).written()};
}

/// `y.scale`, as an override writes it, is a key of the table y.
Value with_tables(const Value& table) {
  if (table.kind != Value::Kind::table) return table;
  Value result;
  result.origin = table.origin;
  for (const auto& [key, value] : table.members) {
    const std::size_t dot = key.find('.');
    Value* inner = result.find(key.substr(0, dot));
    if (dot != key.npos && inner == nullptr) {
      Value empty;
      empty.origin = value.origin;
      result.put(key.substr(0, dot), std::move(empty));
    }
    result.put_path(key, value);
  }
  return result;
}

}  // namespace

template <>
const Schema& schema<FigureAxisKeys>() {
  using S = FigureAxisKeys;
  static const Schema result = describe<S>(
      {"axis", "figure.<axis>", "x or y of every panel"},
      {field(&S::scale, {.key = "scale",
                         .otherwise = "log for times \"log N\" and for errors that fall by 30 or "
                                      "more",
                         .meaning = "On a log axis sizes are drawn, |M|, and what is 0 is not"}),
       field(&S::from, {.key = "from", .otherwise = "from the data", .meaning = "Where it begins"}),
       field(&S::to, {.key = "to", .otherwise = "from the data", .meaning = "Where it ends"})},
      {},
      {rule<S>("to", unfit_ends),
       rule<S>("from", [](const S& s) { return unfit_on_log_axis(s, s.from); }),
       rule<S>("to", [](const S& s) { return unfit_on_log_axis(s, s.to); })});
  return result;
}

template <>
const Schema& schema<FigureKeys>() {
  using S = FigureKeys;
  static const Schema result = describe<S>(
      {"figure", "figure",
       "what the figure shows and how it looks; `reprise plot DIR --set figure.y.scale=log` draws "
       "stored results anew"},
      {field(&S::panels, {.key = "panels",
                          .otherwise = "all there are",
                          .meaning = "Quantities, a panel each, two in one as \"training_loss, "
                                     "generalisation_error\"; of a sweep, observables"}),
       field(&S::entries, {.key = "entries",
                           .otherwise = "up to eight, the largest of each direction",
                           .meaning = "Which of a quantity with indices are drawn, \"M[1,2]\""}),
       table(&S::x, {.key = "x", .meaning = "The horizontal axis: scale, from, to"}),
       table(&S::y, {.key = "y", .meaning = "The vertical axis: scale, from, to"}),
       field(&S::color_range, {.key = "color_range",
                               .otherwise = "that of the data, one for all maps of an observable",
                               .meaning = "The ends [low, high] of the colours of maps"}),
       field(&S::overlay, {.key = "overlay",
                           .meaning = "Of labels, theory curves for the first panel of a run, y as "
                                      "a formula of x"}),
       field(&S::width, {.key = "width",
                         .unit = "inches",
                         .otherwise = "\"double\"; 4.7 for a single panel",
                         .meaning = "Of the page: a column of a paper, 3.4 or 7, or any"}),
       field(&S::height, {.key = "height",
                          .unit = "inches",
                          .range = {.low = 1, .high = 40},
                          .otherwise = "what the panels need",
                          .meaning = "Of the page"}),
       field(&S::format, {.key = "format",
                          .meaning = "svg for the screen, png, pdf with its fonts for LaTeX; none: "
                                     "no figure is drawn"}),
       field(&S::title, {.key = "title",
                         .otherwise = "that of the file",
                         .meaning = "Above the panels; \"\": none, as in a paper"}),
       field(&S::legend, {.key = "legend", .meaning = "Where the names of the curves are"}),
       field(&S::caption, {.key = "caption",
                           .meaning = "A text beside the figure, figure.txt, that says all that a "
                                      "caption needs"})},
      {}, {rule<S>("color_range", unfit_color_range)});
  return result;
}

FigureKeys read_figure_keys(const Value& document) {
  const Value* figure = document.find("figure");
  if (figure == nullptr) return {};
  const Value table = with_tables(*figure);
  const Section section(table, "figure", keys_of<FigureKeys>());
  const Section root(document, "", vocabulary::root);
  return section.read<FigureKeys>(root);
}

void reject_figure_key(const Value& document, const std::string& key, const std::string& rule,
                       const std::string& got) {
  const Value& figure = *document.find("figure");
  const Value* value = figure.find(key);
  reject(value == nullptr ? figure.origin : value->origin, "figure." + key, rule, got);
}

std::vector<std::string> quantities_of_panel(const std::string& panel) {
  std::vector<std::string> names(1);
  for (const char c : panel) {
    if (c == ',') names.emplace_back();
    if (c != ',' && c != ' ') names.back() += c;
  }
  return names;
}

std::optional<Value> written(const FigureKeys& keys) {
  const FigureKeys defaults;
  const auto text_of = [](const std::optional<Value>& v) { return v ? v->written_whole() : ""; };
  Value table;
  for (const Field& field : schema<FigureKeys>().fields()) {
    std::optional<Value> value = field.write(&keys);
    if (!value || text_of(value) == text_of(field.write(&defaults))) continue;
    table.put(field.facts.key, std::move(*value));
  }
  return table.members.empty() ? std::optional<Value>() : table;
}

FigureKeys with_overrides(const FigureKeys& keys, const std::vector<std::string>& overrides) {
  Value document;
  if (std::optional<Value> table = written(keys)) document.put("figure", std::move(*table));
  for (const std::string& assignment : overrides) {
    if (!assignment.starts_with("figure.")) {
      throw InputError("--set " + assignment +
                       ": must be a key of [figure], since nothing is computed; `reprise keys "
                       "figure` lists them");
    }
    apply_override(document, assignment);
  }
  return read_figure_keys(document);
}

}  // namespace reprise
