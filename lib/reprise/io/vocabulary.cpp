#include "reprise/io/vocabulary.hpp"

namespace reprise::vocabulary {

namespace {

constexpr Key root_keys[] = {{"format", "1"}, {"title"},   {"seed"},         {"target"},
                             {"inputs"},      {"student"}, {"initial"},      {"training"},
                             {"curve"},       {"output"},  {"sweep", absent}};

constexpr Key target_keys[] = {{"expression"}, {"noise_variance"}, {"gram"}};

constexpr Key inputs_keys[] = {{"covariance"}};

constexpr Key student_keys[] = {{"activation"},         {"neurons"},
                                {"second_layer"},       {"output_scale"},
                                {"train_second_layer"}, {"second_layer_learning_rate"}};

constexpr Key initial_keys[] = {{"M"}, {"Q"}, {"kind"}, {"scale", absent}};

constexpr Key training_keys[] = {{"algorithm"},
                                 {"loss"},
                                 {"learning_rate"},
                                 {"weight_decay"},
                                 {"momentum"},
                                 {"normalise"},
                                 {"samples_per_dimension"},
                                 {"schedule"},
                                 {"steps"},
                                 {"displacement"},
                                 {"batch_size", "1"},  // of sgd, like the next two
                                 {"repeats", "1"},
                                 {"duration", absent},
                                 {"epsilon", absent}};  // of gradient_flow

constexpr Key curve_keys[] = {{"name"},      {"method"},     {"points"},
                              {"scrambles"}, {"max_points"}, {"target_error"},
                              {"engine"},    {"dimension"},  {"runs"}};
constexpr Key dmft_keys[] = {{"points"}, {"scrambles"}, {"max_points"}, {"target_error"}};
constexpr Key simulation_keys[] = {{"engine"}, {"dimension"}, {"runs"}};

constexpr Key output_keys[] = {{"times"}, {"kernels"}};

constexpr Choice output_scale_names[] = {{"none"}, {"inverse_sqrt"}, {"inverse"}};
constexpr Choice algorithm_names[] = {
    {"gradient_descent"}, {"sgd", false}, {"gradient_flow", false}};
constexpr Choice method_names[] = {
    {"dmft"}, {"simulation"}, {"ode", false}, {"recursion", false}, {"gradient_flow", false}};
constexpr Choice normalise_names[] = {{"none"}, {"projected"}, {"spherical"}};
constexpr Choice initial_kind_names[] = {{"given"}, {"random"}};
constexpr Choice engine_names[] = {{"exact"}, {"dense"}};

}  // namespace

const std::span<const Key> root = root_keys;
const std::span<const Key> target = target_keys;
const std::span<const Key> inputs = inputs_keys;
const std::span<const Key> student = student_keys;
const std::span<const Key> initial = initial_keys;
const std::span<const Key> training = training_keys;
const std::span<const Key> curve = curve_keys;
const std::span<const Key> dmft = dmft_keys;
const std::span<const Key> simulation = simulation_keys;
const std::span<const Key> output = output_keys;

const std::span<const Choice> output_scales = output_scale_names;
const std::span<const Choice> algorithms = algorithm_names;
const std::span<const Choice> methods = method_names;
const std::span<const Choice> engines = engine_names;
const std::span<const Choice> normalisations = normalise_names;
const std::span<const Choice> initial_kinds = initial_kind_names;

}  // namespace reprise::vocabulary
