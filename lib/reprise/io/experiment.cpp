#include "reprise/io/experiment.hpp"

#include "reprise/core/error.hpp"
#include "reprise/io/experiment_parts.hpp"
#include "reprise/io/methods.hpp"
#include "reprise/io/override.hpp"
#include "reprise/model/label_check.hpp"

namespace reprise {

namespace {

/// The library's own checks, behind those of the reader: whatever they still find has no line.
void check_again(std::string_view source, const Problem& problem, const Algorithm& algorithm) {
  try {
    check(problem);
    if (const auto* descent = std::get_if<GradientDescent>(&algorithm)) check(*descent);
    if (const auto* sgd = std::get_if<OnePassSgd>(&algorithm)) check(*sgd, problem);
    if (const auto* flow = std::get_if<PopulationFlow>(&algorithm)) check(flow->as_sgd(), problem);
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
  const Problem& problem = experiment.problem;
  if (has_infinite_variance(problem.target, problem.input_covariance)) {
    experiment.warnings.push_back(
        "the labels have infinite variance, target.expression grows like exp(|z|^2 / 4) or faster: "
        "errors have no mean and standard errors no meaning");
  }
  for (const CurveSpec& curve : experiment.curves) {
    const auto* ode = std::get_if<OdeOptions>(&curve.method);
    if (ode == nullptr || !problem.has_random_start || ode->start_dimension > 0) continue;
    experiment.warnings.push_back(
        "curve \"" + curve.name +
        "\" starts at M = 0, the limit of random starts for large d, since the other curves have "
        "no "
        "dimension or several: with curve.dimension it draws its starts at that one");
  }
}

}  // namespace

std::string_view name(Role role) { return role == Role::theory ? "theory" : "simulation"; }

std::string_view name(const Algorithm& algorithm) { return row_of(algorithm).name; }

double dimension_of(const Method& method) {
  return std::visit(
      [](const auto& chosen) {
        if constexpr (requires { chosen.dimension; }) {
          return static_cast<double>(chosen.dimension);
        } else if constexpr (requires { chosen.start_dimension; }) {
          return chosen.start_dimension;
        } else {
          return 0.0;
        }
      },
      method);
}

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
  Problem problem = read_problem(root, seed);
  Algorithm algorithm = read_training(root);
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
