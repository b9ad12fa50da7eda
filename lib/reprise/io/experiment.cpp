#include "reprise/io/experiment.hpp"

#include "reprise/core/error.hpp"
#include "reprise/io/experiment_parts.hpp"
#include "reprise/io/override.hpp"

namespace reprise {

namespace {

/// The library's own checks, behind those of the reader: whatever they still find has no line.
template <class Checked>
void check_again(std::string_view source, const Checked& value) {
  try {
    check(value);
  } catch (const InputError& error) {
    throw InputError(std::string(source) + ": " + error.what());
  }
}

std::string read_title(const Section& root, std::string_view source) {
  return root.text("title", std::filesystem::path(source).stem().string());
}

}  // namespace

std::string_view name(Role role) { return role == Role::theory ? "theory" : "simulation"; }

Role role_of(const Method& method) {
  return std::holds_alternative<DmftOptions>(method) ? Role::theory : Role::simulation;
}

Experiment parse_experiment(std::string_view text, std::string_view source,
                            std::span<const std::string> overrides) {
  DocumentValue document = parse_toml(text, source);
  for (const std::string& override_text : overrides) apply_override(document, override_text);
  const Section root(document, "", vocabulary::root);

  const std::uint64_t seed = static_cast<std::uint64_t>(root.integer("seed", {.least = 0}, 1));
  Problem problem = read_problem(root, seed);
  GradientDescent algorithm = read_training(root);
  check_again(source, problem);
  check_again(source, algorithm);
  std::vector<CurveSpec> curves = read_curves(root, seed, problem, algorithm);
  std::vector<std::int64_t> steps = read_output_steps(root, algorithm.schedule.n_steps());
  return {.title = read_title(root, source),
          .seed = seed,
          .problem = std::move(problem),
          .algorithm = std::move(algorithm),
          .curves = std::move(curves),
          .output_steps = std::move(steps),
          .source = std::string(source),
          .source_text = std::string(text)};
}

Experiment read_experiment(const std::filesystem::path& file,
                           std::span<const std::string> overrides) {
  return parse_experiment(read_text_file(file), file.string(), overrides);
}

}  // namespace reprise
