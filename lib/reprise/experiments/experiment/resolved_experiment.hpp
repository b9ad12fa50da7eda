// An experiment written back: what its file would say with every default filled in.
#pragma once

#include <string>

#include "reprise/core/value.hpp"
#include "reprise/experiments/experiment/experiment.hpp"

namespace reprise {

/// The sections and keys of the experiment file. Read again it is the same experiment, and its run
/// gives the same bytes.
Value resolved_experiment(const Experiment& experiment);

/// Everything that the numbers depend on, as text: "path = value" a line, and per curve its method
/// with the revision of its numbers. Not the title.
std::string identity_of(const Experiment& experiment);

/// Whether the curves of the two are of the same problem, trained in the same way: seeds and output
/// may differ.
bool is_same_setting(const Experiment& one, const Experiment& two);

}  // namespace reprise
