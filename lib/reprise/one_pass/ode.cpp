#include "reprise/one_pass/ode.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>
#include <sstream>

#include "reprise/core/check.hpp"
#include "reprise/core/common_facts.hpp"
#include "reprise/core/ensemble.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/core/parallel.hpp"
#include "reprise/core/schema.hpp"
#include "reprise/integration/integrate.hpp"
#include "reprise/integration/output_times.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/ode_events.hpp"
#include "reprise/one_pass/ode_state.hpp"
#include "reprise/one_pass/ode_tolerance.hpp"
#include "reprise/one_pass/start.hpp"

namespace reprise {

namespace {

std::string text_of(const OdeEvent& event) {
  switch (event.kind) {
    case OdeEvent::Kind::overlap_above:
      return "overlap " + std::to_string(event.neuron) + " " + std::to_string(event.direction) +
             " " + shortest(event.level);
    case OdeEvent::Kind::any_overlap_above:
      return "max_overlap " + shortest(event.level);
    case OdeEvent::Kind::plateau:
      return "plateau " + shortest(event.level);
  }
  return "";
}

/// "max_overlap 0.5", "overlap 1 2 0.5" (neuron, direction, level) or "plateau 0.1".
std::optional<OdeEvent> parse_event(const std::string& text) {
  std::istringstream words(text);
  std::string kind;
  words >> kind;
  std::vector<double> numbers;
  for (std::string word; words >> word;) {
    numbers.push_back(parse_finite(word).value_or(std::nan("")));
  }
  const auto is_whole = [&](std::size_t i) { return numbers[i] == std::floor(numbers[i]); };
  if (numbers.empty() || !(numbers.back() > 0)) return std::nullopt;
  OdeEvent event;
  event.level = numbers.back();
  if (kind == "overlap" && numbers.size() == 3) {
    if (!is_whole(0) || !is_whole(1) || std::abs(numbers[0]) + std::abs(numbers[1]) >= 1e6) {
      return std::nullopt;
    }
    event.kind = OdeEvent::Kind::overlap_above;
    event.neuron = static_cast<int>(numbers[0]);
    event.direction = static_cast<int>(numbers[1]);
  } else if (kind == "plateau" && numbers.size() == 1) {
    event.kind = OdeEvent::Kind::plateau;
  } else if (kind != "max_overlap" || numbers.size() != 1) {
    return std::nullopt;
  }
  return event;
}

}  // namespace

template <>
struct FieldType<std::vector<OdeEvent>> {
  static std::string name() { return "text or list of texts"; }
  static std::vector<OdeEvent> read(const Value& value, const std::string& path, const Range&) {
    std::vector<OdeEvent> events;
    for (const std::string& text : read_texts(value, path)) {
      const std::optional<OdeEvent> event = parse_event(text);
      if (!event) {
        reject(value, path,
               "texts like \"max_overlap 0.5\", \"overlap 1 2 0.5\" (neuron, direction, level) or "
               "\"plateau 0.1\", levels > 0",
               "\"" + text + "\"");
      }
      events.push_back(*event);
    }
    return events;
  }
  static std::optional<Value> write(const std::vector<OdeEvent>& events) {
    if (events.empty()) return std::nullopt;
    std::vector<Value> texts;
    for (const OdeEvent& event : events) texts.push_back(Value::of(text_of(event)));
    return Value::of(std::move(texts));
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("max_overlap 0.5"),
            Value::of({Value::of("overlap 1 2 0.25"), Value::of("plateau 0.1")})};
  }
};

