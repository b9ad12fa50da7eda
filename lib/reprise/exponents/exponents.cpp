#include "reprise/exponents/exponents.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>

#include "reprise/core/check.hpp"
#include "reprise/exponents/dependence.hpp"
#include "reprise/exponents/equivalent_label.hpp"
#include "reprise/exponents/label_functions.hpp"
#include "reprise/exponents/moment_estimation.hpp"

namespace reprise {

namespace {

// A direction known up to an angle may look relevant by about that angle.
bool is_dependent(double dependence, double angle) {
  return dependence > std::min(1e-6 + 20 * angle, 0.05);
}

std::optional<int> leap_of(const Staircase& staircase) {
  if (!staircase.is_decided()) return std::nullopt;
  return staircase.leap();
}

// Zeros of the first stage decide alpha_c: which orders were excluded there?
RecoveryKind recovery_kind(const Staircase& statistical) {
  const int first = statistical.stages.empty() ? std::numeric_limits<int>::max()
                                               : statistical.stages.front().order;
  for (const auto& zero : statistical.zeros) {
    if (zero.stage == 0 && zero.order <= 2 && !zero.is_decided) return RecoveryKind::undecided;
  }
  if (first == 1) return RecoveryKind::zero;
  return first == 2 ? RecoveryKind::finite : RecoveryKind::infinite;
}

}  // namespace

int default_max_order(int n_directions) {
  constexpr int orders[] = {16, 12, 10, 8, 8, 8, 6, 6};
  return orders[n_directions - 1];
}

void check(const ExponentOptions& options) {
  constexpr const char* where = "exponents";
  check_at_least(where, "effort", options.effort, 1);
  if (options.effort > 6) reject(where, "effort", "at most 6", options.effort);
  check_at_least(where, "max_order", options.max_order, 0);
  if (options.max_order > 20) reject(where, "max_order", "at most 20", options.max_order);
  if (options.log2_points != 0 && (options.log2_points < 4 || options.log2_points > 24)) {
    reject(where, "log2_points", "0 or 4..24", options.log2_points);
  }
  check_positive(where, "tolerance", options.tolerance);
}

EstimationOptions moment_options(const ExponentTarget& target, const ExponentOptions& options) {
  const int usual = target.n_directions() <= 2 ? 13 : 14;
  const int base = options.log2_points == 0 ? usual : options.log2_points;
  return {.log2_points = base + 2 * (options.effort - 1),
          .scrambles = 32,
          .seed = options.seed,
          .threads = options.threads};
}

int n_label_functions(const ExponentOptions& options) {
  return std::min(options.n_cosines + 6 * (options.effort - 1), LabelFunctions::max_cosines);
}

StaircaseOptions staircase_options(const ExponentOptions& options) {
  return {.tolerance = options.tolerance};
}

std::vector<QueryFunctions> queries_of(const LabelFunctions& family, int first,
                                       const std::vector<bool>& allowed_degrees) {
  constexpr std::size_t max_tail_degree = 4;
  std::vector<bool> tails(max_tail_degree + 1, true);
  for (std::size_t n = 0; n < tails.size() && !allowed_degrees.empty(); ++n) {
    tails[n] = n < allowed_degrees.size() && allowed_degrees[n];
  }
  return {{first, family.n_bulk(), 1, false, allowed_degrees},
          {first + family.n_bulk(), family.size() - family.n_bulk(), 1, false, tails}};
}

double label_scale(const std::optional<HermiteMoments>& exact, const LabelRanks& ranks) {
  if (!exact) return ranks.standard_deviation();
  double norm = 0;
  for (int i = 1; i < exact->indices().size(); ++i) norm = std::hypot(norm, exact->mean(i, 0));
  return norm;
}

Dependence dependence_of(const ExponentTarget& target, const LabelRanks& ranks) {
  return [&target, &ranks](const Eigen::MatrixXd& directions, double angle) {
    return is_dependent(dependence_on(target, ranks, directions), angle);
  };
}

std::optional<int> Exponents::leap() const { return leap_of(correlational); }
std::optional<int> Exponents::generative_leap() const { return leap_of(statistical); }

std::optional<double> Exponents::alpha_c() const {
  switch (recovery) {
    case RecoveryKind::zero:
      return 0;
    case RecoveryKind::finite:
      return recovery_rate->alpha_c();
    case RecoveryKind::infinite:
      return std::numeric_limits<double>::infinity();
    case RecoveryKind::undecided:
      break;
  }
  return std::nullopt;
}

Exponents find_exponents(const ExponentTarget& target, const ExponentOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check(target);
  check(options);
  Exponents result;
  result.expression = target.g.name();
  result.n_directions = target.n_directions();
  result.tolerance = options.tolerance;
  const LabelRanks ranks(target);
  // Statistical queries see what the label tells, without functions that round it to one value.
  const ExponentTarget told = equivalent_label(target);
  const LabelRanks told_ranks(told);
  result.label_standard_deviation = ranks.standard_deviation();
  const int k = target.n_directions();
  const int max_order = options.max_order == 0 ? default_max_order(k) : options.max_order;
  const auto depends = dependence_of(told, told_ranks);
  if (!(ranks.standard_deviation() > 0) || !depends(Eigen::MatrixXd::Identity(k, k), 0)) {
    for (Staircase* staircase : {&result.correlational, &result.statistical}) {
      staircase->never_reached.resize(k, 0);
      staircase->undecided.resize(k, 0);
      staircase->irrelevant = Eigen::MatrixXd::Identity(k, k);
    }
    return result;
  }

  const std::vector<LabelFunctions> families{
      {told_ranks, n_label_functions(options), LabelParity::any}};
  const auto integration = moment_options(target, options);
  const auto exact = exact_moments(target, max_order);
  auto moments = estimate_moments(target, ranks.mean(), told, families, max_order, integration);
  const auto stairs = staircase_options(options);
  result.is_correlational_exact = exact.has_value();
  const double deviation = label_scale(exact, ranks);
  result.correlational =
      find_staircase(exact ? *exact : moments, {{0, 1, deviation}}, depends, stairs);
  result.label_weights = hermite_weights(exact ? *exact : moments, 0, 1, deviation);
  result.statistical_weights = hermite_weights(moments, 1, families.front().n_bulk(), 1);
  // y itself is a query too: it decides where it is known better than its bounded functions.
  auto queries = queries_of(families.front(), 1);
  queries.push_back({0, 1, ranks.standard_deviation(), true});
  result.statistical = find_staircase(std::move(moments), queries, depends, stairs);
  result.recovery = recovery_kind(result.statistical);
  if (result.recovery == RecoveryKind::finite) {
    auto bins = integration;  // second moments alone are cheap, and the bins share the points
    bins.log2_points += 2;
    result.recovery_rate = recovery_rate(target, bins);
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  result.wall_time_s = elapsed.count();
  return result;
}

ConditionalMoments first_conditional_moments(const ExponentTarget& target,
                                             const Exponents& exponents,
                                             const ExponentOptions& options) {
  const auto& stages = exponents.statistical.stages;
  const Eigen::VectorXd direction =
      stages.empty() ? Eigen::VectorXd(Eigen::VectorXd::Unit(target.n_directions(), 0))
                     : Eigen::VectorXd(stages.front().directions.col(0));
  return conditional_moments(target, LabelRanks(target), direction, 100,
                             moment_options(target, options));
}

}  // namespace reprise
