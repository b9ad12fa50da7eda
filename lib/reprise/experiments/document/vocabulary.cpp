#include "reprise/experiments/document/vocabulary.hpp"

namespace reprise::vocabulary {

namespace {

constexpr Key root_keys[] = {{"format", "1"}, {"system"}, {"title"},   {"seed"},
                             {"target"},      {"inputs"}, {"student"}, {"initial"},
                             {"training"},    {"curve"},  {"output"},  {"sweep"}};

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

}  // namespace

const std::span<const Key> root = root_keys;
const std::span<const Key> sweep = sweep_keys;
const std::span<const Key> range = range_keys;
const std::span<const Key> boundary = boundary_keys;
const std::span<const Key> refine = refine_keys;
const std::span<const Key> fit = fit_keys;
const std::span<const Key> claim = claim_keys;

}  // namespace reprise::vocabulary
