// The parts that an experiment file is read in. Not for users: see experiment.hpp.
#pragma once

#include <cstdint>
#include <vector>

#include "reprise/experiments/document/section.hpp"
#include "reprise/experiments/experiment/experiment.hpp"
#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

/// [training] and its duration, which are steps or a time.
Settings read_training(const Section& root, const SystemRow& system);
double read_duration(const Section& root, const Settings& algorithm);

/// Random starts of an ode or a flow without a dimension are those of the other curves, which then
/// start alike; the limit M = 0 where these have none or several (add_warnings says so).
void share_start_dimension(const Section& root, const Settings& problem, const Settings& algorithm,
                           std::vector<CurveSpec>& curves);

/// Every [[curve]]; needs the problem and the algorithm for the sizes that a simulation can have.
std::vector<CurveSpec> read_curves(const Section& root, std::uint64_t seed, const Settings& problem,
                                   const Settings& algorithm);

/// output.times: "all", "log 20" (20 a decade), "linear 50", or a list. Sets output_steps, or
/// output_times and with them those of each curve.
void read_output_times(const Section& root, Experiment& experiment);

/// Checks each curve of one pass whole; needs its output times.
void check_curves(const Section& root, const Experiment& experiment);

}  // namespace reprise
