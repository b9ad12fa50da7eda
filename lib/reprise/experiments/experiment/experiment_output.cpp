#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "reprise/core/faults.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/quantity.hpp"
#include "reprise/core/value_reading.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/integration/output_times.hpp"
#include "reprise/model/alignment.hpp"

namespace reprise {

namespace {

/// output.times as it is written.
struct OutputRule {
  enum class Kind { all, log, linear, list };
  Kind kind = Kind::all;
  std::int64_t count = 0;  // of "log" and "linear"
};

/// N of "log N"; 0 if there is no such number after the word.
std::int64_t count_after(std::string_view word, std::string_view text) {
  if (!text.starts_with(word)) return 0;
  std::int64_t count = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data() + word.size(), end, count);
  return parsed.ec == std::errc{} && parsed.ptr == end && count > 0 && count <= 1'000'000 ? count
                                                                                          : 0;
}

const char* default_rule(const AlgorithmRow& row) { return row.has_steps ? "all" : "linear 100"; }

OutputRule read_rule(const Section& output, const std::string& fallback) {
  using Kind = OutputRule::Kind;
  const DocumentValue* times = output.find("times");
  if (times != nullptr && times->kind == DocumentValue::Kind::array) return {Kind::list, 0};
  const std::string text = output.text("times", fallback);
  if (text == "all") return {Kind::all, 0};
  if (const std::int64_t n = count_after("log ", text); n > 0) return {Kind::log, n};
  if (const std::int64_t n = count_after("linear ", text); n > 0) return {Kind::linear, n};
  output.reject("times", "\"all\", \"log N\" or \"linear N\" with N >= 1, or a list of steps");
}

// Gradient descent: steps.

std::set<std::int64_t> steps_of(const Section& output, OutputRule rule, std::int64_t n_steps) {
  std::set<std::int64_t> steps{0, n_steps};
  switch (rule.kind) {
    case OutputRule::Kind::all:
      for (std::int64_t step = 0; step <= n_steps; ++step) steps.insert(step);
      break;
    case OutputRule::Kind::log:
      for (int i = 0;; ++i) {
        const double step = std::pow(10.0, i / static_cast<double>(rule.count));
        if (!(step < static_cast<double>(n_steps))) break;
        steps.insert(std::llround(step));
      }
      break;
    case OutputRule::Kind::linear: {
      const std::int64_t n = std::min(rule.count, n_steps);
      for (std::int64_t i = 0; i <= n; ++i) {
        steps.insert(std::llround(static_cast<double>(i * n_steps) / static_cast<double>(n)));
      }
      break;
    }
    case OutputRule::Kind::list:
      const std::vector<std::int64_t> given =
          output.integers("times", {.least = 0, .most = n_steps});
      return {given.begin(), given.end()};
  }
  return steps;
}

// One pass: times. Curves of finite d round them to their own steps; the others, which have none,
// have all the times of these, so that every pair has common times.

constexpr double most_steps_shown = 100'000;
constexpr double decades_shown = 6;
constexpr int flow_times = 1000;  // of "all" where no curve has steps

/// The time that a step takes; 0 where a curve has no steps.
double step_time(const CurveSpec& curve, const Settings& algorithm) {
  return row_of(algorithm, curve).step_time(algorithm, curve.method);
}

std::vector<double> listed_times(const Section& output, double duration) {
  std::vector<double> times = output.numbers("times", at_least(0));
  for (const double time : times) {
    if (time > duration * (1 + 1e-12)) {
      output.reject("times", "at most training.duration = " + shortest(duration), shortest(time));
    }
  }
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  return times;
}

/// The steps that lie nearest to the times.
std::vector<std::int64_t> nearest_steps(const std::vector<double>& times, double step) {
  std::set<std::int64_t> steps;
  for (const double time : times) steps.insert(std::llround(time / step));
  return {steps.begin(), steps.end()};
}

std::vector<std::int64_t> every_step(const Section& output, const CurveSpec& curve, double duration,
                                     double step) {
  const double count = std::round(duration / step);
  if (count > most_steps_shown) {
    output.reject("times",
                  "\"log N\", \"linear N\" or a list where \"all\" is " + shortest(count) +
                      " steps, of curve \"" + curve.name + "\"",
                  "\"all\"");
  }
  std::vector<std::int64_t> steps;
  for (std::int64_t s = 0; s <= std::llround(count); ++s) steps.push_back(s);
  return steps;
}

std::vector<double> one_pass_times(const Section& output, OutputRule rule,
                                   const Experiment& experiment) {
  const double duration = experiment.duration;
  switch (rule.kind) {
    case OutputRule::Kind::list:
      return listed_times(output, duration);
    case OutputRule::Kind::linear:
      return linear_times(duration, static_cast<int>(rule.count));
    case OutputRule::Kind::log:
      break;
    case OutputRule::Kind::all:
      return linear_times(duration, flow_times);
  }
  double first = duration;
  for (const CurveSpec& curve : experiment.curves) {
    const double step = step_time(curve, experiment.algorithm);
    if (step > 0) first = std::min(first, step);
  }
  const double own = row_of(experiment.algorithm).first_time(experiment.algorithm);
  if (own > 0) {
    return log_times(std::min(own, duration), duration, static_cast<int>(rule.count));
  }
  const double earliest = duration * std::pow(10.0, -decades_shown);
  if (first == duration) first = earliest;
  return log_times(std::max(first, earliest), duration, static_cast<int>(rule.count));
}

/// One step at least, and no more than 2^62: they are counted in 64 bits, and sums might wrap.
void check_steps(const Section& root, const Experiment& experiment) {
  for (const CurveSpec& curve : experiment.curves) {
    const double step = step_time(curve, experiment.algorithm);
    const double count = experiment.duration / step;
    if (step == 0 || (count > 1 - 1e-9 && count <= std::ldexp(1.0, 62))) continue;
    const Section training = root.subsection("training", training_keys());
    const bool is_of_batches = row_of(experiment.algorithm).counts_samples;
    const std::string length = std::string(is_of_batches ? "batch_size / dimension" : "step_size") +
                               " = " + shortest(step) + " for curve \"" + curve.name + "\"";
    if (count < 1) training.reject("duration", "at least one step, " + length);
    training.reject("duration", "at most 2^62 steps, of " + length);
  }
}

void set_one_pass_times(const Section& output, OutputRule rule, Experiment& experiment) {
  experiment.output_times = one_pass_times(output, rule, experiment);
  const bool is_all = rule.kind == OutputRule::Kind::all;
  std::vector<double> shared;  // of all curves that have steps
  for (CurveSpec& curve : experiment.curves) {
    const double step = step_time(curve, experiment.algorithm);
    if (step == 0) continue;
    const std::vector<std::int64_t> steps =
        is_all ? every_step(output, curve, experiment.duration, step)
               : nearest_steps(experiment.output_times, step);
    std::vector<double> times;
    for (const std::int64_t s : steps) times.push_back(static_cast<double>(s) * step);
    row_of(experiment, curve).set_times(curve.method, steps, times);
    shared.insert(shared.end(), times.begin(), times.end());
  }
  if (shared.empty()) shared = experiment.output_times;
  std::sort(shared.begin(), shared.end());
  const auto is_same = [](double a, double b) { return b - a <= 1e-9 * b; };
  shared.erase(std::unique(shared.begin(), shared.end(), is_same), shared.end());
  if (is_all) experiment.output_times = shared;
  for (CurveSpec& curve : experiment.curves) {
    if (step_time(curve, experiment.algorithm) > 0) continue;
    row_of(experiment, curve).set_times(curve.method, {}, shared);
  }
}

// What is kept of the curves.

Statistic parse_statistic(const Section& output, const std::string& text) {
  if (text == "median") return {.name = text, .quantile = 0.5};
  constexpr std::string_view word = "quantile ";
  const std::optional<double> share = text.starts_with(word)
                                          ? parse_finite(std::string_view(text).substr(word.size()))
                                          : std::nullopt;
  if (!share || !(*share > 0 && *share < 1)) {
    output.reject("statistics", "\"median\" or \"quantile q\" with q above 0 and below 1",
                  "\"" + text + "\"");
  }
  return {.name = std::string(word) + shortest(*share), .quantile = *share};
}

/// Those of the curves, in the order of their rows.
std::vector<std::string_view> recorded_by_some(const Experiment& experiment) {
  std::vector<std::string_view> names;
  for (const QuantityRow& row : quantity_rows()) {
    const bool is_projection = row.name == "projection" && experiment.choice.directions.size() > 0;
    const bool is_recorded = std::ranges::any_of(experiment.curves, [&](const CurveSpec& curve) {
      const std::vector<Quantity> quantities =
          row_of(experiment, curve)
              .quantities(experiment.problem, experiment.algorithm, curve.method);
      return std::ranges::find(quantities, row.name, &Quantity::name) != quantities.end();
    });
    if (is_projection || is_recorded) names.push_back(row.name);
  }
  return names;
}

void check_directions(const Section& output, const OutputKeys& keys, const Experiment& experiment) {
  if (keys.directions.size() == 0) return;
  const auto* problem = experiment.problem.get_if<Problem>();
  if (problem == nullptr) output.reject("directions", "left out: this system has no M");
  if (keys.directions.cols() == problem->n_directions()) return;
  output.reject("directions", "rows of " + std::to_string(problem->n_directions()) +
                                  " numbers, one a direction of the target");
}

void check_align(const Section& output, const Experiment& experiment) {
  const auto* problem = experiment.problem.get_if<Problem>();
  const auto reject = [&](const std::string& why) { output.reject("align", "false: " + why); };
  if (problem == nullptr) reject("this system has no neurons");
  if (problem->n_neurons() > most_aligned_neurons) {
    reject("more than " + std::to_string(most_aligned_neurons) + " neurons take too long");
  }
  const bool trains =
      row_of(experiment.algorithm).trains_second_layer(experiment.algorithm).value_or(false);
  if (problem->student.second_layer_draw != SecondLayerDraw::once && !trains) {
    reject("every run has output weights of its own, which are not recorded");
  }
}

void check_quantities(const Section& output, const OutputKeys& keys, const Experiment& experiment) {
  const std::vector<std::string_view> known = recorded_by_some(experiment);
  for (const std::string& name : keys.quantities) {
    check_name(output.require("quantities"), output.path("quantities"), name, known);
  }
  if (keys.kernels && std::ranges::find(keys.quantities, "M") == keys.quantities.end()) {
    output.reject("quantities", "with \"M\", whose sizes kernels have");
  }
}

OutputChoice read_choice(const Section& output, const OutputKeys& keys, Experiment experiment) {
  OutputChoice choice{.has_runs = keys.runs, .aligns = keys.align, .directions = keys.directions};
  Faults faults;
  faults.collect([&] { check_directions(output, keys, experiment); });
  if (keys.align) faults.collect([&] { check_align(output, experiment); });
  for (const std::string& text : keys.statistics) {
    faults.collect([&] { choice.statistics.push_back(parse_statistic(output, text)); });
  }
  experiment.choice = choice;
  if (!keys.quantities.empty() && !experiment.curves.empty()) {
    faults.collect([&] { check_quantities(output, keys, experiment); });
  }
  choice.quantities = keys.quantities;
  faults.throw_if_any();
  return choice;
}

}  // namespace

