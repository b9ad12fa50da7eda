// The overlap ODE as a system y' = f(y) of independent numbers.
#pragma once

#include <Eigen/Core>
#include <memory>
#include <string_view>
#include <vector>

#include "reprise/gaussian/moments.hpp"
#include "reprise/integration/integrate.hpp"
#include "reprise/model/problem.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/overlap_layout.hpp"
#include "reprise/one_pass/sgd.hpp"

namespace reprise {

/// What an error in an entry of the state is held against.
struct EntrySizes {
  OdeVector own;    ///< the largest that the entry can be: rounding is relative to it
  OdeVector reach;  ///< the error that would change the generalisation error by all of it
};

/// A run's ODE in the numbers that it is integrated in.
class OdeSystem {
 public:
  OdeSystem(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
            std::uint64_t scramble);
  virtual ~OdeSystem() = default;

  /// The state at these overlaps; its size is that of every state from here on.
  virtual OdeVector start(const Overlaps& overlaps) = 0;
  /// Fills dydt; NaN where the overlaps are not those of any weights.
  virtual void derivative(const OdeVector& y, OdeVector& dydt) = 0;
  virtual double generalisation_error(const OdeVector& y) = 0;
  /// The overlaps at y; output weights that are not trained stay as they are.
  virtual void unpack(const OdeVector& y, Overlaps& overlaps, Eigen::VectorXd& weights) = 0;
  virtual void sizes(const OdeVector& y, EntrySizes& sizes) = 0;
  /// Whether an error of part x of its reach in an entry changes E by x sqrt(E E_0) + x^2 E_0, and
  /// not by x E_0: where every state is one of weights, E is least where it is 0.
  virtual bool is_of_weights() const { return false; }
  /// Whether df/dy has a closed form.
  virtual bool has_jacobian() const { return false; }
  /// Fills jacobian (n, n) with df/dy at y.
  virtual void jacobian(const OdeVector& y, Eigen::MatrixXd& jacobian);

  /// Of a student whose output is 0.
  double error_of_nothing();
  std::string_view route() const { return moments_->route(); }
  bool is_exact() const { return moments_->is_exact(); }

 protected:
  /// gamma_a scale^2: da/dt is this times -E[dl/df sigma(h)].
  double weight_rate() const;

  const Problem& problem_;
  OnePassSgd algorithm_;
  OdeTerms terms_;
  std::unique_ptr<GaussianMoments> moments_;
  Eigen::VectorXd weights_;  // those of the problem where they are not trained
};

/// y is laid out as OverlapLayout says. Diagonals of Q that
/// stay fixed (normalised neurons) have derivative 0 exactly.
class OverlapOde final : public OdeSystem {
 public:
  OverlapOde(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
             std::uint64_t scramble);

  const OverlapLayout& layout() const { return layout_; }
  OdeVector start(const Overlaps& overlaps) override;
  void derivative(const OdeVector& y, OdeVector& dydt) override;
  double generalisation_error(const OdeVector& y) override;
  void unpack(const OdeVector& y, Overlaps& overlaps, Eigen::VectorXd& weights) override;
  void sizes(const OdeVector& y, EntrySizes& sizes) override;

 private:
  OverlapLayout layout_;
  Overlaps overlaps_;
  Moments values_;
  Eigen::MatrixXd dm_, dq_;
  Eigen::VectorXd dweights_;
};

/// The system that a run is integrated as: coordinates for the flow of ReLU neurons with a ReLU
/// target, (M, Q - M P^-1 M^T) for its ODE with noise (relu_ode.hpp), else the overlaps.
std::unique_ptr<OdeSystem> ode_system(const Problem& problem, const OnePassSgd& algorithm,
                                      const OdeOptions& options, std::uint64_t scramble);

/// sizes.own and sizes.reach of M, and of trained weights from entry `first_weight` on: the norms
/// of the neurons times those of the targets, and the largest weight. A neuron of norm 0 has no
/// size yet: 1 stands for it.
void set_common_sizes(const Problem& problem, const Eigen::VectorXd& norms, const OdeVector& y,
                      std::size_t first_weight, EntrySizes& sizes);

}  // namespace reprise
