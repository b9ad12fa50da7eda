#include "reprise/io/vocabulary.hpp"

#include <algorithm>
#include <iterator>

namespace reprise::vocabulary {

namespace {

constexpr Key root_keys[] = {{"format", "1"}, {"title"},   {"seed"},    {"target"},
                             {"inputs"},      {"student"}, {"initial"}, {"training"},
                             {"curve"},       {"output"},  {"sweep"}};

constexpr Key target_keys[] = {{"expression"}, {"noise_variance"}, {"gram"}};

constexpr Key inputs_keys[] = {{"covariance"}};

constexpr Key student_keys[] = {{"activation"},
                                {"neurons"},
                                {"second_layer"},
                                {"second_layer_draw"},
                                {"output_scale"},
                                {"train_second_layer"},
                                {"second_layer_learning_rate"}};

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
                                 {"batch_size"},
                                 {"repeats"},
                                 {"duration"},
                                 {"epsilon", absent}};

// Of each algorithm, besides algorithm, loss and normalise.
constexpr std::string_view gradient_descent_words[] = {
    "learning_rate", "weight_decay", "momentum",    "samples_per_dimension",
    "schedule",      "steps",        "displacement"};
constexpr std::string_view sgd_words[] = {"learning_rate", "displacement", "batch_size", "repeats",
                                          "duration"};
constexpr std::string_view gradient_flow_words[] = {"duration", "epsilon"};
constexpr Topic algorithm_topics[] = {{"gradient_descent", gradient_descent_words},
                                      {"sgd", sgd_words},
                                      {"gradient_flow", gradient_flow_words}};

constexpr Key curve_keys[] = {
    {"name"},   {"method"},    {"points"}, {"scrambles"}, {"max_points"}, {"target_error"},
    {"engine"}, {"dimension"}, {"runs"},   {"rtol"},      {"atol"},       {"integrator"},
    {"terms"},  {"moments"},   {"starts"}, {"max_steps"}, {"events"},     {"adaptive"}};

// Of each method, besides name and method.
constexpr std::string_view dmft_words[] = {"points", "scrambles", "max_points", "target_error"};
constexpr std::string_view simulation_words[] = {"engine", "dimension", "runs"};
constexpr std::string_view ode_words[] = {"rtol",    "atol",      "integrator", "terms",
                                          "moments", "points",    "scrambles",  "starts",
                                          "events",  "max_steps", "dimension"};
constexpr std::string_view flow_words[] = {"rtol",      "atol",      "integrator", "moments",
                                           "points",    "scrambles", "starts",     "events",
                                           "max_steps", "dimension"};
constexpr std::string_view recursion_words[] = {"dimension", "terms",     "moments",  "points",
                                                "scrambles", "starts",    "adaptive", "rtol",
                                                "max_steps", "integrator"};
constexpr Topic method_topics[] = {{"dmft", dmft_words},
                                   {"simulation", simulation_words},
                                   {"ode", ode_words},
                                   {"recursion", recursion_words},
                                   {"gradient_flow", flow_words}};

constexpr Key adaptive_keys[] = {{"threshold"}, {"drop"}, {"decay"}};

constexpr Key output_keys[] = {{"times"}, {"kernels"}};

constexpr Key sweep_keys[] = {
    {"observable"}, {"curves"}, {"seeds"}, {"zip"},     {"variables"}, {"set"},  {"maximum_over"},
    {"boundary"},   {"refine"}, {"fit"},   {"overlay"}, {"figure"},    {"claim"}};
constexpr Key claim_keys[] = {{"where"},     {"observable"}, {"curve"},      {"all_above"},
                              {"all_below"}, {"some_above"}, {"some_below"}, {"none_reached"}};
constexpr Key range_keys[] = {{"from"}, {"to"}, {"count"}, {"scale"}, {"whole"}};
constexpr Key boundary_keys[] = {{"along"}, {"level"},  {"observable"},
                                 {"curve"}, {"expect"}, {"within"}};
constexpr Key refine_keys[] = {{"level"}, {"resolution"}, {"observable"}, {"curve"}};
constexpr Key fit_keys[] = {{"along"}, {"divide_by"}, {"expect"}, {"within"}};

// Of a curve or a section: what takes whole numbers only.
constexpr std::string_view whole_keys[] = {"seed",    "neurons",   "steps",     "batch_size",
                                           "repeats", "points",    "scrambles", "max_points",
                                           "runs",    "dimension", "starts",    "max_steps"};

constexpr Choice output_scale_names[] = {{"none"}, {"inverse_sqrt"}, {"inverse"}};
constexpr Choice algorithm_names[] = {{"gradient_descent"}, {"sgd"}, {"gradient_flow"}};
constexpr Choice method_names[] = {
    {"dmft"}, {"simulation"}, {"ode"}, {"recursion"}, {"gradient_flow"}};
constexpr Choice descent_methods[] = {{"dmft"}, {"simulation"}};
constexpr Choice sgd_methods[] = {{"ode"}, {"recursion"}, {"gradient_flow"}, {"simulation"}};
constexpr Choice flow_methods[] = {{"gradient_flow"}};
constexpr Choice integrator_names[] = {
    {"dormand_prince_5_4"}, {"cash_karp_5_4"}, {"fehlberg_7_8"}, {"rosenbrock_4_3"}};
constexpr Choice moment_route_names[] = {{"automatic"}, {"exact"}, {"points"}};
constexpr Choice ode_term_names[] = {{"all"}, {"drift"}, {"noise"}};
constexpr Choice recursion_term_names[] = {{"linear"}, {"noise"}, {"batch"}};
constexpr Choice normalise_names[] = {{"none"}, {"projected"}, {"spherical"}};
constexpr Choice initial_kind_names[] = {{"given"}, {"random"}};
constexpr Choice second_layer_draw_names[] = {{"once"}, {"run"}};
constexpr Choice engine_names[] = {{"exact"}, {"dense"}};
constexpr Choice range_scale_names[] = {{"linear"}, {"log"}};
constexpr Choice sweep_figure_names[] = {{"automatic"}, {"map"}, {"lines"}, {"exponents"}};

}  // namespace

