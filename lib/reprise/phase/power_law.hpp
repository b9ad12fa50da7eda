// Scaling exponents: straight lines through logarithms.
#pragma once

#include <vector>

namespace reprise {

/// A measured point; error 0: not known.
struct FitPoint {
  double x = 0;
  double y = 0;
  double error = 0;
};

/// y = prefactor x^exponent.
struct PowerLaw {
  double exponent = 0;
  double error = 0;  ///< standard error of the exponent
  double prefactor = 0;
  int n_points = 0;
  double chi_squared = 0;  ///< of n_points - 2 degrees of freedom; 0 where errors are not known
  double p_value = 1;      ///< of that or a larger one; 1 where errors are not known
};

/// Least squares of log y against log x, weighted by (error / y)^-2.
///
/// Where every point has an error, the exponent's follows from them, times
/// sqrt(chi^2 / (n - 2)) where that is above one: points that scatter more than they should make
/// it larger, never smaller. Where one has none, weights are equal and the residuals give the
/// error. Two points have an error only from theirs (else NaN).
///
/// Throws InputError for fewer than 2 points, x or y that are not finite and > 0, or one x.
PowerLaw fit_power_law(const std::vector<FitPoint>& points);

}  // namespace reprise
