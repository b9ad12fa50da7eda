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

// The parts that name axes, observables and curves of the sweep. Errors point into `options`.
class Rules {
 public:
  Rules(Sweep& sweep, const SweepKeys& keys, const Section& options)
      : sweep_(sweep), keys_(keys), options_(options) {}

  void read() {
    if (keys_.maximum_over) {
      sweep_.maximum_over = axis_by_first(options_, "maximum_over", *keys_.maximum_over);
    }
    if (keys_.refine) read_refine(*keys_.refine);
    if (keys_.boundary) read_boundary(*keys_.boundary);
    if (keys_.fit) read_fit(*keys_.fit);
    if (sweep_.maximum_over && sweep_.boundary) {
      options_.reject("boundary", "left out where there is maximum_over", "both");
    }
    for (std::size_t i = 0; i < keys_.claim.size(); ++i) {
      const DocumentValue& table = options_.require("claim").items[i];
      read_claim(keys_.claim[i], Section(table, "sweep.claim", keys_of<ClaimKeys>()));
    }
    for (const auto& [label, formula] : keys_.overlay.members) {
      check_formula(options_, "overlay", formula.text);
      sweep_.overlays.push_back({label, formula.text});
    }
    sweep_.figure = keys_.figure;
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
  std::size_t numeric_axis(const Section& section, const std::string& name) const {
    const std::size_t found = axis_by_first(section, "along", name);
    if (!sweep_.axes[found].is_numeric()) section.reject("along", "an axis of numbers");
    return found;
  }

  std::size_t observable(const Section& section, const LookedAtKeys& keys,
                         std::size_t fallback) const {
    if (!keys.observable) return fallback;
    const auto found = std::ranges::find(sweep_.observables, *keys.observable, &Observable::text);
    if (found == sweep_.observables.end()) section.reject("observable", "one of sweep.observable");
    return static_cast<std::size_t>(found - sweep_.observables.begin());
  }
  std::string curve(const Section& section, const LookedAtKeys& keys,
                    const std::string& fallback) const {
    std::string name = keys.curve.value_or(fallback);
    if (std::ranges::find(sweep_.curves, name) == sweep_.curves.end()) {
      section.reject("curve", "one of the sweep's curves");
    }
    return name;
  }

  static std::optional<Expectation> expectation(const ExpectKeys& keys) {
    if (!keys.expect) return {};
    return Expectation{.value = *keys.expect, .within = *keys.within};
  }

  void read_refine(const RefineKeys& keys) {
    const Section section = options_.subsection("refine", keys_of<RefineKeys>());
    sweep_.refine = RefineRule{.observable = observable(section, keys.looked_at, 0),
                               .curve = curve(section, keys.looked_at, sweep_.curves.front()),
                               .level = keys.level};
    for (const auto& [name, width] : keys.resolution.members) {
      Axis& refined = sweep_.axes[axis_by_first(section, "resolution", name)];
      if (!refined.is_numeric() || refined.n_values() < 2) {
        section.reject("resolution", "of axes of two or more numbers", name);
      }
      refined.depth = depth_for(refined.first(), width.number());
    }
  }

  void read_boundary(const BoundaryKeys& keys) {
    const Section section = options_.subsection("boundary", keys_of<BoundaryKeys>());
    const RefineRule fallback =
        sweep_.refine.value_or(RefineRule{.observable = 0, .curve = sweep_.curves.front()});
    if (!keys.level && !sweep_.refine) section.require("level");
    sweep_.boundary =
        BoundaryRule{.axis = numeric_axis(section, keys.along),
                     .observable = observable(section, keys.looked_at, fallback.observable),
                     .curve = curve(section, keys.looked_at, fallback.curve),
                     .level = keys.level.value_or(fallback.level),
                     .expectation = expectation(keys.expected)};
  }

  void read_fit(const FitKeys& keys) {
    const Section section = options_.subsection("fit", keys_of<FitKeys>());
    sweep_.fit = FitRule{.axis = numeric_axis(section, keys.along),
                         .divide_by = keys.divide_by.value_or(""),
                         .expectation = expectation(keys.expected)};
    const std::size_t along = sweep_.fit->axis;
    if ((sweep_.maximum_over && *sweep_.maximum_over == along) ||
        (sweep_.boundary && sweep_.boundary->axis == along)) {
      section.reject("along", "another axis than that of maximum_over or boundary");
    }
    for (const double x : sweep_.axes[along].first().numbers) {
      if (!(x > 0)) section.reject("along", "an axis of numbers > 0, for a power law");
    }
    if (keys.divide_by) check_formula(section, "divide_by", *keys.divide_by);
  }

  static void check_formula(const Section& section, std::string_view key,
                            const std::string& formula) {
    try {
      evaluate_formula(formula, {{"x", 2.0}});
    } catch (const InputError& error) {
      section.reject(key, "a formula of x", error.what());
    }
  }

  void read_claim(const ClaimKeys& keys, const Section& section) {
    const auto& [kind, bound] = claimed(keys);
    Claim claim{.text = "",
                .where = {},
                .observable = observable(section, keys.looked_at, 0),
                .curve = curve(section, keys.looked_at, sweep_.curves.front()),
                .kind = kind,
                .bound = bound.value_or(0)};
    std::string what(name(kind));
    std::ranges::replace(what, '_', ' ');
    claim.text = claim.curve + ", " + sweep_.observables[claim.observable].text + ": " + what;
    if (bound) claim.text += " " + rounded(*bound, 6);
    for (const DocumentMember& place : keys.where.members) {
      claim.where.emplace_back(axis_named(section, "where", place.key), place);
      claim.text += ", where " + place.key + " = " + override_text(place.value);
    }
    sweep_.claims.push_back(std::move(claim));
  }

  Sweep& sweep_;
  const SweepKeys& keys_;
  const Section& options_;
};

std::vector<std::string> read_curve_names(const SweepKeys& keys, const Section& options,
                                          const Experiment& experiment) {
  std::vector<std::string> all;
  for (const CurveSpec& curve : experiment.curves) all.push_back(curve.name);
  for (const std::string& name : keys.curves) {
    const std::vector<std::string_view> known(all.begin(), all.end());
    if (std::ranges::find(all, name) == all.end()) {
      options.reject("curves", "names of [[curve]]s" + did_you_mean(name, known), name);
    }
  }
  return keys.curves.empty() ? all : keys.curves;
}

std::vector<Observable> read_observables(const SweepKeys& keys, const Section& options) {
  std::vector<Observable> observables;
  for (const std::string& text : keys.observable) {
    try {
      observables.push_back(parse_observable(text));
    } catch (const InputError& error) {
      throw InputError(options.origin("observable") + ": sweep.observable: " + error.what());
    }
  }
  return observables;
}

// What decides the points of a sweep, and what only decides how they are drawn.
std::pair<DocumentValue, DocumentValue> plan_and_look(const DocumentValue& document) {
  std::pair<DocumentValue, DocumentValue> parts;
  for (const DocumentMember& member : document.members) {
    const bool is_look = member.key == "figure" || member.key == "title";
    (is_look ? parts.second : parts.first).members.push_back(member);
  }
  return parts;
}

// Panels of the figure of a sweep are observables; entries are theirs already.
FigureKeys read_figure(const DocumentValue& document, const std::vector<Observable>& observables) {
  FigureKeys keys = read_figure_keys(document);
  std::vector<std::string_view> known;
  for (const Observable& observable : observables) known.push_back(observable.text);
  for (const std::string& panel : keys.panels) {
    if (std::ranges::find(known, panel) != known.end()) continue;
    reject_figure_key(document, "panels", "observables of the sweep" + did_you_mean(panel, known),
                      panel);
  }
  if (!keys.entries.empty()) {
    reject_figure_key(document, "entries", "left out in a sweep, whose observables name them",
                      keys.entries.front());
  }
  if (!keys.overlay.all.empty()) {
    reject_figure_key(document, "overlay", "left out in a sweep, which has sweep.overlay",
                      keys.overlay.all.front().label);
  }
  return keys;
}

}  // namespace

