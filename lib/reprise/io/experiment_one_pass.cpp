#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <sstream>

#include "reprise/core/error.hpp"
#include "reprise/core/number_text.hpp"
#include "reprise/io/experiment_parts.hpp"

namespace reprise {

namespace {

constexpr std::int64_t most_dimensions = std::int64_t{1} << 53;
constexpr std::int64_t most_dense_dimensions = std::int64_t{1} << 40;

/// The enumerator among `all` that has this name; the choice was checked before.
template <class Enumerator, std::size_t n>
Enumerator named(std::string_view text, const Enumerator (&all)[n]) {
  for (const Enumerator candidate : all) {
    if (name(candidate) == text) return candidate;
  }
  return all[0];
}

MomentOptions read_moments(const Section& curve) {
  MomentOptions moments;
  moments.route = named(curve.choice("moments", vocabulary::moment_routes, "automatic"),
                        {MomentRoute::automatic, MomentRoute::exact, MomentRoute::points});
  moments.points =
      curve.integer("points", {.least = 32, .most = std::int64_t{1} << 30}, moments.points);
  return moments;
}

Integrator read_integrator(const Section& curve, Integrator fallback) {
  return named(curve.choice("integrator", vocabulary::integrators, std::string(name(fallback))),
               {Integrator::dormand_prince_5_4, Integrator::cash_karp_5_4, Integrator::fehlberg_7_8,
                Integrator::rosenbrock_4_3});
}

int read_scrambles(const Section& curve, int fallback) {
  return static_cast<int>(curve.integer("scrambles", {.least = 2, .most = 4096}, fallback));
}

/// Only random starts and second layers make an ensemble.
int read_starts(const Section& curve, const Problem& problem, int fallback) {
  const bool draws = problem.student.second_layer_draw != SecondLayerDraw::once;
  if (curve.has("starts") && !problem.has_random_start && !draws) {
    curve.reject(
        "starts",
        "left out unless initial.kind = \"random\" or student.second_layer_draw = \"run\"");
  }
  return static_cast<int>(curve.integer("starts", {.least = 1, .most = 1'000'000}, fallback));
}

/// "max_overlap 0.5", "overlap 1 2 0.5" (neuron, direction, level) or "plateau 0.1".
OdeEvent read_event(const Section& curve, const std::string& text) {
  std::istringstream words(text);
  std::string kind;
  words >> kind;
  std::vector<double> numbers;
  for (std::string word; words >> word;) {
    numbers.push_back(parse_finite(word).value_or(std::nan("")));
  }
  const auto is_whole = [&](std::size_t i) { return numbers[i] == std::floor(numbers[i]); };
  OdeEvent event;
  bool is_good = !numbers.empty() && numbers.back() > 0;
  if (kind == "overlap" && numbers.size() == 3) {
    is_good =
        is_good && is_whole(0) && is_whole(1) && std::abs(numbers[0]) + std::abs(numbers[1]) < 1e6;
    event.kind = OdeEvent::Kind::overlap_above;
  } else if (kind == "plateau" && numbers.size() == 1) {
    event.kind = OdeEvent::Kind::plateau;
  } else if (kind != "max_overlap" || numbers.size() != 1) {
    is_good = false;
  }
  if (!is_good) {
    curve.reject(
        "events",
        "texts like \"max_overlap 0.5\", \"overlap 1 2 0.5\" (neuron, direction, level) or "
        "\"plateau 0.1\", levels > 0",
        "\"" + text + "\"");
  }
  if (numbers.size() == 3) {
    event.neuron = static_cast<int>(numbers[0]);
    event.direction = static_cast<int>(numbers[1]);
  }
  event.level = numbers.back();
  return event;
}

OdeOptions read_ode(const Section& curve, const OnePassCurve& what) {
  OdeOptions options;
  options.rtol = curve.number("rtol", positive, options.rtol);
  if (curve.has("atol")) options.atol = curve.number("atol", positive);
  options.integrator = read_integrator(curve, options.integrator);
  options.terms = what.method == "gradient_flow"
                      ? OdeTerms::drift_only
                      : named(curve.choice("terms", vocabulary::ode_terms, "all"),
                              {OdeTerms::all, OdeTerms::drift_only, OdeTerms::noise_only});
  options.max_steps = curve.integer("max_steps", {.least = 1}, options.max_steps);
  if (curve.has("events")) {
    for (const std::string& text : curve.texts("events")) {
      options.events.push_back(read_event(curve, text));
    }
  }
  options.moments = read_moments(curve);
  options.scrambles = read_scrambles(curve, options.scrambles);
  options.starts = read_starts(curve, what.problem, options.starts);
  if (curve.has("dimension") && !what.problem.has_random_start) {
    curve.reject("dimension", "left out unless initial.kind = \"random\": this is the limit");
  }
  if (curve.has("dimension")) {
    const Eigen::Index least = least_dimension(what.problem);
    options.start_dimension =
        static_cast<double>(curve.integer("dimension", {.least = least, .most = most_dimensions}));
  }
  options.seed = what.stream;
  options.start_seed = what.start_seed;
  return options;
}

AdaptiveLoss read_adaptive(const Section& curve) {
  if (!curve.has("adaptive")) return {};
  const Section section = curve.subsection("adaptive", vocabulary::adaptive);
  AdaptiveLoss adaptive{.is_on = true};
  adaptive.threshold = section.number("threshold", positive, adaptive.threshold);
  adaptive.drop = section.number("drop", positive, adaptive.drop);
  adaptive.decay = section.number("decay", positive, adaptive.decay);
  return adaptive;
}

RecursionTerms read_terms(const Section& curve) {
  if (!curve.has("terms") || curve.texts("terms") == std::vector<std::string>{"all"}) return {};
  RecursionTerms terms{.linear = false, .noise = false, .batch = false};
  for (const std::string& term : curve.texts("terms")) {
    check_choice(curve.origin("terms"), curve.path("terms"), term, vocabulary::recursion_terms);
    (term == "linear" ? terms.linear : term == "noise" ? terms.noise : terms.batch) = true;
  }
  return terms;
}

FiniteBatchOptions read_recursion(const Section& curve, const OnePassCurve& what) {
  FiniteBatchOptions options;
  const Eigen::Index least = least_dimension(what.problem);
  options.dimension =
      static_cast<double>(curve.integer("dimension", {.least = least, .most = most_dimensions}));
  options.terms = read_terms(curve);
  options.adaptive = read_adaptive(curve);
  options.rtol =
      curve.number("rtol", {.text = stride_tolerance_rule, .holds = is_stride_tolerance}, 0.0);
  if (options.rtol > 0 && options.adaptive.is_on) {
    curve.reject("rtol", "0 with `adaptive`, whose map changes from step to step");
  }
  if (curve.has("integrator") && options.rtol == 0) {
    curve.reject("integrator", "left out unless rtol > 0: without strides there is none");
  }
  options.integrator = read_integrator(curve, options.integrator);
  options.max_steps = curve.integer("max_steps", {.least = 1}, options.max_steps);
  options.moments = read_moments(curve);
  options.scrambles = read_scrambles(curve, options.scrambles);
  options.starts = read_starts(curve, what.problem, options.starts);
  options.seed = what.stream;
  options.start_seed = what.start_seed;
  return options;
}

template <class Simulation>
Simulation read_simulation_of(const Section& curve, const OnePassCurve& what, std::int64_t most) {
  Simulation simulation;
  const Eigen::Index least = least_dimension(what.problem);
  simulation.dimension = static_cast<decltype(simulation.dimension)>(
      curve.integer("dimension", {.least = least, .most = most}));
  simulation.runs =
      static_cast<int>(curve.integer("runs", {.least = 1, .most = 100'000'000}, simulation.runs));
  simulation.seed = what.stream;
  simulation.start_seed = what.start_seed;
  return simulation;
}

}  // namespace

void share_start_dimension(const Section& root, const Problem& problem,
                           std::vector<CurveSpec>& curves) {
  if (!problem.has_random_start) return;
  std::set<double> dimensions;
  for (const CurveSpec& curve : curves) {
    if (dimension_of(curve.method) > 0) dimensions.insert(dimension_of(curve.method));
  }
  for (std::size_t c = 0; c < curves.size(); ++c) {
    auto* ode = std::get_if<OdeOptions>(&curves[c].method);
    if (ode == nullptr || ode->start_dimension > 0) continue;
    const Section section(root.require("curve").items[c], "curve", vocabulary::curve);
    if (dimensions.size() == 1) {
      ode->start_dimension = *dimensions.begin();
    } else if (section.has("starts")) {
      section.require("dimension");
    }
  }
}

Method read_one_pass(const Section& curve, const OnePassCurve& what) {
  if (what.method == "recursion") return read_recursion(curve, what);
  if (what.method != "simulation") return read_ode(curve, what);
  if (curve.choice("engine", vocabulary::engines, "exact") == "dense") {
    return read_simulation_of<DenseSgdSimulation>(curve, what, most_dense_dimensions);
  }
  return read_simulation_of<ExactChain>(curve, what, most_dimensions);
}

namespace {

/// The d that the ODE or the recursion stands for: its own, for an ODE without one the lowest of
/// the simulations beside it; infinity where there is none.
double dimension_of(const Method& method, const Experiment& experiment) {
  if (const auto* recursion = std::get_if<FiniteBatchOptions>(&method)) return recursion->dimension;
  const auto* ode = std::get_if<OdeOptions>(&method);
  double lowest = std::numeric_limits<double>::infinity();
  if (ode == nullptr) return lowest;
  if (ode->start_dimension > 0) lowest = ode->start_dimension;
  for (const CurveSpec& curve : experiment.curves) {
    if (const auto* chain = std::get_if<ExactChain>(&curve.method)) {
      lowest = std::min(lowest, chain->dimension);
    } else if (const auto* dense = std::get_if<DenseSgdSimulation>(&curve.method)) {
      lowest = std::min(lowest, static_cast<double>(dense->dimension));
    }
  }
  return lowest;
}

/// Batches used again, where a theory that leaves out what they do to themselves is asked for.
void check_repeats(const Section& root, const Experiment& experiment) {
  const auto* sgd = std::get_if<OnePassSgd>(&experiment.algorithm);
  if (sgd == nullptr) return;
  for (const CurveSpec& curve : experiment.curves) {
    const double dimension = dimension_of(curve.method, experiment);
    if (!(self_coupling(*sgd, dimension) > largest_self_coupling)) continue;
    root.subsection("training", vocabulary::training)
        .reject("repeats", self_coupling_rule(*sgd, dimension),
                std::to_string(sgd->repeats) + " with curve \"" + curve.name + "\"");
  }
}

}  // namespace

void check_curves(const Section& root, const Experiment& experiment) {
  check_repeats(root, experiment);
  const std::vector<DocumentValue>& list = root.require("curve").items;
  for (std::size_t c = 0; c < experiment.curves.size(); ++c) {
    try {
      std::visit(
          [&](const auto& algorithm, const auto& method) {
            if constexpr (requires { check(experiment.problem, algorithm, method); }) {
              check(experiment.problem, algorithm, method);
            }
          },
          experiment.algorithm, experiment.curves[c].method);
    } catch (const InputError& error) {
      throw InputError(list[c].origin + ": curve \"" + experiment.curves[c].name +
                       "\": " + error.what());
    }
  }
}

}  // namespace reprise
