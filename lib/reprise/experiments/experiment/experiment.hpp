// An experiment file, checked: what is learned, how, and the curves to compute.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "reprise/core/settings.hpp"
#include "reprise/experiments/document/document.hpp"
#include "reprise/experiments/figure/figure_keys.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

/// A theory is drawn as a line, a simulation as points, and every pair of the two is compared.
enum class Role { theory, simulation };
std::string_view name(Role role);

struct Experiment;

struct CurveSpec {
  std::string name;  ///< unique; letters, digits and _ . = , + - ( ) and spaces
  /// How it is computed: DmftOptions, ExactSimulation, .., one that fits the algorithm. Its seeds
  /// and output times are set, its threads and progress are the runner's.
  Settings method;
  std::string_view method_name = {};  ///< as in the file, where two names share a struct
  /// Of a curve with settings of its own (`set`): the experiment that these make, with the curves
  /// that share them; null for that of the file.
  std::shared_ptr<const Experiment> own = {};
};

/// A number that the runs of a curve have besides their mean.
struct Statistic {
  std::string name;       ///< "median", "quantile 0.1"
  double quantile = 0.5;  ///< the share of runs below it, above 0 and below 1
};

/// What is kept of the curves besides means and standard errors of all that their methods record.
struct OutputChoice {
  bool has_runs = false;            ///< every run, scramble and start by itself
  bool aligns = false;              ///< neurons, before runs are averaged: see align_neurons
  Eigen::MatrixXd directions = {};  ///< rows v of projections M v
  std::vector<std::string> quantities = {};  ///< that are kept; empty: all
  std::vector<Statistic> statistics = {};
};

struct Experiment {
  std::string title;
  std::uint64_t seed = 1;
  Settings problem;     ///< what is learned: a Problem, or that of another system
  Settings algorithm;   ///< how: GradientDescent, OnePassSgd, PopulationFlow, ..
  double duration = 0;  ///< of training: steps, or samples / d
  std::vector<CurveSpec> curves;
  std::vector<std::int64_t> output_steps;  ///< of gradient descent: increasing, up to `duration`
  std::vector<double> output_times;        ///< of the others; curves round them to their steps
  bool has_log_times = false;              ///< spread evenly in log time
  OutputChoice choice = {};
  Value output = {};                       ///< [output] as it is written, defaults filled in
  FigureKeys figure = {};                  ///< how it is drawn: changes nothing that is computed
  std::string source;                      ///< the file's name as it was given
  std::vector<std::string> warnings = {};  ///< legal but likely not meant; of every curve

  /// The problem of system = "two_layer". Throws InputError where it is another.
  const Problem& two_layer() const { return problem.get<Problem>(); }
};

/// The experiment that a curve belongs to.
inline const Experiment& experiment_of(const Experiment& experiment, const CurveSpec& curve) {
  return curve.own ? *curve.own : experiment;
}

/// Reads and checks a whole experiment file, format 1.
///
/// overrides  "key=value" each: the key dotted ("training.steps"), a curve by its name
///            ("curve.theory.points"), the value as in TOML, where a bare word is a text.
/// Throws InputError "<file>:<line>: <section>.<key> must be <rule>, got <value>", "--set <key>:
/// ..." if an override is wrong; where several things are wrong InputErrors with a sentence for
/// each, in the order of the file. An experiment that is returned can be run.
Experiment read_experiment(const std::filesystem::path& file,
                           std::span<const std::string> overrides = {});

/// The same from text; `source` is the name that errors carry.
Experiment parse_experiment(std::string_view text, std::string_view source,
                            std::span<const std::string> overrides = {});

/// The same from a document, overrides applied.
Experiment experiment_from(const DocumentValue& document, std::string_view source);

}  // namespace reprise