template <>
const Schema& schema<OdeOptions>() {
  using S = OdeOptions;
  static const Schema result = describe<S>(
      {"ode", "curve", "the limit d -> infinity of one pass, at time samples / d"},
      {hidden(&S::times), field(&S::rtol, rtol_facts()),
       field(&S::atol, {.key = "atol",
                        .range = above(0),
                        .otherwise = "relative to what is left to learn",
                        .meaning = "Absolute error allowed in a step"}),
       field(&S::integrator,
             {.key = "integrator",
              .otherwise = "rodas_4_3 for the flow of up to 200 coordinates of ReLU neurons with a "
                           "ReLU target, else dormand_prince_5_4",
              .meaning = "The stepper; rodas_4_3 and rosenbrock_4_3 are for stiff problems",
              .aliases = "method solver"}),
       field(&S::terms, {.key = "terms", .meaning = "Terms of the right-hand side that are kept"}),
       field(&S::max_steps, {.key = "max_steps",
                             .range = integers_from(1),
                             .meaning = "Tries, accepted or not, of one run"}),
       hidden(&S::first_step),
       field(&S::events,
             {.key = "events", .otherwise = "none", .meaning = "What is reported with its time"}),
       inlined(&S::moments), field(&S::scrambles, scrambles_facts()),
       field(&S::starts, starts_facts()),
       whole_field(&S::start_dimension, {.key = "dimension",
                                         .symbol = "d",
                                         .range = integers_from(0, std::int64_t{1} << 53),
                                         .meaning = "Of random starts, 0: the limit's, M = 0"}),
       hidden(&S::start_seed), hidden(&S::seed), hidden(&S::threads), hidden(&S::progress)});
  return result;
}

void check(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options) {
  check(problem);
  check(algorithm, problem);
  check_route(problem, algorithm.use(), options.moments);
  check_times("ode", options.times);
  check_fields(options);
  check_nonnegative("ode", "first_step", options.first_step);
  if (options.start_dimension > 0) check_self_coupling(algorithm, options.start_dimension);
  for (const OdeEvent& event : options.events) {
    check_positive("ode", "level of an event", event.level);
    const bool is_inside = event.neuron >= 1 && event.neuron <= problem.n_neurons() &&
                           event.direction >= 1 && event.direction <= problem.n_directions();
    if (event.kind == OdeEvent::Kind::overlap_above && !is_inside) {
      reject("ode", "event", "about a neuron 1..p and a direction 1..k",
             std::string_view(name(event)));
    }
  }
}

namespace {

struct OwnError {
  bool was_above = false;
  std::optional<double> time = {};
  double size = 0;
  bool is_rounding = false;
};

struct Run {
  Trajectory trajectory;
  Integration integration;
  std::vector<Event> events;
  std::string route;
  OwnError own_error;
};

// Where the generalisation error, larger at the start, comes down to `part` of itself in errors of
// the integration.
void find_own_error(OdeTolerance& tolerance, double t, const OdeVector& y, double error,
                    OwnError& found) {
  constexpr double part = 0.25;
  const double own = tolerance.error_of_error(y, error);
  const bool is_above = error > own / part;
  if (is_above) found.was_above = true;
  if (is_above || !found.was_above || found.time) return;
  found.time = t;
  found.size = own;
  found.is_rounding = tolerance.is_at_rounding(y, error);
}

std::string warning(const OwnError& found) {
  std::ostringstream text;
  text.precision(2);
  text << "From t = " << *found.time << " on the generalisation error is so small that the "
       << (found.is_rounding ? "rounding" : "integration")
       << " of the overlaps, which may change it by " << found.size << ", shows in it";
  text << (found.is_rounding ? "."
                             : "; without atol, or with smaller rtol and atol, it can be followed "
                               "further.");
  return text.str();
}

// Where the Jacobian has a closed form a step of RODAS costs little, until its factorisation does.
Integrator default_integrator(const OdeSystem& system, std::size_t size) {
  constexpr std::size_t most_to_factorise = 200;
  return system.has_jacobian() && size <= most_to_factorise ? Integrator::rodas_4_3
                                                            : Integrator::dormand_prince_5_4;
}

Run run_one(const Problem& shared, const OnePassSgd& algorithm, const OdeOptions& options,
            std::size_t replica, std::size_t start, std::size_t scramble,
            const std::function<void()>& on_output) {
  const Problem problem = problem_of_run(shared, options.start_seed, start);
  const auto system_of_run = ode_system(problem, algorithm, options, scramble);
  OdeSystem& system = *system_of_run;
  const Overlaps initial = start_of_run(problem, algorithm.normalise, options.start_dimension,
                                        options.start_seed, start);
  Run run;
  run.route = system.route();
  const std::vector<Quantity> quantities =
      one_pass_quantities(problem, algorithm.trains_second_layer());
  run.trajectory.values.setConstant(static_cast<Eigen::Index>(options.times.size()),
                                    n_entries(quantities),
                                    std::numeric_limits<double>::quiet_NaN());
  OdeVector y = system.start(initial);
  const OdeFunction function = [&](const OdeVector& state, OdeVector& dydt) {
    system.derivative(state, dydt);
  };
  OdeTolerance tolerance(problem, options, system);
  const OdeJacobian jacobian = [&](const OdeVector& state, Eigen::MatrixXd& derivatives) {
    system.jacobian(state, derivatives);
  };
  const auto stepper = make_stepper(
      options.integrator.value_or(default_integrator(system, y.size())), function, y.size(),
      [&](const OdeVector& state, StepScale& scale) {
        tolerance.evaluate(
            state, tolerance.follows_error() ? system.generalisation_error(state) : 0, scale);
      },
      system.has_jacobian() ? jacobian : OdeJacobian());
  OdeEventFinder finder(problem, options.events, system, static_cast<std::int64_t>(replica));
  finder.start(0, y);
  Overlaps overlaps;
  Eigen::VectorXd weights = problem.student.output_weights();
  run.integration = integrate(
      *stepper, function, y, 0, options.times,
      {.max_steps = options.max_steps, .first_step = options.first_step},
      [&](double t0, const OdeVector& y0, double t1, const OdeVector& y1) {
        if (!options.events.empty()) finder.after_step(*stepper, t0, y0, t1, y1);
      },
      [&](std::size_t index, const OdeVector& state) {
        const double error = system.generalisation_error(state);
        system.unpack(state, overlaps, weights);
        run.trajectory.values.row(static_cast<Eigen::Index>(index)) =
            one_pass_row(problem, quantities, overlaps, weights, error);
        find_own_error(tolerance, options.times[index], state, error, run.own_error);
        run.trajectory.n_times = static_cast<Eigen::Index>(index) + 1;
        on_output();
      });
  run.trajectory.detail = run.integration.detail;
  run.events = finder.found();
  return run;
}

}  // namespace

