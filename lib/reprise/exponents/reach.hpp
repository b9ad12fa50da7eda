// What a given student can reach: its first layer only carries the queries that its activation and
// its loss can express, which may be fewer than the target's exponents allow.
#pragma once

#include <string>
#include <vector>

#include "reprise/exponents/exponents.hpp"
#include "reprise/model/activation.hpp"
#include "reprise/model/loss.hpp"

namespace reprise {

/// Symmetry of the queries of a student whose first-layer gradient is G(h, y).
enum class QuerySymmetry {
  none,
  even,  ///< sigma(-h) = sigma(h): nothing changes under W -> -W, only even degrees in z
  odd,   ///< G(-h, -y) = -G(h, y): degree n in z comes with functions of y of the parity of n
};

/// The queries that the gradient of one first-layer weight can make.
struct StudentQueries {
  std::string activation;
  std::string loss;
  /// By degree n: whether sigma has a Hermite coefficient there at fields of generic variance, so
  /// that E[y sigma(h)], h = m . z + noise, contains the term E[y He_n(z)] . m^n.
  std::vector<bool> has_degree;
  QuerySymmetry symmetry = QuerySymmetry::none;
  bool is_linear = false;           ///< sigma' constant
  bool is_linear_in_label = false;  ///< square and correlation loss: G is affine in y
  /// Batch reuse moves the fields by the label; with a quadratic activation and the correlation
  /// loss they stay linear in z all the same, and queries of degree 2 at most. Else a large number.
  int max_reuse_degree = 0;
};

StudentQueries student_queries(const Activation& activation, const Loss& loss, int max_degree);

/// The staircases of a target as this student climbs them, from M = 0 with enough neurons of
/// generic second-layer weights.
struct Reach {
  StudentQueries queries;
  Staircase one_pass;  ///< each batch used once
  Staircase reuse;     ///< batches used again

  bool is_decided() const { return one_pass.is_decided() && reuse.is_decided(); }
};

/// One pass: with square or correlation loss the gradient carries y sigma'(h), so moments
/// E[y He_n(z)] for the degrees n that sigma has; with another loss functions of y and all degrees.
/// Reuse: the fields of a sample have moved by its own label, h -> h - c G(h, y), so any function
/// of y and z_U, within the student's symmetry; a linear student still sees E[y z] alone.
Reach find_reach(const ExponentTarget& target, const Activation& activation, const Loss& loss,
                 const ExponentOptions& options = {});

}  // namespace reprise
