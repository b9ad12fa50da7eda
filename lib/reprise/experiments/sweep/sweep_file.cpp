#include <algorithm>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/experiments/document/formula.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/sweep/sweep_parts.hpp"

namespace reprise {

namespace {

using DocumentKind = DocumentValue::Kind;

// The parts that name axes, observables and curves of the sweep.
class Rules {
 public:
  Rules(Sweep& sweep, const Section& options) : sweep_(sweep), options_(options) {}

  void read() {
    if (options_.has("maximum_over")) sweep_.maximum_over = axis(options_, "maximum_over");
    if (options_.has("refine")) read_refine();
    if (options_.has("boundary")) read_boundary();
    if (options_.has("fit")) read_fit();
    if (sweep_.maximum_over && sweep_.boundary) {
      options_.reject("boundary", "left out where there is maximum_over", "both");
    }
    read_claims();
    read_overlays();
    const std::string figure = options_.choice("figure", {"automatic", "map", "lines", "exponents"},
                                               std::string("automatic"));
    if (figure == "map") sweep_.figure = SweepFigure::map;
    if (figure == "lines") sweep_.figure = SweepFigure::lines;
    if (figure == "exponents") sweep_.figure = SweepFigure::exponents;
    if (sweep_.figure == SweepFigure::exponents && !sweep_.fit) {
      options_.reject("figure", "another where there is no fit");
    }
  }

 private:
  std::size_t axis_named(const Section& section, std::string_view key,
                         const std::string& name) const {
    std::vector<std::string_view> names;
    for (std::size_t a = 0; a < sweep_.axes.size(); ++a) {
      for (const AxisKey& axis_key : sweep_.axes[a].keys) {
        names.push_back(axis_key.key);
        if (axis_key.key == name) return a;
      }
    }
    section.reject(key, "an axis of the sweep" + did_you_mean(name, names), name);
  }
  // Zipped axes have the positions of their first key.
  std::size_t axis_by_first(const Section& section, std::string_view key,
                            const std::string& name) const {
    const std::size_t found = axis_named(section, key, name);
    if (sweep_.axes[found].name() != name) {
      section.reject(key,
                     "the first of the keys that are zipped, \"" + sweep_.axes[found].name() + "\"",
                     name);
    }
    return found;
  }
  std::size_t axis(const Section& section, std::string_view key) const {
    return axis_by_first(section, key, section.text(key));
  }
  std::size_t numeric_axis(const Section& section, std::string_view key) const {
    const std::size_t found = axis(section, key);
    if (!sweep_.axes[found].is_numeric()) section.reject(key, "an axis of numbers");
    return found;
  }

  std::size_t observable(const Section& section, std::size_t fallback) const {
    if (!section.has("observable")) return fallback;
    const std::string text = section.text("observable");
    for (std::size_t o = 0; o < sweep_.observables.size(); ++o) {
      if (sweep_.observables[o].text == text) return o;
    }
    section.reject("observable", "one of sweep.observable");
  }
  std::string curve(const Section& section, const std::string& fallback) const {
    const std::string name = section.text("curve", fallback);
    if (std::ranges::find(sweep_.curves, name) == sweep_.curves.end()) {
      section.reject("curve", "one of the sweep's curves");
    }
    return name;
  }

  std::optional<Expectation> expectation(const Section& section) const {
    if (!section.has("expect")) {
      if (section.has("within")) section.reject("within", "left out without expect");
      return {};
    }
    Expectation result{.within = section.number("within", above(0))};
    const DocumentValue& expect = *section.find("expect");
    if (expect.kind == DocumentKind::text) {
      result.formula = expect.text;
    } else if (expect.kind == DocumentKind::array) {
      result.values = section.numbers("expect", {});
    } else {
      result.formula = shortest(section.number("expect", {}));
    }
    return result;
  }

