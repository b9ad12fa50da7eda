#include "reprise/experiments/document/vocabulary.hpp"

namespace reprise::vocabulary {

namespace {

constexpr Key root_keys[] = {{"format", "1"}, {"system"},  {"title"},   {"seed"},     {"target"},
                             {"inputs"},      {"student"}, {"initial"}, {"training"}, {"curve"},
                             {"output"},      {"sweep"},   {"figure"}};

}  // namespace

const std::span<const Key> root = root_keys;

}  // namespace reprise::vocabulary
