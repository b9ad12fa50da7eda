// What an experiment may ask for: a row a system, a row an algorithm of it, a row a method of that.
// Reading, writing, running, the keys that apply, roles, streams, quantities and the identity of
// stored points all follow from these rows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/comparison.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/core/settings.hpp"
#include "reprise/experiments/document/section.hpp"
#include "reprise/experiments/experiment/experiment.hpp"

namespace reprise {

/// What is learned: a problem of its own, read from sections of its own.
struct SystemRow {
  std::string_view name;                 ///< system
  bool (*has)(const Settings& problem);  ///< whether it is the system of a problem
  std::vector<Settings> sections;        ///< besides [training] and [[curve]]
  Settings (*read)(const Section& root, std::uint64_t seed);
  void (*write)(const Settings& problem, Value& file);
  void (*check)(const Settings& problem);
  /// training.loss as it is written; nullptr where the system has only one.
  std::string (*loss)(const Settings& problem) = nullptr;
  /// What comparisons must know, for runs of this dimension.
  ComparisonContext (*context)(const Settings& problem, double dimension);
  /// Legal but likely not meant.
  std::vector<std::string> (*warnings)(const Settings& problem);
  /// Adds to the warnings of a curve that diverged where the problem itself is to blame.
  void (*explain_divergence)(const Settings& problem, Solution& solution);
  /// P_rr of the target's directions; empty where observables need none.
  Eigen::VectorXd (*squared_norms)(const Settings& problem);
};

struct AlgorithmRow {
  std::string_view system;
  std::string_view name;  ///< training.algorithm
  bool has_steps;         ///< it counts steps; else its `duration` is a time
  Settings defaults;
  double (*n_steps)(const Settings& algorithm);  ///< where it counts them
  bool counts_samples;                           ///< one pass over them: time is samples / d
  /// Where output times that are even in log time begin; 0: at a step, or six decades early.
  double (*first_time)(const Settings& algorithm);
  /// Whether the second layer moves; none where there is no second layer.
  std::optional<bool> (*trains_second_layer)(const Settings& algorithm);
  void (*check)(const Settings& problem, const Settings& algorithm);

  const Schema& keys() const { return *defaults.schema(); }
};

struct MethodRow {
  std::string_view system;
  std::string_view algorithm;
  std::string_view method;  ///< curve.method
  std::string_view engine;  ///< curve.engine; empty where a method has only one
  Role role;
  /// Its seeds: the n-th curve of a stream has the same numbers whatever stands between.
  std::uint64_t stream;
  int revision;       ///< goes up when the numbers of the method change
  Settings defaults;  ///< its keys in [[curve]], besides name, method and engine
  std::vector<std::string_view> without;  ///< keys of that struct that it does not take
  bool has_dimension;                     ///< of its own, not of its starts alone

  Solution (*solve)(const Settings& problem, const Settings& algorithm, Settings method,
                    int threads, const Progress& progress);
  std::vector<Quantity> (*quantities)(const Settings& problem, const Settings& algorithm,
                                      const Settings& method);
  void (*check)(const Settings& problem, const Settings& algorithm, const Settings& method);
  /// d, of its starts where it has no other; 0 for none.
  double (*dimension)(const Settings& method);
  /// Of one of its steps, where its time moves in steps; else 0.
  double (*step_time)(const Settings& algorithm, const Settings& method);
  /// Of the noise that runs break symmetries with: d, or what points amount to; infinite for none.
  double (*noise_dimension)(const Settings& algorithm, const Settings& method,
                            const Solution& solution);
  std::int64_t (*runs)(const Settings& method);  ///< 0 where it has none
  /// Whether a key has an effect: a file may not say others.
  bool (*applies)(const Settings& problem, const Settings& method, std::string_view key);
  void (*set_streams)(Settings& method, std::uint64_t stream, std::uint64_t starts, bool kernels);
  /// Output times, as its own steps where it counts these.
  void (*set_times)(Settings& method, const std::vector<std::int64_t>& steps,
                    const std::vector<double>& times);

  const Schema& keys() const { return *defaults.schema(); }
};

std::span<const SystemRow> system_rows();
std::span<const AlgorithmRow> algorithm_rows();
std::span<const MethodRow> method_rows();

const SystemRow& system_of(const Settings& problem);
const AlgorithmRow& row_of(const Settings& algorithm);
/// The row that a curve was read by, or the first that its method fits. Throws InputError where
/// none fits the algorithm.
const MethodRow& row_of(const Experiment& experiment, const CurveSpec& curve);
const MethodRow& row_of(const Settings& algorithm, const CurveSpec& curve);

/// The sections of a file that the system's problem is read from.
std::vector<std::string_view> sections_of(const SystemRow& system);

/// The names that `system`, training.algorithm of a system and, for an algorithm, curve.method may
/// have.
std::vector<std::string_view> system_names();
std::vector<std::string_view> algorithm_names(std::string_view system);
std::vector<std::string_view> method_names(const AlgorithmRow& algorithm);
std::vector<std::string_view> all_method_names();

/// The keys of a section, in the order of the rows.
std::vector<std::string_view> student_keys();
std::vector<std::string_view> training_keys();
std::vector<std::string_view> curve_keys();

/// Whether "training.steps" or "curve.<name>.runs" takes whole numbers only.
bool is_whole_number_key(std::string_view key);

/// The rows of the systems, each beside what reads its problem.
SystemRow two_layer_system();

}  // namespace reprise
