// Labels with the rounding errors that their computation makes: labels that differ by less are one
// value.
#pragma once

#include <span>
#include <vector>

#include "reprise/exponents/label_points.hpp"

namespace reprise {

struct RoundedLabel {
  double y = 0;
  double rounding = 0;
};

/// A bound, to first order, of the rounding error of g(z), node by node of its tree. `input_error`
/// is that of the inputs. What is exact has none: z1^28 near 0 keeps all its digits, z1 + 1 - 1
/// does not.
double label_rounding(const Expression& g, std::span<const double> z, double input_error);

/// The same for any target with the label y there; a callable has no tree, and is taken to make
/// some roundings of its label.
double label_rounding(const TargetFunction& g, std::span<const double> z, double input_error,
                      double y);

/// Labels of a Sobol' set, increasing; arguments as in LabelPoints.
std::vector<RoundedLabel> sorted_labels(const ExponentTarget& target, const Stream& stream,
                                        int log2_points, double spread = 1);

/// A value of the label that has probability, with the bracket that its rounding errors stay in.
struct LabelAtom {
  double low = 0;
  double high = 0;
  std::size_t first = 0;  ///< position among the sorted labels
  std::size_t n = 0;
};

/// Runs of at least `least` sorted labels that are one value up to rounding.
std::vector<LabelAtom> label_atoms(const std::vector<RoundedLabel>& labels, std::size_t least);

}  // namespace reprise
