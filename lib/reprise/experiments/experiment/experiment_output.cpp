#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>

#include "reprise/core/number_text.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/integration/output_times.hpp"

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
  const MethodRow& row = row_of(algorithm, curve);
  return row.has_dimension ? row_of(algorithm).batch_size(algorithm) / row.dimension(curve.method)
                           : 0.0;
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
    if (count < 1) {
      training.reject("duration", "at least one step, batch_size / dimension = " + shortest(step) +
                                      " for curve \"" + curve.name + "\"");
    }
    training.reject("duration", "at most 2^62 steps, of batch_size / dimension = " +
                                    shortest(step) + " for curve \"" + curve.name + "\"");
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
    const MethodRow& row = row_of(experiment, curve);
    if (!row.has_dimension) row.set_times(curve.method, {}, shared);
  }
}

}  // namespace

void read_output_times(const Section& root, Experiment& experiment) {
  const Section output = root.subsection("output", keys_of<OutputKeys>());
  const bool has_steps = row_of(experiment.algorithm).has_steps;
  const OutputRule rule = read_rule(output, has_steps ? "all" : "linear 100");
  experiment.has_log_times = rule.kind == OutputRule::Kind::log;
  const Value* times = output.find("times");
  experiment.output.put("times", times != nullptr ? *times
                                 : has_steps      ? Value::of("all")
                                                  : Value::of("linear 100"));
  experiment.output.put("kernels", Value::of(output.flag("kernels", false)));
  if (has_steps) {
    const auto steps = steps_of(output, rule, std::llround(experiment.duration));
    experiment.output_steps.assign(steps.begin(), steps.end());
  } else {
    check_steps(root, experiment);
    set_one_pass_times(output, rule, experiment);
  }
}

}  // namespace reprise
