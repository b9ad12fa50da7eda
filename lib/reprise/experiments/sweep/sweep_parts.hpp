// The parts that a sweep is read in. Not for users: see sweep.hpp.
#pragma once

#include <string>
#include <vector>

#include "reprise/experiments/document/section.hpp"
#include "reprise/experiments/sweep/sweep.hpp"
#include "reprise/experiments/sweep/sweep_keys.hpp"

namespace reprise {

/// [sweep] without the axes that are keys of other sections, and these.
struct SweepTable {
  DocumentValue options;
  std::vector<DocumentMember> axes;
};
SweepTable split_sweep(const DocumentValue& sweep);

/// The axes and the variables, checked; zipped ones are one. `options` is where errors point.
std::vector<Axis> read_axes(const SweepTable& table, const SweepKeys& keys, const Section& options);

/// Throws InputError for a grid of more points than can be kept.
void check_size(const Sweep& sweep);

/// Throws InputError for parts of a sweep that do not go together, before anything is computed.
void check_sweep(const Sweep& sweep);

/// Throws InputError if a curve of the experiment does not have what is to be observed.
void check_observables(const Sweep& sweep, const Experiment& experiment);

}  // namespace reprise
