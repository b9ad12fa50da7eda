#include <algorithm>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"

namespace reprise {

namespace {

/// The second layer's rate is asked for exactly where that layer is trained.
void check_second_layer(const Section& root, const Section& training, const AlgorithmRow& row) {
  const Section student = root.subsection("student", student_keys());
  const bool is_trained = student.flag("train_second_layer", false);
  const bool has_rate = student.has("second_layer_learning_rate");
  if (training.has("epsilon")) {  // which is the rate
    if (!is_trained) student.reject("train_second_layer", "true where training.epsilon is given");
    return;
  }
  if (is_trained && !has_rate) student.require("second_layer_learning_rate");
  if (is_trained && !row.has_steps) student.number("second_layer_learning_rate", above(0));
  if (!is_trained && has_rate) {
    student.reject("second_layer_learning_rate", "left out unless train_second_layer = true");
  }
}

void refuse_keys_of_others(const Section& training, const SystemRow& system,
                           const AlgorithmRow& own) {
  Faults faults;
  const auto refuse = [&](std::string_view key, std::string_view kind, std::string_view name) {
    faults.collect([&] { training.refuse(key, kind, name); });
  };
  if (training.has("loss") && system.loss == nullptr) refuse("loss", "system", own.system);
  for (const std::string_view key : training_keys()) {
    if (!training.has(key) || schema<TrainingKeys>().find(key) != nullptr) continue;
    const bool applies = key == "duration" ? !own.has_steps : own.keys().find(key) != nullptr;
    if (!applies) refuse(key, "algorithm", own.name);
  }
  faults.throw_if_any();
}

}  // namespace

const AlgorithmRow& read_algorithm(const Section& root, const SystemRow& system) {
  const Section training = root.subsection("training", training_keys());
  const std::vector<std::string_view> names = algorithm_names(system.name);
  const std::string chosen = training.choice("algorithm", names, std::string(names.front()));
  return *std::ranges::find_if(algorithm_rows(), [&](const AlgorithmRow& row) {
    return row.system == system.name && row.name == chosen;
  });
}

Settings read_training(const Section& root, const SystemRow& system, const AlgorithmRow& row) {
  root.require("training");
  const Section training = root.subsection("training", training_keys());
  Faults faults;
  faults.collect([&] { refuse_keys_of_others(training, system, row); });
  if (row.trains_second_layer(row.defaults)) {
    faults.collect([&] { check_second_layer(root, training, row); });
  }
  Settings algorithm = row.defaults;
  faults.collect([&] { read_fields(row.keys(), training.fields(root), algorithm.address()); });
  faults.throw_if_any();
  return algorithm;
}

double read_duration(const Section& root, const Settings& algorithm) {
  const AlgorithmRow& row = row_of(algorithm);
  if (row.has_steps) return row.n_steps(algorithm);
  return root.subsection("training", training_keys()).read<DurationKey>(root).duration;
}

}  // namespace reprise
