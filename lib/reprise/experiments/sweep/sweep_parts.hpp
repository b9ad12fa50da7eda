// The parts that a sweep is read in. Not for users: see sweep.hpp.
#pragma once

#include <string>
#include <vector>

#include "reprise/experiments/document/section.hpp"
#include "reprise/experiments/sweep/sweep.hpp"

namespace reprise {

/// [sweep] without its axes, and the axes: the keys of other sections, and the variables.
struct SweepTable {
  DocumentValue options;
  std::vector<DocumentMember> axes;
};
SweepTable split_sweep(const DocumentValue& sweep);

/// The axes, checked; zipped ones are one.
std::vector<Axis> read_axes(const SweepTable& table, const Section& options);

/// The leaves of nested tables with dotted keys: "training.learning_rate" and the same spelt as a
/// table. A range is a leaf.
void collect_leaves(const std::string& prefix, const DocumentValue& table,
                    std::vector<DocumentMember>& leaves);

/// Throws InputError for a grid of more points than can be kept.
void check_size(const Sweep& sweep);

/// Throws InputError for parts of a sweep that do not go together, before anything is computed.
void check_sweep(const Sweep& sweep);

/// Throws InputError if a curve of the experiment does not have what is to be observed.
void check_observables(const Sweep& sweep, const Experiment& experiment);

}  // namespace reprise
