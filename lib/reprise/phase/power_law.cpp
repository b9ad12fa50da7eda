#include "reprise/phase/power_law.hpp"

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"

namespace reprise {

PowerLaw fit_power_law(const std::vector<FitPoint>& points) {
  check_at_least("fit", "points", static_cast<std::int64_t>(points.size()), 2);
  bool has_errors = true;
  for (const FitPoint& point : points) {
    check_positive("fit", "x", point.x);
    check_positive("fit", "y", point.y);
    has_errors &= point.error > 0 && std::isfinite(point.error);
  }
  const auto weight = [&](const FitPoint& point) {
    return has_errors ? std::pow(point.y / point.error, 2) : 1.0;
  };
  double total = 0, mean_x = 0, mean_y = 0;
  for (const FitPoint& point : points) {
    total += weight(point);
    mean_x += weight(point) * std::log(point.x);
    mean_y += weight(point) * std::log(point.y);
  }
  mean_x /= total;
  mean_y /= total;
  double xx = 0, xy = 0;
  for (const FitPoint& point : points) {
    const double x = std::log(point.x) - mean_x;
    xx += weight(point) * x * x;
    xy += weight(point) * x * (std::log(point.y) - mean_y);
  }
  if (!(xx > 1e-20 * total)) throw InputError("fit: the points must have two or more different x");
  PowerLaw law{.exponent = xy / xx, .n_points = static_cast<int>(points.size())};
  law.prefactor = std::exp(mean_y - law.exponent * mean_x);
  double squares = 0;
  for (const FitPoint& point : points) {
    const double residual =
        std::log(point.y) - mean_y - law.exponent * (std::log(point.x) - mean_x);
    squares += weight(point) * residual * residual;
  }
  const int freedom = law.n_points - 2;
  if (!has_errors) {
    law.error =
        freedom > 0 ? std::sqrt(squares / freedom / xx) : std::numeric_limits<double>::quiet_NaN();
    return law;
  }
  law.error = 1 / std::sqrt(xx);
  if (freedom > 0) {
    law.chi_squared = squares;
    law.p_value = boost::math::gamma_q(freedom / 2.0, squares / 2);
    law.error *= std::sqrt(std::max(1.0, squares / freedom));
  }
  return law;
}

}  // namespace reprise
