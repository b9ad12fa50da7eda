#include "reprise/gaussian/hermite_series.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>
#include <span>
#include <string>
#include <vector>

#include "reprise/core/check.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

constexpr double reach = 20;   // |x| beyond has a density below 1e-87
constexpr double panel = 0.5;  // the width that adaptive bisection starts from
constexpr int most_halvings = 50;
constexpr double negligible = 1e-14;
constexpr int highest_degree = 2000;

// E[f(x) h_k(x)], k = 0..K, and at last E f^2.
class HermiteIntegral {
 public:
  HermiteIntegral(const std::function<double(double x)>& f, int degree) : f_(f), k_(degree) {}

  void run() {
    total_ = VectorXd::Zero(k_ + 2);
    const int n_panels = static_cast<int>(2 * reach / panel);
    for (int i = 0; i < n_panels; ++i) {
      const double low = -reach + panel * i;
      refine(low, low + panel, integral(low, low + panel), most_halvings);
    }
    const double ends =
        integral(-reach, panel - reach)[k_ + 1] + integral(reach - panel, reach)[k_ + 1];
    has_finite_norm_ = total_.allFinite() && ends <= 1e-12 * total_[k_ + 1];
  }
  const VectorXd& total() const { return total_; }
  double error() const { return error_; }
  bool has_finite_norm() const { return has_finite_norm_; }

 private:
  using Rule = boost::math::quadrature::gauss<double, 20>;

  VectorXd integral(double low, double high) const {
    VectorXd sum = VectorXd::Zero(k_ + 2);
    const double middle = 0.5 * (low + high), half = 0.5 * (high - low);
    for (std::size_t i = 0; i < Rule::abscissa().size(); ++i) {
      const double weight = half * Rule::weights()[i];
      add(middle + half * Rule::abscissa()[i], weight, sum);
      add(middle - half * Rule::abscissa()[i], weight, sum);
    }
    return sum;
  }
  void add(double x, double weight, VectorXd& sum) const {
    const double value = f_(x);
    const double density =
        weight * std::exp(-0.5 * x * x) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    double previous = 0, here = 1;
    for (int k = 0; k <= k_; ++k) {
      sum[k] += density * value * here;
      const double next = (x * here - std::sqrt(double(k)) * previous) / std::sqrt(double(k + 1));
      previous = here;
      here = next;
    }
    sum[k_ + 1] += density * value * value;
  }
  void refine(double low, double high, const VectorXd& whole, int halvings) {
    const double middle = 0.5 * (low + high);
    const VectorXd left = integral(low, middle), right = integral(middle, high);
    const double difference = (whole - left - right).lpNorm<Eigen::Infinity>();
    const double size = 1e-16 * std::max(1.0, total_.lpNorm<Eigen::Infinity>());
    if (halvings == 0 || !(difference > size)) {  // a NaN has its say at the end
      total_ += left + right;
      error_ += difference;
      return;
    }
    refine(low, middle, left, halvings - 1);
    refine(middle, high, right, halvings - 1);
  }

  const std::function<double(double x)>& f_;
  int k_;
  VectorXd total_;
  double error_ = 0;
  bool has_finite_norm_ = false;
};

void check_degree(int max_degree) {
  if (max_degree >= 0 && max_degree <= highest_degree) return;
  reject("hermite_series", "max_degree", "0 to " + std::to_string(highest_degree), max_degree);
}

// Whether a polynomial's coefficients are summed: k! and its monomials stay in range.
bool is_exact(int degree, int max_degree) { return degree <= std::min(max_degree, 100); }

// The first coefficients that leave a tail of next to nothing.
HermiteSeries shortened(const VectorXd& coefficients, double squared_norm) {
  HermiteSeries series{.coefficients = {}, .squared_norm = squared_norm};
  Index size = 0;
  series.tail = squared_norm;
  while (size < coefficients.size() && (size == 0 || series.tail > negligible * squared_norm)) {
    series.tail = std::max(series.tail - coefficients[size] * coefficients[size], 0.0);
    ++size;
  }
  series.coefficients = coefficients.head(size);
  return series;
}

// monomial[m] x^m, normalised: He_k = sqrt(k!) h_k.
HermiteSeries polynomial_series(std::span<const double> monomial) {
  const std::vector<double> hermite = monomial_to_hermite(monomial);
  HermiteSeries series;
  series.coefficients.resize(static_cast<Index>(hermite.size()));
  for (std::size_t k = 0; k < hermite.size(); ++k) {
    series.coefficients[static_cast<Index>(k)] =
        hermite[k] * std::sqrt(factorial(static_cast<int>(k)));
  }
  series.squared_norm = series.coefficients.squaredNorm();
  return series;
}

}  // namespace

HermiteSeries hermite_series(const std::function<double(double x)>& f, int max_degree) {
  check_degree(max_degree);
  HermiteIntegral integral(f, max_degree);
  integral.run();
  if (!integral.has_finite_norm()) {
    reject("hermite_series", "function", "finite, and of finite mean square under a normal",
           integral.total()[max_degree + 1]);
  }
  VectorXd coefficients = integral.total().head(max_degree + 1);
  const double norm = std::sqrt(integral.total()[max_degree + 1]);
  const double error = std::max(integral.error(), 1e-15 * norm);
  for (double& coefficient : coefficients) {
    if (std::abs(coefficient) < 10 * error) coefficient = 0;
  }
  HermiteSeries series = shortened(coefficients, norm * norm);
  series.error = error;
  return series;
}

HermiteSeries hermite_series(const Activation& activation, int max_degree) {
  check_degree(max_degree);
  const auto monomial = activation.polynomial();
  if (monomial && is_exact(static_cast<int>(monomial->size()) - 1, max_degree)) {
    return polynomial_series(*monomial);
  }
  return hermite_series([&](double x) { return activation.value(x); }, max_degree);
}

HermiteSeries hermite_series(const Expression& g, int max_degree) {
  check_degree(max_degree);
  if (g.n_variables() > 1) {
    reject("hermite_series", "target", "a function of z1 alone", std::string_view(g.text()));
  }
  const auto polynomial = g.as_polynomial();
  if (polynomial && is_exact(polynomial->degree(), max_degree)) {
    std::vector<double> monomial(static_cast<std::size_t>(polynomial->degree()) + 1, 0.0);
    for (const auto& [exponents, coefficient] : polynomial->terms()) {
      const int power = exponents.empty() ? 0 : exponents.front();
      monomial[static_cast<std::size_t>(power)] = coefficient;
    }
    return polynomial_series(monomial);
  }
  return hermite_series([&](double x) { return g(std::span<const double>(&x, 1)); }, max_degree);
}

HermiteSeries hermite_series(const TargetFunction& g, int max_degree) {
  if (g.expression() != nullptr) return hermite_series(*g.expression(), max_degree);
  return hermite_series([&g](double x) { return g(std::span<const double>(&x, 1)); }, max_degree);
}

}  // namespace reprise
