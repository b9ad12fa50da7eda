#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>

#include "reprise/core/callable.hpp"
#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/faults.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/experiments/experiment/callables.hpp"
#include "reprise/experiments/experiment/experiment_parts.hpp"
#include "reprise/experiments/experiment/methods.hpp"
#include "reprise/experiments/experiment/problem_keys.hpp"
#include "reprise/model/label_check.hpp"
#include "reprise/model/symmetry.hpp"

namespace reprise {

namespace {

/// Of results of callables, which their program alone can run again, and lends then.
void refuse_callable(const Section& section, std::string_view key, const std::string& text) {
  if (!is_callable_text(text)) return;
  section.reject(key, "a text: what is a function of a C++ program is run again from there", text);
}

TargetFunction read_expression(const Section& target) {
  const std::string text = target.text("expression");
  if (std::optional<TargetFunction> lent = find_target(text)) return std::move(*lent);
  refuse_callable(target, "expression", text);
  try {
    return Expression::parse(text);
  } catch (const ExpressionError& error) {
    // what() is "expression: <reason>", the text and a caret below it.
    const std::string_view report = error.what();
    const std::string_view picture = report.substr(std::min(report.find('\n'), report.size()));
    throw InputError(target.origin("expression") + ": " + target.path("expression") +
                     " must be a formula of z1, z2, ...: " + error.reason() + ", at character " +
                     std::to_string(error.position() + 1) + std::string(picture));
  }
}

Eigen::MatrixXd read_symmetric(const Section& section, std::string_view key, Eigen::Index size) {
  Eigen::MatrixXd matrix = section.matrix(key, size, size);
  check_symmetric(section.origin(key), section.path(key), matrix);
  return 0.5 * (matrix + matrix.transpose());
}

Eigen::MatrixXd read_gram(const Section& target, int n_variables) {
  if (!target.has("gram")) return {};  // as completed() has it
  // More directions than the expression uses are legal: the target then ignores them.
  const Eigen::Index size = std::max<Eigen::Index>(n_variables, target.shape("gram").first);
  Eigen::MatrixXd gram = read_symmetric(target, "gram", size);
  const double lowest = symmetric_eigen(gram).values[0];
  if (!(lowest > 1e-12 * gram.cwiseAbs().maxCoeff())) {
    std::ostringstream got;
    got << "lowest eigenvalue " << lowest;
    target.reject("gram", "positive definite", got.str());
  }
  return gram;
}

Target read_target(const Section& root) {
  root.require("target");
  const Section section = root.subsection("target", keys_of<TargetKeys>());
  TargetKeys keys;
  std::optional<TargetFunction> expression;
  Faults faults;
  faults.collect([&] { keys = section.read<TargetKeys>(root); });
  if (section.has("expression")) {
    faults.collect([&] {
      expression = read_expression(section);
      if (expression->n_variables() < 1) {
        section.reject("expression", "a formula that uses z1 at least");
      }
      keys.gram = read_gram(section, expression->n_variables());
    });
  }
  faults.throw_if_any();
  return {.g = std::move(*expression),
          .noise_variance = keys.noise_variance,
          .gram = std::move(keys.gram)};
}

template <class Parsed>
Parsed read_named(const Section& section, std::string_view key,
                  std::optional<Parsed> (*find)(std::string_view text),
                  std::optional<std::string> fallback = {}) {
  const std::string text = section.text(key, std::move(fallback));
  if (std::optional<Parsed> lent = find(text)) return std::move(*lent);
  refuse_callable(section, key, text);
  try {
    return Parsed::parse(text);
  } catch (const InputError& error) {
    throw InputError(section.origin(key) + ": " + section.path(key) + " = \"" + text +
                     "\": " + error.what());
  }
}

/// Of a second layer's rule; `once` for what is not drawn.
SecondLayerDraw law_of(std::string_view rule) {
  if (rule == "gaussian") return SecondLayerDraw::gaussian;
  if (rule == "rademacher") return SecondLayerDraw::rademacher;
  return SecondLayerDraw::once;
}

Eigen::VectorXd numbers_of(const SecondLayer& layer, Eigen::Index n_neurons, std::uint64_t seed) {
  if (layer.rule.empty()) return Eigen::Map<const Eigen::VectorXd>(layer.numbers.data(), n_neurons);
  if (layer.rule == "ones") return Eigen::VectorXd::Ones(n_neurons);
  if (layer.rule == "alternating") {
    return Eigen::VectorXd::NullaryExpr(n_neurons,
                                        [](Eigen::Index j) { return j % 2 == 0 ? 1.0 : -1.0; });
  }
  return draw_second_layer(law_of(layer.rule), n_neurons, seed);
}

/// The second layer, with as many neurons as it or `neurons` says.
void check_neurons(const Section& section, StudentKeys& keys) {
  const auto size = static_cast<std::int64_t>(keys.second_layer.numbers.size());
  if (keys.second_layer.rule.empty()) {
    if (keys.neurons == 0) keys.neurons = size;
    if (keys.neurons != size) {
      section.reject("second_layer",
                     "of shape (" + std::to_string(keys.neurons) + ") as there are " +
                         std::to_string(keys.neurons) + " neurons",
                     "shape (" + std::to_string(size) + ")");
    }
  } else if (keys.neurons == 0) {
    section.require("neurons");
  }
}

SecondLayerDraw read_draw(const Section& section, const StudentKeys& keys) {
  if (keys.second_layer_draw != DrawnOnceOr::run) return SecondLayerDraw::once;
  const SecondLayerDraw law = law_of(keys.second_layer.rule);
  if (law == SecondLayerDraw::once) {
    section.reject("second_layer_draw",
                   "\"once\" unless student.second_layer is \"gaussian\" or \"rademacher\": "
                   "nothing else is drawn");
  }
  return law;
}

Student read_student(const Section& root, std::uint64_t seed) {
  root.require("student");
  const Section section = root.subsection("student", student_keys());
  StudentKeys keys;
  std::optional<Activation> activation;
  SecondLayerDraw draw = SecondLayerDraw::once;
  Faults faults;
  if (faults.collect([&] { keys = section.read<StudentKeys>(root); })) {
    faults.collect([&] { check_neurons(section, keys); });
    faults.collect([&] { draw = read_draw(section, keys); });
  }
  if (section.has("activation")) {
    faults.collect(
        [&] { activation = read_named<Activation>(section, "activation", &find_activation); });
  }
  faults.throw_if_any();
  return {.activation = std::move(*activation),
          .second_layer = numbers_of(keys.second_layer, keys.neurons, seed),
          .output_scale = keys.output_scale,
          .second_layer_draw = draw};
}

/// Of h* = W* x / sqrt d: structured inputs; empty where inputs are isotropic.
Eigen::MatrixXd read_covariance(const Section& root, Eigen::Index n_directions) {
  const Section section = root.subsection("inputs", keys_of<InputKeys>());
  if (!section.has("covariance")) return {};
  Eigen::MatrixXd covariance = read_symmetric(section, "covariance", n_directions);
  semidefinite_factor(section.origin("covariance"), section.path("covariance"), covariance);
  return covariance;
}

bool read_has_random_start(const Section& root) {
  const Section section = root.subsection("initial", keys_of<StartKeys>());
  const bool is_random = section.read<StartKeys>(root).kind == StartKind::random;
  for (const char* key : {"M", "Q"}) {
    if (is_random && section.has(key)) {
      section.reject(key, "left out with initial.kind = \"random\", which draws it");
    }
  }
  return is_random;
}

/// M and Q as they are given; the others stay empty.
Overlaps read_initial(const Section& root, Eigen::Index n_neurons, Eigen::Index n_directions) {
  const Section section = root.subsection("initial", keys_of<StartKeys>());
  Overlaps initial;
  Faults faults;
  faults.collect([&] {
    if (section.has("M")) initial.M = section.matrix("M", n_neurons, n_directions);
  });
  faults.collect([&] {
    if (section.has("Q")) initial.Q = read_symmetric(section, "Q", n_neurons);
  });
  faults.throw_if_any();
  return initial;
}

void check_start(const Section& root, const Problem& problem) {
  const Section section = root.subsection("initial", keys_of<StartKeys>());
  if (!section.has("Q")) return;
  const auto& [M, Q] = problem.initial;
  semidefinite_factor(section.origin("Q"), section.path("Q") + " - M P^-1 M^T",
                      Q - M * solve(problem.target.gram, M.transpose()), Q.cwiseAbs().maxCoeff());
}

/// A label that is no number would be found after the first steps, and blamed on the learning rate.
void check_numbers(const Section& root, const Problem& problem) {
  if (const auto found = find_label_that_is_no_number(problem.target, problem.input_covariance)) {
    root.subsection("target", keys_of<TargetKeys>())
        .reject("expression", "finite at every input", *found);
  }
  if (const auto found = find_activation_that_is_no_number(problem.student, problem.initial.Q)) {
    root.subsection("student", student_keys())
        .reject("activation", "finite at every field", *found);
  }
}

Value list_of(const Eigen::VectorXd& numbers) {
  std::vector<Value> items;
  for (const double number : numbers) items.push_back(Value::of(number));
  return Value::of(std::move(items));
}

void write_problem(const Problem& problem, Value& file) {
  file.put_path("target.expression", Value::of(problem.target.g.text()));
  file.put_path("target.noise_variance", Value::of(problem.target.noise_variance));
  file.put_path("target.gram", value_of(problem.target.gram));
  file.put_path("inputs.covariance", value_of(problem.input_covariance));
  file.put_path("student.activation", Value::of(problem.student.activation.text()));
  file.put_path("student.neurons", Value::of(std::int64_t{problem.n_neurons()}));
  const SecondLayerDraw draw = problem.student.second_layer_draw;
  file.put_path("student.second_layer", draw == SecondLayerDraw::once
                                            ? list_of(problem.student.second_layer)
                                            : Value::of(name(draw)));
  file.put_path("student.second_layer_draw",
                Value::of(draw == SecondLayerDraw::once ? "once" : "run"));
  file.put_path("student.output_scale", Value::of(name(problem.student.output_scale)));
  file.put_path("initial.kind", Value::of(problem.has_random_start ? "random" : "given"));
  if (problem.has_random_start) return;  // which is drawn
  file.put_path("initial.M", value_of(problem.initial.M));
  file.put_path("initial.Q", value_of(problem.initial.Q));
}

Settings read_problem(const Section& root, std::uint64_t seed) {
  std::optional<Target> target;
  std::optional<Student> student;
  std::optional<Loss> loss;
  bool has_random_start = false;
  Faults faults;
  faults.collect([&] { target = read_target(root); });
  faults.collect([&] { student = read_student(root, seed); });
  faults.collect([&] {
    loss = read_named<Loss>(root.subsection("training", training_keys()), "loss", &find_loss,
                            "square");
  });
  faults.collect([&] { has_random_start = read_has_random_start(root); });
  faults.throw_if_any();
  Problem problem = Problem::of(std::move(*target), std::move(*student));
  faults.collect(
      [&] { problem.initial = read_initial(root, problem.n_neurons(), problem.n_directions()); });
  faults.collect([&] { problem.input_covariance = read_covariance(root, problem.n_directions()); });
  faults.throw_if_any();
  problem = completed(std::move(problem));
  check_start(root, problem);
  check_numbers(root, problem);
  problem.loss = std::move(*loss);
  problem.has_random_start = has_random_start;
  return problem;
}

ComparisonContext context_of(const Problem& problem, double dimension) {
  ComparisonContext context;
  if (std::isfinite(dimension)) context.symmetry = start_symmetry(problem, dimension);
  context.has_infinite_variance = has_infinite_variance(problem.target, problem.input_covariance);
  return context;
}

std::vector<std::string> warnings_of(const Problem& problem) {
  if (!has_infinite_variance(problem.target, problem.input_covariance)) return {};
  return {
      "the labels have infinite variance, target.expression grows like exp(|z|^2 / 4) or faster: "
      "errors have no mean and standard errors no meaning"};
}

/// A label that is no number at one input in a million passes every check before work starts, and
/// then looks like a learning rate that is too large.
void explain(const Problem& problem, Solution& solution) {
  constexpr std::int64_t n_points = 1 << 20;
  const auto found =
      find_label_that_is_no_number(problem.target, problem.input_covariance, n_points);
  if (!found) return;
  solution.warnings.push_back("target.expression is not finite everywhere: " + *found +
                              "; no learning rate cures that");
}

}  // namespace

SystemRow two_layer_system() {
  return {.name = "two_layer",
          .has = [](const Settings& p) { return p.get_if<Problem>() != nullptr; },
          .sections = {TargetKeys{}, InputKeys{}, StudentKeys{}, StartKeys{}},
          .read = &read_problem,
          .write = [](const Settings& p, Value& file) { write_problem(p.get<Problem>(), file); },
          .check = [](const Settings& p) { check(p.get<Problem>()); },
          .loss = [](const Settings& p) { return std::string(p.get<Problem>().loss.text()); },
          .context = [](const Settings& p, double d) { return context_of(p.get<Problem>(), d); },
          .warnings = [](const Settings& p) { return warnings_of(p.get<Problem>()); },
          .explain_divergence = [](const Settings& p,
                                   Solution& solution) { explain(p.get<Problem>(), solution); },
          .squared_norms = [](const Settings& p) -> Eigen::VectorXd {
            return p.get<Problem>().target.gram.diagonal();
          }};
}

}  // namespace reprise