void check_output(const Section& root, const AlgorithmRow& row) {
  const Section output = root.subsection("output", keys_of<OutputKeys>());
  Faults faults;
  faults.collect([&] { (void)output.read<OutputKeys>(root); });
  faults.collect([&] { (void)read_rule(output, default_rule(row)); });
  faults.throw_if_any();
}

void read_output_times(const Section& root, Experiment& experiment) {
  check_output(root, row_of(experiment.algorithm));
  const Section output = root.subsection("output", keys_of<OutputKeys>());
  const bool has_steps = row_of(experiment.algorithm).has_steps;
  const OutputRule rule = read_rule(output, default_rule(row_of(experiment.algorithm)));
  experiment.has_log_times = rule.kind == OutputRule::Kind::log;
  const Value* times = output.find("times");
  experiment.output.put(
      "times", times != nullptr ? *times : Value::of(default_rule(row_of(experiment.algorithm))));
  experiment.output.put("kernels", Value::of(output.flag("kernels", false)));
  const OutputKeys keys = output.read<OutputKeys>(root);
  experiment.choice = read_choice(output, keys, experiment);
  const OutputKeys defaults;
  for (const Field& field : schema<OutputKeys>().fields()) {  // added later: said where they differ
    if (experiment.output.find(field.facts.key) != nullptr) continue;
    std::optional<Value> value = field.write(&keys);
    const std::optional<Value> otherwise = field.write(&defaults);
    if (!value || (otherwise && otherwise->written_whole() == value->written_whole())) continue;
    experiment.output.put(field.facts.key, std::move(*value));
  }
  if (has_steps) {
    const auto steps = steps_of(output, rule, std::llround(experiment.duration));
    experiment.output_steps.assign(steps.begin(), steps.end());
  } else {
    check_steps(root, experiment);
    set_one_pass_times(output, rule, experiment);
  }
}

}  // namespace reprise
