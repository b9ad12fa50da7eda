// An experiment file, checked: what is learned, how, and the curves to compute.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/io/document.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/population_flow.hpp"

namespace reprise {

/// How the student learns.
using Algorithm = std::variant<GradientDescent, OnePassSgd, PopulationFlow>;
/// As in the file: "gradient_descent", "sgd", "gradient_flow".
std::string_view name(const Algorithm& algorithm);

/// How a curve is computed: the first three for gradient descent, the others for one pass. Their
/// seeds and output times are set, their threads and progress are the runner's.
using Method = std::variant<DmftOptions, ExactSimulation, DenseSimulation, OdeOptions,
                            FiniteBatchOptions, ExactChain, DenseSgdSimulation>;

/// A theory is drawn as a line, a simulation as points, and every pair of the two is compared.
enum class Role { theory, simulation };
std::string_view name(Role role);

/// d of a curve, of its starts where it has no other; 0 for none.
double dimension_of(const Method& method);

struct CurveSpec {
  std::string name;  ///< unique; letters, digits and _ . = , + - ( ) and spaces
  Method method;
  std::string_view method_name = {};  ///< as in the file, where two names share a struct
};

struct Experiment {
  std::string title;
  std::uint64_t seed = 1;
  Problem problem;
  Algorithm algorithm;
  double duration = 0;  ///< of training: steps, or samples / d
  std::vector<CurveSpec> curves;
  std::vector<std::int64_t> output_steps;  ///< of gradient descent: increasing, up to `duration`
  std::vector<double> output_times;        ///< of the others; curves round them to their steps
  bool has_log_times = false;              ///< spread evenly in log time
  Value output = {};                       ///< [output] as it is written, defaults filled in
  std::string source;                      ///< the file's name as it was given
  std::vector<std::string> warnings = {};  ///< legal but likely not meant; of every curve
};

/// Reads and checks a whole experiment file, format 1.
///
/// overrides  "key=value" each: the key dotted ("training.steps"), a curve by its name
///            ("curve.theory.points"), the value as in TOML, where a bare word is a text.
/// Throws InputError "<file>:<line>: <section>.<key> must be <rule>, got <value>" for the first
/// thing that is wrong, "--set <key>: ..." if an override is. An experiment that is returned can be
/// run.
Experiment read_experiment(const std::filesystem::path& file,
                           std::span<const std::string> overrides = {});

/// The same from text; `source` is the name that errors carry.
Experiment parse_experiment(std::string_view text, std::string_view source,
                            std::span<const std::string> overrides = {});

/// The same from a document, overrides applied.
Experiment experiment_from(const DocumentValue& document, std::string_view source);

}  // namespace reprise