  void read_refine() {
    const Section section = options_.subsection("refine", vocabulary::refine);
    sweep_.refine = RefineRule{.observable = observable(section, 0),
                               .curve = curve(section, sweep_.curves.front()),
                               .level = section.number("level", {})};
    const DocumentValue& resolution = section.require("resolution");
    if (resolution.kind != DocumentKind::table || resolution.members.empty()) {
      section.reject("resolution", "a table { \"<axis>\" = <width> }");
    }
    for (const auto& [key, value] : resolution.members) {
      Axis& refined = sweep_.axes[axis_by_first(section, "resolution", key)];
      if (!refined.is_numeric() || refined.n_values() < 2) {
        section.reject("resolution", "of axes of two or more numbers", key);
      }
      if (!value.is_number() || !(value.number() > 0)) {
        section.reject("resolution", "made of numbers > 0", value.written());
      }
      refined.depth = depth_for(refined.first(), value.number());
    }
  }

  void read_boundary() {
    const Section section = options_.subsection("boundary", vocabulary::boundary);
    const std::optional<RefineRule>& refine = sweep_.refine;
    std::optional<double> level;
    if (refine) level = refine->level;
    sweep_.boundary =
        BoundaryRule{.axis = numeric_axis(section, "along"),
                     .observable = observable(section, refine ? refine->observable : 0),
                     .curve = curve(section, refine ? refine->curve : sweep_.curves.front()),
                     .level = section.number("level", {}, level),
                     .expectation = expectation(section)};
  }

  void read_fit() {
    const Section section = options_.subsection("fit", vocabulary::fit);
    sweep_.fit = FitRule{.axis = numeric_axis(section, "along"),
                         .divide_by = section.text("divide_by", std::string()),
                         .expectation = expectation(section)};
    const std::size_t along = sweep_.fit->axis;
    if ((sweep_.maximum_over && *sweep_.maximum_over == along) ||
        (sweep_.boundary && sweep_.boundary->axis == along)) {
      section.reject("along", "another axis than that of maximum_over or boundary");
    }
    for (const double x : sweep_.axes[along].first().numbers) {
      if (!(x > 0)) section.reject("along", "an axis of numbers > 0, for a power law");
    }
    check_formula(section, "divide_by", sweep_.fit->divide_by);
  }

  void check_formula(const Section& section, std::string_view key, const std::string& formula) {
    try {
      if (!formula.empty()) evaluate_formula(formula, {{"x", 2.0}});
    } catch (const InputError& error) {
      section.reject(key, "a formula of x", error.what());
    }
  }

  void read_claims() {
    const DocumentValue* list = options_.find("claim");
    if (list == nullptr) return;
    if (list->kind != DocumentKind::array) options_.reject("claim", "tables, [[sweep.claim]]");
    for (const DocumentValue& item : list->items) {
      const Section section(item, "sweep.claim", vocabulary::claim);
      Claim claim{.text = "",
                  .where = {},
                  .observable = observable(section, 0),
                  .curve = curve(section, sweep_.curves.front())};
      read_kind(section, claim);
      claim.text =
          claim.curve + ", " + sweep_.observables[claim.observable].text + ": " + claim.text;
      read_where(section, claim);
      sweep_.claims.push_back(std::move(claim));
    }
  }

  void read_kind(const Section& section, Claim& claim) const {
    using Kind = Claim::Kind;
    int n_kinds = 0;
    for (const auto& [key, kind] : {std::pair{"all_above", Kind::all_above},
                                    {"all_below", Kind::all_below},
                                    {"some_above", Kind::some_above},
                                    {"some_below", Kind::some_below},
                                    {"none_reached", Kind::none_reached}}) {
      if (!section.has(key)) continue;
      ++n_kinds;
      claim.kind = kind;
      claim.text = key;
      std::ranges::replace(claim.text, '_', ' ');
      if (kind == Kind::none_reached) {
        if (!section.flag(key, false)) section.reject(key, "true");
      } else {
        claim.bound = section.number(key, {});
        claim.text += " " + rounded(claim.bound, 6);
      }
    }
    if (n_kinds != 1) {
      throw InputError(section.origin("") +
                       ": sweep.claim must have one of all_above, all_below, some_above, "
                       "some_below, none_reached");
    }
  }

  void read_where(const Section& section, Claim& claim) const {
    const DocumentValue* where = section.find("where");
    if (where == nullptr) return;
    if (where->kind != DocumentKind::table) section.reject("where", "a table { <axis> = <value> }");
    std::vector<DocumentMember> leaves;
    collect_leaves("", *where, leaves);
    for (const DocumentMember& leaf : leaves) {
      claim.where.emplace_back(axis_named(section, "where", leaf.key), leaf);
      claim.text += ", where " + leaf.key + " = " + override_text(leaf.value);
    }
  }

