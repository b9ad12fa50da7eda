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
    if (spec.own) continue;
    for (auto& [key, value] :
         write_fields(row_of(experiment, spec).keys(), spec.method.address(), "")) {
      if (key.find('.') != key.npos) file.put_path(key, std::move(value));
    }
  }
}

/// The file without its curves.
Value sections_of_all(const Experiment& experiment) {
  Value file;
  file.put("seed", Value::of(static_cast<std::int64_t>(experiment.seed)));
  const SystemRow& system = system_of(experiment.problem);
  // The first system has no name in the files, and stored points, of before there were others.
  if (&system != &system_rows().front()) file.put("system", Value::of(system.name));
  system.write(experiment.problem, file);
  write_algorithm(experiment, system, file);
  write_keys_elsewhere(experiment, file);
  return file;
}

Value with_output(const Experiment& experiment) {
  Value file = sections_of_all(experiment);
  file.put("output", experiment.output);
  return file;
}

/// Keys with their sections: "training.steps", "seed".
std::vector<std::pair<std::string, const Value*>> paths_in(const Value& file) {
  std::vector<std::pair<std::string, const Value*>> paths;
  for (const ValueMember& section : file.members) {
    if (section.value.kind != Value::Kind::table) paths.emplace_back(section.key, &section.value);
    for (const ValueMember& member : section.value.members) {
      paths.emplace_back(section.key + "." + member.key, &member.value);
    }
  }
  return paths;
}

/// curve.set and curve.unset: what makes one experiment of another.
void write_difference(const Value& from, const Value& to, Value& curve) {
  const auto before = paths_in(from), after = paths_in(to);
  const auto find = [](const auto& paths, const std::string& path) -> const Value* {
    for (const auto& [name, value] : paths) {
      if (name == path) return value;
    }
    return nullptr;
  };
  Value set;
  for (const auto& [path, value] : after) {
    const Value* other = find(before, path);
    if (other == nullptr || other->written_whole() != value->written_whole()) set.put(path, *value);
  }
  std::vector<Value> unset;
  for (const auto& [path, value] : before) {
    if (find(after, path) == nullptr) unset.push_back(Value::of(path));
  }
  if (!set.members.empty()) curve.put("set", std::move(set));
  if (!unset.empty()) curve.put("unset", Value::of(std::move(unset)));
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
    if (!is_without && row.applies(experiment_of(experiment, spec).problem, spec.method, key)) {
      curve.put(key, std::move(value));
    }
  }
  if (spec.own) write_difference(with_output(experiment), with_output(*spec.own), curve);
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
  for (ValueMember& member : sections_of_all(experiment).members) {
    file.put(member.key, std::move(member.value));
  }
  std::vector<Value> curves;
  for (const CurveSpec& spec : experiment.curves) curves.push_back(written(experiment, spec));
  file.put("curve", Value::of(std::move(curves)));
  file.put("output", experiment.output);
  if (std::optional<Value> figure = written(experiment.figure)) {
    file.put("figure", std::move(*figure));
  }
  return file;
}

bool is_same_setting(const Experiment& one, const Experiment& two) {
  const auto text = [](const Experiment& experiment) {
    Value file = sections_of_all(experiment);
    std::erase_if(file.members, [](const ValueMember& member) { return member.key == "seed"; });
    return file.written_whole();
  };
  return &one == &two || text(one) == text(two);
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
