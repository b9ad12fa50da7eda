// A curve of a wide flow: output times, passages, and how it ends. Shared by its systems.
#pragma once

#include <Eigen/Core>
#include <functional>
#include <string>
#include <vector>

#include "reprise/core/ensemble.hpp"
#include "reprise/core/solution.hpp"
#include "reprise/integration/rosenbrock.hpp"
#include "reprise/wide_flow/wide_flow.hpp"

namespace reprise {

/// What is read off a state y of the system.
class WideReader {
 public:
  virtual ~WideReader() = default;
  /// c_k of the target's degrees.
  virtual const Eigen::VectorXd& residual(const Eigen::VectorXd& y) = 0;
  virtual double risk(const Eigen::VectorXd& y) = 0;
  /// The quantities besides residual and generalisation_error.
  virtual void record(const Eigen::VectorXd& y, Record& record) = 0;
};

struct WideCurveOptions {
  std::string method;
  std::vector<Quantity> quantities;
  const std::vector<double>& times;
  double epsilon = 1;
  Eigen::Index n_overlaps = 0;  ///< the last entries of y, of the order of sqrt(epsilon) at first
  WideIntegration integration;
  Progress progress;
};

/// Integrates the system from y and reports what mean_field.hpp says of quantities, events and
/// endings.
Solution follow_wide_flow(StiffSystem& system, WideReader& reader, Eigen::VectorXd y,
                          const WideStart& start, const WideCurveOptions& options);

}  // namespace reprise