  void read_overlays() {
    const DocumentValue* overlay = options_.find("overlay");
    if (overlay == nullptr) return;
    if (overlay->kind != DocumentKind::table) {
      options_.reject("overlay", "a table { \"<label>\" = \"<formula of x>\" }");
    }
    for (const auto& [label, value] : overlay->members) {
      if (value.kind != DocumentKind::text) {
        options_.reject("overlay", "made of formulas in quotes", value.written());
      }
      check_formula(options_, "overlay", value.text);
      sweep_.overlays.push_back({label, value.text});
    }
  }

  Sweep& sweep_;
  const Section& options_;
};

std::vector<DocumentMember> read_templates(const Section& options) {
  const DocumentValue* set = options.find("set");
  if (set == nullptr) return {};
  if (set->kind != DocumentKind::table) {
    options.reject("set", "a table { \"<key>\" = \"<text with {formulas}>\" }");
  }
  std::vector<DocumentMember> templates;
  collect_leaves("", *set, templates);
  for (const auto& [key, value] : templates) {
    if (value.kind != DocumentKind::text) {
      reject(value.origin, "sweep.set.\"" + key + "\"", "a text, with formulas in braces",
             value.written());
    }
  }
  return templates;
}

std::vector<std::string> read_curve_names(const Section& options, const Experiment& experiment) {
  std::vector<std::string> all;
  for (const CurveSpec& curve : experiment.curves) all.push_back(curve.name);
  if (!options.has("curves")) return all;
  std::vector<std::string> chosen = options.texts("curves");
  if (chosen.empty()) options.reject("curves", "not empty");
  for (const std::string& name : chosen) {
    const std::vector<std::string_view> known(all.begin(), all.end());
    if (std::ranges::find(all, name) == all.end()) {
      options.reject("curves", "names of [[curve]]s" + did_you_mean(name, known), name);
    }
  }
  return chosen;
}

std::vector<Observable> read_observables(const Section& options) {
  std::vector<Observable> observables;
  for (const std::string& text : options.texts("observable")) {
    try {
      observables.push_back(parse_observable(text));
    } catch (const InputError& error) {
      throw InputError(options.origin("observable") + ": sweep.observable: " + error.what());
    }
  }
  if (observables.empty()) options.reject("observable", "not empty");
  return observables;
}

}  // namespace

Sweep parse_sweep(std::string_view text, std::string_view source,
                  std::span<const std::string> overrides) {
  DocumentValue document = parse_toml(text, source);
  std::string plan(text);
  for (const std::string& override_text : overrides) {
    apply_override(document, override_text);
    plan += "\n--set " + override_text;
  }
  const Section root(document, "", vocabulary::root);
  if (!root.has("sweep")) {
    throw InputError(std::string(source) +
                     ": there is no [sweep]; `reprise run` computes a single "
                     "experiment");
  }
  const SweepTable table = split_sweep(root.require("sweep"));
  const Section options(table.options, "sweep", vocabulary::sweep);
  Sweep sweep{.title = root.text("title", std::filesystem::path(source).stem().string()),
              .source = std::string(source),
              .plan = std::move(plan),
              .base = document,
              .axes = read_axes(table, options),
              .templates = read_templates(options),
              .observables = read_observables(options),
              .curves = {}};
  sweep.seed = static_cast<std::uint64_t>(root.integer("seed", {.least = 0}, 1));
  sweep.seeds = options.integer("seeds", {.least = 1, .most = 1'000'000}, 1);
  std::erase_if(sweep.base.members, [](const DocumentMember& m) { return m.key == "sweep"; });
  check_size(sweep);
  const Sites first(sweep.axes.size(), 0);
  sweep.curves = read_curve_names(options, experiment_at(sweep, {first}));
  Rules(sweep, options).read();
  check_sweep(sweep);
  for (const Sites& sites : grid(sweep.axes)) {
    check_observables(sweep, experiment_at(sweep, {sites}));
  }
  return sweep;
}

Sweep read_sweep(const std::filesystem::path& file, std::span<const std::string> overrides) {
  return parse_sweep(read_text_file(file), file.string(), overrides);
}

}  // namespace reprise
