// What an experiment may ask for: a row an algorithm, a row a method of it. Reading, writing, the
// keys that apply, roles, streams and the identity of stored points all follow from these rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/schema.hpp"
#include "reprise/io/experiment.hpp"

namespace reprise {

struct AlgorithmRow {
  std::string_view name;         ///< training.algorithm
  const Schema& (*keys)();       ///< its keys in [training], besides algorithm, loss, duration
  bool has_steps = false;        ///< it counts steps; else its `duration` is a time
  Algorithm (*make)();           ///< with the defaults
  void* (*address)(Algorithm&);  ///< of the struct that `keys` describes
};

struct MethodRow {
  std::string_view algorithm;
  std::string_view method;  ///< curve.method
  std::string_view engine;  ///< curve.engine; empty where a method has only one
  Role role;
  /// Its seeds: the n-th curve of a stream has the same numbers whatever stands between.
  std::uint64_t stream;
  int revision;             ///< goes up when the numbers of the method change
  const Schema& (*keys)();  ///< its keys in [[curve]], besides name, method and engine
  std::vector<std::string_view> without = {};  ///< keys of that struct that it does not take
  Method (*make)();
  void* (*address)(Method&);
};

std::span<const AlgorithmRow> algorithm_rows();
std::span<const MethodRow> method_rows();

const AlgorithmRow& row_of(const Algorithm& algorithm);
/// The row that a curve was read by, or the first that its method fits. Throws InputError where
/// none fits the algorithm.
const MethodRow& row_of(const Algorithm& algorithm, const CurveSpec& curve);

/// The names that training.algorithm and, for an algorithm, curve.method may have.
std::vector<std::string_view> algorithm_names();
std::vector<std::string_view> method_names(std::string_view algorithm);
std::vector<std::string_view> all_method_names();

/// The keys of a section, in the order of the rows.
std::vector<std::string_view> student_keys();
std::vector<std::string_view> training_keys();
std::vector<std::string_view> curve_keys();

/// Whether "training.steps" or "curve.<name>.runs" takes whole numbers only.
bool is_whole_number_key(std::string_view key);

}  // namespace reprise
