#include "reprise/io/methods.hpp"

#include <algorithm>

#include "reprise/io/problem_keys.hpp"

namespace reprise {

namespace {

template <class S>
Algorithm make_algorithm() {
  return S{};
}
template <class S>
void* algorithm_address(Algorithm& algorithm) {
  return &std::get<S>(algorithm);
}
template <class S>
AlgorithmRow algorithm_row(std::string_view name, bool has_steps) {
  return {name, &schema<S>, has_steps, &make_algorithm<S>, &algorithm_address<S>};
}

template <class S>
Method make_method() {
  return S{};
}
template <class S>
void* method_address(Method& method) {
  return &std::get<S>(method);
}
template <class S>
MethodRow method_row(std::string_view algorithm, std::string_view method, std::string_view engine,
                     Role role, std::uint64_t stream, std::vector<std::string_view> without = {}) {
  return {.algorithm = algorithm,
          .method = method,
          .engine = engine,
          .role = role,
          .stream = stream,
          .revision = 1,
          .keys = &schema<S>,
          .without = std::move(without),
          .make = &make_method<S>,
          .address = &method_address<S>};
}

Method make_flow() {
  OdeOptions flow;
  flow.terms = OdeTerms::drift_only;
  return flow;
}

MethodRow flow_row(std::string_view algorithm) {
  MethodRow row =
      method_row<OdeOptions>(algorithm, "gradient_flow", "", Role::theory, 6, {"terms"});
  row.make = &make_flow;
  return row;
}

void add(std::vector<std::string_view>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void add_keys(std::vector<std::string_view>& keys, const Schema& schema) {
  for (const std::string_view key : keys_of(schema)) add(keys, key);
}

}  // namespace

std::span<const AlgorithmRow> algorithm_rows() {
  static const std::vector<AlgorithmRow> rows = {
      algorithm_row<GradientDescent>("gradient_descent", true),
      algorithm_row<OnePassSgd>("sgd", false),
      algorithm_row<PopulationFlow>("gradient_flow", false)};
  return rows;
}

std::span<const MethodRow> method_rows() {
  static const std::vector<MethodRow> rows = {
      method_row<DmftOptions>("gradient_descent", "dmft", "", Role::theory, 1),
      method_row<ExactSimulation>("gradient_descent", "simulation", "exact", Role::simulation, 2),
      method_row<DenseSimulation>("gradient_descent", "simulation", "dense", Role::simulation, 3),
      method_row<OdeOptions>("sgd", "ode", "", Role::theory, 4),
      method_row<FiniteBatchOptions>("sgd", "recursion", "", Role::theory, 5),
      flow_row("sgd"),
      method_row<ExactChain>("sgd", "simulation", "exact", Role::simulation, 2),
      method_row<DenseSgdSimulation>("sgd", "simulation", "dense", Role::simulation, 3),
      flow_row("gradient_flow")};
  return rows;
}

const AlgorithmRow& row_of(const Algorithm& algorithm) {
  return algorithm_rows()[algorithm.index()];
}

const MethodRow& row_of(const Algorithm& algorithm, const CurveSpec& curve) {
  const std::string_view name = row_of(algorithm).name;
  for (const MethodRow& row : method_rows()) {
    if (row.algorithm != name || row.make().index() != curve.method.index()) continue;
    if (curve.method_name.empty() || curve.method_name == row.method) return row;
  }
  throw InputError("curve \"" + curve.name + "\": method must be one that fits the algorithm");
}

std::vector<std::string_view> algorithm_names() {
  std::vector<std::string_view> names;
  for (const AlgorithmRow& row : algorithm_rows()) names.push_back(row.name);
  return names;
}

std::vector<std::string_view> method_names(std::string_view algorithm) {
  std::vector<std::string_view> names;
  for (const MethodRow& row : method_rows()) {
    if (row.algorithm == algorithm) add(names, row.method);
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
  for (const AlgorithmRow& row : algorithm_rows()) {
    for (const Field& field : row.keys().fields()) {
      if (field.facts.key.starts_with(prefix)) add(keys, field.facts.key.substr(prefix.size()));
    }
  }
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
  const std::string_view last = key.substr(key.rfind('.') + 1);  // all of it where there is no dot
  if (key.starts_with("student.")) return has_whole(schema<StudentKeys>(), last);
  if (key.starts_with("training.")) {
    return std::ranges::any_of(
        algorithm_rows(), [&](const AlgorithmRow& row) { return has_whole(row.keys(), last); });
  }
  return key.starts_with("curve.") && std::ranges::any_of(method_rows(), [&](const MethodRow& row) {
           return has_whole(row.keys(), last);
         });
}

}  // namespace reprise
