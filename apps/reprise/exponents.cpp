#include <cctype>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "reprise/commands.hpp"
#include "reprise/experiments/exponents/exponents_report.hpp"
#include "reprise/experiments/figure/gnuplot.hpp"
#include "reprise/exponents/exponents.hpp"
#include "reprise/input.hpp"

namespace reprise::app {

namespace {

struct ExponentsArguments {
  std::string expression;
  std::string activation;
  std::string loss = "square";
  std::string figure;
  double noise_variance = 0;
  ExponentOptions options;
  bool is_json = false;
};

int exponents(const ExponentsArguments& state) {
  if (!state.figure.empty()) require_page(state.figure);
  std::string expression = state.expression;
  if (expression == standard_input) {
    expression = read_input(expression).text;
    while (!expression.empty() && std::isspace(static_cast<unsigned char>(expression.back()))) {
      expression.pop_back();
    }
  }
  const ExponentTarget target{.g = Expression::parse(expression),
                              .noise_variance = state.noise_variance};
  std::optional<Activation> activation;
  if (!state.activation.empty()) activation = Activation::parse(state.activation);
  const Loss loss = Loss::parse(state.loss);
  const Exponents result = find_exponents(target, state.options);
  std::optional<Reach> reach;
  if (activation) reach = find_reach(target, *activation, loss, state.options);
  if (!state.figure.empty()) {
    const ConditionalMoments moments = first_conditional_moments(target, result, state.options);
    if (draw_exponents(state.figure, result, moments) == Drawing::no_gnuplot) {
      std::cerr << "reprise: no figure: gnuplot is not installed\n";
    }
  }
  std::cout << (state.is_json ? exponents_json(result, reach) : exponents_text(result, reach));
  return success;
}

}  // namespace

void add_exponents(CLI::App& program, Command& chosen) {
  CLI::App* command = program.add_subcommand(
      "exponents",
      "What a target costs to learn, from its expression: \"sign(z1*z2*z3) + He4(z1)\"");
  const auto state = std::make_shared<ExponentsArguments>();
  command
      ->add_option("EXPR", state->expression,
                   "The target g(z1..zk), k <= 8; - reads it from standard input")
      ->required();
  command->add_option("--noise", state->noise_variance, "Variance of the label noise")
      ->capture_default_str();
  command->add_option("--activation", state->activation,
                      "Add what a student with this activation reaches");
  command->add_option("--loss", state->loss, "Its loss: square, correlation, logistic, huber(w)")
      ->capture_default_str();
  command
      ->add_option("--effort", state->options.effort,
                   "1 to 6; each one more takes four times the points")
      ->capture_default_str();
  command
      ->add_option("--tolerance", state->options.tolerance,
                   "Moments below it, relative to their scale, may count as zero")
      ->capture_default_str();
  command
      ->add_option("--max-order", state->options.max_order,
                   "Highest total degree of moments, 0: 16 for k = 1 down to 6 for k = 8")
      ->capture_default_str();
  command->add_option("--seed", state->options.seed, "Seed of the integration")
      ->check([](const std::string& text) {
        return text.starts_with('-') ? "must be an integer of at least 0, got " + text : "";
      })
      ->capture_default_str();
  command->add_option("--threads", state->options.threads, "0: all cores")->capture_default_str();
  command->add_option("--figure", state->figure, "Draw spectra and conditional moments: FILE.svg");
  command->add_flag("--json", state->is_json, "Print one JSON object");
  command->callback([state, &chosen] { chosen = [state] { return exponents(*state); }; });
}

}  // namespace reprise::app
