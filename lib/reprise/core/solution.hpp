// What every method returns: quantities against time with their standard errors, and how it ended.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reprise/core/error.hpp"

namespace reprise {

/// One quantity along a curve: a scalar, a vector (cols = 0) or a matrix at each output time.
/// Row t of `value` is the quantity at the t-th output time, entries in row-major order. A series
/// may be shorter than the curve (the training loss has no value after the last scheduled step).
struct Series {
  std::string quantity;        ///< "M", "Q", "a", "generalisation_error", ...
  Eigen::Index rows = 0;       ///< 0 for a scalar
  Eigen::Index cols = 0;       ///< 0 for a scalar or a vector
  Eigen::MatrixXd value = {};  ///< (times, entries)
  Eigen::MatrixXd standard_error =
      {};  ///< (times, entries), or empty where the method is deterministic

  bool is_scalar() const { return rows == 0; }
  Eigen::Index n_times() const { return value.rows(); }
  Eigen::Index n_entries() const { return value.cols(); }
  bool has_standard_error() const { return standard_error.size() != 0; }
};

/// Something that happened between output times.
struct Event {
  std::string name;  ///< "M[1, 2] above 0.5", "plateau entered", ...
  double time = 0;
  std::int64_t replica = 0;
};

/// A function of two times whose values are p x p matrices: a kernel of the mean-field theory.
struct Kernel {
  std::string name;                ///< "C", "C_G" or "R"
  Eigen::Index n_neurons = 0;      ///< p
  Eigen::MatrixXd value;           ///< block (t, s) is rows p t.., columns p s..
  Eigen::MatrixXd standard_error;  ///< the same
};

/// What a curve cost.
struct Cost {
  double wall_time_s = 0;
  std::int64_t replicas = 0;  ///< runs of a simulation, scrambles of an integration; 0: nothing is
                              ///< random in the method
  /// Samples, or integration points, of one replica; of a method without either the steps or
  /// evaluations that it took in all.
  std::int64_t samples_per_replica = 0;
};

/// What the time of a curve counts.
enum class Clock {
  steps,    ///< of gradient descent
  samples,  ///< one pass: samples / d
  flow,     ///< gradient flow: learning rate times samples / d
};
/// As an axis is labelled: "step", "samples / d", "t".
std::string_view name(Clock clock);

/// A curve: the answer of any method to any problem.
struct Solution {
  std::string method;  ///< "dmft", "simulation (exact)", ...
  std::vector<std::int64_t>
      step;                  ///< of each output time; a flow has none, so that they are counted
  std::vector<double> time;  ///< as `clock` says
  Clock clock = Clock::steps;
  std::vector<Series> series;
  /// The replicas behind the means where there are several: (times, entries of all series side by
  /// side), rows as in `time`; statistics of replicas, which are the last series, have none.
  std::vector<Eigen::MatrixXd> replicas;
  std::vector<Event> events;
  std::string moments;  ///< how Gaussian moments were taken ("closed forms (erf)"), if any were
  std::vector<Kernel> kernels;  ///< on request
  Ending ending;
  std::vector<std::string> warnings;  ///< what a reader of the curve must know, full sentences
  Cost cost;

  /// The series of that name, nullptr if the method does not compute it.
  const Series* find(std::string_view quantity) const;
  /// The series of that name. Throws InputError naming the ones there are.
  const Series& at(std::string_view quantity) const;
  /// Its first column in `replicas`. Throws like `at`.
  Eigen::Index first_column(std::string_view quantity) const;
  /// A matrix quantity at the given output time (from 0), for example value("M", 3).
  Eigen::MatrixXd value(std::string_view quantity, std::size_t time_index) const;
  Eigen::MatrixXd standard_error(std::string_view quantity, std::size_t time_index) const;
  /// "step 6", or "t = 2.5" where time does not count steps.
  std::string moment(std::size_t time_index) const;
};

/// Reports the finished fraction of a computation, from 0 to 1; called from one thread at a time.
using Progress = std::function<void(double fraction)>;

}  // namespace reprise
