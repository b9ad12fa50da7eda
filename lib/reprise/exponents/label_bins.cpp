#include "reprise/exponents/label_bins.hpp"

#include <algorithm>

namespace reprise {

std::vector<double> label_bin_edges(const std::vector<double>& labels,
                                    const std::vector<LabelAtom>& atoms,
                                    const std::vector<double>& probabilities) {
  const double n = static_cast<double>(labels.size());
  std::vector<double> edges;
  const auto add = [&](double edge) {
    if (edges.empty() || edge > edges.back()) edges.push_back(edge);
  };
  for (double u : probabilities) {
    const double y = labels[static_cast<std::size_t>(std::min(u * n, n - 1))];
    const auto atom = std::find_if(atoms.begin(), atoms.end(),
                                   [y](const LabelAtom& a) { return a.low <= y && y <= a.high; });
    if (atom == atoms.end()) {
      add(y);
    } else {
      add(atom->low);
      add(atom->high);
    }
  }
  return edges;
}

bool is_atom_bin(const std::vector<LabelAtom>& atoms, double low, double high) {
  return std::any_of(atoms.begin(), atoms.end(),
                     [=](const LabelAtom& a) { return a.low <= low && high <= a.high; });
}

}  // namespace reprise
