#include "reprise/exponents/reach.hpp"

#include <algorithm>
#include <array>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <numbers>

#include "reprise/exponents/equivalent_label.hpp"
#include "reprise/exponents/label_functions.hpp"
#include "reprise/exponents/moment_estimation.hpp"
#include "reprise/model/hermite.hpp"

namespace reprise {

namespace {

constexpr double zero_tolerance = 1e-8;  // relative to E[sigma^2]^(1/2); kinks lie at 0, a node

// E[sigma(s xi) h_n(xi)] for n = 0..max_degree, by Gauss-Legendre on unit intervals of [-12, 12].
std::vector<double> hermite_coefficients(const Activation& activation, double s, int max_degree) {
  const auto& abscissa = boost::math::quadrature::gauss<double, 20>::abscissa();
  const auto& weight = boost::math::quadrature::gauss<double, 20>::weights();
  std::vector<double> result(static_cast<std::size_t>(max_degree) + 1, 0.0);
  for (int cell = -12; cell < 12; ++cell) {
    for (std::size_t node = 0; node < 2 * abscissa.size(); ++node) {
      const double offset = abscissa[node / 2] * (node % 2 == 0 ? 1 : -1);
      const double x = cell + 0.5 + 0.5 * offset;
      const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
      const double value = 0.5 * weight[node / 2] * density * activation.value(s * x);
      for (int n = 0; n <= max_degree; ++n) {
        result[static_cast<std::size_t>(n)] +=
            value * hermite(n, x) / std::sqrt(std::tgamma(n + 1.0));
      }
    }
  }
  return result;
}

std::vector<bool> degrees_of(const Activation& activation, int max_degree) {
  std::vector<bool> has(static_cast<std::size_t>(max_degree) + 1, false);
  for (const double s : {0.8, 1.0, 1.3}) {  // a coefficient may vanish at one variance: He3 at 1
    const auto coefficients = hermite_coefficients(activation, s, max_degree);
    double size = 0;
    for (double c : coefficients) size = std::hypot(size, c);
    for (std::size_t n = 0; n < has.size(); ++n) {
      has[n] = has[n] || std::abs(coefficients[n]) > zero_tolerance * size;
    }
  }
  return has;
}

struct Shape {
  bool is_even = true;
  bool is_odd = true;
  bool is_odd_about_constant = true;  // sigma(x) + sigma(-x) does not depend on x
  bool is_affine = true;
};

Shape shape_of(const Activation& activation) {
  Shape shape;
  const double constant = 2 * activation.value(0);
  const double slope = activation.value(1) - activation.value(0);
  for (int i = 1; i <= 40; ++i) {
    const double x = 0.1137 * i;
    const double plus = activation.value(x);
    const double minus = activation.value(-x);
    const double rounding = 1e-11 * (1 + std::abs(plus) + std::abs(minus));
    shape.is_even &= std::abs(plus - minus) < rounding;
    shape.is_odd &= std::abs(plus + minus) < rounding;
    shape.is_odd_about_constant &= std::abs(plus + minus - constant) < rounding;
    shape.is_affine &= std::abs(plus - 0.5 * constant - slope * x) < rounding &&
                       std::abs(minus - 0.5 * constant + slope * x) < rounding;
  }
  return shape;
}

// Degrees n = 0..max_degree for which `keep` holds.
template <class Predicate>
std::vector<bool> degrees(int max_degree, Predicate keep) {
  std::vector<bool> result;
  for (int n = 0; n <= max_degree; ++n) result.push_back(keep(n));
  return result;
}

}  // namespace

StudentQueries student_queries(const Activation& activation, const Loss& loss, int max_degree) {
  StudentQueries queries;
  queries.activation = activation.name();
  queries.loss = loss.name();
  queries.has_degree = degrees_of(activation, max_degree);
  const Shape shape = shape_of(activation);
  const bool is_correlation = loss.slope_kind() == LossSlope::label;
  queries.is_linear = shape.is_affine;
  queries.is_linear_in_label = loss.slope_kind() != LossSlope::other;
  if (shape.is_even) {
    queries.symmetry = QuerySymmetry::even;
  } else if ((shape.is_odd && loss.is_symmetric()) ||
             (is_correlation && shape.is_odd_about_constant)) {
    queries.symmetry = QuerySymmetry::odd;  // the correlation loss only sees sigma'
  }
  const auto polynomial = activation.polynomial();
  const bool is_quadratic = polynomial && polynomial->size() <= 3;
  queries.max_reuse_degree = is_correlation && is_quadratic ? 2 : max_degree;
  return queries;
}

Reach find_reach(const ExponentTarget& target, const Activation& activation, const Loss& loss,
                 const ExponentOptions& options) {
  check(target);
  check(options);
  const int k = target.n_directions();
  const int max_order = options.max_order == 0 ? default_max_order(k) : options.max_order;
  const auto exact = exact_moments(target, max_order);
  Reach reach;
  reach.queries = student_queries(activation, loss,
                                  std::max(max_order, exact ? exact->indices().max_degree() : 0));
  const StudentQueries& queries = reach.queries;
  const LabelRanks ranks(target);
  const bool is_odd = queries.symmetry == QuerySymmetry::odd;
  const ExponentTarget told = equivalent_label(target, is_odd ? OneToOne::odd : OneToOne::any);
  const LabelRanks told_ranks(told);
  const auto depends = dependence_of(told, told_ranks);
  if (!(ranks.standard_deviation() > 0)) {
    for (Staircase* staircase : {&reach.one_pass, &reach.reuse}) {
      staircase->never_reached.resize(k, 0);
      staircase->undecided.resize(k, 0);
      staircase->irrelevant = Eigen::MatrixXd::Identity(k, k);
    }
    return reach;
  }

  std::vector<LabelFunctions> families;
  if (is_odd) families.emplace_back(told_ranks, n_label_functions(options), LabelParity::even);
  families.emplace_back(told_ranks, n_label_functions(options),
                        is_odd ? LabelParity::odd : LabelParity::any);
  const auto moments = estimate_moments(target, ranks.mean(), told, families, max_order,
                                        moment_options(target, options));

  const auto in_reuse = [&](int parity) {
    return degrees(max_order, [&](int n) {
      return n <= queries.max_reuse_degree && (parity < 0 || n % 2 == parity);
    });
  };
  std::vector<QueryFunctions> functions;
  int first = 1;
  for (std::size_t f = 0; f < families.size(); ++f) {
    const int parity =
        is_odd ? static_cast<int>(f) : (queries.symmetry == QuerySymmetry::even ? 0 : -1);
    for (auto& query : queries_of(families[f], first, in_reuse(parity))) functions.push_back(query);
    if (f + 1 == families.size()) {  // y itself is odd
      functions.push_back({0, 1, ranks.standard_deviation(), true, in_reuse(parity)});
    }
    first += families[f].size();
  }
  const auto stairs = staircase_options(options);
  const QueryFunctions label{0, 1, label_scale(exact, ranks), false, queries.has_degree};
  const auto one_pass_linear = [&] {
    return find_staircase(exact ? *exact : moments, {label}, depends, stairs);
  };
  const bool sees_mean_alone = queries.is_linear && queries.is_linear_in_label;
  reach.reuse =
      sees_mean_alone ? one_pass_linear() : find_staircase(moments, functions, depends, stairs);
  reach.one_pass = queries.is_linear_in_label ? one_pass_linear() : reach.reuse;
  return reach;
}

}  // namespace reprise
