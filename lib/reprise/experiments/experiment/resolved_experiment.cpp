#include "reprise/experiments/experiment/resolved_experiment.hpp"

#include <algorithm>
#include <utility>

#include "reprise/experiments/experiment/methods.hpp"

namespace reprise {

namespace {

void write_algorithm(const Experiment& experiment, const SystemRow& system, Value& file) {
  const AlgorithmRow& row = row_of(experiment.algorithm);
  file.put_path("training.algorithm", Value::of(row.name));
  if (system.loss) file.put_path("training.loss", Value::of(system.loss(experiment.problem)));
  const std::optional<bool> trains = row.trains_second_layer(experiment.algorithm);
  for (auto& [path, value] : write_fields(row.keys(), experiment.algorithm.address(), "training")) {
    const bool is_rate = path == "student.second_layer_learning_rate";
    const bool is_none = value.is_number() && value.number() == 0;  // it is epsilon that counts
    if (is_rate && (!*trains || (is_none && !row.has_steps))) continue;
    file.put_path(path, std::move(value));
  }
  if (trains) file.put_path("student.train_second_layer", Value::of(*trains));
  if (!row.has_steps) file.put_path("training.duration", Value::of(experiment.duration));
}

/// Keys of a method that stand in another section than [[curve]].
void write_keys_elsewhere(const Experiment& experiment, Value& file) {
  for (const CurveSpec& spec : experiment.curves) {
    for (auto& [key, value] :
         write_fields(row_of(experiment, spec).keys(), spec.method.address(), "")) {
      if (key.find('.') != key.npos) file.put_path(key, std::move(value));
    }
  }
}

Value written(const Experiment& experiment, const CurveSpec& spec) {
  const MethodRow& row = row_of(experiment, spec);
  Value curve;
  curve.put("name", Value::of(spec.name));
  curve.put("method", Value::of(row.method));
  if (!row.engine.empty()) curve.put("engine", Value::of(row.engine));
  for (auto& [key, value] : write_fields(row.keys(), spec.method.address(), "")) {
    const bool is_without = std::ranges::find(row.without, key) != row.without.end();
    if (key.find('.') != key.npos) continue;
    if (!is_without && row.applies(experiment.problem, spec.method, key)) {
      curve.put(key, std::move(value));
    }
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
  const SystemRow& system = system_of(experiment.problem);
  // The first system has no name in the files, and stored points, of before there were others.
  if (&system != &system_rows().front()) file.put("system", Value::of(system.name));
  system.write(experiment.problem, file);
  write_algorithm(experiment, system, file);
  write_keys_elsewhere(experiment, file);
  std::vector<Value> curves;
  for (const CurveSpec& spec : experiment.curves) curves.push_back(written(experiment, spec));
  file.put("curve", Value::of(std::move(curves)));
  file.put("output", experiment.output);
  if (std::optional<Value> figure = written(experiment.figure)) {
    file.put("figure", std::move(*figure));
  }
  return file;
}

std::string identity_of(const Experiment& experiment) {
  std::string text;
  for (const ValueMember& member : resolved_experiment(experiment).members) {
    // What is drawn, and how, is not what is computed.
    if (member.key == "title" || member.key == "figure" || member.key == "curve") continue;
    add_lines(member.value, member.key, text);
  }
  for (const CurveSpec& spec : experiment.curves) {
    const std::string path = "curve." + spec.name;
    const int revision = row_of(experiment, spec).revision;
    add_lines(written(experiment, spec), path, text);
    text += path + ".revision = " + std::to_string(revision) + "\n";
  }
  return text;
}

}  // namespace reprise
