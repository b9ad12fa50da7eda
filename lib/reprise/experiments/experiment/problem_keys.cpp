#include "reprise/experiments/experiment/problem_keys.hpp"

#include "reprise/core/nearest_name.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

template <>
struct FieldType<SecondLayer> {
  static std::vector<std::string_view> rules() {
    return {"ones", "alternating", "rademacher", "gaussian"};
  }
  static std::string name() {
    return "list of numbers, \"ones\", \"alternating\", \"rademacher\" or \"gaussian\"";
  }
  static SecondLayer read(const Value& value, const std::string& path, const Range& range) {
    if (value.kind != Value::Kind::text) return {.numbers = read_numbers(value, path, range)};
    const std::vector<std::string_view> known = rules();
    if (std::ranges::find(known, value.text) == known.end()) {
      reject(value, path, "a " + name(),
             "\"" + value.text + "\"" + did_you_mean(value.text, known));
    }
    return {.rule = value.text};
  }
  static std::optional<Value> write(const SecondLayer& layer) {
    if (!layer.rule.empty()) return Value::of(layer.rule);
    if (layer.numbers.empty()) return std::nullopt;
    std::vector<Value> items;
    for (const double number : layer.numbers) items.push_back(Value::of(number));
    return Value::of(std::move(items));
  }
  static std::vector<Value> examples(const Range&) {
    std::vector<Value> values = {Value::of({Value::of(0.7071067811865476), Value::of(-1.0)})};
    for (const std::string_view rule : rules()) values.push_back(Value::of(rule));
    return values;
  }
};

template <>
struct FieldType<OutputTimes> {
  static std::string name() { return "\"all\", \"log N\", \"linear N\" or a list of numbers"; }
  static OutputTimes read(const Value& value, const std::string& path, const Range& range) {
    if (value.kind == Value::Kind::text) return {.rule = value.text};
    return {.numbers = read_numbers(value, path, range)};
  }
  static std::optional<Value> write(const OutputTimes& times) {
    if (!times.rule.empty()) return Value::of(times.rule);
    return FieldType<std::vector<double>>::write(times.numbers);
  }
  static std::vector<Value> examples(const Range&) {
    return {Value::of("all"), Value::of("log 20"), Value::of({Value::of(0.0), Value::of(1.5)})};
  }
};

/// What a curve may not have of its own: what all curves share.
constexpr std::string_view of_all_curves[] = {"format", "system", "title", "curve",
                                              "sweep",  "figure", "claim"};

void check_changed_key(const Value& value, const std::string& path, std::string_view key) {
  const std::string_view section = key.substr(0, key.find('.'));
  if (std::ranges::find(of_all_curves, section) == std::end(of_all_curves)) return;
  reject(value, path, "keys of the experiment that curves can differ in",
         "\"" + std::string(key) + "\", which all curves share");
}

template <>
struct FieldType<ChangedKeys> {
  static std::string name() { return "table { \"<section>.<key>\" = <value> }"; }
  static ChangedKeys read(const Value& value, const std::string& path, const Range&) {
    if (value.kind != Value::Kind::table) reject(value, path, "a " + name());
    ChangedKeys result;
    for (const auto& [key, inside] : value.members) {
      const bool is_section = key.find('.') == key.npos && inside.kind == Value::Kind::table;
      if (!is_section) result.members.push_back({key, inside});
      for (const ValueMember& member : is_section ? inside.members : std::vector<ValueMember>{}) {
        result.members.push_back({key + "." + member.key, member.value});
      }
    }
    for (const auto& [key, inside] : result.members) check_changed_key(inside, path, key);
    return result;
  }
  static std::optional<Value> write(const ChangedKeys& keys) {
    Value table;
    for (const auto& [key, value] : keys.members) table.put(key, value);
    return table.members.empty() ? std::optional<Value>() : table;
  }
  static std::vector<Value> examples(const Range&) {
    Value one, two;
    one.put("training.momentum", Value::of(0.5));
    two.put("training.schedule", Value::of("fresh"));
    two.put("target.noise_variance", Value::of(0.25));
    return {one, two};
  }
};

template <>
const Schema& schema<TargetKeys>() {
  using S = TargetKeys;
  static const Schema result = describe<S>(
      {"target", "target", "the function that is learned"},
      {field(
           &S::expression,
           {.key = "expression",
            .symbol = "g",
            .is_required = true,
            .meaning = "Of z1, z2, ..: + - * / ^, He0..He20, sin cos tan exp log sqrt abs sign "
                       "step tanh erf relu sigmoid min max, hermite([c0, c1, ..], z1) = sum_k c_k "
                       "He_k / sqrt(k!), pi, comparisons",
            .aliases = "function link"}),
       field(&S::noise_variance, {.key = "noise_variance",
                                  .symbol = "Delta",
                                  .range = at_least(0),
                                  .meaning = "Of the noise on the labels",
                                  .aliases = "noise sigma delta"}),
       field(&S::gram, {.key = "gram",
                        .symbol = "P",
                        .otherwise = "the identity",
                        .meaning = "W* W*^T / d of the target's directions, positive definite"})});
  return result;
}

template <>
const Schema& schema<InputKeys>() {
  using S = InputKeys;
  static const Schema result = describe<S>(
      {"inputs", "inputs", "the law of the inputs"},
      {field(&S::covariance, {.key = "covariance",
                              .otherwise = "P: isotropic inputs",
                              .meaning = "Of (z1, z2, ..): structured or spiked inputs, isotropic "
                                         "outside"})});
  return result;
}

