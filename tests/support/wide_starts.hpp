// Starts and readings of wide networks that several tests share.
#pragma once

#include <algorithm>
#include <limits>
#include <string>

#include "reprise/core/solution.hpp"
#include "reprise/wide_flow/wide_flow.hpp"

namespace reprise::test {

/// sigma = (.4, 1, 1, 1), phi = (.3, 1, .8, .7), eight neurons.
inline WideStart set_a() {
  return {.sigma = Eigen::VectorXd{{0.4, 1, 1, 1}},
          .phi = Eigen::VectorXd{{0.3, 1, 0.8, 0.7}},
          .a = Eigen::VectorXd{{-1.4, -1, -0.6, -0.2, 0.2, 0.6, 1, 1.4}},
          .s = Eigen::VectorXd::Zero(8)};
}

/// When an event happened; NaN if it did not.
inline double time_of(const Solution& solution, const std::string& name) {
  const auto found = std::ranges::find(solution.events, name, &Event::name);
  return found == solution.events.end() ? std::numeric_limits<double>::quiet_NaN() : found->time;
}

/// When the residual of a degree had fallen to half of it.
inline double passage(const Solution& solution, int degree) {
  return time_of(solution, "residual " + std::to_string(degree) + " half");
}

inline double risk(const Solution& solution, std::size_t t) {
  return solution.value("generalisation_error", t)(0, 0);
}

}  // namespace reprise::test
