#include "reprise/experiments/experiment/experiment.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/known_keys.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/phase/observable.hpp"

namespace reprise {

namespace {

/// TOML, or the summary of a run, which holds its experiment as JSON.
DocumentValue parse_experiment_text(std::string_view text, std::string_view source) {
  if (!text.starts_with('{')) return parse_toml(text, source);
  const DocumentValue summary = parse_json(text, source);
  const DocumentValue* experiment = summary.find("experiment");
  if (experiment == nullptr) {
    throw InputError(std::string(source) + ": not the summary of a run: it has no experiment");
  }
  return *experiment;
}

void add_warnings(Experiment& experiment) {
  experiment.warnings = system_of(experiment.problem).warnings(experiment.problem);
  const auto* problem = experiment.problem.get_if<Problem>();
  for (const CurveSpec& curve : experiment.curves) {
    const auto* ode = curve.method.get_if<OdeOptions>();
    if (ode == nullptr || !problem->has_random_start || ode->start_dimension > 0) continue;
    experiment.warnings.push_back(
        "curve \"" + curve.name +
        "\" starts at M = 0, the limit of random starts for large d, since the other curves have "
        "no "
        "dimension or several: with curve.dimension it draws its starts at that one");
  }
}

/// The line of "<source>:<line>: ..."; 0 of what comes from elsewhere.
long line_of(std::string_view fault, std::string_view source) {
  if (!fault.starts_with(source) || fault.substr(source.size()).empty()) return 0;
  long line = 0;
  const char* begin = fault.data() + source.size() + 1;
  std::from_chars(begin, fault.data() + fault.size(), line);
  return line;
}

void throw_in_order(const Faults& faults, std::string_view source) {
  std::vector<std::string> sorted = faults.all();
  std::ranges::stable_sort(sorted, {},
                           [&](const std::string& fault) { return line_of(fault, source); });
  Faults in_order;
  for (std::string& fault : sorted) in_order.add(std::move(fault));
  in_order.throw_if_any();
}

Experiment experiment_from_known(const DocumentValue& document, std::string_view source) {
  const Section root(document, "", vocabulary::root);
  if (root.has("sweep")) {
    throw InputError(root.origin("sweep") +
                     ": [sweep] makes a grid of experiments; `reprise sweep` runs it");
  }
  ExperimentsOfFile file = read_experiments(document, source);
  for (Experiment& one : file.experiments) add_warnings(one);
  Experiment experiment = file.experiments.front();
  experiment.curves.clear();
  std::vector<std::shared_ptr<const Experiment>> own;
  for (Experiment& one : file.experiments) {
    own.push_back(std::make_shared<const Experiment>(std::move(one)));
  }
  std::vector<std::size_t> n_taken(own.size());
  for (const std::size_t which : file.order) {
    experiment.curves.push_back(own[which]->curves[n_taken[which]++]);
    if (which > 0) experiment.curves.back().own = own[which];
  }
  for (std::size_t which = 1; which < own.size(); ++which) {
    for (const std::string& warning : own[which]->warnings) {
      if (std::ranges::find(experiment.warnings, warning) == experiment.warnings.end()) {
        experiment.warnings.push_back(warning);
      }
    }
  }
  return experiment;
}

bool is_entry(const std::string& text) {
  try {
    const Observable named = parse_observable(text);
    return named.kind == Observable::Kind::last && named.i > 0;
  } catch (const InputError&) {
    return false;
  }
}

/// Panels and entries of the figure of a run are of quantities.
FigureKeys read_figure(const DocumentValue& document) {
  FigureKeys keys = read_figure_keys(document);
  std::vector<std::string_view> known;
  for (const QuantityRow& row : quantity_rows()) known.push_back(row.name);
  for (const std::string& panel : keys.panels) {
    for (const std::string& quantity : quantities_of_panel(panel)) {
      if (find_quantity(quantity) != nullptr) continue;
      reject_figure_key(document, "panels", "quantities" + did_you_mean(quantity, known), panel);
    }
  }
  for (const std::string& entry : keys.entries) {
    if (is_entry(entry)) continue;
    reject_figure_key(document, "entries", "of a quantity with indices, like M[1,2]", entry);
  }
  return keys;
}

}  // namespace

std::string_view name(Role role) { return role == Role::theory ? "theory" : "simulation"; }

Experiment parse_experiment(std::string_view text, std::string_view source,
                            std::span<const std::string> overrides) {
  DocumentValue document = parse_experiment_text(text, source);
  for (const std::string& override_text : overrides) apply_override(document, override_text);
  return experiment_from(document, source);
}

Experiment experiment_from(const DocumentValue& document, std::string_view source) {
  Faults faults;
  const DocumentValue meant = with_known_keys(document, faults);
  std::optional<Experiment> experiment;
  faults.collect([&] { experiment = experiment_from_known(meant, source); });
  faults.collect([&] {
    if (experiment) experiment->figure = read_figure(meant);
  });
  throw_in_order(faults, source);
  return std::move(*experiment);
}

Experiment read_experiment(const std::filesystem::path& file,
                           std::span<const std::string> overrides) {
  return parse_experiment(read_text_file(file), file.string(), overrides);
}

}  // namespace reprise
