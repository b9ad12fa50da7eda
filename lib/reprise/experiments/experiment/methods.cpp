#include "reprise/experiments/experiment/methods.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "reprise/batch_reuse/dmft.hpp"
#include "reprise/batch_reuse/exact_simulation.hpp"
#include "reprise/batch_reuse/gradient_descent.hpp"
#include "reprise/batch_reuse/record.hpp"
#include "reprise/dense/dense_sgd.hpp"
#include "reprise/dense/dense_simulation.hpp"
#include "reprise/dense/flow_descent.hpp"
#include "reprise/experiments/experiment/described_system.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/matrix_sensing/recursion.hpp"
#include "reprise/matrix_sensing/simulation.hpp"
#include "reprise/one_pass/chain.hpp"
#include "reprise/one_pass/finite_batch.hpp"
#include "reprise/one_pass/observables.hpp"
#include "reprise/one_pass/ode.hpp"
#include "reprise/one_pass/population_flow.hpp"
#include "reprise/wide_flow/finite_width.hpp"
#include "reprise/wide_flow/mean_field.hpp"

namespace reprise {

namespace {

// -- what rows of these types do, unless their member functions or overloads here say otherwise
// ----

void check_algorithm(const Problem&, const GradientDescent& algorithm) { check(algorithm); }
void check_algorithm(const Problem& problem, const OnePassSgd& sgd) { check(sgd, problem); }
void check_algorithm(const Problem& problem, const PopulationFlow& flow) {
  check_fields(flow);
  check(flow.as_sgd(problem.n_neurons()), problem);
}

void check_algorithm(const MatrixSensing& problem, const ProxLinear& steps) {
  check(problem, steps);
}

template <class M>
std::vector<Quantity> recorded(const Problem& problem, const GradientDescent& algorithm, const M&) {
  return batch_quantities(problem, algorithm);
}
template <class OnePass, class M>
std::vector<Quantity> recorded(const Problem& problem, const OnePass& algorithm, const M&) {
  return one_pass_quantities(problem, algorithm.trains_second_layer());
}
std::vector<Quantity> recorded(const Problem& problem, const PopulationFlow&,
                               const MeanFieldOptions& options) {
  return mean_field_quantities(wide_start(problem, options.integration.max_degree));
}
std::vector<Quantity> recorded(const Problem& problem, const PopulationFlow&,
                               const FiniteWidthOptions& options) {
  return finite_width_quantities(wide_start(problem, options.integration.max_degree));
}
template <class M>
std::vector<Quantity> recorded(const MatrixSensing&, const ProxLinear&, const M&) {
  return sensing_quantities();
}

/// d of a method, of its starts where it has no other; 0 for none.
template <class M>
double dimension_in(const M& method) {
  if constexpr (requires { method.dimension; }) {
    return static_cast<double>(method.dimension);
  } else if constexpr (requires { method.start_dimension; }) {
    return method.start_dimension;
  } else {
    return 0;
  }
}

/// Time that one of its steps takes: batch_size / d of one pass over the data; 0 where it has none.
template <class A, class M>
double step_time_of(const A& algorithm, const M& method) {
  if constexpr (requires { method.step_time(); }) {
    return method.step_time();
  } else if constexpr (requires {
                         algorithm.batch_size;
                         method.dimension;
                       }) {
    return static_cast<double>(algorithm.batch_size) / static_cast<double>(method.dimension);
  } else {
    return 0;
  }
}

/// The points of the mean-field theory amount to a dimension.
double noise_of(const GradientDescent& algorithm, const DmftOptions&, const Solution& solution) {
  return static_cast<double>(solution.cost.samples_per_replica) /
         algorithm.samples_per_dimension.front();
}
template <class A, class M>
double noise_of(const A&, const M& method, const Solution&) {
  const double dimension = dimension_in(method);
  return dimension > 0 ? dimension : std::numeric_limits<double>::infinity();
}

bool draws_second_layer(const Problem& problem) {
  return problem.student.second_layer_draw != SecondLayerDraw::once;
}
/// Starts that are drawn.
bool has_effect(const Problem& problem, const OdeOptions& ode, std::string_view key) {
  const bool has_starts = problem.has_random_start && ode.start_dimension > 0;
  if (key == "dimension") return has_starts;
  return key != "starts" || has_starts || draws_second_layer(problem);
}
/// Starts that are drawn, strides that are made.
bool has_effect(const Problem& problem, const FiniteBatchOptions& recursion, std::string_view key) {
  if (key == "starts") return problem.has_random_start || draws_second_layer(problem);
  return key != "integrator" || recursion.rtol > 0;
}
template <class P, class M>
bool has_effect(const P&, const M&, std::string_view) {
  return true;
}

template <class P, class A>
AlgorithmRow algorithm_row(std::string_view system, std::string_view name, bool has_steps) {
  return {.system = system,
          .name = name,
          .has_steps = has_steps,
          .defaults = A{},
          .n_steps = [](const Settings& settings) -> double {
            const A& algorithm = settings.get<A>();
            if constexpr (requires { algorithm.schedule.n_steps(); }) {
              return algorithm.schedule.n_steps();
            } else if constexpr (requires { algorithm.steps; }) {
              return static_cast<double>(algorithm.steps);
            } else {
              return 0;
            }
          },
          .counts_samples = requires(A a){a.batch_size;
}
,
    .first_time = [](const Settings& settings) -> double {
      const A& algorithm = settings.get<A>();
      if constexpr (requires { algorithm.first_time(); }) {
        return algorithm.first_time();
      } else {
        return 0;
      }
    },
    .trains_second_layer = [](const Settings& settings) -> std::optional<bool> {
      const A& algorithm = settings.get<A>();
      if constexpr (requires { algorithm.trains_second_layer(); }) {
        return algorithm.trains_second_layer();
      } else {
        return std::nullopt;
      }
    },
    .check = [](const Settings& problem, const Settings& algorithm) {
      check_algorithm(problem.get<P>(), algorithm.get<A>());
    }
};  // namespace
}  // namespace reprise

template <class P, class A, class M>
Solution solve_row(const Settings& problem, const Settings& algorithm, Settings settings,
                   int threads, const Progress& progress) {
  M& method = settings.get<M>();
  if constexpr (requires { method.threads; }) method.threads = threads;
  if constexpr (requires { method.progress; }) {
    if (progress) method.progress = progress;
  }
  return solve(problem.get<P>(), algorithm.get<A>(), method);
}

struct RowNames {
  std::string_view system, algorithm, method, engine = {};
};

template <class P, class A, class M>
MethodRow method_row(const RowNames& names, Role role, std::uint64_t stream, M defaults = {},
                     const std::vector<std::string_view>& without = {}) {
  return {.system = names.system,
          .algorithm = names.algorithm,
          .method = names.method,
          .engine = names.engine,
          .role = role,
          .stream = stream,
          .revision = 1,
          .defaults = std::move(defaults),
          .without = without,
          .has_dimension = requires(M m){m.dimension;
}
, .solve = &solve_row<P, A, M>,
  .quantities =
      [](const Settings& problem, const Settings& algorithm, const Settings& method) {
        return recorded(problem.get<P>(), algorithm.get<A>(), method.get<M>());
      },
  .check =
      [](const Settings& problem, const Settings& algorithm, const Settings& method) {
        if constexpr (requires(const P& p, const A& a, const M& m) { check(p, a, m); }) {
          check(problem.get<P>(), algorithm.get<A>(), method.get<M>());
        }
      },
  .dimension = [](const Settings& settings) { return dimension_in(settings.get<M>()); },
  .step_time =
      [](const Settings& algorithm, const Settings& method) {
        return step_time_of(algorithm.get<A>(), method.get<M>());
      },
  .noise_dimension =
      [](const Settings& algorithm, const Settings& method, const Solution& solution) {
        return noise_of(algorithm.get<A>(), method.get<M>(), solution);
      },
  .runs = [](const Settings& settings) -> std::int64_t {
    const M& method = settings.get<M>();
    if constexpr (requires { method.runs; }) {
      return method.runs;
    } else {
      return 0;
    }
  },
  .applies =
      [](const Settings& problem, const Settings& method, std::string_view key) {
        return has_effect(problem.get<P>(), method.get<M>(), key);
      },
  .set_streams =
      [](Settings& settings, std::uint64_t own, std::uint64_t starts, bool kernels) {
        M& method = settings.get<M>();
        if constexpr (requires { method.seed; }) method.seed = own;
        if constexpr (requires { method.start_seed; }) method.start_seed = starts;
        if constexpr (requires { method.kernels; }) method.kernels = kernels;
      },
  .set_times = [](Settings& settings, const std::vector<std::int64_t>& steps,
                  const std::vector<double>& times) {
    M& method = settings.get<M>();
    if constexpr (requires { method.steps = steps; }) method.steps = steps;
    if constexpr (requires { method.times = times; }) method.times = times;
  }
}
;  // namespace
}  // namespace reprise

OdeOptions flow_defaults() {
  OdeOptions flow;
  flow.terms = OdeTerms::drift_only;
  return flow;
}

template <class A>
MethodRow flow_row(std::string_view algorithm) {
  return method_row<Problem, A, OdeOptions>({"two_layer", algorithm, "gradient_flow"}, Role::theory,
                                            6, flow_defaults(), {"terms"});
}

void add(std::vector<std::string_view>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void add_keys(std::vector<std::string_view>& keys, const Schema& schema) {
  for (const std::string_view key : keys_of(schema)) add(keys, key);
}

}  // namespace

std::span<const SystemRow> system_rows() {
  static const std::vector<SystemRow> rows = {two_layer_system(),
                                              described_system<MatrixSensing>("matrix_sensing")};
  return rows;
}

std::span<const AlgorithmRow> algorithm_rows() {
  static const std::vector<AlgorithmRow> rows = {
      algorithm_row<Problem, GradientDescent>("two_layer", "gradient_descent", true),
      algorithm_row<Problem, OnePassSgd>("two_layer", "sgd", false),
      algorithm_row<Problem, PopulationFlow>("two_layer", "gradient_flow", false),
      algorithm_row<MatrixSensing, ProxLinear>("matrix_sensing", "prox_linear", true)};
  return rows;
}

std::span<const MethodRow> method_rows() {
  constexpr std::string_view two = "two_layer", gd = "gradient_descent", sgd = "sgd",
                             flow = "gradient_flow";
  static const std::vector<MethodRow> rows = {
      method_row<Problem, GradientDescent, DmftOptions>({two, gd, "dmft"}, Role::theory, 1),
      method_row<Problem, GradientDescent, ExactSimulation>({two, gd, "simulation", "exact"},
                                                            Role::simulation, 2),
      method_row<Problem, GradientDescent, DenseSimulation>({two, gd, "simulation", "dense"},
                                                            Role::simulation, 3),
      method_row<Problem, OnePassSgd, OdeOptions>({two, sgd, "ode"}, Role::theory, 4),
      method_row<Problem, OnePassSgd, FiniteBatchOptions>({two, sgd, "recursion"}, Role::theory, 5),
      flow_row<OnePassSgd>(sgd),
      method_row<Problem, OnePassSgd, ExactChain>({two, sgd, "simulation", "exact"},
                                                  Role::simulation, 2),
      method_row<Problem, OnePassSgd, DenseSgdSimulation>({two, sgd, "simulation", "dense"},
                                                          Role::simulation, 3),
      flow_row<PopulationFlow>(flow),
      method_row<Problem, PopulationFlow, MeanFieldOptions>({two, flow, "mean_field"}, Role::theory,
                                                            8),
      method_row<Problem, PopulationFlow, FiniteWidthOptions>({two, flow, "finite_width"},
                                                              Role::theory, 9),
      method_row<Problem, PopulationFlow, FlowChain>({two, flow, "simulation", "exact"},
                                                     Role::simulation, 2),
      method_row<Problem, PopulationFlow, DenseFlowDescent>({two, flow, "simulation", "dense"},
                                                            Role::simulation, 3),
      method_row<MatrixSensing, ProxLinear, SensingRecursionOptions>(
          {"matrix_sensing", "prox_linear", "recursion"}, Role::theory, 5),
      method_row<MatrixSensing, ProxLinear, SensingSimulation>(
          {"matrix_sensing", "prox_linear", "simulation", "dense"}, Role::simulation, 3)};
  return rows;
}

const SystemRow& system_of(const Settings& problem) {
  for (const SystemRow& row : system_rows()) {
    if (row.has(problem)) return row;
  }
  throw InputError("experiment: problem must be one of a system that there is");
}

const AlgorithmRow& row_of(const Settings& algorithm) {
  for (const AlgorithmRow& row : algorithm_rows()) {
    if (row.defaults.is_same_type(algorithm)) return row;
  }
  throw InputError("experiment: algorithm must be one that there is");
}

const MethodRow& row_of(const Settings& algorithm, const CurveSpec& curve) {
  const AlgorithmRow& own = row_of(algorithm);
  for (const MethodRow& row : method_rows()) {
    if (row.system != own.system || row.algorithm != own.name) continue;
    if (!row.defaults.is_same_type(curve.method)) continue;
    if (curve.method_name.empty() || curve.method_name == row.method) return row;
  }
  throw InputError("curve \"" + curve.name + "\": method must be one that fits the algorithm");
}

const MethodRow& row_of(const Experiment& experiment, const CurveSpec& curve) {
  return row_of(experiment_of(experiment, curve).algorithm, curve);
}

std::vector<std::string_view> sections_of(const SystemRow& system) {
  std::vector<std::string_view> sections;
  for (const Settings& settings : system.sections) {
    const Schema& keys = *settings.schema();
    add(sections, keys.section());
    for (const Field& field : keys.fields()) {
      const std::size_t dot = field.facts.key.find('.');
      if (dot != std::string_view::npos) add(sections, field.facts.key.substr(0, dot));
    }
  }
  return sections;
}

void refuse_unknown_keys(const Section& root, const Schema& schema) {
  std::map<std::string_view, std::vector<std::string_view>> keys;
  for (const Field& field : schema.fields()) {
    const std::string_view key = field.facts.key;
    const std::size_t dot = key.find('.');
    const bool is_own = dot == std::string_view::npos;
    keys[is_own ? schema.section() : key.substr(0, dot)].push_back(is_own ? key
                                                                          : key.substr(dot + 1));
  }
  for (const auto& [section, known] : keys) root.subsection(section, known);
}

std::vector<std::string_view> system_names() {
  std::vector<std::string_view> names;
  for (const SystemRow& row : system_rows()) names.push_back(row.name);
  return names;
}

std::vector<std::string_view> algorithm_names(std::string_view system) {
  std::vector<std::string_view> names;
  for (const AlgorithmRow& row : algorithm_rows()) {
    if (row.system == system) names.push_back(row.name);
  }
  return names;
}

std::vector<std::string_view> method_names(const AlgorithmRow& algorithm) {
  std::vector<std::string_view> names;
  for (const MethodRow& row : method_rows()) {
    if (row.system == algorithm.system && row.algorithm == algorithm.name) add(names, row.method);
  }
  return names;
}

std::vector<std::string_view> all_method_names() {
  std::vector<std::string_view> names;
  for (const MethodRow& row : method_rows()) add(names, row.method);
  return names;
}

std::vector<std::string_view> student_keys() {
  std::vector<std::string_view> keys = keys_of<StudentKeys>();
  constexpr std::string_view prefix = "student.";
  const auto add_those_of = [&](const Schema& schema) {
    for (const Field& field : schema.fields()) {
      if (field.facts.key.starts_with(prefix)) add(keys, field.facts.key.substr(prefix.size()));
    }
  };
  for (const AlgorithmRow& row : algorithm_rows()) add_those_of(row.keys());
  for (const MethodRow& row : method_rows()) add_those_of(row.keys());
  return keys;
}

std::vector<std::string_view> training_keys() {
  std::vector<std::string_view> keys = keys_of<TrainingKeys>();
  for (const AlgorithmRow& row : algorithm_rows()) add_keys(keys, row.keys());
  add_keys(keys, schema<DurationKey>());
  return keys;
}

std::vector<std::string_view> curve_keys() {
  std::vector<std::string_view> keys = keys_of<CurveKeys>();
  for (const MethodRow& row : method_rows()) add_keys(keys, row.keys());
  return keys;
}

bool is_whole_number_key(std::string_view key) {
  if (key == "seed") return true;
  const auto has_whole = [](const Schema& schema, std::string_view name) {
    const Field* field = schema.find(name);
    return field != nullptr && field->is_whole;
  };
  constexpr std::string_view of_own_settings = ".set.";  // curve.<name>.set.<key>
  const std::size_t own = key.rfind(of_own_settings);
  if (key.starts_with("curve.") && own != key.npos) {
    return is_whole_number_key(key.substr(own + of_own_settings.size()));
  }
  const std::string_view last = key.substr(key.rfind('.') + 1);  // all of it where there is no dot
  if (key.starts_with("training.")) {
    return std::ranges::any_of(
        algorithm_rows(), [&](const AlgorithmRow& row) { return has_whole(row.keys(), last); });
  }
  if (key.starts_with("curve.")) {
    return std::ranges::any_of(method_rows(),
                               [&](const MethodRow& row) { return has_whole(row.keys(), last); });
  }
  for (const SystemRow& row : system_rows()) {
    for (const Settings& section : row.sections) {
      const Schema& keys = *section.schema();
      if (keys.path(last) == key && has_whole(keys, last)) return true;
    }
  }
  return false;
}

}  // namespace reprise
