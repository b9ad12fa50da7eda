// Facts of fields that several option structs have: how many runs, of which dimension, how exact.
#pragma once

#include <cstdint>
#include <string_view>

#include "reprise/core/schema.hpp"

namespace reprise {

/// d of a simulation or a recursion, whole.
inline Facts dimension_facts(std::int64_t least, std::int64_t most,
                             std::string_view meaning = "Of the inputs") {
  return {.key = "dimension",
          .symbol = "d",
          .range = integers_from(least, most),
          .is_required = true,
          .meaning = meaning,
          .aliases = "d n_features"};
}

inline Facts runs_facts() {
  return {.key = "runs",
          .range = integers_from(1, 100'000'000),
          .meaning = "Independent ones, whose spread is the standard error",
          .aliases = "n_runs repetitions seeds"};
}

inline Facts rtol_facts() {
  return {.key = "rtol",
          .range = above(0),
          .meaning = "Relative error allowed in a step",
          .aliases = "tolerance tol"};
}

/// Of a theory that takes moments on points where these have no closed form.
inline Facts scrambles_facts() {
  return {.key = "scrambles",
          .range = integers_from(2, 4096),
          .meaning =
              "Independent point sets, where there are points, whose spread is the standard "
              "error"};
}

inline Facts starts_facts() {
  return {.key = "starts",
          .range = integers_from(1, 1'000'000),
          .meaning = "Runs from random starts, where the problem has them"};
}

}  // namespace reprise
