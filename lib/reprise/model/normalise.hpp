// What training does to the norm of the weights.
#pragma once

#include <string_view>
#include <utility>

#include "reprise/core/described.hpp"

namespace reprise {

/// What happens to the rows of W after a step. The sphere is |w_j|^2 = d, Q_jj = 1, for every
/// algorithm and method; where the start is not on it, it is moved there before the first step.
enum class Normalise {
  none,
  projected,  ///< each row is divided by sqrt(Q_jj)
  spherical,  ///< the gradient of each row loses its part along the row first; then as projected
};

template <>
struct Names<Normalise> {
  static constexpr std::pair<Normalise, std::string_view> all[] = {
      {Normalise::none, "none"},
      {Normalise::projected, "projected"},
      {Normalise::spherical, "spherical"}};
};

}  // namespace reprise
