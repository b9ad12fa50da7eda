// What is learned and by whom: target, inputs, student, loss and starting point.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/core/described.hpp"
#include "reprise/model/activation.hpp"
#include "reprise/model/loss.hpp"
#include "reprise/model/target_function.hpp"

namespace reprise {

/// y = g(h*) + sqrt(noise_variance) xi, h* = W* x / sqrt(d).
struct Target {
  TargetFunction g;           ///< from an Expression or a TargetCallable
  double noise_variance = 0;  ///< Delta >= 0
  Eigen::MatrixXd gram = {};  ///< P = W* W*^T / d, (k, k), positive definite
};

/// Multiplies the network output: 1, 1/sqrt(p) or 1/p.
enum class OutputScale { none, inverse_sqrt, inverse };
template <>
struct Names<OutputScale> {
  static constexpr std::pair<OutputScale, std::string_view> all[] = {
      {OutputScale::none, "none"},
      {OutputScale::inverse_sqrt, "inverse_sqrt"},
      {OutputScale::inverse, "inverse"}};
};
double factor(OutputScale scale, Eigen::Index n_neurons);

/// Whether all runs share one second layer, or each run (scramble, start) draws its own entries:
/// standard normals, or signs.
enum class SecondLayerDraw { once, gaussian, rademacher };
template <>
struct Names<SecondLayerDraw> {
  static constexpr std::pair<SecondLayerDraw, std::string_view> all[] = {
      {SecondLayerDraw::once, "once"},
      {SecondLayerDraw::gaussian, "gaussian"},
      {SecondLayerDraw::rademacher, "rademacher"}};
};

/// f(h) = scale * sum_j a_j sigma(h_j), h = W x / sqrt(d).
struct Student {
  Activation activation;
  Eigen::VectorXd second_layer;  ///< a, (p)
  OutputScale output_scale = OutputScale::none;
  /// Unless `once`, second_layer is one draw of many; problem_of_run() has that of a run.
  SecondLayerDraw second_layer_draw = SecondLayerDraw::once;

  Eigen::Index n_neurons() const { return second_layer.size(); }
  /// scale * a: the weights that the output is built with.
  Eigen::VectorXd output_weights() const;
};

/// M = W W*^T / d and Q = W W^T / d.
struct Overlaps {
  Eigen::MatrixXd M = {};  ///< (p, k)
  Eigen::MatrixXd Q = {};  ///< (p, p)
};

/// The learning problem, the same for every algorithm and method. completed() fills in what is
/// left out.
struct Problem {
  Target target;
  Student student;
  Loss loss = Loss::square();
  Overlaps initial = {};
  Eigen::MatrixXd input_covariance = {};  ///< of h* = W* x / sqrt(d), (k, k); P: isotropic inputs
  /// True: at finite d every run draws the entries of W_0 as standard normals, so that M_0 is of
  /// order d^-1/2; in the limit M_0 = 0 and Q_0 = I, which `initial` must hold.
  bool has_random_start = false;

  /// The completed() problem of these parts.
  static Problem of(Target target, Student student, Loss loss = Loss::square(),
                    Overlaps initial = {});

  Eigen::Index n_neurons() const { return student.n_neurons(); }
  Eigen::Index n_directions() const { return target.gram.rows(); }
};

/// The problem with what was left out (matrices without entries) filled in, in this order: P = I of
/// as many directions as g has variables, input covariance = P, M = 0, Q = M P^-1 M^T + I. What is
/// given stays, right or wrong: check() looks at it.
Problem completed(Problem problem);

/// a (p) from a law that is not `once`: random of run `run` of this seed.
Eigen::VectorXd draw_second_layer(SecondLayerDraw law, Eigen::Index n_neurons, std::uint64_t seed,
                                  std::uint64_t run = 0);

/// The problem of run `run` of this seed: with a second layer of its own where each run draws one.
Problem problem_of_run(const Problem& problem, std::uint64_t seed, std::uint64_t run);

/// The lowest d of a simulation: room for the targets, for what the start has outside their span,
/// rank(Q_0 - M_0 P^-1 M_0^T), and for one direction at least besides the targets.
Eigen::Index least_dimension(const Problem& problem);

/// Throws InputError unless shapes agree, numbers are finite, P is positive definite, the input
/// covariance and Q_0 - M_0 P^-1 M_0^T are positive semidefinite, g uses at most k variables, and
/// g, sigma and the loss are numbers wherever they are looked at.
void check(const Problem& problem);

/// A triangular factor L (p, r) with L L^T = A and r the rank of A: rows that are combinations of
/// earlier ones up to a variance of 1e-12 `scale`, the size of the numbers that A was computed from
/// (0: A itself), make no column. Throws InputError naming `where`, `name` and the lowest
/// eigenvalue if that is below -1e-12 scale.
Eigen::MatrixXd semidefinite_factor(std::string_view where, std::string_view name,
                                    const Eigen::Ref<const Eigen::MatrixXd>& matrix,
                                    double scale = 0);

/// L with L L^T = Q - M P^-1 M^T: the students' components outside the span of the targets, (p, r).
Eigen::MatrixXd orthogonal_factor(const Overlaps& overlaps, const Eigen::MatrixXd& gram_inverse);

}  // namespace reprise
