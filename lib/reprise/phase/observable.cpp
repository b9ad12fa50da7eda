#include "reprise/phase/observable.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "reprise/core/check.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/model/cosines.hpp"

namespace reprise {

namespace {

using Eigen::Index;

constexpr double noise_errors = 3;            // standard errors beyond which an overlap is no noise
constexpr double largest_chance_overlap = 5;  // d^-1/2, of the largest of very many

/// ", M[i, j], Q[i, j], a[i], generalisation_error, ..": what every method together records.
std::string names_of_quantities() {
  std::string text;
  for (const QuantityRow& row : quantity_rows()) {
    text.append(", ").append(row.name);
    if (row.n_indices() > 0) text += row.n_indices() == 1 ? "[i]" : "[i, j]";
  }
  return text;
}

[[noreturn]] void refuse(std::string_view text) {
  throw InputError(
      "\"" + std::string(text) + "\" is no observable: these are squared_overlap" +
      names_of_quantities() +
      " at the end, \"diverged\", and \"time to max_overlap >= 0.5\" (or steps to, samples to; or "
      "<=)");
}

std::string without_spaces(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c != ' ') result += c;
  }
  return result;
}

// "M[1,2]" into the quantity and its indices.
void read_quantity(std::string_view part, Observable& observable, std::string_view text) {
  const std::string name = without_spaces(part);
  const std::size_t bracket = name.find('[');
  observable.quantity = name.substr(0, bracket);
  const QuantityRow* row = find_quantity(observable.quantity);
  const int n_indices = row == nullptr ? 0 : row->n_indices();
  const bool is_scalar =
      observable.quantity == "squared_overlap" || (row != nullptr && n_indices == 0);
  if (is_scalar && bracket == std::string::npos) return;
  if (n_indices == 0 || bracket == std::string::npos || !name.ends_with("]")) refuse(text);
  const char* at = name.data() + bracket;
  const char* end = name.data() + name.size() - 1;
  for (int index = 0; index < n_indices; ++index) {
    Index& value = index == 0 ? observable.i : observable.j;
    if (*at != (index == 0 ? '[' : ',')) refuse(text);
    const auto parsed = std::from_chars(at + 1, end, value);
    if (parsed.ec != std::errc{} || value < (index == 0 ? row->first : 1)) refuse(text);
    at = parsed.ptr;
  }
  if (at != end) refuse(text);
}

const Series& series_of(const Observable& observable, const Solution& solution) {
  const Series& series = solution.at(observable.quantity);
  const bool fits = observable.i < std::max<Index>(series.rows, 0) + first_index(series.quantity) &&
                    observable.j <= std::max<Index>(series.cols, 0);
  if (!fits) {
    throw InputError("observable \"" + observable.text + "\": " + observable.quantity + " has " +
                     std::to_string(series.rows) + " rows and " + std::to_string(series.cols) +
                     " columns");
  }
  return series;
}

Index entry_in(const Observable& observable, const Series& series) {
  if (series.is_scalar()) return 0;
  return (observable.i - first_index(series.quantity)) * std::max<Index>(series.cols, 1) +
         std::max<Index>(observable.j, 1) - 1;
}

// The first time at which `values` is at or beyond the level, infinity if there is none.
double passage(const Observable& observable, const std::vector<double>& time,
               const Eigen::Ref<const Eigen::VectorXd>& values) {
  const double sign = observable.is_upward ? 1 : -1;
  for (Index t = 0; t < values.size(); ++t) {
    const double gap = sign * (values[t] - observable.level);
    if (!(gap >= 0)) continue;
    const auto now = static_cast<std::size_t>(t);
    if (t == 0) return time[now];
    const double before = sign * (values[t - 1] - observable.level);
    return time[now - 1] + (time[now] - time[now - 1]) * before / (before - gap);
  }
  return std::numeric_limits<double>::infinity();
}

// Whether more than half of the repeats are above their noise.
std::optional<bool> most_say(const std::vector<Measurement>& repeats) {
  std::size_t n_above = 0;
  for (const Measurement& m : repeats) {
    if (!m.is_above_noise) return {};
    n_above += *m.is_above_noise ? 1 : 0;
  }
  return 2 * n_above > repeats.size();
}

}  // namespace

