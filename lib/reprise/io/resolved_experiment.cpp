#include "reprise/io/resolved_experiment.hpp"

#include <algorithm>
#include <utility>

#include "reprise/io/methods.hpp"

namespace reprise {

namespace {

/// Sets "section.key", or a key of the table itself where there is no dot.
void put_path(Value& table, std::string_view path, Value value) {
  const std::size_t dot = path.find('.');
  if (dot == path.npos) return table.put(path, std::move(value));
  const std::string_view section = path.substr(0, dot);
  if (table.find(section) == nullptr) table.put(section, Value{});
  put_path(*table.find(section), path.substr(dot + 1), std::move(value));
}

Value list_of(const Eigen::VectorXd& numbers) {
  std::vector<Value> items;
  for (const double number : numbers) items.push_back(Value::of(number));
  return Value::of(std::move(items));
}

void write_problem(const Problem& problem, Value& file) {
  put_path(file, "target.expression", Value::of(problem.target.g.text()));
  put_path(file, "target.noise_variance", Value::of(problem.target.noise_variance));
  put_path(file, "target.gram", value_of(problem.target.gram));
  put_path(file, "inputs.covariance", value_of(problem.input_covariance));
  put_path(file, "student.activation", Value::of(problem.student.activation.text()));
  put_path(file, "student.neurons", Value::of(std::int64_t{problem.n_neurons()}));
  const SecondLayerDraw draw = problem.student.second_layer_draw;
  put_path(file, "student.second_layer",
           draw == SecondLayerDraw::once ? list_of(problem.student.second_layer)
                                         : Value::of(name(draw)));
  put_path(file, "student.second_layer_draw",
           Value::of(draw == SecondLayerDraw::once ? "once" : "run"));
  put_path(file, "student.output_scale", Value::of(name(problem.student.output_scale)));
  put_path(file, "initial.kind", Value::of(problem.has_random_start ? "random" : "given"));
  if (problem.has_random_start) return;  // which is drawn
  put_path(file, "initial.M", value_of(problem.initial.M));
  put_path(file, "initial.Q", value_of(problem.initial.Q));
}

void write_algorithm(const Experiment& experiment, Value& file) {
  Algorithm algorithm = experiment.algorithm;
  const AlgorithmRow& row = row_of(algorithm);
  put_path(file, "training.algorithm", Value::of(row.name));
  put_path(file, "training.loss", Value::of(experiment.problem.loss.text()));
  bool trains = false;
  for (auto& [path, value] : write_fields(row.keys(), row.address(algorithm), "training")) {
    if (path == "student.second_layer_learning_rate") {
      trains =
          std::visit([](const auto& chosen) { return chosen.trains_second_layer(); }, algorithm);
      if (!trains) continue;
    }
    put_path(file, path, std::move(value));
  }
  put_path(file, "student.train_second_layer", Value::of(trains));
  if (!row.has_steps) put_path(file, "training.duration", Value::of(experiment.duration));
}

/// Keys without effect, which a file may not say: of starts that are not drawn, of strides that are
/// not made.
bool applies(const Problem& problem, const Method& method, std::string_view key) {
  const bool draws = problem.student.second_layer_draw != SecondLayerDraw::once;
  if (const auto* ode = std::get_if<OdeOptions>(&method)) {
    const bool has_starts = problem.has_random_start && ode->start_dimension > 0;
    if (key == "dimension") return has_starts;
    return key != "starts" || has_starts || draws;
  }
  if (const auto* recursion = std::get_if<FiniteBatchOptions>(&method)) {
    if (key == "starts") return problem.has_random_start || draws;
    return key != "integrator" || recursion->rtol > 0;
  }
  return true;
}

Value written(const Experiment& experiment, const CurveSpec& spec) {
  const MethodRow& row = row_of(experiment.algorithm, spec);
  Value curve;
  curve.put("name", Value::of(spec.name));
  curve.put("method", Value::of(row.method));
  if (!row.engine.empty()) curve.put("engine", Value::of(row.engine));
  Method method = spec.method;
  for (auto& [key, value] : write_fields(row.keys(), row.address(method), "")) {
    const bool is_without = std::ranges::find(row.without, key) != row.without.end();
    if (!is_without && applies(experiment.problem, method, key)) curve.put(key, std::move(value));
  }
  return curve;
}

void add_lines(const Value& value, const std::string& path, std::string& text) {
  if (value.kind != Value::Kind::table) {
    text += path + " = " + value.written_whole() + "\n";
    return;
  }
  for (const ValueMember& member : value.members) {
    add_lines(member.value, path.empty() ? member.key : path + "." + member.key, text);
  }
}

}  // namespace

Value resolved_experiment(const Experiment& experiment) {
  Value file;
  file.put("format", Value::of(std::int64_t{1}));
  file.put("title", Value::of(experiment.title));
  file.put("seed", Value::of(static_cast<std::int64_t>(experiment.seed)));
  write_problem(experiment.problem, file);
  write_algorithm(experiment, file);
  std::vector<Value> curves;
  for (const CurveSpec& spec : experiment.curves) curves.push_back(written(experiment, spec));
  file.put("curve", Value::of(std::move(curves)));
  file.put("output", experiment.output);
  return file;
}

std::string identity_of(const Experiment& experiment) {
  std::string text;
  for (const ValueMember& member : resolved_experiment(experiment).members) {
    if (member.key == "title" || member.key == "curve") continue;
    add_lines(member.value, member.key, text);
  }
  for (const CurveSpec& spec : experiment.curves) {
    const std::string path = "curve." + spec.name;
    const int revision = row_of(experiment.algorithm, spec).revision;
    add_lines(written(experiment, spec), path, text);
    text += path + ".revision = " + std::to_string(revision) + "\n";
  }
  return text;
}

}  // namespace reprise
