#include "reprise/core/comparison.hpp"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>
#include <sstream>

#include "reprise/core/quantity.hpp"

namespace reprise {

namespace {

using Eigen::Index;
using Eigen::VectorXd;

/// Two series of one quantity and the rows of a step that both have.
struct SharedRow {
  const Series& a;
  const Series& b;
  Index row_a = 0;
  Index row_b = 0;
  std::size_t time_index = 0;  // of the first curve
};

std::vector<SharedRow> shared_rows(const Solution& first, const Solution& second,
                                   std::string_view quantity) {
  std::vector<SharedRow> rows;
  const Series* a = first.find(quantity);
  const Series* b = second.find(quantity);
  if (a == nullptr || b == nullptr || a->n_entries() != b->n_entries()) return rows;
  for (Index row = 0; row < a->n_times(); ++row) {
    const auto index = static_cast<std::size_t>(row);
    const Index other = find_time(second, first.time[index]);
    if (other >= 0 && other < b->n_times()) rows.push_back({*a, *b, row, other, index});
  }
  return rows;
}

/// Of a symmetric quantity one of two equal entries.
bool is_compared(const Series& series, Index entry) {
  const QuantityRow* row = find_quantity(series.quantity);
  return row == nullptr || !row->is_symmetric || entry / series.cols <= entry % series.cols;
}

/// What a difference of standard normal size may reach: Student's t with one degree of freedom less
/// than the replicas; the normal quantile where there are none, so that the error is known.
double allowed(std::int64_t replicas, double rate) {
  if (replicas < 2) {
    return boost::math::quantile(boost::math::complement(boost::math::normal(), rate / 2));
  }
  const boost::math::students_t distribution(static_cast<double>(replicas - 1));
  return boost::math::quantile(boost::math::complement(distribution, rate / 2));
}

/// A curve of one run has a mean, but nothing says how far from the truth it is.
bool has_unknown_error(const Solution& solution) {
  return solution.cost.replicas == 1 ||
         (solution.cost.replicas > 1 &&
          std::none_of(solution.series.begin(), solution.series.end(),
                       [](const Series& s) { return s.has_standard_error(); }));
}

/// The size of a quantity at one time, at least 1.
double scale_of(const Series& a, const Series& b, Index row_a, Index row_b) {
  return std::max(
      {1.0, a.value.row(row_a).cwiseAbs().maxCoeff(), b.value.row(row_b).cwiseAbs().maxCoeff()});
}

/// One number of one curve.
struct Estimate {
  double value = 0;
  double error = 0;
  double largest_share = 0;  // of one replica in the sum of squared deviations; 0: not known
};

/// One number of both.
struct Pair {
  Estimate a, b;
  double scale = 1;
  std::string quantity;
  Index i = 0, j = 0;  // from 1
  std::size_t time_index = 0;
};

double largest_share(const Eigen::Ref<const VectorXd>& values) {
  const Eigen::ArrayXd squares = (values.array() - values.mean()).square();
  return squares.maxCoeff() / squares.sum();
}

/// The share beyond which a replica of n dominates.
double dominant_share(std::int64_t replicas, double rate) {
  if (replicas < 3) return 1;
  const auto n = static_cast<double>(replicas);
  const boost::math::students_t distribution(n - 2);
  const double t = boost::math::quantile(boost::math::complement(distribution, rate / (2 * n)));
  return std::max(0.5, (n - 1) / n * t * t / (n - 2 + t * t));
}

VectorXd replicas_of(const Solution& solution, Index column, Index row) {
  VectorXd values(static_cast<Index>(solution.replicas.size()));
  for (Index r = 0; r < values.size(); ++r) {
    values[r] = solution.replicas[static_cast<std::size_t>(r)](row, column);
  }
  return values;
}

Estimate estimate(const Solution& solution, const Series& series, Index row, Index entry) {
  Estimate result{.value = series.value(row, entry)};
  if (!series.has_standard_error()) return result;
  result.error = series.standard_error(row, entry);
  if (!solution.replicas.empty()) {
    result.largest_share =
        largest_share(replicas_of(solution, solution.first_column(series.quantity) + entry, row));
  }
  return result;
}

Estimate estimate(const VectorXd& replicas) {
  Estimate result{.value = replicas.mean()};
  const auto n = static_cast<double>(replicas.size());
  if (n < 2) return result;
  result.error = std::sqrt((replicas.array() - result.value).square().sum() / (n * (n - 1)));
  result.largest_share = largest_share(replicas);
  return result;
}

Pair plain_pair(const Solution& first, const Solution& second, const SharedRow& row, Index entry) {
  const Index cols = std::max<Index>(row.a.cols, 1);
  return {.a = estimate(first, row.a, row.row_a, entry),
          .b = estimate(second, row.b, row.row_b, entry),
          .scale = scale_of(row.a, row.b, row.row_a, row.row_b),
          .quantity = row.a.quantity,
          .i = row.a.is_scalar() ? 0 : entry / cols + first_index(row.a.quantity),
          .j = row.a.cols == 0 ? 0 : entry % cols + 1,
          .time_index = row.time_index};
}

/// An orbit of a curve at one time, split for each replica: (replicas) means over the entries, and
/// what is left of each, (replicas, entries). A curve without replicas has one, itself.
struct SplitOrbit {
  VectorXd mean;
  Eigen::MatrixXd rest;