std::string_view name(Outcome outcome) {
  switch (outcome) {
    case Outcome::measured:
      return "measured";
    case Outcome::censored:
      return "censored";
    case Outcome::missing:
      break;
  }
  return "missing";
}

Observable parse_observable(std::string_view text) {
  Observable observable{.text = std::string(text), .quantity = ""};
  if (text == "diverged") {
    observable.kind = Observable::Kind::diverged;
    return observable;
  }
  std::string_view rest = text;
  using Unit = Observable::Unit;
  for (const auto& [word, unit] : {std::pair{"time to ", Unit::time},
                                   {"steps to ", Unit::steps},
                                   {"samples to ", Unit::samples}}) {
    if (!rest.starts_with(word)) continue;
    observable.kind = Observable::Kind::passage;
    observable.unit = unit;
    rest.remove_prefix(std::string_view(word).size());
    break;
  }
  if (observable.kind == Observable::Kind::passage) {
    const std::size_t sign = rest.find_first_of("<>");
    if (sign == std::string_view::npos || rest.substr(sign + 1, 1) != "=") refuse(text);
    const auto level = parse_finite(without_spaces(rest.substr(sign + 2)));
    if (!level) refuse(text);
    observable.is_upward = rest[sign] == '>';
    observable.level = *level;
    rest = rest.substr(0, sign);
  }
  read_quantity(rest, observable, text);
  if (observable.kind == Observable::Kind::passage && observable.quantity == "squared_overlap") {
    throw InputError("\"" + std::string(text) +
                     "\": squared_overlap is known at the end only, since no single run has it; "
                     "ask for a passage of max_overlap");
  }
  return observable;
}

Measurement squared_overlap(const Solution& solution, std::size_t time_index,
                            const Eigen::VectorXd& squared_norms) {
  const Series &M = solution.at("M"), &Q = solution.at("Q");
  const Index p = M.rows, k = M.cols, row = static_cast<Index>(time_index);
  const bool has_replicas = !solution.replicas.empty();
  const auto n_replicas = static_cast<Index>(has_replicas ? solution.replicas.size() : 1);
  Eigen::MatrixXd cosines(n_replicas, p * k);
  for (Index a = 0; a < n_replicas; ++a) {
    const auto value = [&](const Series& series, Index entry) {
      if (!has_replicas) return series.value(row, entry);
      return solution.replicas[static_cast<std::size_t>(a)](
          row, solution.first_column(series.quantity) + entry);
    };
    for (Index i = 0; i < p; ++i) {
      for (Index r = 0; r < k; ++r) {
        const double norm = squared_norms.size() == 0 ? 1 : squared_norms[r];
        cosines(a, i * k + r) = without_norms(value(M, i * k + r), value(Q, i * p + i), norm);
      }
    }
  }
  const Eigen::RowVectorXd sum = cosines.colwise().sum();
  const double squares = cosines.squaredNorm();
  if (n_replicas == 1) return {Outcome::measured, squares};
  const auto n = static_cast<double>(n_replicas);
  Measurement result{Outcome::measured, (sum.squaredNorm() - squares) / (n * (n - 1))};
  if (n_replicas == 2) return result;
  Eigen::ArrayXd without(n_replicas);
  for (Index a = 0; a < n_replicas; ++a) {
    without[a] = ((sum - cosines.row(a)).squaredNorm() - squares + cosines.row(a).squaredNorm()) /
                 ((n - 1) * (n - 2));
  }
  result.error = std::sqrt((n - 1) / n * (without - without.mean()).square().sum());
  result.is_above_noise = result.value > noise_errors * result.error;
  return result;
}

