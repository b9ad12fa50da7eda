// The parts that an experiment file is read in. Not for users: see experiment.hpp.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/experiments/document/section.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

/// The algorithm that [training] chooses, all that it says of it, and its duration, which is steps
/// or a time.
const AlgorithmRow& read_algorithm(const Section& root, const SystemRow& system);
Settings read_training(const Section& root, const SystemRow& system, const AlgorithmRow& row);
double read_duration(const Section& root, const Settings& algorithm);

/// Random starts of an ode or a flow without a dimension are those of the other curves, which then
/// start alike; the limit M = 0 where these have none or several (add_warnings says so).
void share_start_dimension(const Section& root, const Settings& problem, const Settings& algorithm,
                           std::vector<CurveSpec>& curves);

/// What the curves of a file have read before: names are used once, and the n-th curve of a stream
/// has seeds of its own whatever its settings are.
struct CurvesBefore {
  std::set<std::string> names = {};
  std::map<std::uint64_t, std::uint64_t> n_of_stream = {};
};

/// A [[curve]] of the experiment whose seed, problem and algorithm have been read: the sizes that a
/// simulation can have depend on them. A problem that could not be read is empty, and nothing of it
/// is checked.
CurveSpec read_curve(const Section& root, const Section& curve, const Experiment& experiment,
                     CurvesBefore& before);

/// The experiments of a file: first that of all curves without settings of their own, then one for
/// each other setting; `order` has for each [[curve]] its experiment, counted from 0.
struct ExperimentsOfFile {
  std::vector<Experiment> experiments;
  std::vector<std::size_t> order;
};
ExperimentsOfFile read_experiments(const DocumentValue& document, std::string_view source);

/// [output] by itself, where the curves and times that it is for could not be read.
void check_output(const Section& root, const AlgorithmRow& row);

/// output.times: "all", "log 20" (20 a decade), "linear 50", or a list. Sets output_steps, or
/// output_times and with them those of each curve.
void read_output_times(const Section& root, Experiment& experiment);

/// Checks each curve of one pass whole; needs its output times.
void check_curves(const Section& root, const Experiment& experiment);

}  // namespace reprise
