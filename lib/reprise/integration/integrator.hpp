// The names of the adaptive integrators.
#pragma once

#include <string_view>
#include <utility>

#include "reprise/core/described.hpp"

namespace reprise {

/// Controlled steppers, with their orders; the first is the default.
enum class Integrator {
  dormand_prince_5_4,
  cash_karp_5_4,
  fehlberg_7_8,
  rosenbrock_4_3,  ///< stiff (Shampine1982); Jacobian by differences, O(p^2 + p k) right-hand sides
                   ///< a step
};
template <>
struct Names<Integrator> {
  static constexpr std::pair<Integrator, std::string_view> all[] = {
      {Integrator::dormand_prince_5_4, "dormand_prince_5_4"},
      {Integrator::cash_karp_5_4, "cash_karp_5_4"},
      {Integrator::fehlberg_7_8, "fehlberg_7_8"},
      {Integrator::rosenbrock_4_3, "rosenbrock_4_3"}};
};

}  // namespace reprise