Measurement median_passage(std::vector<double> passages, double last) {
  std::sort(passages.begin(), passages.end());
  const auto n = static_cast<double>(passages.size());
  const double infinity = std::numeric_limits<double>::infinity();
  const auto statistic = [&](double rank) {  // between order statistics, as the middle of them is
    const double place = std::clamp(rank - 0.5, 0.0, n - 1);
    const auto below = static_cast<std::size_t>(place);
    const std::size_t above = std::min(below + 1, passages.size() - 1);
    const double fraction = place - static_cast<double>(below);
    return fraction == 0 ? passages[below]
                         : (1 - fraction) * passages[below] + fraction * passages[above];
  };
  const double median = statistic(n / 2);
  if (median == infinity) return {Outcome::censored, last};
  Measurement result{Outcome::measured, median};
  if (passages.size() < 2) return result;
  const double high = statistic(n / 2 + std::sqrt(n) / 2);
  const double low = statistic(n / 2 - std::sqrt(n) / 2);
  // With few arrivals beyond the median only its lower side is known.
  result.error = high == infinity ? median - low : (high - low) / 2;
  return result;
}

Measurement over_repeats(const Observable& observable, const std::vector<Measurement>& repeats) {
  if (repeats.size() == 1) return repeats.front();
  std::vector<double> numbers;
  double last = 0;
  for (const Measurement& m : repeats) {
    if (m.outcome == Outcome::missing) return {};
    if (m.outcome == Outcome::censored) last = std::max(last, m.value);
    numbers.push_back(m.outcome == Outcome::censored ? std::numeric_limits<double>::infinity()
                                                     : m.value);
  }
  if (observable.kind == Observable::Kind::passage) return median_passage(numbers, last);
  const auto n = static_cast<double>(numbers.size());
  double mean = 0, squares = 0;
  for (const double number : numbers) mean += number / n;
  for (const double number : numbers) squares += (number - mean) * (number - mean);
  return {Outcome::measured, mean, std::sqrt(squares / (n * (n - 1))), most_say(repeats)};
}

Measurement measure(const Observable& observable, const Solution& solution, double dimension,
                    const Eigen::VectorXd& squared_norms) {
  const bool has_diverged = solution.ending.termination == Termination::diverged;
  if (observable.kind == Observable::Kind::diverged) {
    if (!solution.ending.is_completed() && !has_diverged) return {};
    return {Outcome::measured, has_diverged ? 1.0 : 0.0};
  }
  if (solution.time.empty()) return {};
  if (observable.quantity == "squared_overlap") {
    if (!solution.ending.is_completed()) return {};
    return squared_overlap(solution, solution.time.size() - 1, squared_norms);
  }
  const Series& series = series_of(observable, solution);
  const Index entry = entry_in(observable, series);
  if (observable.kind == Observable::Kind::last) {
    if (!solution.ending.is_completed() || series.n_times() == 0) return {};
    const Index end = series.n_times() - 1;
    Measurement result{Outcome::measured, series.value(end, entry)};
    if (series.has_standard_error()) result.error = series.standard_error(end, entry);
    const QuantityRow* row = find_quantity(observable.quantity);
    if (row != nullptr && row->is_overlap && std::isfinite(result.error)) {
      result.is_above_noise = std::abs(result.value) > noise_errors * result.error;
    }
    if (observable.quantity == "max_overlap" && solution.find("M") && solution.find("Q")) {
      const auto last = static_cast<std::size_t>(end);
      result.is_above_noise = squared_overlap(solution, last, squared_norms).is_above_noise;
      if (result.is_above_noise && dimension > 0) {
        *result.is_above_noise |= result.value > largest_chance_overlap / std::sqrt(dimension);
      }
    }
    return result;
  }
  std::vector<double> time = solution.time;
  if (observable.unit == Observable::Unit::steps) {
    time.assign(solution.step.begin(), solution.step.end());
  } else if (observable.unit == Observable::Unit::samples) {
    for (double& t : time) t *= dimension;
  }
  std::vector<double> passages;
  if (solution.replicas.empty()) {
    passages.push_back(passage(observable, time, series.value.col(entry)));
  }
  for (const Eigen::MatrixXd& replica : solution.replicas) {
    passages.push_back(
        passage(observable, time, replica.col(solution.first_column(observable.quantity) + entry)));
  }
  const Measurement result = median_passage(std::move(passages), time.back());
  // A level that a diverged curve did not reach was not waited for long enough to be censored.
  if (result.outcome == Outcome::censored && !solution.ending.is_completed()) return {};
  return result;
}

}  // namespace reprise
