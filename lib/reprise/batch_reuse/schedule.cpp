#include "reprise/batch_reuse/schedule.hpp"

#include <algorithm>
#include <charconv>

#include "reprise/core/check.hpp"
#include "reprise/core/error.hpp"

namespace reprise {

namespace {

constexpr std::string_view where = "schedule";
constexpr std::string_view forms =
    "\"reuse\", \"fresh\", \"repeat R\", \"cyclic B\" with R, B >= 1, or a list of block numbers";

/// Block number of step t when every `uses` steps a new one of `n_blocks` (0: no end) begins.
template <class Block>
std::vector<int> blocks_of(int n_steps, Block block) {
  check_at_least(where, "steps", n_steps, 1);
  std::vector<int> blocks(static_cast<std::size_t>(n_steps));
  for (int t = 0; t < n_steps; ++t) blocks[static_cast<std::size_t>(t)] = block(t);
  return blocks;
}

}  // namespace

Schedule::Schedule(std::vector<int> blocks, std::optional<int> after_last, std::string name)
    : n_steps_(static_cast<int>(blocks.size())),
      n_blocks_(1 + *std::max_element(blocks.begin(), blocks.end())),
      name_(std::move(name)) {
  if (after_last) blocks.push_back(*after_last);
  lives_.resize(static_cast<std::size_t>(std::max(n_blocks_, after_last.value_or(0) + 1)));
  for (int t = 0; t < static_cast<int>(blocks.size()); ++t) {
    const int b = blocks[static_cast<std::size_t>(t)];
    Life& life = lives_[static_cast<std::size_t>(b)];
    if (life.n_uses == 0) {
      life.first_use = t;
    } else {
      uses_[static_cast<std::size_t>(life.last_use)].next = t;
    }
    life.last_use = t;
    ++life.n_uses;
    uses_.push_back({.block = b});
  }
}

std::optional<int> Schedule::next_use(int step) const {
  const int next = uses_[static_cast<std::size_t>(step)].next;
  return next < 0 ? std::nullopt : std::optional<int>(next);
}

Schedule Schedule::reuse(int n_steps) {
  return {blocks_of(n_steps, [](int) { return 0; }), 0, "reuse"};
}

Schedule Schedule::fresh(int n_steps) {
  return {blocks_of(n_steps, [](int t) { return t; }), n_steps, "fresh"};
}

Schedule Schedule::repeat(int uses, int n_steps) {
  check_at_least(where, "uses of a block", uses, 1);
  return {blocks_of(n_steps, [uses](int t) { return t / uses; }), n_steps / uses,
          "repeat " + std::to_string(uses)};
}

Schedule Schedule::cyclic(int n_blocks, int n_steps) {
  check_at_least(where, "number of blocks", n_blocks, 1);
  return {blocks_of(n_steps, [n_blocks](int t) { return t % n_blocks; }), n_steps % n_blocks,
          "cyclic " + std::to_string(n_blocks)};
}

Schedule Schedule::explicit_blocks(std::vector<int> blocks) {
  if (blocks.empty()) reject(where, "list of blocks", "non-empty", std::string_view("[]"));
  const int highest = *std::max_element(blocks.begin(), blocks.end());
  std::string name = "[";
  for (const int block : blocks) {
    check_at_least(where, "block number", block, 0);
    name += (name.size() > 1 ? ", " : "") + std::to_string(block);
  }
  for (int block = 0; block < highest; ++block) {
    if (std::find(blocks.begin(), blocks.end(), block) == blocks.end()) {
      reject(where, "block number", "one of 0, 1, 2, ... with none left out",
             std::string_view(std::to_string(highest) + " although block " + std::to_string(block) +
                              " never occurs"));
    }
  }
  return {std::move(blocks), std::nullopt, name + "]"};
}

Schedule Schedule::parse(std::string_view text, int n_steps) {
  if (text == "reuse") return reuse(n_steps);
  if (text == "fresh") return fresh(n_steps);
  for (const std::string_view word : {"repeat ", "cyclic "}) {
    if (!text.starts_with(word)) continue;
    const std::string_view digits = text.substr(word.size());
    int count = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
    if (error != std::errc{} || end != digits.data() + digits.size() || count < 1) break;
    return word == "repeat " ? repeat(count, n_steps) : cyclic(count, n_steps);
  }
  reject(where, "text", forms, '"' + std::string(text) + '"');
}

std::vector<int> Schedule::listed_blocks() const {
  std::vector<int> blocks;
  for (const StepUse& use : uses_) blocks.push_back(use.block);
  return blocks;
}

Schedule Schedule::with_steps(int n_steps) const {
  if (!is_list()) return parse(name_, n_steps);
  Schedule result = *this;
  result.n_steps_ = n_steps;
  return result;
}

double peak_over_lives(const Schedule& schedule,
                       const std::function<double(int, const Schedule::Life&)>& size) {
  std::vector<double> change(static_cast<std::size_t>(schedule.n_steps()) + 2, 0.0);
  for (int b = 0; b < static_cast<int>(schedule.lives().size()); ++b) {
    const Schedule::Life& life = schedule.lives()[static_cast<std::size_t>(b)];
    const double block_size = size(b, life);
    change[static_cast<std::size_t>(life.first_use)] += block_size;
    change[static_cast<std::size_t>(life.last_use) + 1] -= block_size;
  }
  double total = 0;
  double peak = 0;
  for (const double c : change) peak = std::max(peak, total += c);
  return peak;
}

}  // namespace reprise