Solution solve(const Problem& problem, const OnePassSgd& algorithm, const OdeOptions& options) {
  const auto begin = std::chrono::steady_clock::now();
  check(problem, algorithm, options);
  const bool is_exact = gaussian_moments(problem, algorithm.use(), options.moments)->is_exact();
  const std::size_t scrambles = is_exact ? 1 : static_cast<std::size_t>(options.scrambles);
  const std::size_t starts =
      is_ensemble(problem, options.start_dimension) ? static_cast<std::size_t>(options.starts) : 1;
  const std::size_t count = std::max(scrambles, starts);
  std::vector<Run> runs(count);
  const auto on_output =
      step_counter(options.progress, static_cast<double>(count * options.times.size()));
  parallel_for(count, resolve_threads(options.threads), [&](std::size_t, std::size_t replica) {
    runs[replica] = run_one(problem, algorithm, options, replica, replica % starts,
                            replica % scrambles, on_output);
  });

  std::vector<Trajectory> trajectories;
  for (Run& run : runs) trajectories.push_back(std::move(run.trajectory));
  Solution solution =
      average(one_pass_quantities(problem, algorithm.trains_second_layer()), trajectories);
  solution.method = options.terms == OdeTerms::drift_only ? "gradient_flow" : "ode";
  solution.clock = Clock::samples;
  solution.moments = runs.front().route;
  solution.time.assign(options.times.begin(),
                       options.times.begin() + static_cast<std::ptrdiff_t>(solution.step.size()));
  for (const Run& run : runs) {
    solution.events.insert(solution.events.end(), run.events.begin(), run.events.end());
    solution.cost.samples_per_replica += run.integration.n_steps;
  }
  const auto ended = std::find_if(runs.begin(), runs.end(), [&](const Run& run) {
    return run.integration.termination != Termination::completed &&
           run.integration.n_times == solution.time.size();
  });
  const auto limited = std::min_element(runs.begin(), runs.end(), [](const Run& a, const Run& b) {
    constexpr double never = std::numeric_limits<double>::infinity();
    return a.own_error.time.value_or(never) < b.own_error.time.value_or(never);
  });
  if (limited->own_error.time) solution.warnings.push_back(warning(limited->own_error));
  if (ended != runs.end()) solution.ending.termination = ended->integration.termination;
  if (!is_exact) solution.cost.samples_per_replica = options.moments.points;
  if (is_exact && starts == 1) solution.cost.replicas = 0;
  solution.cost.wall_time_s =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return solution;
}

}  // namespace reprise
