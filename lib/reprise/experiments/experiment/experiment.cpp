#include "reprise/experiments/experiment/experiment.hpp"

#include <algorithm>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/phase/observable.hpp"

namespace reprise {

namespace {

/// The library's own checks, behind those of the reader: whatever they still find has no line.
void check_again(std::string_view source, const Settings& problem, const Settings& algorithm) {
  try {
    system_of(problem).check(problem);
    row_of(algorithm).check(problem, algorithm);
  } catch (const InputError& error) {
    throw InputError(std::string(source) + ": " + error.what());
  }
}

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

std::string read_title(const Section& root, std::string_view source) {
  return root.text("title", std::filesystem::path(source).stem().string());
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

const SystemRow& read_system(const Section& root) {
  const std::string chosen =
      root.choice("system", system_names(), std::string(system_rows().front().name));
  const SystemRow& system = *std::ranges::find(system_rows(), chosen, &SystemRow::name);
  const std::vector<std::string_view> own = sections_of(system);
  for (const SystemRow& other : system_rows()) {
    for (const std::string_view section : sections_of(other)) {
      const bool is_own = std::ranges::find(own, section) != own.end();
      if (!is_own && root.has(section)) root.refuse(section, "system", system.name);
    }
  }
  return system;
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
  const auto refuse = [&](const char* key, const std::string& rule, const std::string& got) {
    const DocumentValue& figure = *document.find("figure");
    const DocumentValue* value = figure.find(key);
    reject(value == nullptr ? figure.origin : value->origin, std::string("figure.") + key, rule,
           got);
  };
  std::vector<std::string_view> known;
  for (const QuantityRow& row : quantity_rows()) known.push_back(row.name);
  for (const std::string& panel : keys.panels) {
    for (const std::string& quantity : quantities_of_panel(panel)) {
      if (find_quantity(quantity) != nullptr) continue;
      refuse("panels", "quantities" + did_you_mean(quantity, known), panel);
    }
  }
  for (const std::string& entry : keys.entries) {
    if (!is_entry(entry)) refuse("entries", "of a quantity with indices, like M[1,2]", entry);
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
  const Section root(document, "", vocabulary::root);
  if (root.has("sweep")) {
    throw InputError(root.origin("sweep") +
                     ": [sweep] makes a grid of experiments; `reprise sweep` runs it");
  }

  const std::uint64_t seed = static_cast<std::uint64_t>(root.integer("seed", {.least = 0}, 1));
  const SystemRow& system = read_system(root);
  Settings problem = system.read(root, seed);
  Settings algorithm = read_training(root, system);
  check_again(source, problem, algorithm);
  const double duration = read_duration(root, algorithm);
  std::vector<CurveSpec> curves = read_curves(root, seed, problem, algorithm);
  Experiment experiment{.title = read_title(root, source),
                        .seed = seed,
                        .problem = std::move(problem),
                        .algorithm = std::move(algorithm),
                        .duration = duration,
                        .curves = std::move(curves),
                        .output_steps = {},
                        .output_times = {},
                        .figure = read_figure(document),
                        .source = std::string(source)};
  read_output_times(root, experiment);
  check_curves(root, experiment);
  add_warnings(experiment);
  return experiment;
}

Experiment read_experiment(const std::filesystem::path& file,
                           std::span<const std::string> overrides) {
  return parse_experiment(read_text_file(file), file.string(), overrides);
}

}  // namespace reprise
