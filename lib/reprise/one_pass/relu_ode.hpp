// The ODE of ReLU neurons with a ReLU target near convergence, where the overlaps (M, Q) lose the
// angles to rounding: what lies outside the span of the targets is carried by itself.
#pragma once

#include <Eigen/Core>
#include <memory>

#include "reprise/gaussian/relu_committee.hpp"
#include "reprise/one_pass/ode_state.hpp"

namespace reprise {

/// L of these overlaps, its rows in the order of the neurons: a continuous function of them, with a
/// column for each neuron that is no combination of earlier ones. What is below the rounding of
/// Q - M P^-1 M^T, some 1e-7 of a neuron, is no part of it.
Coordinates coordinates_of(const Overlaps& overlaps, const Eigen::MatrixXd& gram_inverse);

/// What both systems below have: a state that is read as coordinates of the neurons.
class ReluSystem : public OdeSystem {
 public:
  ReluSystem(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
             std::unique_ptr<ReluCommittee> committee);

  double generalisation_error(const OdeVector& y) final;

 protected:
  /// Sets what depends on y alone: coordinates, dual, norms and weights.
  virtual void read(const OdeVector& y) = 0;

  std::unique_ptr<ReluCommittee> committee_;
  Eigen::MatrixXd gram_inverse_;
  bool is_normalised_;
  Coordinates coordinates_;  // of neurons of norm 1 where they are normalised
  Eigen::MatrixXd dual_;     // M P^-1
  Eigen::VectorXd norms_;    // of the rows of y
  Drift drift_;
  Eigen::VectorXd dweights_;
};

/// The drift alone, in coordinates:
///
///   dM/dt = -gamma E[G h*^T],   dL/dt = -gamma E[G xi^T],   Q = M P^-1 M^T + L L^T    (Xu2023)
///
/// y is laid out as CoordinateLayout says. The frame V of L stays the one of the start, so
/// there is nothing to choose on the way, and every y is one of weights. Normalised neurons are
/// read off y divided by their norms.
class ReluFlow final : public ReluSystem {
 public:
  ReluFlow(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
           std::unique_ptr<ReluCommittee> committee);

  OdeVector start(const Overlaps& overlaps) override;
  void derivative(const OdeVector& y, OdeVector& dydt) override;
  void unpack(const OdeVector& y, Overlaps& overlaps, Eigen::VectorXd& weights) override;
  void sizes(const OdeVector& y, EntrySizes& sizes) override;
  bool is_of_weights() const override { return true; }
  bool has_jacobian() const override { return true; }
  void jacobian(const OdeVector& y, Eigen::MatrixXd& jacobian) override;

 private:
  void read(const OdeVector& y) override;
  void normalise_jacobian(Eigen::MatrixXd& jacobian);

  CoordinateLayout layout_;
  Coordinates velocity_;
  Eigen::MatrixXd whole_;
  Eigen::VectorXd along_, dual_along_, velocity_along_;
  Eigen::RowVectorXd row_;
};

/// With noise, in (M, R), R = Q - M P^-1 M^T = L L^T:
///
///   dR/dt = -gamma (E[G xi^T] L^T + L E[G xi^T]^T) + gamma^2 E[G G^T]
///
/// y is laid out as OverlapLayout says, R in the place of Q. R keeps all its digits as it becomes
/// small. E[G G^T] is known to some 1e-14 only.
class ReluOde final : public ReluSystem {
 public:
  ReluOde(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options,
          std::unique_ptr<ReluCommittee> committee);

  OdeVector start(const Overlaps& overlaps) override;
  void derivative(const OdeVector& y, OdeVector& dydt) override;
  void unpack(const OdeVector& y, Overlaps& overlaps, Eigen::VectorXd& weights) override;
  void sizes(const OdeVector& y, EntrySizes& sizes) override;

 private:
  void read(const OdeVector& y) override;

  OverlapLayout layout_;
  Overlaps overlaps_, parts_;  // parts_.Q is R
  Eigen::VectorXd outside_;    // norms outside the targets' span
  Moments values_;
  Eigen::MatrixXd dm_, dr_;
  Eigen::VectorXd loss_;
};

}  // namespace reprise
