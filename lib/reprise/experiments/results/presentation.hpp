// What [output] asks of a curve besides the means that its method returns.
#pragma once

#include "reprise/core/solution.hpp"
#include "reprise/experiments/experiment/experiment.hpp"

namespace reprise {

/// Aligns neurons, adds projections and statistics and leaves out what is not asked for, in this
/// order. `solution` has its replicas, whose columns afterwards are those of all series but the
/// statistics, which are the last.
///
/// experiment  that of the curve, see experiment_of
/// choice      its choice, or a part of it
void present(Solution& solution, const Experiment& experiment, const OutputChoice& choice);

/// The name of a statistic of a quantity, "M:median".
std::string statistic_name(std::string_view quantity, const Statistic& statistic);

}  // namespace reprise
