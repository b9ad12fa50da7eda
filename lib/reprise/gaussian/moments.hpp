// The Gaussian moments that drive one-pass SGD in the limit, as functions of the overlaps.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "reprise/core/described.hpp"
#include "reprise/gaussian/generalisation_error.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/model/ridge_target.hpp"
#include "reprise/model/sample_gradient.hpp"

namespace reprise {

/// Expectations over (h, h*) and the label noise, G being the (total) gradient of one sample.
struct Moments {
  Eigen::MatrixXd g_target;  ///< E[G h*^T], (p, k)
  Eigen::MatrixXd g_field;   ///< E[G h^T], (p, p)
  Eigen::MatrixXd g_g;       ///< E[G G^T], (p, p)
  Eigen::VectorXd output;    ///< E[dl/df sigma(h_j)], (p): what trains the second layer
};

enum class MomentRoute {
  automatic,  ///< exact where there is such a route, else points
  exact,      ///< exact, or an InputError that says why there is none
  points,     ///< points always
};
template <>
struct Names<MomentRoute> {
  static constexpr std::pair<MomentRoute, std::string_view> all[] = {
      {MomentRoute::automatic, "automatic"},
      {MomentRoute::exact, "exact"},
      {MomentRoute::points, "points"}};
};

struct MomentOptions {
  MomentRoute route = MomentRoute::automatic;
  std::int64_t points = 65536;  ///< of the fixed scrambled Sobol' set, rounded up to a power of two
  std::uint64_t seed = 1;
  std::uint64_t scramble = 0;  ///< which independent scramble
};
template <>
const Schema& schema<MomentOptions>();

/// Evaluates them for one problem and one use of the samples. Not to be shared between threads.
class GaussianMoments {
 public:
  GaussianMoments(const Problem& problem, const MomentOptions& options);
  virtual ~GaussianMoments() = default;

  /// overlaps  (M, Q) with Q - M P^-1 M^T positive semidefinite up to rounding
  /// weights   (p)  output weights, scale * a_j
  /// No allocation after the first call. Not finite where the overlaps are not.
  virtual void evaluate(const Overlaps& overlaps, const Eigen::VectorXd& weights,
                        Moments& moments) = 0;
  /// 1/2 E (f - g(h*))^2, without label noise. In closed form where it has one and points are not
  /// asked for: it has one for more targets than the gradient, and for every loss and use.
  double generalisation_error(const Overlaps& overlaps, const Eigen::VectorXd& weights);
  /// What is done: "closed forms (erf)", "Hermite algebra", "closed forms (relu)", "points".
  virtual std::string_view route() const = 0;
  /// False where a point set stands for the expectations.
  bool is_exact() const { return route() != "points"; }

 private:
  double scale_;
  GeneralisationError error_;
};

/// The moments of a problem that has passed check(); the problem must outlive them.
///
/// Exact routes, for square and correlation loss and plain use of the samples: an erf student with
/// a target that is a sum of erf's (Saad1995), a ReLU student with a target that is a sum of
/// relu's, abs's and linear terms, a polynomial student with a polynomial target. Everything else
/// is integrated on points, fixed so that the moments are functions of the overlaps: smooth where
/// G is, with steps of O(1 / points) where G jumps (ReLU).
/// Throws InputError if the exact route is asked for and there is none, or points < 16.
std::unique_ptr<GaussianMoments> gaussian_moments(const Problem& problem, const SampleUse& use,
                                                  const MomentOptions& options = {});

/// Throws InputError where gaussian_moments would.
void check_route(const Problem& problem, const SampleUse& use, const MomentOptions& options);

/// The target as a sum of the student's own activation, which the closed forms of erf and ReLU ask
/// for; none where it is no such sum.
std::optional<RidgeForm> ridge_form(const Problem& problem);

/// Why no exact route covers a problem and use; empty if one does.
std::string reason_for_points(const Problem& problem, const SampleUse& use);

/// The covariances of the fields when h* has covariance S instead of P (structured inputs):
/// h = M P^-1 h* + L xi gives E[h h*^T] = M P^-1 S and E[h h^T] = Q + M P^-1 (S - P) P^-1 M^T.
class FieldCovariance {
 public:
  explicit FieldCovariance(const Problem& problem);
  void evaluate(const Overlaps& overlaps, Overlaps& fields) const;
  const Eigen::MatrixXd& target() const { return target_; }

 private:
  bool is_isotropic_;
  Eigen::MatrixXd target_;     // S
  Eigen::MatrixXd to_target_;  // P^-1 S
  Eigen::MatrixXd excess_;     // P^-1 (S - P) P^-1
};

}  // namespace reprise