  VectorXd energy() const {
    return rest.rowwise().squaredNorm() / static_cast<double>(rest.cols());
  }
};

SplitOrbit split(const Orbit& orbit, const Solution& solution, const Series& series, Index row) {
  const bool has_replicas = !solution.replicas.empty();
  const auto n = static_cast<Index>(has_replicas ? solution.replicas.size() : 1);
  const auto m = static_cast<Index>(orbit.entries.size());
  const Index column = has_replicas ? solution.first_column(series.quantity) : 0;
  SplitOrbit result{.mean = VectorXd::Zero(n), .rest = Eigen::MatrixXd(n, m)};
  for (Index r = 0; r < n; ++r) {
    for (Index e = 0; e < m; ++e) {
      const auto at = static_cast<std::size_t>(e);
      const Index entry = orbit.entries[at];
      const double value = has_replicas
                               ? solution.replicas[static_cast<std::size_t>(r)](row, column + entry)
                               : series.value(row, entry);
      result.rest(r, e) = orbit.signs[at] * value;
    }
    if (orbit.is_odd) continue;
    result.mean[r] = result.rest.row(r).mean();
    result.rest.row(r).array() -= result.mean[r];
  }
  return result;
}

bool has_replicas_it_needs(const Solution& solution) {
  return solution.cost.replicas < 2 || !solution.replicas.empty();
}

/// Below this a mean square is noise of order 1 / d.
double noise_floor(const StartSymmetry& symmetry, const Solution& first, std::size_t time_index) {
  constexpr double width = 25;  // five standard deviations d^-1/2
  const Series* Q = first.find("Q");
  double size = 1;
  if (Q != nullptr && static_cast<Index>(time_index) < Q->n_times()) {
    size = std::max(1.0, Q->value.row(static_cast<Index>(time_index)).cwiseAbs().maxCoeff());
  }
  return width * size / symmetry.dimension;
}

/// Whether runs have left the symmetric point, and not all to where the theory has.
bool is_broken_at_random(const Orbit& orbit, const StartSymmetry& symmetry, const Solution& first,
                         const Solution& second, const std::vector<SharedRow>& rows) {
  for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
    const double floor = noise_floor(symmetry, first, row->time_index);
    const SplitOrbit a = split(orbit, first, row->a, row->row_a);
    const SplitOrbit b = split(orbit, second, row->b, row->row_b);
    if (!(b.energy().mean() > floor)) continue;
    const VectorXd direction = a.rest.colwise().mean();
    return (b.rest * direction).minCoeff() <= 0;
  }
  return false;
}

/// What is compared, and what about it is to be said.
struct Plan {
  std::vector<Pair> pairs;
  bool is_broken = false;       // a symmetry, at random
  bool keeps_symmetry = false;  // the theory, where runs do not
};

std::string over_entries(const char* what, const Orbit& orbit) {
  return what + (" of " + orbit.quantity) + " over " + std::to_string(orbit.entries.size()) +
         " entries";
}

void add_orbit(const Orbit& orbit, const StartSymmetry& symmetry, const Solution& first,
               const Solution& second, const SharedRow& row, Plan& plan) {
  const SplitOrbit a = split(orbit, first, row.a, row.row_a);
  const SplitOrbit b = split(orbit, second, row.b, row.row_b);
  const VectorXd energy_a = a.energy(), energy_b = b.energy();
  const double floor = noise_floor(symmetry, first, row.time_index);
  const bool is_above = std::max(energy_a.mean(), energy_b.mean()) > floor;
  const Pair base{.a = {},
                  .b = {},
                  .scale = scale_of(row.a, row.b, row.row_a, row.row_b),
                  .quantity = "",
                  .time_index = row.time_index};
  if (!is_above && symmetry.start != StartSymmetry::Start::near) {
    for (const Index entry : orbit.entries) {
      if (is_compared(row.a, entry)) plan.pairs.push_back(plain_pair(first, second, row, entry));
    }
    return;
  }
  if (!orbit.is_odd) {
    Pair mean = base;
    mean.a = estimate(a.mean);
    mean.b = estimate(b.mean);
    mean.quantity = over_entries("mean", orbit);
    plan.pairs.push_back(std::move(mean));
  }
  if (!is_above) return;
  if (energy_a.maxCoeff() <= 1e-20 && symmetry.start == StartSymmetry::Start::exact) {
    plan.keeps_symmetry = true;
    return;
  }
  Pair energy = base;
  energy.a = estimate(energy_a);
  energy.b = estimate(energy_b);
  if (orbit.entries.size() == 1) {
    const Index cols = std::max<Index>(row.a.cols, 1);
    energy.quantity = orbit.quantity + "^2";
    energy.i = orbit.entries.front() / cols + 1;
    energy.j = row.a.cols == 0 ? 0 : orbit.entries.front() % cols + 1;
  } else {
    energy.quantity = over_entries(orbit.is_odd ? "mean square" : "variance", orbit);
  }
  plan.pairs.push_back(std::move(energy));
}

Plan plan_of(const Solution& first, const Solution& second,
             const std::optional<StartSymmetry>& symmetry) {
  Plan plan;
  const bool can_split = symmetry && has_replicas_it_needs(first) && has_replicas_it_needs(second);
  for (const QuantityRow& compared : quantity_rows()) {
    if (!compared.is_compared) continue;
    const std::string_view quantity = compared.name;
    const std::vector<SharedRow> rows = shared_rows(first, second, quantity);
    if (rows.empty()) continue;
    std::vector<const Orbit*> broken;
    std::vector<bool> is_covered(static_cast<std::size_t>(rows.front().a.n_entries()), false);
    for (std::size_t o = 0; can_split && o < symmetry->orbits.size(); ++o) {
      const Orbit& orbit = symmetry->orbits[o];
      if (orbit.quantity != quantity ||
          !is_broken_at_random(orbit, *symmetry, first, second, rows)) {
        continue;
      }
      broken.push_back(&orbit);
      for (const Index entry : orbit.entries) is_covered[static_cast<std::size_t>(entry)] = true;
    }
    plan.is_broken |= !broken.empty();
    for (const SharedRow& row : rows) {
      for (Index e = 0; e < row.a.n_entries(); ++e) {
        if (is_compared(row.a, e) && !is_covered[static_cast<std::size_t>(e)]) {
          plan.pairs.push_back(plain_pair(first, second, row, e));
        }
      }
      for (const Orbit* orbit : broken) add_orbit(*orbit, *symmetry, first, second, row, plan);
    }
  }
  return plan;
}

struct Difference {
  double z = 0;
  double allowed = 0;
};

Difference difference(const Pair& pair, double allowed_a, double allowed_b) {
  const double gap = std::abs(pair.a.value - pair.b.value);
  const double error = std::hypot(pair.a.error, pair.b.error);
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (!std::isfinite(gap + error)) return {infinite, allowed_a};
  if (!(error > 1e-12 * pair.scale)) return {gap <= 1e-9 * pair.scale ? 0 : infinite, allowed_a};
  const double share = (pair.a.error / error) * (pair.a.error / error);
  return {gap / error, share * allowed_a + (1 - share) * allowed_b};
}

/// Whether the larger of the two errors is known from enough replicas.
bool has_known_error(const Pair& pair, const Solution& first, const Solution& second) {
  if (pair.a.error == 0 && pair.b.error == 0) return true;
  const std::int64_t n = pair.a.error > pair.b.error ? first.cost.replicas : second.cost.replicas;
  return n == 0 || n >= fewest_replicas;
}

void keep_worst(const Solution& first, const Pair& pair, Difference found, Comparison& result) {
  const bool is_first = result.quantity.empty();
  if (!is_first && !(found.z * result.allowed_z > result.largest_z * found.allowed)) return;
  result.largest_z = found.z;
  result.allowed_z = found.allowed;
  result.quantity = pair.quantity;
  result.i = pair.i;
  result.j = pair.j;
  result.step = first.step[pair.time_index];
  result.moment = first.moment(pair.time_index);
}

std::string rounded_z(double z) {
  std::ostringstream text;
  text.precision(3);
  text << z;
  return text.str();
}

std::string symmetry_note(const Plan& plan, const StartSymmetry& symmetry) {
  using Start = StartSymmetry::Start;
  std::string note = "each run breaks a symmetry in its own way (" + symmetry.name + "; the start ";
  note += symmetry.start == Start::exact   ? "has it"
          : symmetry.start == Start::drawn ? "is drawn"
                                           : "is within 3 / sqrt(d) of having it";
  note +=
      "), so that averages of what it changes are no test: compared are the errors, and of the "
      "overlaps means and squares that it leaves alone";
  if (plan.keeps_symmetry) {
    note +=
        ". The theory keeps the symmetry for ever, where runs leave it after a time of order log d";
  }
  return note;
}

std::string place(const Comparison& comparison) {
  std::ostringstream text;
  text << comparison.quantity;
  if (comparison.i > 0) text << "_" << comparison.i;
  if (comparison.j > 0)
    text << (std::max(comparison.i, comparison.j) > 9 ? "," : "") << comparison.j;
  text << " at " << comparison.moment;
  return text.str();
}

}  // namespace