const std::span<const Key> root = root_keys;
const std::span<const Key> target = target_keys;
const std::span<const Key> inputs = inputs_keys;
const std::span<const Key> student = student_keys;
const std::span<const Key> initial = initial_keys;
const std::span<const Key> training = training_keys;
const std::span<const Key> curve = curve_keys;
const std::span<const Key> adaptive = adaptive_keys;
const std::span<const Key> output = output_keys;
const std::span<const Key> sweep = sweep_keys;
const std::span<const Key> range = range_keys;
const std::span<const Key> boundary = boundary_keys;
const std::span<const Key> refine = refine_keys;
const std::span<const Key> fit = fit_keys;
const std::span<const Key> claim = claim_keys;

const std::span<const Topic> algorithm_keys = algorithm_topics;
const std::span<const Topic> method_keys = method_topics;

std::span<const Choice> methods_of(std::string_view algorithm) {
  if (algorithm == "sgd") return sgd_methods;
  if (algorithm == "gradient_flow") return flow_methods;
  return descent_methods;
}

const std::span<const Choice> output_scales = output_scale_names;
const std::span<const Choice> algorithms = algorithm_names;
const std::span<const Choice> methods = method_names;
const std::span<const Choice> engines = engine_names;
const std::span<const Choice> integrators = integrator_names;
const std::span<const Choice> moment_routes = moment_route_names;
const std::span<const Choice> ode_terms = ode_term_names;
const std::span<const Choice> recursion_terms = recursion_term_names;
const std::span<const Choice> normalisations = normalise_names;
const std::span<const Choice> initial_kinds = initial_kind_names;
const std::span<const Choice> second_layer_draws = second_layer_draw_names;
const std::span<const Choice> range_scales = range_scale_names;
const std::span<const Choice> sweep_figures = sweep_figure_names;

}  // namespace reprise::vocabulary

namespace reprise {

bool is_whole_number_key(std::string_view key) {
  const std::string_view last = key.substr(key.rfind('.') + 1);  // all of it where there is no dot
  return std::ranges::find(vocabulary::whole_keys, last) != std::end(vocabulary::whole_keys);
}

}  // namespace reprise
