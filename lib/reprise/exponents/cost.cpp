#include "reprise/exponents/cost.hpp"

#include <algorithm>

#include "reprise/core/check.hpp"

namespace reprise {

SampleCost sgd_samples(int order) {
  check_at_least("samples", "order", order, 1);
  return {order <= 2 ? 1.0 : order - 1.0, order == 2};
}

SampleCost best_samples(int order) {
  check_at_least("samples", "order", order, 1);
  return {std::max(1.0, 0.5 * order), false};
}

std::optional<double> best_batch_power(int order) {
  check_at_least("batch size", "order", order, 1);
  if (order == 1) return std::nullopt;
  return 0.5 * order;
}

double steps_power(int order, double mu) {
  check_at_least("steps", "order", order, 1);
  return std::max({order - 1 - mu, 0.5 * order - 1, 0.0});
}

}  // namespace reprise
