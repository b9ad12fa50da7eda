// The keys of a file held against those that there are. Not for users: see experiment.hpp.
#pragma once

#include "reprise/core/faults.hpp"
#include "reprise/experiments/document/document.hpp"

namespace reprise {

/// The document with every unknown key where it is meant to be, as far as that can be told, so that
/// the rest of it can be judged; `faults` gets a sentence for each, which names that key, its
/// section and where all of them are listed.
///
/// What a key is meant to be: its usual name in other programs, a key of another section, or a slip
/// of the hand; among several one that goes with the system, algorithm and method of the file.
DocumentValue with_known_keys(const DocumentValue& document, Faults& faults);

}  // namespace reprise