Sweep parse_sweep(std::string_view text, std::string_view source,
                  std::span<const std::string> overrides) {
  DocumentValue document = parse_toml(text, source);
  for (const std::string& override_text : overrides) apply_override(document, override_text);
  const auto [plan, look] = plan_and_look(document);
  const Section root(document, "", vocabulary::root);
  if (!root.has("sweep")) {
    throw InputError(std::string(source) +
                     ": there is no [sweep]; `reprise run` computes a single "
                     "experiment");
  }
  const SweepTable table = split_sweep(root.require("sweep"));
  const Section options(table.options, "sweep", keys_of<SweepKeys>());
  const SweepKeys keys = options.read<SweepKeys>(root);
  Sweep sweep{.title = root.text("title", std::filesystem::path(source).stem().string()),
              .source = std::string(source),
              .plan = toml_text(plan),
              .look = toml_text(look),
              .base = document,
              .axes = read_axes(table, keys, options),
              .templates = keys.set.members,
              .observables = read_observables(keys, options),
              .curves = {}};
  sweep.seed = static_cast<std::uint64_t>(root.integer("seed", {.least = 0}, 1));
  sweep.seeds = keys.seeds;
  sweep.keep = keys.keep;
  sweep.figure_keys = read_figure(document, sweep.observables);
  std::erase_if(sweep.base.members,
                [](const DocumentMember& m) { return m.key == "sweep" || m.key == "figure"; });
  check_size(sweep);
  const Sites first(sweep.axes.size(), 0);
  sweep.curves = read_curve_names(keys, options, experiment_at(sweep, {first}));
  Rules(sweep, keys, options).read();
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
