// The sections of an experiment file that say what is learned, as they are written.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "reprise/core/described.hpp"
#include "reprise/core/value.hpp"
#include "reprise/model/loss.hpp"
#include "reprise/model/problem.hpp"

namespace reprise {

struct TargetKeys {
  std::string expression = {};
  double noise_variance = 0;
  Eigen::MatrixXd gram = {};
};
template <>
const Schema& schema<TargetKeys>();

struct InputKeys {
  Eigen::MatrixXd covariance = {};
};
template <>
const Schema& schema<InputKeys>();

/// Numbers, or a rule for as many as there are neurons.
struct SecondLayer {
  std::vector<double> numbers = {};
  std::string rule = {};  ///< "ones", "alternating", "rademacher", "gaussian"; empty: the numbers
};

enum class DrawnOnceOr { once, run };
template <>
struct Names<DrawnOnceOr> {
  static constexpr std::pair<DrawnOnceOr, std::string_view> all[] = {{DrawnOnceOr::once, "once"},
                                                                     {DrawnOnceOr::run, "run"}};
};

struct StudentKeys {
  std::string activation = {};
  std::int64_t neurons = 0;
  SecondLayer second_layer = {};
  DrawnOnceOr second_layer_draw = DrawnOnceOr::once;
  OutputScale output_scale = OutputScale::none;
  bool train_second_layer = false;
};
template <>
const Schema& schema<StudentKeys>();

enum class StartKind { given, random };
template <>
struct Names<StartKind> {
  static constexpr std::pair<StartKind, std::string_view> all[] = {{StartKind::given, "given"},
                                                                   {StartKind::random, "random"}};
};

struct StartKeys {
  StartKind kind = StartKind::given;
  Eigen::MatrixXd M = {};
  Eigen::MatrixXd Q = {};
};
template <>
const Schema& schema<StartKeys>();

/// "all", "log N", "linear N", or numbers.
struct OutputTimes {
  std::vector<double> numbers = {};
  std::string rule = {};
};

struct OutputKeys {
  OutputTimes times = {};
  bool kernels = false;
  bool runs = false;
  bool align = false;
  Eigen::MatrixXd directions = {};
  std::vector<std::string> quantities = {};
  std::vector<std::string> statistics = {};
};
template <>
const Schema& schema<OutputKeys>();

/// Keys of [training] that every algorithm has.
struct TrainingKeys {
  std::string algorithm = "gradient_descent";
  std::string loss = "square";
};
template <>
const Schema& schema<TrainingKeys>();

/// Keys of the experiment, dotted, with other values.
struct ChangedKeys {
  std::vector<ValueMember> members = {};
};

/// Keys of every [[curve]]; the engine where its method has several.
struct CurveKeys {
  std::string name = {};
  std::string method = {};
  std::string engine = {};
  ChangedKeys set = {};
  std::vector<std::string> unset = {};

  bool has_own_settings() const { return !set.members.empty() || !unset.empty(); }
};
template <>
const Schema& schema<CurveKeys>();

/// Where time is not counted in steps.
struct DurationKey {
  double duration = 0;
};
template <>
const Schema& schema<DurationKey>();

}  // namespace reprise
