#include "reprise/batch_reuse/schedule.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "reprise/core/error.hpp"
#include "support/message_of.hpp"

namespace {

using namespace reprise;
using namespace reprise::test;

// Step T included where the pattern has it.
std::vector<int> blocks(const Schedule& schedule) {
  std::vector<int> result;
  const int end = schedule.n_steps() + (schedule.has_step_after_last() ? 1 : 0);
  for (int t = 0; t < end; ++t) result.push_back(schedule.block(t));
  return result;
}

std::string rejection(const std::string& text) {
  return message_of([&] { Schedule::parse(text, 4); });
}

// next_use, lives and n_blocks against a search through the list of blocks.
void check_against_search(const Schedule& schedule) {
  CAPTURE(schedule.name());
  const std::vector<int> b = blocks(schedule);
  const auto end = static_cast<int>(b.size());
  std::vector<Schedule::Life> lives(schedule.lives().size());
  int highest = -1;
  for (int t = 0; t < end; ++t) {
    const auto block = static_cast<std::size_t>(b[static_cast<std::size_t>(t)]);
    std::optional<int> next;
    for (int later = end - 1; later > t; --later) {
      if (b[static_cast<std::size_t>(later)] == static_cast<int>(block)) next = later;
    }
    CAPTURE(t);
    CHECK(schedule.next_use(t) == next);
    REQUIRE(block < lives.size());
    if (lives[block].n_uses++ == 0) lives[block].first_use = t;
    lives[block].last_use = t;
    if (t < schedule.n_steps()) highest = std::max(highest, static_cast<int>(block));
  }
  CHECK(schedule.n_blocks() == highest + 1);
  for (std::size_t block = 0; block < lives.size(); ++block) {
    CAPTURE(block);
    CHECK(lives[block].n_uses >= 1);
    CHECK(schedule.lives()[block].first_use == lives[block].first_use);
    CHECK(schedule.lives()[block].last_use == lives[block].last_use);
    CHECK(schedule.lives()[block].n_uses == lives[block].n_uses);
  }
}

}  // namespace

TEST_CASE("Schedule: the blocks of every factory, with the step after the last") {
  using Blocks = std::vector<int>;
  CHECK(blocks(Schedule::reuse(3)) == Blocks{0, 0, 0, 0});
  CHECK(blocks(Schedule::fresh(3)) == Blocks{0, 1, 2, 3});
  CHECK(blocks(Schedule::repeat(2, 5)) == Blocks{0, 0, 1, 1, 2, 2});
  CHECK(blocks(Schedule::repeat(2, 4)) == Blocks{0, 0, 1, 1, 2});
  CHECK(blocks(Schedule::cyclic(3, 5)) == Blocks{0, 1, 2, 0, 1, 2});
  CHECK(blocks(Schedule::cyclic(3, 2)) == Blocks{0, 1, 2});
  CHECK(blocks(Schedule::explicit_blocks({1, 0, 1})) == Blocks{1, 0, 1});
  CHECK_FALSE(Schedule::explicit_blocks({0}).has_step_after_last());
}

TEST_CASE("Schedule: next_use, lives and the number of blocks agree with a search") {
  for (const int n_steps : {1, 2, 3, 6, 7}) {
    check_against_search(Schedule::reuse(n_steps));
    check_against_search(Schedule::fresh(n_steps));
    for (const int count : {1, 2, 3, 10}) {
      check_against_search(Schedule::repeat(count, n_steps));
      check_against_search(Schedule::cyclic(count, n_steps));
    }
  }
  check_against_search(Schedule::explicit_blocks({0}));
  check_against_search(Schedule::explicit_blocks({2, 0, 0, 1, 2, 1, 0}));
}

TEST_CASE("Schedule: one use per block is fresh, one block in turn is reuse") {
  CHECK(blocks(Schedule::repeat(1, 4)) == blocks(Schedule::fresh(4)));
  CHECK(blocks(Schedule::cyclic(1, 4)) == blocks(Schedule::reuse(4)));
}

TEST_CASE("Schedule: parse reads what name() writes") {
  for (const std::string text : {"reuse", "fresh", "repeat 3", "cyclic 4"}) {
    CHECK(Schedule::parse(text, 7).name() == text);
    CHECK(Schedule::parse(text, 7).n_steps() == 7);
  }
  CHECK(blocks(Schedule::parse("repeat 3", 7)) == blocks(Schedule::repeat(3, 7)));
  CHECK(blocks(Schedule::parse("cyclic 4", 7)) == blocks(Schedule::cyclic(4, 7)));
  CHECK(Schedule::explicit_blocks({0, 0, 1}).name() == "[0, 0, 1]");
}

TEST_CASE("Schedule: parse rejects other texts and shows them") {
  for (const std::string text :
       {"", "Reuse", "reuse ", "repeat", "repeat ", "repeat 0", "repeat -2", "repeat 2x",
        "repeat 1.5", "repeat  2", "cyclic 0", "cyclic x", "cyclic 99999999999", "sometimes"}) {
    CHECK(rejection(text) ==
          "schedule: text must be \"reuse\", \"fresh\", \"repeat R\", \"cyclic "
          "B\" with R, B >= 1, or a list of block numbers, got \"" +
              text + "\"");
  }
}

TEST_CASE("Schedule: factories reject counts below one, and gaps in a list of blocks") {
  CHECK(message_of([] { Schedule::reuse(0); }) == "schedule: steps must be at least 1, got 0");
  CHECK(message_of([] { Schedule::fresh(-1); }) == "schedule: steps must be at least 1, got -1");
  CHECK(message_of([] { Schedule::repeat(0, 3); }) ==
        "schedule: uses of a block must be at least 1, got 0");
  CHECK(message_of([] { Schedule::cyclic(0, 3); }) ==
        "schedule: number of blocks must be at least 1, got 0");
  CHECK(message_of([] { Schedule::explicit_blocks({}); }) ==
        "schedule: list of blocks must be non-empty, got []");
  CHECK(message_of([] {
          Schedule::explicit_blocks({0, -1});
        }) == "schedule: block number must be at least 0, got -1");
  CHECK(message_of([] {
          Schedule::explicit_blocks({0, 2});
        }) ==
        "schedule: block number must be one of 0, 1, 2, ... with none left out, got 2 although "
        "block 1 never occurs");
}

TEST_CASE("peak_over_lives: the most blocks in use at any step") {
  const auto one = [](int, const Schedule::Life&) { return 1.0; };
  CHECK(peak_over_lives(Schedule::reuse(5), one) == 1);
  CHECK(peak_over_lives(Schedule::fresh(5), one) == 1);
  CHECK(peak_over_lives(Schedule::repeat(2, 5), one) == 1);
  CHECK(peak_over_lives(Schedule::cyclic(3, 9), one) == 3);
  CHECK(peak_over_lives(Schedule::explicit_blocks({0, 1, 2, 0, 3}), one) == 2);
}

TEST_CASE("peak_over_lives: weights each block with its size") {
  // Steps: block 0 alone, 0 and 1, 0 and 2, 0 alone.
  const Schedule schedule = Schedule::explicit_blocks({0, 1, 2, 0});
  CHECK(peak_over_lives(schedule, [](int b, const Schedule::Life&) { return b == 0 ? 5.0 : b; }) ==
        7);
  CHECK(peak_over_lives(schedule, [](int, const Schedule::Life& life) {
          return static_cast<double>(life.n_uses);
        }) == 3);
}
