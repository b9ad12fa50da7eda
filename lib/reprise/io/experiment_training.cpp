#include <algorithm>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/io/experiment_parts.hpp"
#include "reprise/io/methods.hpp"
#include "reprise/io/problem_keys.hpp"

namespace reprise {

namespace {

/// The second layer's rate is asked for exactly where that layer is trained.
void check_second_layer(const Section& root, const AlgorithmRow& row) {
  const Section student = root.subsection("student", student_keys());
  const bool is_trained = student.flag("train_second_layer", false);
  const bool has_rate = student.has("second_layer_learning_rate");
  if (is_trained && !has_rate) student.require("second_layer_learning_rate");
  if (is_trained && !row.has_steps) student.number("second_layer_learning_rate", above(0));
  if (!is_trained && has_rate) {
    student.reject("second_layer_learning_rate", "left out unless train_second_layer = true");
  }
}

const AlgorithmRow& algorithm_row(const Section& training) {
  const std::string chosen =
      training.choice("algorithm", algorithm_names(), std::string("gradient_descent"));
  return *std::ranges::find(algorithm_rows(), chosen, &AlgorithmRow::name);
}

void refuse_keys_of_other_algorithms(const Section& training, const AlgorithmRow& own) {
  for (const std::string_view key : training_keys()) {
    if (!training.has(key) || schema<TrainingKeys>().find(key) != nullptr) continue;
    const bool applies = key == "duration" ? !own.has_steps : own.keys().find(key) != nullptr;
    if (!applies) training.refuse(key, "algorithm", own.name);
  }
}

}  // namespace

Algorithm read_training(const Section& root) {
  root.require("training");
  const Section training = root.subsection("training", training_keys());
  const AlgorithmRow& row = algorithm_row(training);
  refuse_keys_of_other_algorithms(training, row);
  check_second_layer(root, row);
  Algorithm algorithm = row.make();
  read_fields(row.keys(), training.fields(root), row.address(algorithm));
  return algorithm;
}

double read_duration(const Section& root, const Algorithm& algorithm) {
  if (const auto* descent = std::get_if<GradientDescent>(&algorithm)) {
    return descent->schedule.n_steps();
  }
  return root.subsection("training", training_keys()).read<DurationKey>(root).duration;
}

}  // namespace reprise
