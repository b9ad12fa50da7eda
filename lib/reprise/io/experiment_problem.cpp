#include <algorithm>
#include <array>
#include <sstream>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/linear_algebra.hpp"
#include "reprise/core/nearest_name.hpp"
#include "reprise/io/experiment_parts.hpp"
#include "reprise/model/label_check.hpp"

namespace reprise {

namespace {

constexpr std::int64_t most_neurons = 4096;

Expression read_expression(const Section& target) {
  const std::string text = target.text("expression");
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
  if (!target.has("gram")) return Eigen::MatrixXd::Identity(n_variables, n_variables);
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
  const Section section = root.subsection("target", vocabulary::target);
  Expression expression = read_expression(section);
  if (expression.n_variables() < 1) {
    section.reject("expression", "a formula that uses z1 at least");
  }
  Eigen::MatrixXd gram = read_gram(section, expression.n_variables());
  return {.g = std::move(expression),
          .noise_variance = section.number("noise_variance", nonnegative, 0.0),
          .gram = std::move(gram)};
}

template <class Parsed>
Parsed read_named(const Section& section, std::string_view key,
                  std::optional<std::string> fallback = {}) {
  const std::string text = section.text(key, std::move(fallback));
  try {
    return Parsed::parse(text);
  } catch (const InputError& error) {
    throw InputError(section.origin(key) + ": " + section.path(key) + " = \"" + text +
                     "\": " + error.what());
  }
}

/// Of a second layer's name; `once` for what is not drawn.
SecondLayerDraw law_of(std::string_view name) {
  if (name == "gaussian") return SecondLayerDraw::gaussian;
  if (name == "rademacher") return SecondLayerDraw::rademacher;
  return SecondLayerDraw::once;
}

Eigen::VectorXd named_second_layer(const Section& student, Eigen::Index n_neurons,
                                   std::uint64_t seed) {
  const std::string name = student.text("second_layer");
  if (name == "ones") return Eigen::VectorXd::Ones(n_neurons);
  if (name == "alternating") {
    return Eigen::VectorXd::NullaryExpr(n_neurons,
                                        [](Eigen::Index j) { return j % 2 == 0 ? 1.0 : -1.0; });
  }
  const SecondLayerDraw law = law_of(name);
  if (law != SecondLayerDraw::once) return draw_second_layer(law, n_neurons, seed);
  constexpr std::array<std::string_view, 4> names{"ones", "alternating", "rademacher", "gaussian"};
  student.reject("second_layer",
                 "a list of numbers, \"ones\", \"alternating\", \"rademacher\" or \"gaussian\"",
                 "\"" + name + "\"" + did_you_mean(name, names));
}

Eigen::VectorXd read_second_layer(const Section& student, std::uint64_t seed) {
  const DocumentValue& value = student.require("second_layer");
  const IntegerRange range{.least = 1, .most = most_neurons};
  if (value.kind == DocumentValue::Kind::text) {
    return named_second_layer(student, student.integer("neurons", range), seed);
  }
  const std::vector<double> list = student.numbers("second_layer", any_finite);
  const auto size = static_cast<std::int64_t>(list.size());
  const std::int64_t n_neurons = student.integer("neurons", range, size);
  if (n_neurons != size) {
    student.reject("second_layer",
                   "of shape (" + std::to_string(n_neurons) + ") as there are " +
                       std::to_string(n_neurons) + " neurons",
                   "shape (" + std::to_string(size) + ")");
  }
  return Eigen::Map<const Eigen::VectorXd>(list.data(), size);
}

/// student.second_layer_draw: "run" needs a law to draw from.
SecondLayerDraw read_second_layer_draw(const Section& student) {
  const std::string draw =
      student.choice("second_layer_draw", vocabulary::second_layer_draws, "once");
  if (draw == "once") return SecondLayerDraw::once;
  const DocumentValue& value = student.require("second_layer");
  const SecondLayerDraw law = value.kind == DocumentValue::Kind::text
                                  ? law_of(student.text("second_layer"))
                                  : SecondLayerDraw::once;
  if (law == SecondLayerDraw::once) {
    student.reject("second_layer_draw",
                   "\"once\" unless student.second_layer is \"gaussian\" or \"rademacher\": "
                   "nothing else is drawn");
  }
  return law;
}

OutputScale read_output_scale(const Section& student) {
  const std::string text = student.choice("output_scale", vocabulary::output_scales, "none");
  for (const OutputScale scale : {OutputScale::inverse_sqrt, OutputScale::inverse}) {
    if (text == name(scale)) return scale;
  }
  return OutputScale::none;
}

Student read_student(const Section& root, std::uint64_t seed) {
  root.require("student");
  const Section section = root.subsection("student", vocabulary::student);
  return {.activation = read_named<Activation>(section, "activation"),
          .second_layer = read_second_layer(section, seed),
          .output_scale = read_output_scale(section),
          .second_layer_draw = read_second_layer_draw(section)};
}

/// Of h* = W* x / sqrt d: structured inputs; P where inputs are isotropic.
Eigen::MatrixXd read_covariance(const Section& root, const Eigen::MatrixXd& gram) {
  const Section section = root.subsection("inputs", vocabulary::inputs);
  if (!section.has("covariance")) return gram;
  Eigen::MatrixXd covariance = read_symmetric(section, "covariance", gram.rows());
  semidefinite_factor(section.origin("covariance"), section.path("covariance"), covariance);
  return covariance;
}

bool read_has_random_start(const Section& root) {
  const Section section = root.subsection("initial", vocabulary::initial);
  const bool is_random = section.choice("kind", vocabulary::initial_kinds, "given") == "random";
  for (const char* key : {"M", "Q"}) {
    if (is_random && section.has(key)) {
      section.reject(key, "left out with initial.kind = \"random\", which draws it");
    }
  }
  return is_random;
}

Overlaps read_initial(const Section& root, Eigen::Index n_neurons, const Eigen::MatrixXd& gram) {
  const Section section = root.subsection("initial", vocabulary::initial);
  Overlaps initial;
  initial.M = section.has("M") ? section.matrix("M", n_neurons, gram.rows())
                               : Eigen::MatrixXd::Zero(n_neurons, gram.rows());
  const Eigen::MatrixXd learned = initial.M * solve(gram, initial.M.transpose());
  if (!section.has("Q")) {
    initial.Q = learned + Eigen::MatrixXd::Identity(n_neurons, n_neurons);
    return initial;
  }
  initial.Q = read_symmetric(section, "Q", n_neurons);
  semidefinite_factor(section.origin("Q"), section.path("Q") + " - M P^-1 M^T", initial.Q - learned,
                      initial.Q.cwiseAbs().maxCoeff());
  return initial;
}

/// A label that is no number would be found after the first steps, and blamed on the learning rate.
void check_numbers(const Section& root, const Target& target, const Student& student,
                   const Overlaps& initial, const Eigen::MatrixXd& covariance) {
  if (const auto found = find_label_that_is_no_number(target, covariance)) {
    root.subsection("target", vocabulary::target)
        .reject("expression", "finite at every input", *found);
  }
  if (const auto found = find_activation_that_is_no_number(student, initial.Q)) {
    root.subsection("student", vocabulary::student)
        .reject("activation", "finite at every field", *found);
  }
}

}  // namespace

Problem read_problem(const Section& root, std::uint64_t seed) {
  Target target = read_target(root);
  Student student = read_student(root, seed);
  const Section training = root.subsection("training", vocabulary::training);
  Overlaps initial = read_initial(root, student.n_neurons(), target.gram);
  Eigen::MatrixXd covariance = read_covariance(root, target.gram);
  check_numbers(root, target, student, initial, covariance);
  return {.target = std::move(target),
          .student = std::move(student),
          .loss = read_named<Loss>(training, "loss", "square"),
          .initial = std::move(initial),
          .input_covariance = std::move(covariance),
          .has_random_start = read_has_random_start(root)};
}

}  // namespace reprise
