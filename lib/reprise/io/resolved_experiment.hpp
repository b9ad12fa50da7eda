// An experiment with every default filled in, as text that says exactly what was computed.
#pragma once

#include <string>

#include "reprise/io/experiment.hpp"

namespace reprise {

/// JSON with the sections and keys of the experiment file; curves carry the seed of their stream.
std::string resolved_experiment(const Experiment& experiment);

}  // namespace reprise
