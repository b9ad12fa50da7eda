#include "reprise/batch_reuse/gradient_descent.hpp"

#include <algorithm>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"
#include "reprise/core/schema.hpp"

namespace reprise {

namespace {

constexpr std::int64_t most_steps = 1'000'000;

}  // namespace

/// "reuse", "fresh", "repeat R", "cyclic B", or a list of the blocks 0, 1, ..., none left out. A
/// pattern is for one step until `steps` is read.
template <>
struct FieldType<Schedule> {
  static std::string name() {
    return "\"reuse\", \"fresh\", \"repeat R\", \"cyclic B\" or a list of block numbers";
  }

  static Schedule read(const Value& value, const std::string& path, const Range&) {
    if (value.kind == Value::Kind::array) return read_list(value, path);
    try {
      return Schedule::parse(read_text(value, path), 1);
    } catch (const InputError&) {
      reject(value, path,
             "\"reuse\", \"fresh\", \"repeat R\", \"cyclic B\" with R, B >= 1, or a list of "
             "block numbers");
    }
  }

  static std::optional<Value> write(const Schedule& schedule) {
    if (!schedule.is_list()) return Value::of(schedule.name());
    std::vector<Value> blocks;
    for (const int block : schedule.listed_blocks()) {
      blocks.push_back(Value::of(std::int64_t{block}));
    }
    return Value::of(std::move(blocks));
  }

  static std::vector<Value> examples(const Range&) {
    return {Value::of("reuse"), Value::of("fresh"), Value::of("repeat 3"), Value::of("cyclic 4")};
  }

 private:
  static Schedule read_list(const Value& value, const std::string& path) {
    const std::vector<std::int64_t> given =
        read_integers(value, path, integers_from(0, most_steps));
    const std::int64_t highest = *std::max_element(given.begin(), given.end());
    for (std::int64_t block = 0; block < highest; ++block) {
      if (std::find(given.begin(), given.end(), block) != given.end()) continue;
      reject(value, path, "a list of block numbers 0, 1, 2, ... with none left out",
             "block " + std::to_string(highest) + " although there is no block " +
                 std::to_string(block));
    }
    return Schedule::explicit_blocks({given.begin(), given.end()});
  }
};

namespace {

std::optional<Complaint> steps_of_a_list(const GradientDescent& algorithm) {
  const Schedule& schedule = algorithm.schedule;
  if (!schedule.is_list() || schedule.is_complete()) return std::nullopt;
  return Complaint{"a list of " + std::to_string(schedule.n_steps()) + " block numbers, one a step",
                   std::to_string(schedule.listed_blocks().size())};
}

std::optional<Complaint> one_or_each(const std::vector<double>& values, int count,
                                     std::string_view of) {
  if (values.size() == 1 || values.size() == static_cast<std::size_t>(count)) return std::nullopt;
  if (values.empty()) return Complaint{};
  return Complaint{
      "one number or a list of " + std::to_string(count) + ", one a " + std::string(of),
      "a list of " + std::to_string(values.size())};
}

}  // namespace

template <>
const Schema& schema<GradientDescent>() {
  using S = GradientDescent;
  static const Schema result = describe<S>(
      {"gradient_descent", "training", "batches of alpha d samples, any of them used again"},
      {field(&S::schedule, {.key = "schedule",
                            .meaning = "Which block of samples each step uses: one for all, a new "
                                       "one each step, each R times, B in turn, or as listed"}),
       field(&S::learning_rate, {.key = "learning_rate",
                                 .symbol = "eta",
                                 .range = at_least(0),
                                 .is_required = true,
                                 .meaning = "Of the sum over the batch: one, or one a step",
                                 .aliases = "lr eta gamma"}),
       field(&S::samples_per_dimension, {.key = "samples_per_dimension",
                                         .symbol = "alpha",
                                         .unit = "n / d",
                                         .range = above(0),
                                         .is_required = true,
                                         .meaning = "Samples of a block: one, or one a block",
                                         .aliases = "alpha"}),
       field(&S::weight_decay, {.key = "weight_decay",
                                .symbol = "lambda",
                                .range = at_least(0),
                                .meaning = "Of the first layer",
                                .aliases = "lambda"}),
       field(&S::momentum, {.key = "momentum",
                            .symbol = "beta",
                            .range = from_to_below(0, 1),
                            .meaning = "Of the first layer",
                            .aliases = "beta"}),
       field(&S::normalise,
             {.key = "normalise", .meaning = "What a step does to the norms of the neurons"}),
       field(&S::displacement,
             {.key = "displacement",
              .symbol = "rho",
              .meaning = "The gradient is taken at W - rho g(W): > 0 extragradient, < 0 SAM",
              .aliases = "rho"}),
       field(&S::second_layer_learning_rate,
             {.key = "student.second_layer_learning_rate",
              .symbol = "eta_a",
              .range = at_least(0),
              .otherwise = "not trained",
              .meaning = "Where the second layer is trained: one, or one a step"})},
      {property<S, int>([](const S& s) { return s.schedule.n_steps(); },
                        [](S& s, const int& steps) { s.schedule = s.schedule.with_steps(steps); },
                        {.key = "steps",
                         .symbol = "T",
                         .range = integers_from(1, most_steps),
                         .otherwise = "the length of a list of blocks",
                         .meaning = "Steps of gradient descent",
                         .aliases = "epochs n_steps"})},
      {file_rule("steps",
                 [](const FieldSource& source) -> std::optional<Complaint> {
                   const Value* schedule = source.find("schedule");
                   const bool is_list = schedule != nullptr && schedule->kind == Value::Kind::array;
                   if (is_list || source.find("steps") != nullptr) return std::nullopt;
                   return Complaint{};
                 }),
       rule<S>("schedule", [](const S& s) { return steps_of_a_list(s); }),
       rule<S>(
           "learning_rate",
           [](const S& s) { return one_or_each(s.learning_rate, s.schedule.n_steps(), "step"); }),
       rule<S>("samples_per_dimension",
               [](const S& s) {
                 return one_or_each(s.samples_per_dimension, s.schedule.n_blocks(), "block");
               }),
       rule<S>("student.second_layer_learning_rate", [](const S& s) -> std::optional<Complaint> {
         if (!s.trains_second_layer()) return std::nullopt;
         return one_or_each(s.second_layer_learning_rate, s.schedule.n_steps(), "step");
       })});
  return result;
}

void check(const GradientDescent& algorithm) { check_fields(algorithm); }

}  // namespace reprise