Eigen::Index find_time(const Solution& solution, double time) {
  const double slack = 1e-9 * std::abs(time);
  const auto found = std::lower_bound(solution.time.begin(), solution.time.end(), time - slack);
  return found != solution.time.end() && *found <= time + slack ? found - solution.time.begin()
                                                                : -1;
}

std::string_view name(Verdict verdict) {
  switch (verdict) {
    case Verdict::agree:
      return "agree";
    case Verdict::disagree:
      return "disagree";
    case Verdict::undecided:
      return "undecided";
  }
  return "unknown";
}

bool is_dominated(const Eigen::Ref<const Eigen::VectorXd>& values, double rate) {
  return largest_share(values) > dominant_share(values.size(), rate);
}

Comparison compare(const Solution& first, const Solution& second,
                   const ComparisonContext& context) {
  Comparison result;
  if (has_unknown_error(first) || has_unknown_error(second)) return result;
  const Plan plan = plan_of(first, second, context.symmetry);
  if (plan.pairs.empty()) return result;
  if (plan.is_broken) result.notes.push_back(symmetry_note(plan, *context.symmetry));

  const double rate = false_alarm_rate / static_cast<double>(plan.pairs.size());
  const double allowed_a = allowed(first.cost.replicas, rate);
  const double allowed_b = allowed(second.cost.replicas, rate);
  const double dominant_a = dominant_share(first.cost.replicas, rate);
  const double dominant_b = dominant_share(second.cost.replicas, rate);
  std::int64_t n_dominated = 0;
  double least_convincing = 0;
  bool has_evidence = false;
  for (const Pair& pair : plan.pairs) {
    const double negligible = 1e-12 * pair.scale;
    if ((pair.a.error > negligible && pair.a.largest_share > dominant_a) ||
        (pair.b.error > negligible && pair.b.largest_share > dominant_b)) {
      ++n_dominated;
      continue;
    }
    const Difference found = difference(pair, allowed_a, allowed_b);
    ++result.n_values;
    has_evidence |= has_known_error(pair, first, second);
    least_convincing = std::max(least_convincing, found.z);
    keep_worst(first, pair, found, result);
  }
  if (n_dominated > 0) {
    result.notes.push_back(std::to_string(n_dominated) + " of " +
                           std::to_string(plan.pairs.size()) +
                           " values are left out: a single replica holds more than half of their "
                           "variance, so that their standard errors say little");
  }
  if (context.has_infinite_variance) {
    result.notes.push_back(
        "no verdict: the labels have infinite variance, means over runs have no standard error");
  }
  if (result.n_values == 0 || context.has_infinite_variance) return result;

  const bool is_near = plan.is_broken && context.symmetry->start == StartSymmetry::Start::near;
  if (!(result.largest_z <= result.allowed_z)) {
    result.verdict = is_near ? Verdict::undecided : Verdict::disagree;
    if (is_near) {
      result.notes.push_back(
          "no verdict: noise decides when each run leaves the symmetric point, the theory leaves "
          "it at one time. Start further away, or draw the starts (initial.kind = \"random\")");
    }
    return result;
  }
  if (has_evidence && least_convincing <= convincing_z) {
    result.verdict = Verdict::agree;
    return result;
  }
  std::int64_t fewest = std::max(first.cost.replicas, second.cost.replicas);
  if (first.cost.replicas > 0) fewest = std::min(fewest, first.cost.replicas);
  if (second.cost.replicas > 0) fewest = std::min(fewest, second.cost.replicas);
  result.notes.push_back("too few runs for a verdict: with " + std::to_string(fewest) +
                         " replicas chance alone reaches " + rounded_z(result.allowed_z) +
                         " standard errors");
  return result;
}

std::string Comparison::brief_report() const {
  std::ostringstream text;
  text.precision(3);
  if (quantity.empty()) {
    text << "undecided: no value with a standard error that both curves have";
    if (notes.empty()) text << " (a simulation needs at least 2 runs)";
  } else {
    if (std::isfinite(largest_z)) {
      text << "largest |difference| = " << largest_z << " standard errors (" << place(*this) << ")";
    } else {
      text << "exact values differ (" << place(*this) << ")";
    }
    text << " of " << n_values << " values: " << name(verdict);
    if (verdict == Verdict::disagree && std::isfinite(largest_z)) {
      text << " (chance reaches " << allowed_z << " in 1 of 1000 comparisons)";
    }
  }
  for (const std::string& note : notes) text << "\n  " << note;
  return text.str();
}

}  // namespace reprise
