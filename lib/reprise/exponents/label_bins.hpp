// Bins of the label: edges at quantiles, atoms apart. Not installed.
#pragma once

#include <vector>

#include "reprise/exponents/label_rounding.hpp"

namespace reprise {

/// Increasing edges at the quantiles of the given probabilities, increasing in (0, 1), among
/// labels, sorted. Both ends of an atom become edges where a quantile meets it: it has a bin of its
/// own.
std::vector<double> label_bin_edges(const std::vector<double>& labels,
                                    const std::vector<LabelAtom>& atoms,
                                    const std::vector<double>& probabilities);

/// Whether the bin from low to high is that of an atom.
bool is_atom_bin(const std::vector<LabelAtom>& atoms, double low, double high);

}  // namespace reprise
