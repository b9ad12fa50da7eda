// The names of the adaptive integrators.
#pragma once

#include <string_view>
#include <utility>

#include "reprise/core/described.hpp"

namespace reprise {

/// Controlled steppers, with their orders. Where the Jacobian has no closed form the stiff ones
/// take it by differences, at twice as many right-hand sides a step as there are numbers.
enum class Integrator {
  dormand_prince_5_4,
  cash_karp_5_4,
  fehlberg_7_8,
  rosenbrock_4_3,  ///< stiff (Shampine1982), A-stable
  rodas_4_3,       ///< stiff (HairerWanner1996), L-stable: fast modes may die out within a step
};
template <>
struct Names<Integrator> {
  static constexpr std::pair<Integrator, std::string_view> all[] = {
      {Integrator::dormand_prince_5_4, "dormand_prince_5_4"},
      {Integrator::cash_karp_5_4, "cash_karp_5_4"},
      {Integrator::fehlberg_7_8, "fehlberg_7_8"},
      {Integrator::rosenbrock_4_3, "rosenbrock_4_3"},
      {Integrator::rodas_4_3, "rodas_4_3"}};
};

}  // namespace reprise
