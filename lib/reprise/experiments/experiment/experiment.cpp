#include "reprise/experiments/experiment/experiment.hpp"

#include <algorithm>

#include "reprise/core/error.hpp"
#include "reprise/experiments/document/override.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/one_pass/ode.hpp"

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