template <>
const Schema& schema<StudentKeys>() {
  using S = StudentKeys;
  static const Schema result = describe<S>(
      {"student", "student", "the network that learns"},
      {field(&S::activation,
             {.key = "activation",
              .symbol = "sigma",
              .is_required = true,
              .meaning = "relu, leaky_relu(0.1), erf (= erf(x / sqrt 2)), tanh, sigmoid, softplus, "
                         "gelu, sin, cos, linear, He1..He20, polynomial([c0, c1, ..]), "
                         "hermite([c0, c1, ..]) = sum_k c_k He_k / sqrt(k!)",
              .aliases = "nonlinearity"}),
       field(&S::neurons, {.key = "neurons",
                           .symbol = "p",
                           .range = integers_from(1, 4096),
                           .otherwise = "the length of second_layer",
                           .meaning = "Hidden units",
                           .aliases = "n_hidden width p hidden"}),
       field(&S::second_layer, {.key = "second_layer",
                                .symbol = "a",
                                .is_required = true,
                                .meaning = "Weights of the neurons in the output",
                                .aliases = "a readout"}),
       field(&S::second_layer_draw,
             {.key = "second_layer_draw",
              .meaning = "Whether a \"gaussian\" or \"rademacher\" second layer is one for all, or "
                         "drawn in every run, scramble and start"}),
       field(&S::output_scale,
             {.key = "output_scale", .meaning = "Of the output: 1, 1/sqrt(p) or 1/p"}),
       field(&S::train_second_layer,
             {.key = "train_second_layer",
              .meaning = "With second_layer_learning_rate, the rate of the second layer"})});
  return result;
}

template <>
const Schema& schema<StartKeys>() {
  using S = StartKeys;
  static const Schema result = describe<S>(
      {"initial", "initial", "where training starts"},
      {field(&S::kind, {.key = "kind",
                        .meaning = "The overlaps below, or weights drawn as standard "
                                   "normals in every run: M of order d^(-1/2)"}),
       field(&S::M, {.key = "M",
                     .otherwise = "0",
                     .meaning = "W W*^T / d, a row a neuron, a column a direction"}),
       field(&S::Q,
             {.key = "Q", .otherwise = "M P^-1 M^T + I", .meaning = "W W^T / d, symmetric"})});
  return result;
}

template <>
const Schema& schema<OutputKeys>() {
  using S = OutputKeys;
  static const Schema result = describe<S>(
      {"output", "output", "what is kept"},
      {field(&S::times, {.key = "times",
                         .range = at_least(0),
                         .otherwise = "\"all\" steps, \"linear 100\" of times",
                         .meaning = "All, N a decade, N evenly spaced, or a list"}),
       field(&S::kernels,
             {.key = "kernels", .meaning = "Of dmft curves: C, C_G and the response R"}),
       field(&S::runs, {.key = "runs",
                        .meaning = "Every run, scramble and start by itself, in runs.csv and "
                                   "curves.npz"}),
       field(&S::align, {.key = "align",
                         .meaning = "Neurons of all runs in the order, and with the signs, that "
                                    "match best, before they are averaged"}),
       field(&S::directions,
             {.key = "directions",
              .otherwise = "none",
              .meaning = "Rows v over the target's directions, of projections M v"}),
       field(&S::quantities, {.key = "quantities",
                              .otherwise = "all that a method has",
                              .meaning = "Which are kept; theory and simulation are compared in "
                                         "all"}),
       field(&S::statistics, {.key = "statistics",
                              .otherwise = "the mean alone",
                              .meaning = "Of the runs: \"median\", \"quantile 0.1\"; kept as "
                                         "M:median and so on"})});
  return result;
}

template <>
const Schema& schema<TrainingKeys>() {
  using S = TrainingKeys;
  static const Schema result = describe<S>(
      {"training", "training", "how the student learns"},
      {field(&S::algorithm,
             {.key = "algorithm",
              .meaning = "gradient_descent: batches of alpha d samples; sgd: one sample or a fixed "
                         "number; gradient_flow",
              .aliases = "optimizer"}),
       field(&S::loss, {.key = "loss",
                        .meaning = "square, correlation, logistic, huber(1.0), of output and "
                                   "label"})});
  return result;
}

template <>
const Schema& schema<CurveKeys>() {
  using S = CurveKeys;
  static const Schema result = describe<S>(
      {"curve", "curve", "a curve to compute"},
      {field(&S::name, {.key = "name",
                        .is_required = true,
                        .meaning = "Its label, different from those of the others"}),
       field(&S::method, {.key = "method",
                          .is_required = true,
                          .meaning = "dmft, ode, recursion, gradient_flow or simulation, as fits "
                                     "the algorithm"}),
       field(&S::engine, {.key = "engine",
                          .otherwise = "\"exact\"",
                          .meaning = "Of a simulation: exact in law without a vector of length d, "
                                     "or dense"}),
       field(&S::set, {.key = "set",
                       .otherwise = "as the file says",
                       .meaning = "Other values of any keys for this curve alone; theory and "
                                  "simulation are compared where their settings agree"}),
       field(&S::unset, {.key = "unset",
                         .otherwise = "none",
                         .meaning = "Keys of the file that are left out for this curve"})},
      {}, {rule<S>("unset", [](const S& s) -> std::optional<Complaint> {
        for (const std::string& key : s.unset) {
          if (key.find('.') != key.npos) continue;
          return Complaint{"keys with their section, as \"training.steps\"", "\"" + key + "\""};
        }
        return std::nullopt;
      })});
  return result;
}

template <>
const Schema& schema<DurationKey>() {
  using S = DurationKey;
  static const Schema result = describe<S>(
      {"duration", "training", "where time is not counted in steps"},
      {field(&S::duration, {.key = "duration",
                            .unit = "samples / d",
                            .range = above(0),
                            .is_required = true,
                            .meaning = "Of training; of gradient_flow in units of its own time",
                            .aliases = "time t_max"})});
  return result;
}

}  // namespace reprise
